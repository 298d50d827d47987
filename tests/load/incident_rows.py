"""SQL that makes incidents of alerts that are there: 20,000 over the same 90 days, and a large one behind them.

Each takes three of every five alerts of its time; of the last two weeks two fifths are unfinished, of what is older one
in a hundred. One in 97 was merged into the one before, one in 400 is restricted. Run in this order, with `$1` as now.
"""

LARGE = 20_001
"""The number of the incident that everything is asked of."""

SEES_ALL, SEES_SOME = 0, 39
"""Of the people: who is a member of every restricted incident, and who of none."""

ORGANIZATION = "'00000000-0000-7000-8000-000000000001'::uuid"

MADE_ID = """
    CREATE FUNCTION pg_temp.made_id(moment timestamptz, name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || substr(md5(name), 1, 3)
                || '8' || substr(md5(name), 4, 15))::uuid
    $$
"""
PERSON = """
    CREATE FUNCTION pg_temp.person(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
        SELECT md5('person' || n % 40)::uuid
    $$
"""
# Telling fields, tasks and hours, as an organization that has settled in has them.
SETTINGS = f"""
    UPDATE organizations SET settings = settings || '{{
        "calendar": {{"zone": "Europe/Berlin", "holidays": {{"country": "DE", "subdivision": "BY"}}, "hours": {{
            "monday": [["08:00", "18:00"]], "tuesday": [["08:00", "18:00"]], "wednesday": [["08:00", "18:00"]],
            "thursday": [["08:00", "18:00"]], "friday": [["08:00", "14:00"]]}}}},
        "similar": {{"ignore": ["www1.example.net", "srv-1"]}}}}'
    WHERE id = {ORGANIZATION}
"""
TEMPLATES = f"""
    INSERT INTO incident_templates (id, organization_id, name, fields)
    SELECT md5('template' || n)::uuid, {ORGANIZATION}, 'Template ' || n,
        '[{{"name": "impact", "label": "Impact", "kind": "text", "required": true}}]'
    FROM generate_series(0, 2) AS n
"""
# Of each five alerts in their order three are linked; the large one takes of the latest those that are left.
LINKED = f"""
    CREATE UNLOGGED TABLE linked_made AS
    SELECT id AS alert_id, first_seen, last_seen, title, severity, number AS origin,
        CASE WHEN number % 97 = 0 THEN number - 1 ELSE number END AS number
    FROM (
        SELECT id, first_seen, last_seen, title, severity,
            CASE WHEN place % 5 < 3 THEN tile WHEN place % 5 = 3 AND place >= number_of - 5000 THEN {LARGE} END
                AS number
        FROM (
            SELECT id, first_seen, last_seen, title, severity, ntile({LARGE - 1}) OVER (ORDER BY id) AS tile,
                row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () / 5 * 5 AS number_of
            FROM alerts WHERE organization_id = {ORGANIZATION} AND status <> 'suppressed'
        ) AS placed
        WHERE place < number_of
    ) AS chosen
    WHERE number IS NOT NULL
"""
MADE = f"""
    CREATE UNLOGGED TABLE incidents_made AS
    SELECT *, CASE WHEN number % 97 = 0 THEN 'merged' WHEN number = {LARGE} THEN 'investigating'
            WHEN r > recent THEN 'closed' WHEN r > 0.8 * recent THEN 'resolved' WHEN r > 0.7 * recent THEN 'on_hold'
            WHEN r > 0.6 * recent THEN 'contained' WHEN r > 0.3 * recent THEN 'investigating' ELSE 'open' END AS status
    FROM (
        SELECT origin AS number, min(first_seen) + interval '2 seconds' AS received_at, min(title) AS title,
            max(severity)::int AS severity, random() AS r, random() AS spread,
            CASE WHEN min(first_seen) > $1::timestamptz - interval '14 days' THEN 0.4 ELSE 0.01 END AS recent
        FROM linked_made GROUP BY origin
    ) AS one
"""
INCIDENTS = f"""
    INSERT INTO incidents (
        id, organization_id, number, title, severity, status, verdict, reason, assignee_id, reporter_id, closed_by_id,
        tlp, restricted, summary, tags, techniques, fields, alerts_count, received_at, occurred_at, detected_at,
        acknowledged_at, contained_at, resolved_at, closed_at, template_id, merged_into_id, before_merge, created_at,
        updated_at)
    SELECT id, {ORGANIZATION}, number, title, severity, status,
        CASE WHEN closed THEN (ARRAY['false_positive', 'true_positive', 'benign_positive', 'undetermined'])[1 + n % 4]
        END,
        CASE WHEN closed THEN 'handled' END, CASE WHEN status <> 'open' OR r < 0.05 THEN pg_temp.person(n) END,
        pg_temp.person(n / 3), CASE WHEN closed THEN pg_temp.person(n) END,
        CASE WHEN n % 800 = 0 THEN 'red' WHEN n % 3 = 0 THEN 'green' ELSE 'amber' END, n % 400 = 0,
        CASE WHEN closed OR n = {LARGE} THEN repeat(title || ' was looked into by the shift on duty. ', 12) ELSE '' END,
        (ARRAY['{{}}', '{{}}', '{{phishing}}', '{{vip}}', '{{dmz,phishing}}', '{{cloud}}', '{{lab}}']::text[])
            [1 + n % 7]::text[],
        ARRAY['T' || 1000 + n % 180], CASE WHEN n % 2 = 0 THEN '{{"impact": "none"}}'::jsonb ELSE '{{}}' END,
        coalesce(linked, 0), received_at, received_at, received_at,
        CASE WHEN status <> 'open' THEN early END,
        CASE WHEN done OR status = 'contained' THEN early + (late - early) / 2 END,
        CASE WHEN done THEN late END, CASE WHEN closed THEN late END,
        CASE WHEN n % 2 = 0 THEN md5('template' || n % 3)::uuid END,
        CASE WHEN status = 'merged' THEN before END,
        CASE WHEN status = 'merged' THEN 'investigating' END, date_trunc('milliseconds', received_at),
        date_trunc('milliseconds', CASE WHEN status = 'open' THEN received_at WHEN done THEN late ELSE early END)
    FROM (
        SELECT m.*, i.id, linked, lag(i.id) OVER (ORDER BY number) AS before, number::int AS n,
            status = 'closed' AS closed, status IN ('closed', 'resolved') AS done,
            least(received_at + spread * interval '8 hours', $1::timestamptz) AS early,
            least(received_at + (1 + spread) * interval '2 days', $1::timestamptz) AS late
        FROM incidents_made AS m JOIN ids_made AS i USING (number)
        LEFT JOIN (SELECT number, count(*) AS linked FROM linked_made GROUP BY number) AS l USING (number)
    ) AS one
    ORDER BY number
"""
IDS = """
    CREATE UNLOGGED TABLE ids_made AS
    SELECT number, pg_temp.made_id(received_at, 'incident' || number) AS id FROM incidents_made
"""
ALERTS = """
    UPDATE alerts AS a SET incident_id = i.id,
        status = CASE WHEN i.status = 'closed' THEN 'closed' WHEN a.status = 'new' THEN 'acknowledged'
                      ELSE a.status END,
        verdict = CASE WHEN i.status = 'closed' THEN coalesce(a.verdict, i.verdict) ELSE a.verdict END,
        closed_at = CASE WHEN i.status = 'closed' THEN coalesce(a.closed_at, greatest(a.last_seen, i.closed_at))
                         ELSE a.closed_at END,
        closed_by_id = CASE WHEN i.status = 'closed' THEN coalesce(a.closed_by_id, i.closed_by_id)
                            ELSE a.closed_by_id END,
        acknowledged_at = coalesce(a.acknowledged_at, i.created_at),
        assignee_id = coalesce(a.assignee_id, i.assignee_id)
    FROM linked_made AS l JOIN ids_made AS n ON n.number = l.number JOIN incidents AS i ON i.id = n.id
    WHERE a.id = l.alert_id
"""
LINKS = f"""
    INSERT INTO incident_alerts (
        id, organization_id, incident_id, alert_id, origin_id, linked_by_id, linked_by_name, created_at)
    SELECT pg_temp.made_id(i.created_at, 'link' || alert_id), {ORGANIZATION}, i.id, alert_id,
        CASE WHEN l.origin <> l.number THEN o.id END, i.reporter_id, 'Analyst', i.created_at
    FROM linked_made AS l JOIN ids_made AS n ON n.number = l.number JOIN incidents AS i ON i.id = n.id
    JOIN ids_made AS o ON o.number = l.origin
    ORDER BY 1
"""
# Of each alert the first event, of those of the large incident ten; bodies are real ones, over and over.
EVENTS = f"""
    INSERT INTO incident_events (
        id, organization_id, incident_id, event_id, event_kind, alert_id, time, received_at, sensor_id, body, sha256,
        created_at)
    SELECT pg_temp.made_id(time, 'copy' || alert_id || n), {ORGANIZATION}, incident_id,
        pg_temp.made_id(time, 'event' || alert_id || n), 'alert', alert_id, time, time, sensor_id, body, sha256, time
    FROM (
        SELECT a.id AS alert_id, a.incident_id, a.sensor_id, n,
            a.first_seen + (a.last_seen - a.first_seen) * n / 10 AS time,
            (hashtextextended(a.id::text || n, 0) % 500 + 500) % 500 AS which
        FROM alerts AS a JOIN incidents AS i ON i.id = a.incident_id
        CROSS JOIN LATERAL generate_series(1, CASE WHEN i.number = {LARGE} THEN 10 ELSE 1 END) AS n
    ) AS one JOIN bodies_made USING (which)
"""
OBSERVABLES = f"""
    INSERT INTO incident_observables (
        id, organization_id, incident_id, observable_id, ioc, in_alerts, verdict, created_at)
    SELECT pg_temp.made_id(created_at, 'observable' || incident_id || observable_id), {ORGANIZATION}, incident_id,
        observable_id, place % 50 = 0, true, CASE WHEN place % 50 = 0 THEN 'malicious' ELSE 'unknown' END, created_at
    FROM (
        SELECT i.id AS incident_id, o.observable_id, i.created_at,
            row_number() OVER (PARTITION BY i.id ORDER BY o.observable_id) AS place
        FROM incidents AS i JOIN alerts AS a ON a.incident_id = i.id JOIN alert_observables AS o ON o.alert_id = a.id
        GROUP BY i.id, o.observable_id
    ) AS one WHERE place <= 1000
"""
TASKS = f"""
    INSERT INTO incident_tasks (
        id, organization_id, incident_id, title, description, phase, status, required, position, assignee_id, due_at)
    SELECT pg_temp.made_id(i.created_at, 'task' || i.id || n), {ORGANIZATION}, i.id, 'Task ' || n,
        repeat('Find out what was done from there. ', 10),
        (ARRAY['identification', 'containment', 'recovery'])[1 + n % 3],
        CASE WHEN i.status IN ('closed', 'resolved') OR n % 3 = 0 THEN 'done' ELSE 'open' END, n % 4 = 0, n,
        i.assignee_id, i.created_at + interval '2 days'
    FROM incidents AS i
    CROSS JOIN LATERAL generate_series(1, CASE WHEN i.number = {LARGE} THEN 30 ELSE 3 END) AS n
"""
NOTES = f"""
    INSERT INTO incident_notes (id, organization_id, incident_id, author_id, author_name, body, created_at, updated_at)
    SELECT pg_temp.made_id(i.created_at + n * interval '1 minute', 'note' || i.id || n), {ORGANIZATION}, i.id,
        pg_temp.person(n), 'Analyst ' || n % 40,
        repeat('Looked at ' || i.title || ' on srv-' || i.number % 3000 || ', and it goes on. ', 8), i.created_at,
        i.created_at
    FROM incidents AS i
    CROSS JOIN LATERAL generate_series(1, CASE WHEN i.number = {LARGE} THEN 100 ELSE 1 + i.number % 3 END) AS n
"""
VERSIONS = """
    INSERT INTO incident_note_versions (note_id, revision, author_id, author_name, body)
    SELECT id, revision, author_id, author_name, body FROM incident_notes
"""
SUMMARIES = """
    INSERT INTO incident_summary_versions (incident_id, revision, author_id, author_name, body)
    SELECT id, revision, assignee_id, 'Analyst', summary FROM incidents WHERE summary <> ''
"""
ENTRIES = f"""
    INSERT INTO incident_entries (
        id, organization_id, incident_id, kind, occurred_at, message, author_id, author_name, created_at, updated_at)
    SELECT pg_temp.made_id(moment, 'entry' || id || n), {ORGANIZATION}, id,
        (ARRAY['note', 'linked', 'changed', 'moved', 'task_done'])[1 + n % 5], moment,
        'Something happened that is told in a sentence, the ' || n || 'th time', assignee_id, 'Analyst', moment, moment
    FROM (
        SELECT i.*, n, i.received_at + n * interval '1 minute' AS moment FROM incidents AS i
        CROSS JOIN LATERAL generate_series(1, CASE WHEN i.number = {LARGE} THEN 2000 ELSE 6 END) AS n
    ) AS one
"""
REVIEWS = f"""
    INSERT INTO incident_reviews (
        id, organization_id, incident_id, verdict, reason, requested_by_id, requested_by_name, decision, decided_by_id,
        decided_by_name, decided_at)
    SELECT pg_temp.made_id(updated_at, 'review' || id), {ORGANIZATION}, id, coalesce(verdict, 'true_positive'),
        'handled', assignee_id, 'Analyst', CASE WHEN closed THEN 'approved' END,
        CASE WHEN closed THEN pg_temp.person(number + 1) END, CASE WHEN closed THEN 'Analyst' END,
        CASE WHEN closed THEN updated_at END
    FROM (SELECT *, status = 'closed' AS closed FROM incidents) AS i
    WHERE status IN ('closed', 'resolved') AND number % 5 = 0
"""
PAUSES = """
    INSERT INTO incident_pauses (id, incident_id, kind, started_at, ended_at)
    SELECT pg_temp.made_id(updated_at, 'pause' || id), id, 'hold', acknowledged_at,
        CASE WHEN status <> 'on_hold' THEN acknowledged_at + interval '1 hour' END
    FROM incidents WHERE acknowledged_at IS NOT NULL AND (status = 'on_hold' OR number % 10 = 1)
"""
WATCHES = """
    INSERT INTO incident_watches (incident_id, due_at)
    SELECT id, $1::timestamptz + interval '1 day' FROM incidents
    WHERE status IN ('open', 'investigating', 'contained', 'on_hold')
"""
PEOPLE = f"""
    INSERT INTO incident_members (incident_id, user_id)
    SELECT id, pg_temp.person({SEES_ALL} + n) FROM incidents CROSS JOIN generate_series(0, 2) AS n WHERE restricted
"""
RELATIONS = f"""
    INSERT INTO incident_links (id, organization_id, incident_id, other_id, relation)
    SELECT pg_temp.made_id(i.created_at, 'relation' || i.id || o.id), {ORGANIZATION}, i.id, o.id, 'related'
    FROM incidents AS i JOIN incidents AS o ON o.number = i.number - 7 OR i.number = {LARGE} AND o.number % 1000 = 1
    WHERE (i.number % 20 = 0 OR i.number = {LARGE}) AND i.id <> o.id
"""
EVIDENCE = f"""
    INSERT INTO evidence (id, organization_id, incident_id, name, size, sha256, media_type, added_by_id)
    SELECT pg_temp.made_id(i.created_at, 'evidence' || i.id || n), {ORGANIZATION}, i.id, 'memory-' || n || '.bin', 4096,
        sha256(i.id::text::bytea), 'application/octet-stream', i.reporter_id
    FROM incidents AS i
    CROSS JOIN LATERAL generate_series(1, CASE WHEN i.number = {LARGE} THEN 20 ELSE 1 END) AS n
    WHERE i.number % 10 = 2 OR i.number = {LARGE}
"""
CUSTODY = """
    INSERT INTO evidence_custody (id, evidence_id, action, actor_id, actor_name)
    SELECT pg_temp.made_id(created_at, action || id), id, action, added_by_id, 'Analyst'
    FROM evidence CROSS JOIN (VALUES ('uploaded'), ('verified')) AS step (action)
"""
COUNTER = f"""
    INSERT INTO incident_counters (organization_id, last) SELECT {ORGANIZATION}, max(number) FROM incidents
"""
SENSORS = f"""
    INSERT INTO sensors (id, organization_id, name, last_seen_at, expected_interval)
    SELECT md5('sensor' || n)::uuid, {ORGANIZATION}, 'sensor ' || n, $1::timestamptz - n * interval '1 minute',
        interval '15 minutes'
    FROM generate_series(1, 40) AS n
"""
ACCOUNTS = f"""
    INSERT INTO sensor_accounts (sensor_id, minute, source, organization_id, accepted, stored)
    SELECT md5('sensor' || n)::uuid, date_trunc('minute', $1::timestamptz) - minute * interval '1 minute', source,
        {ORGANIZATION}, CASE source WHEN 'writer' THEN 0 ELSE 100 END, CASE source WHEN 'writer' THEN 100 ELSE 0 END
    FROM generate_series(1, 40) AS n CROSS JOIN generate_series(0, 1440) AS minute
    CROSS JOIN (VALUES ('writer'), ('door')) AS told (source)
"""

AT_NOW = (MADE, INCIDENTS, WATCHES, SENSORS, ACCOUNTS)
STATEMENTS = (
    MADE_ID, PERSON, SETTINGS, TEMPLATES, LINKED, MADE, IDS, INCIDENTS, ALERTS, LINKS, EVENTS, OBSERVABLES, TASKS,
    NOTES, VERSIONS, SUMMARIES, ENTRIES, REVIEWS, PAUSES, WATCHES, PEOPLE, RELATIONS, EVIDENCE, CUSTODY, COUNTER,
    SENSORS, ACCOUNTS, "DROP TABLE linked_made, incidents_made, ids_made, bodies_made",
)  # fmt: skip
