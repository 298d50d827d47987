"""Follows linked alerts: copies their events into the incident, tells its timeline of more, adds what was seen.

A trigger on `alerts` leaves a row of `incident_following` when an alert is linked, and five seconds after more has come
on one. It does so under the alert's own lock, so whoever holds that alone decides about the row: one transaction
copies, tells and takes the row away. A crash leaves all of it to be done, and two that meet do it once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.indexer import outbox, periods
from services.indexer.folding import Connection
from services.indexer.locks import lock_writing
from services.indexer.transaction import restarting
from shared import clock, crash, ids, log, metrics
from shared.db.failures import is_cancelled, is_transient
from shared.domain.incident import KEPT_EVENTS
from shared.domain.observable import MAX_PER_INCIDENT
from shared.lifecycle import Stop
from shared.notices import one_line

logger = log.get(__name__)

IDLE_SECONDS = 1.0
ROUND = 500
"""Alerts that are due and looked at together."""
MOST_LOCKED = 20
"""Alerts of one incident that one transaction follows: it may copy 200 events of each, while their writers wait."""
PUT_OFF = timedelta(minutes=1)
AUTHOR = "EventSec"
REPEATED = "alert_repeated"

# Not locked: whoever adds to an alert holds that, and would wait for us, while we would wait for the alert.
DUE = """
    SELECT f.alert_id, a.incident_id FROM (
        SELECT alert_id, due_at FROM incident_following WHERE due_at <= now() ORDER BY due_at LIMIT $1) AS f
    JOIN alerts a ON a.id = f.alert_id ORDER BY f.due_at, f.alert_id
"""
# One process at a time, and no other waits for it.
CLAIM = "SELECT pg_try_advisory_xact_lock(hashtextextended('follow ' || $1::uuid::text, 0))"
LOCK_ALERTS = """
    SELECT id, organization_id, incident_id, title, greatest(severity, sensor_severity) AS severity, count, techniques,
           first_seen, last_seen
    FROM alerts
    WHERE id = ANY($1::uuid[]) ORDER BY organization_id, fingerprint, fold_window, id FOR NO KEY UPDATE
"""
OWED = "SELECT alert_id, followed_count FROM incident_following WHERE alert_id = ANY($1::uuid[])"
LOCK_INCIDENT = "SELECT FROM incidents WHERE id = $1 FOR NO KEY UPDATE"

# From both ends of an alert up to what the incident holds of that end. The ids bound the partitions that are asked, but
# for the one of ids without a time; a body is read only of what is copied.
_COPIED = f"""
    SELECT c.time, c.event_id FROM incident_events c WHERE c.incident_id = $1 AND c.alert_id = w.alert_id
    ORDER BY c.time {{0}}, c.event_id {{0}} OFFSET {KEPT_EVENTS - 1} LIMIT 1
"""
_EVENTS = f"""
    SELECT e.id, e.time, e.received_at, e.sensor_id, e.body FROM events e
    WHERE e.kind = 'alert' AND e.alert_id = w.alert_id AND (e.id >= w.low AND e.id < w.high OR e.id < $6)
      AND (e.time, e.id) {{1}} (coalesce({{2}}.time, '{{3}}infinity'), coalesce({{2}}.event_id, $6))
    ORDER BY e.time {{0}}, e.id {{0}} LIMIT {KEPT_EVENTS}
"""
COPY = f"""
    INSERT INTO incident_events (id, organization_id, incident_id, event_id, event_kind, alert_id, time, received_at,
                                 sensor_id, body, sha256)
    SELECT {ids.SQL_UUID7}, $2, $1, e.id, 'alert', w.alert_id, e.time, e.received_at, e.sensor_id, e.body,
           sha256(e.body)
    FROM unnest($3::uuid[], $4::uuid[], $5::uuid[]) AS w (alert_id, low, high)
    LEFT JOIN LATERAL ({_COPIED.format("")}) AS head ON true
    LEFT JOIN LATERAL ({_COPIED.format("DESC")}) AS tail ON true
    CROSS JOIN LATERAL (
        ({_EVENTS.format("", "<", "head", "")}) UNION ALL ({_EVENTS.format("DESC", ">", "tail", "-")})) AS e
    WHERE NOT EXISTS (SELECT FROM incident_events c WHERE c.incident_id = $1 AND c.event_id = e.id)
    ON CONFLICT (incident_id, event_id) DO NOTHING
"""
# Statistics know nothing of one hot alert: left to them, all its events may be read, and sorted for the first hundred.
BY_INDEX = "SELECT set_config(name, $1, true) FROM unnest(ARRAY['enable_sort', 'enable_bitmapscan']) AS n (name)"
DROP_MIDDLE = f"""
    DELETE FROM incident_events WHERE id IN (
        SELECT id FROM (
            SELECT id, picked,
                   row_number() OVER (PARTITION BY alert_id ORDER BY time, event_id) AS from_head,
                   row_number() OVER (PARTITION BY alert_id ORDER BY time DESC, event_id DESC) AS from_tail
            FROM incident_events WHERE incident_id = $1 AND alert_id = ANY($2::uuid[])) AS placed
        WHERE from_head > {KEPT_EVENTS} AND from_tail > {KEPT_EVENTS} AND NOT picked)
      AND NOT (SELECT legal_hold FROM incidents WHERE id = $1)
"""

TOLD = "SELECT coalesce_key, count FROM incident_entries WHERE incident_id = $1 AND coalesce_key = ANY($2::text[])"
TELL = f"""
    INSERT INTO incident_entries (id, organization_id, incident_id, kind, author_name, coalesce_key, occurred_at,
                                  message, details, count)
    SELECT id, $2, $1, '{REPEATED}', '{AUTHOR}', key, occurred_at, message, details, count
    FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::jsonb[], $8::bigint[])
         AS n (id, key, occurred_at, message, details, count)
    ON CONFLICT (incident_id, coalesce_key) WHERE coalesce_key IS NOT NULL DO UPDATE
    SET occurred_at = excluded.occurred_at, message = excluded.message, details = excluded.details,
        count = excluded.count
"""

ADD_OBSERVABLES = f"""
    INSERT INTO incident_observables (id, organization_id, incident_id, observable_id, in_alerts)
    SELECT {ids.SQL_UUID7}, $2, $1, o.id, true FROM (
        SELECT id FROM observables o
        WHERE id IN (SELECT observable_id FROM alert_observables WHERE alert_id = ANY($3::uuid[]))
          AND NOT EXISTS (SELECT FROM incident_observables l WHERE l.incident_id = $1 AND l.observable_id = o.id)
        ORDER BY type, value
        LIMIT greatest(0, {MAX_PER_INCIDENT} - (SELECT count(*) FROM incident_observables WHERE incident_id = $1))) AS o
    ON CONFLICT (incident_id, observable_id) DO NOTHING
"""
# Behind the adding, for what somebody adds at the same time. What people said of a value stays as they said it.
SEEN_IN_ALERTS = """
    UPDATE incident_observables SET in_alerts = true
    WHERE incident_id = $1 AND NOT in_alerts
      AND observable_id IN (SELECT observable_id FROM alert_observables WHERE alert_id = ANY($2::uuid[]))
"""

# Its document and its page show what hangs on it: a new version even where no column changes.
SETTLE = """
    UPDATE incidents SET techniques = ARRAY(SELECT DISTINCT t FROM unnest(techniques || $2::text[]) AS t ORDER BY t),
        peak_severity = CASE WHEN $3::smallint > greatest(severity, peak_severity) THEN $3 ELSE peak_severity END
    WHERE id = $1
"""
FORGET = "DELETE FROM incident_following WHERE alert_id = ANY($1::uuid[])"
# What somebody else holds is theirs to decide.
PUT_OFF_DUE = """
    UPDATE incident_following SET due_at = now() + $2::interval WHERE alert_id IN (
        SELECT alert_id FROM incident_following WHERE alert_id = ANY($1::uuid[]) FOR UPDATE SKIP LOCKED)
"""


class Linked(NamedTuple):
    """A locked alert of an incident, and how many events have come on it that the incident was not told of.

    `severity` is the greatest that it has and that sensors gave it.
    """

    id: UUID
    title: str
    techniques: Sequence[str]
    first_seen: datetime
    last_seen: datetime
    more: int
    severity: int


class Follower:
    """Any number of them share the work, an incident at a time."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def run(self, stop: Stop) -> None:
        """Follow for ever: at once while there is something due, else once a second."""
        while not stop.requested:
            followed = 0
            try:
                followed = await self.follow_due(stop)
            except Exception:  # the loop outlives any failure, the rows are still there
                metrics.BACKGROUND_FAILURES.labels("follower").inc()
                logger.exception("follower_failed")
            if not followed and await stop.sleep(IDLE_SECONDS):
                return

    async def follow_due(self, stop: Stop | None = None) -> int:
        """Follow the alerts that are due, up to 500 of them; how many. Raises what a server that is away raises."""
        by_incident: dict[UUID | None, list[UUID]] = {}
        for row in await self._pool.fetch(DUE, ROUND):
            by_incident.setdefault(row["incident_id"], []).append(row["alert_id"])
        followed = 0
        for incident_id, alert_ids in by_incident.items():
            for at in range(0, len(alert_ids), MOST_LOCKED):
                if stop is not None and stop.requested:
                    return followed
                followed += await self._try(incident_id, alert_ids[at : at + MOST_LOCKED])
        return followed

    async def _try(self, incident_id: UUID | None, alert_ids: list[UUID]) -> int:
        """One that cannot be followed is put off for a minute and holds up no other."""
        try:
            return await restarting(partial(self._follow, incident_id, alert_ids))
        except Exception as error:
            # A statement that takes too long is this incident's own trouble: the others must not wait behind it.
            if is_transient(error) and not is_cancelled(error):
                raise
            metrics.BACKGROUND_FAILURES.labels("follower").inc()
            logger.exception("incident_not_followed", incident_id=incident_id, alerts=len(alert_ids))
            await self._pool.execute(PUT_OFF_DUE, alert_ids, PUT_OFF)
            return 0

    async def _follow(self, incident_id: UUID | None, alert_ids: list[UUID]) -> int:
        """Those of the alerts that still belong to the incident; what belongs to none is forgotten."""
        async with self._pool.acquire() as connection, connection.transaction():
            if incident_id is not None and not await connection.fetchval(CLAIM, incident_id):
                return 0
            await lock_writing(connection)
            rows = await connection.fetch(LOCK_ALERTS, alert_ids)
            owed = {row["alert_id"]: row["followed_count"] for row in await connection.fetch(OWED, alert_ids)}
            ours = [row for row in rows if row["incident_id"] == incident_id and row["id"] in owed]
            if not ours:
                return 0
            events = 0
            if incident_id is not None:
                linked = [_linked(row, owed[row["id"]]) for row in ours]
                events = await follow(connection, incident_id, ours[0]["organization_id"], linked)
            await connection.execute(FORGET, [row["id"] for row in ours])
            crash.point("follower_before_commit")
        metrics.FOLLOWED.inc(len(ours))
        metrics.FOLLOWED_EVENTS.inc(events)
        logger.info("incident_followed", incident_id=incident_id, alerts=len(ours), events=events)
        return len(ours)


async def follow(connection: Connection, incident_id: UUID, organization_id: UUID, linked: Sequence[Linked]) -> int:
    """Bring an incident up to locked alerts of its own; how many events were copied."""
    alert_ids = [alert.id for alert in linked]
    await connection.execute(LOCK_INCIDENT, incident_id)
    copied = await _copy(connection, incident_id, organization_id, linked)
    await connection.execute(DROP_MIDDLE, incident_id, alert_ids)
    await _tell(connection, incident_id, organization_id, [alert for alert in linked if alert.more > 0])
    await connection.execute(ADD_OBSERVABLES, incident_id, organization_id, alert_ids)
    await connection.execute(SEEN_IN_ALERTS, incident_id, alert_ids)
    techniques = sorted({one for alert in linked for one in alert.techniques})
    await connection.execute(SETTLE, incident_id, techniques, max(alert.severity for alert in linked))
    await outbox.incident_changed(connection, organization_id, incident_id)
    return copied


async def _copy(connection: Connection, incident_id: UUID, organization_id: UUID, linked: Sequence[Linked]) -> int:
    bounds = [periods.between(alert.first_seen, alert.last_seen) for alert in linked]
    await connection.execute(BY_INDEX, "off")
    status = await connection.execute(
        COPY,
        incident_id,
        organization_id,
        [alert.id for alert in linked],
        [low for low, _ in bounds],
        [high for _, high in bounds],
        ids.first_of(1),
    )
    await connection.execute(BY_INDEX, "on")
    return int(status.rpartition(" ")[2])


async def _tell(connection: Connection, incident_id: UUID, organization_id: UUID, grown: Sequence[Linked]) -> None:
    """One entry of the timeline for an alert and a UTC day, which counts."""
    if not grown:
        return
    today = clock.now().date()
    by_key = {f"alert {alert.id} {today}": alert for alert in grown}
    told = {row["coalesce_key"]: row["count"] for row in await connection.fetch(TOLD, incident_id, list(by_key))}
    rows = []
    for key, alert in by_key.items():
        count = told.get(key, 0) + alert.more
        details = orjson.dumps({"alert_id": str(alert.id), "count": count}).decode()
        rows.append((ids.uuid7(), key, alert.last_seen, repeated(alert.title, count), details, count))
    await connection.execute(TELL, incident_id, organization_id, *zip(*rows, strict=True))


def repeated(title: str, count: int) -> str:
    """What the timeline says of so many more events on an alert."""
    return f"{count} more {'event' if count == 1 else 'events'} on “{one_line(title)}”"


def _linked(row: asyncpg.Record, told: int) -> Linked:
    seen = (row["first_seen"], row["last_seen"])
    return Linked(row["id"], row["title"], row["techniques"], *seen, row["count"] - told, row["severity"])
