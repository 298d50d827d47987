"""What is asked of Postgres about alerts that are late, for all organizations at once; each statement looks at so many.

Stages travel as arrays: organization, severity, breached, and the moments after which and until which those began.
"""

from shared.models.alert import ALERT_RUNS, ALERT_SINCE

_STAGES = """
    unnest($1::uuid[], $2::smallint[], $3::bool[], $4::timestamptz[], $5::timestamptz[])
        AS s (organization_id, severity, breached, after, until)
"""
_LATE = f"""
    SELECT id, title, assignee_id, {ALERT_SINCE} AS since FROM alerts
    WHERE organization_id = s.organization_id AND severity = s.severity AND {ALERT_RUNS}
      AND {ALERT_SINCE} <= s.until AND {ALERT_SINCE} > coalesce(s.after, '-infinity')
"""  # noqa: S608

# Whose it is is somebody who is told of it.
_WORKS = """
    EXISTS (SELECT FROM users u JOIN memberships m ON m.user_id = u.id
            WHERE u.id = a.assignee_id AND u.disabled_at IS NULL AND m.organization_id = s.organization_id)
"""

# Where clocks run, by two looks into an index for each severity; LIMIT has the planner see that.
RUNNING = f"""
    SELECT o.id, o.settings, array_agg(s.severity ORDER BY s.severity) AS severities
    FROM organizations o CROSS JOIN generate_series(1, 5) AS s (severity)
    CROSS JOIN LATERAL (
        (SELECT FROM alerts WHERE organization_id = o.id AND severity = s.severity AND {ALERT_RUNS}
                              AND assignee_id IS NOT NULL LIMIT 1)
        UNION ALL
        (SELECT FROM alerts WHERE organization_id = o.id AND severity = s.severity AND {ALERT_RUNS}
                              AND assignee_id IS NULL LIMIT 1)
        LIMIT 1) AS running
    GROUP BY o.id
"""  # noqa: S608

OWNED = f"""
    SELECT s.organization_id, s.severity, s.breached, a.id, a.title, a.since, a.assignee_id, u.email
    FROM {_STAGES}
    CROSS JOIN LATERAL ({_LATE} AND assignee_id IS NOT NULL ORDER BY {ALERT_SINCE} DESC LIMIT $6) AS a
    JOIN users u ON u.id = a.assignee_id AND u.disabled_at IS NULL
    JOIN memberships m ON m.user_id = u.id AND m.organization_id = s.organization_id
    WHERE NOT EXISTS (SELECT FROM alert_clock_words w
                      WHERE w.alert_id = a.id AND w.owned AND w.severity = s.severity AND w.breached >= s.breached)
    ORDER BY s.organization_id, a.assignee_id, s.breached, s.severity DESC, a.since
"""  # noqa: S608

REMEMBER = """
    INSERT INTO alert_clock_words (alert_id, organization_id, severity, breached, owned)
    SELECT *, $5::bool FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::bool[])
    ON CONFLICT (alert_id) DO UPDATE SET
        severity = excluded.severity, breached = excluded.breached, owned = excluded.owned, told_at = excluded.told_at
"""

FORGET = f"""
    WITH looked AS (SELECT * FROM alert_clock_words WHERE alert_id > $7 ORDER BY alert_id LIMIT $8),
    still AS (
        SELECT l.alert_id FROM looked l
        JOIN {_STAGES} ON s.organization_id = l.organization_id AND s.severity = l.severity AND s.breached = l.breached
        JOIN alerts a ON a.id = l.alert_id AND a.severity = l.severity
        WHERE l.owned = {_WORKS} AND {ALERT_RUNS} AND {ALERT_SINCE} <= s.until),
    gone AS (
        DELETE FROM alert_clock_words WHERE alert_id IN (
            SELECT alert_id FROM looked WHERE organization_id <> ALL ($6::uuid[]) EXCEPT SELECT alert_id FROM still))
    SELECT count(*) AS looked, (array_agg(alert_id ORDER BY alert_id DESC))[1] AS last FROM looked
"""  # noqa: S608

SUMS = "SELECT organization_id, breached, told_at, more FROM alert_clock_sums"

# Of nobody, and of who works there no more. Where there may have been more than were looked at, what comes into view is
# not new by that: what began up to `told` was told of by "or more", and is only remembered. The last that is looked at
# is there even if leads heard of it, to say that there may be more now.
UNOWNED = f"""
    SELECT s.organization_id, s.severity, s.breached, a.id, a.title, a.place >= $6 AS many, w.unheard,
           w.unheard AND (NOT f.more OR a.since > coalesce(f.told, '-infinity')) AS new
    FROM {_STAGES}
    JOIN unnest($1::uuid[], $2::smallint[], $3::bool[], $7::timestamptz[], $8::bool[])
        AS f (organization_id, severity, breached, told, more) USING (organization_id, severity, breached)
    CROSS JOIN LATERAL (
        SELECT one.*, row_number() OVER () AS place FROM (
            ({_LATE} AND assignee_id IS NULL ORDER BY {ALERT_SINCE} DESC LIMIT $6)
            UNION ALL
            (SELECT * FROM ({_LATE} AND assignee_id IS NOT NULL ORDER BY {ALERT_SINCE} DESC LIMIT $6) AS a
             WHERE NOT {_WORKS})) AS one) AS a
    CROSS JOIN LATERAL (
        SELECT NOT EXISTS (SELECT FROM alert_clock_words
                           WHERE alert_id = a.id AND NOT owned AND severity = s.severity AND breached >= s.breached)
            AS unheard) AS w
    WHERE w.unheard OR a.place = $6
    ORDER BY s.organization_id, s.breached, s.severity DESC, a.since
"""  # noqa: S608

GONE = f"""
    SELECT o.organization_id, u.id FROM unnest($1::uuid[]) AS o (organization_id)
    CROSS JOIN LATERAL (
        SELECT id FROM users
        WHERE (disabled_at IS NOT NULL OR NOT EXISTS (
                   SELECT FROM memberships WHERE user_id = users.id AND organization_id = o.organization_id))
          AND EXISTS (SELECT FROM alerts
                      WHERE assignee_id = users.id AND organization_id = o.organization_id AND {ALERT_RUNS})
        ORDER BY id LIMIT $2) AS u
"""  # noqa: S608

LEADS = """
    SELECT organization_id, user_id FROM memberships WHERE role = 'lead' AND organization_id = ANY ($1::uuid[])
"""

SUMMED = """
    INSERT INTO alert_clock_sums (organization_id, breached, told_at)
    SELECT *, $3::timestamptz FROM unnest($1::uuid[], $2::bool[])
    ON CONFLICT (organization_id, breached) DO UPDATE SET told_at = excluded.told_at
"""

# Of which severities there are as many now as a round looks at, and so may be more.
LOOKED = """
    UPDATE alert_clock_sums s SET more = now.more
    FROM (SELECT organization_id, breached,
                 coalesce(array_agg(severity ORDER BY severity) FILTER (WHERE many), '{}') AS more
          FROM unnest($1::uuid[], $2::smallint[], $3::bool[], $4::bool[])
              AS l (organization_id, severity, breached, many)
          GROUP BY organization_id, breached) AS now
    WHERE s.organization_id = now.organization_id AND s.breached = now.breached AND s.more <> now.more
"""
