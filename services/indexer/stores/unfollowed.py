"""What retention takes although it was still to be copied into incidents: counted, logged, and told on their timelines.

Whoever reads an incident must see that its proof has a gap; so each is told in the transaction that makes the gap.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from services.indexer import outbox
from services.indexer.folding import Connection
from shared import clock, ids, log, metrics
from shared.notices import one_line

logger = log.get(__name__)

PATIENCE = timedelta(days=1)
"""How long events that are still to be copied into incidents keep what holds them: a follower that is broken must not
fill the disk for ever."""

KIND = "events_lost"
AUTHOR = "EventSec"

_ALERT = "a.id, a.organization_id, a.incident_id, a.title"
# The clock that made an id may have been a day ahead of the event's time.
IN_PERIOD = f"""
    SELECT {_ALERT}, f.created_at > now() - $3::interval AS waited_for
    FROM incident_following f JOIN alerts a ON a.id = f.alert_id
    WHERE a.incident_id IS NOT NULL AND a.first_seen < $2 AND a.last_seen >= $1::timestamptz - interval '1 day'
"""
AMONG = f"""
    SELECT DISTINCT {_ALERT}
    FROM events e
    JOIN incident_following f ON f.alert_id = e.alert_id
    JOIN alerts a ON a.id = e.alert_id
    WHERE e.kind = $1 AND e.id < $2 AND e.id = ANY($3::uuid[]) AND a.incident_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM incident_events c WHERE c.incident_id = a.incident_id AND c.event_id = e.id)
"""
# Waits for links that are not committed, and those that come wait behind it. Writers are out already, so it is people
# that are waited for; shorter than a deadlock is looked for, so that it is never one of them who is broken off.
HOLD = ("SET LOCAL lock_timeout = '500ms'", "LOCK TABLE incident_following IN SHARE MODE")
# By id, as everybody locks them; their version rises though no column changes, so that whoever follows them hears.
LOCK = "SELECT FROM incidents WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
RAISE = "UPDATE incidents SET techniques = techniques WHERE id = ANY($1::uuid[])"
TELL = f"""
    INSERT INTO incident_entries (id, organization_id, incident_id, kind, author_name, coalesce_key, occurred_at,
                                  message, details)
    SELECT id, organization_id, incident_id, '{KIND}', '{AUTHOR}', key, now(), message,
           jsonb_build_object('alert_id', alert_id)
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
         AS n (id, organization_id, incident_id, alert_id, key, message)
    ON CONFLICT (incident_id, coalesce_key) WHERE coalesce_key IS NOT NULL DO NOTHING
"""


class Waited(Exception):
    """So many linked alerts wait for their events to be copied, and are waited for."""

    def __init__(self, alerts: int) -> None:
        super().__init__(f"{alerts} alerts are still to be followed")
        self.alerts = alerts


async def in_period(connection: Connection, start: datetime, end: datetime) -> Sequence[asyncpg.Record]:
    """Linked alerts with events of that period that have waited too long to be copied. Raises Waited for others."""
    found: Sequence[asyncpg.Record] = await connection.fetch(IN_PERIOD, start, end, PATIENCE)
    if waited_for := sum(alert["waited_for"] for alert in found):
        raise Waited(waited_for)
    return found


async def require_no_more(
    connection: Connection, told: Sequence[asyncpg.Record], start: datetime, end: datetime
) -> None:
    """Behind the drop, until whose commit nothing is linked from here on. Raises Waited where more was linked before.

    Raises 55P03 when somebody goes on linking for half a second.
    """
    for statement in HOLD:
        await connection.execute(statement)
    known = {(alert["id"], alert["incident_id"]) for alert in told}
    there = {(alert["id"], alert["incident_id"]) for alert in await in_period(connection, start, end)}
    if more := there - known:
        raise Waited(len(more))


async def among(connection: Connection, kind: str, before: UUID, event_ids: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """Linked alerts of those of the events, with ids below `before`, that are still to be copied."""
    found: Sequence[asyncpg.Record] = await connection.fetch(AMONG, kind, before, event_ids)
    return found


async def tell(connection: Connection, alerts: Sequence[asyncpg.Record]) -> None:
    """Tell the timelines that events of these alerts go uncopied: one entry for an alert and a UTC day."""
    if not alerts:
        return
    today = clock.now().date()
    rows = [
        (ids.uuid7(), one["organization_id"], one["incident_id"], one["id"], f"lost {one['id']} {today}", _lost(one))
        for one in alerts
    ]
    incident_ids = list({one["incident_id"] for one in alerts})
    await connection.execute(LOCK, incident_ids)
    await connection.execute(TELL, *zip(*rows, strict=True))
    await connection.execute(RAISE, incident_ids)
    for organization_id, incident_id in {(one["organization_id"], one["incident_id"]) for one in alerts}:
        await outbox.incident_changed(connection, organization_id, incident_id)


def count(alerts: Sequence[asyncpg.Record], *, index: str) -> None:
    """Log and count them, once what held their events is gone."""
    if alerts:
        metrics.UNFOLLOWED.inc(len(alerts))
        logger.error("events_dropped_unfollowed", index=index, alerts=len(alerts))


def _lost(alert: asyncpg.Record) -> str:
    return f"Events of “{one_line(alert['title'])}” were too old to keep; some may be gone before they were copied"
