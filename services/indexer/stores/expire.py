"""Retention in both stores: periods go whole, unclocked events and closed alerts by chunks, the rest by its days.

Postgres first. A document whose row is gone is deleted by way of `projection_pending`, in the row's own transaction;
the index of a period that is gone is found again by its row in `event_periods`, whenever the process died.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from services.indexer.locks import LOCK_SECONDS, lock_writing
from services.indexer.outbox import alerts_changed
from services.indexer.retention import floors_of, read_floors, set_floors
from services.indexer.settings import IndexerSettings
from services.indexer.store import Floors
from services.indexer.stores import unfollowed
from services.indexer.stores.compare import Step
from services.indexer.stores.opened import Stores
from services.indexer.transaction import restarting
from shared import clock, ids, log
from shared.db.failures import is_transient
from shared.normalise.event import KINDS, Kind
from shared.search import indices

logger = log.get(__name__)

CHUNK = 5000
UNCLOCKED_CHUNK = 1000
ALERTS_CHUNK = 200  # the most alerts one transaction locks

PURGES: dict[str, str] = {
    "envelopes": "DELETE FROM envelopes WHERE envelope_id IN (SELECT envelope_id FROM envelopes "
    "WHERE settled_at < $1 LIMIT $2)",
    "batches": "DELETE FROM batches WHERE batch_id IN (SELECT batch_id FROM batches WHERE received_at < $1 LIMIT $2)",
    "accounts": "DELETE FROM sensor_accounts WHERE ctid IN (SELECT ctid FROM sensor_accounts "
    "WHERE minute < $1 LIMIT $2)",
    "quarantine": "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine "
    "WHERE status <> 'open' AND updated_at < $1 LIMIT $2)",
    # In order: of an export that is going the first piece is missing.
    "exports": "DELETE FROM job_outputs WHERE (job_id, ordinal) IN (SELECT o.job_id, o.ordinal FROM job_outputs o "
    "JOIN jobs j ON j.id = o.job_id WHERE j.finished_at < $1 ORDER BY o.job_id, o.ordinal LIMIT $2)",
    # What undoes a job names it: that one goes first.
    "jobs": "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs j WHERE finished_at < $1 "
    "AND NOT EXISTS (SELECT FROM jobs u WHERE u.undo_of_id = j.id) LIMIT $2)",
    "sessions": "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)",
    "idempotency_keys": "DELETE FROM idempotency_keys WHERE (caller_id, key) IN "
    "(SELECT caller_id, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)",
    "login_throttles": "DELETE FROM login_throttles WHERE key IN (SELECT key FROM login_throttles "
    "WHERE last_failed_at < $1 LIMIT $2)",
    # Their ids begin with the moment they were made, and are what there is an index on.
    "notifications": "DELETE FROM notifications WHERE id IN (SELECT id FROM notifications "
    "WHERE id < first_id_of((extract(epoch FROM $1::timestamptz) * 1000)::bigint) AND status <> 'pending' LIMIT $2)",
}

ENDED = """
    SELECT starts_at, ends_at, index_name FROM event_periods
    WHERE kind = $1 AND dropped_at IS NULL AND ends_at <= $2 ORDER BY starts_at
"""
LEFT_BEHIND = """
    WITH gone AS (
        SELECT index_name AS line FROM event_periods WHERE dropped_at IS NOT NULL
        EXCEPT SELECT index_name FROM event_periods WHERE dropped_at IS NULL)
    SELECT line, line AS index_name FROM gone
    UNION SELECT g.alias, g.index_name FROM search_generations g JOIN gone ON g.alias = gone.line
"""

# A deletion is a version of its own behind the row's last: a projection of that one, which is on its way, must not
# take it for done.
UNCLOCKED = """
    SELECT id FROM events e WHERE kind = $1 AND id < $2 AND time < $3
      AND NOT EXISTS (SELECT FROM incident_following f
                      WHERE f.alert_id = e.alert_id AND f.created_at > now() - $5::interval)
    ORDER BY time LIMIT $4
"""
DELETE_UNCLOCKED = """
    WITH gone AS (DELETE FROM events WHERE kind = $1 AND id < $2 AND id = ANY($3::uuid[])
                  RETURNING id, organization_id)
    INSERT INTO projection_pending (kind, id, organization_id, event_kind, version)
    SELECT 'event', id, organization_id, $1, 1 FROM gone
    ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, next_try_at = now()
"""

# Each with an index of its own, which an OR of the two would not use.
# What was in an incident once stays for its history, and for what was copied of it.
_NEVER_IN_ONE = """incident_id IS NULL
    AND NOT EXISTS (SELECT FROM incident_alerts l WHERE l.alert_id = alerts.id)
    AND NOT EXISTS (SELECT FROM incident_events c WHERE c.alert_id = alerts.id)"""
CLOSED = f"status = 'closed' AND closed_at < $1 AND {_NEVER_IN_ONE}"
HIDDEN = f"status = 'suppressed' AND last_seen < $1 AND {_NEVER_IN_ONE}"
LOCK_OLD = """
    SELECT id FROM alerts WHERE id IN (SELECT id FROM alerts WHERE {old} LIMIT $2)
    ORDER BY organization_id, fingerprint, fold_window FOR UPDATE
"""
CUT_LOOSE = """
    UPDATE alerts SET previous_alert_id = NULL
    WHERE id IN (SELECT id FROM alerts WHERE previous_alert_id = ANY($1::uuid[]) AND NOT id = ANY($1::uuid[])
                 ORDER BY organization_id, fingerprint, fold_window FOR UPDATE)
    RETURNING id, organization_id
"""
DELETE_OLD = """
    WITH gone AS (DELETE FROM alerts WHERE id = ANY($2::uuid[]) AND {old} RETURNING id, organization_id, version)
    INSERT INTO projection_pending AS p (kind, id, organization_id, version)
    SELECT 'alert', id, organization_id, version + 1 FROM gone
    ON CONFLICT (kind, id) DO UPDATE SET version = greatest(p.version, excluded.version), next_try_at = now()
"""


async def run(stores: Stores, step: Step) -> dict[str, Any]:
    """Drop what lies below the floors in force; what went, by sort.

    Knows no settings: a shell may lack those of the deployment, and their defaults would delete what it keeps.
    """
    result: dict[str, Any] = {"periods": await drop_periods(stores, step), "indices": await drop_indices(stores)}
    for kind in KINDS:
        result[f"unclocked_{kind}"] = await delete_unclocked(stores, kind, step)
    return result


async def plan(stores: Stores) -> dict[str, Any]:
    """The floors in force, and the periods that `run` would drop; changes nothing."""
    floors = await _floors(stores)
    rows = [row for kind, floor in floors.before.items() for row in await stores.pool.fetch(ENDED, kind, floor)]
    return {
        "floors": {kind: clock.isoformat(floor) for kind, floor in floors.before.items()},
        "periods": [row["index_name"] for row in rows],
    }


async def raise_floors(stores: Stores, settings: IndexerSettings) -> None:
    """Put in force what the retention settings mean today: from then on nothing older is taken in."""
    days: dict[Kind, int] = {"alert": settings.retention_alert_days, "telemetry": settings.retention_telemetry_days}
    await set_floors(stores.pool, floors_of(days, clock.now()))


async def _floors(stores: Stores) -> Floors:
    async with stores.pool.acquire() as connection:
        return await read_floors(connection)


async def drop_periods(stores: Stores, step: Step) -> list[str]:
    """Drop the partitions of periods that lie below the floor in force; which they were.

    One that somebody is reading stays for the next time, and one whose events are still to be copied into incidents.
    """
    floors = await _floors(stores)
    dropped = []
    for kind, floor in floors.before.items():
        for row in await stores.pool.fetch(ENDED, kind, floor):
            try:
                await _drop(stores, kind, row)
            except unfollowed.Waited as waited:
                logger.info("period_not_dropped", index=row["index_name"], reason="not_followed", alerts=waited.alerts)
                continue
            except asyncpg.PostgresError as error:
                if not is_transient(error):
                    raise
                logger.info("period_not_dropped", index=row["index_name"], reason=type(error).__name__)
                continue
            logger.info("period_dropped", index=row["index_name"], kind=kind, starts_at=row["starts_at"])
            dropped.append(row["index_name"])
            await step(0)
    if dropped:
        await stores.periods.load(stores.pool)
    return dropped


async def _drop(stores: Stores, kind: Kind, period: asyncpg.Record) -> None:
    """Drop one, but for those of its events that have waited too long to be copied into incidents. Raises Waited."""
    span, has_alerts = (period["starts_at"], period["ends_at"]), kind == "alert"
    async with stores.pool.acquire() as connection, connection.transaction():
        owed = await unfollowed.in_period(connection, *span) if has_alerts else []
        # Before the drop, which all writers wait for.
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        await unfollowed.tell(connection, owed)
        await connection.execute("SELECT drop_period($1, $2)", kind, period["starts_at"])
        if has_alerts:
            await unfollowed.require_no_more(connection, owed, *span)
    unfollowed.count(owed, index=period["index_name"])


async def drop_indices(stores: Stores) -> list[str]:
    """Drop the indices, of all generations, of periods that are gone from Postgres; which they were."""
    there = await indices.mappings_in_cluster(stores.client, stores.names)
    rows = await stores.pool.fetch(LEFT_BEHIND)
    dropped = await indices.drop(
        stores.client, stores.names, (row["index_name"] for row in rows if row["index_name"] in there)
    )
    lines = sorted({row["line"] for row in rows})
    await stores.pool.execute("DELETE FROM search_generations WHERE alias = ANY($1::text[])", lines)
    for index in dropped:
        logger.info("index_dropped", index=index)
    return dropped


async def delete_unclocked(stores: Stores, kind: Kind, step: Step) -> int:
    """Delete events without a time of their own that were received before the floor; how many.

    Those that are still to be copied into incidents stay for the next time, unless they have waited too long.
    """
    floor, first_clocked = (await _floors(stores)).before.get(kind), ids.first_of(1)
    deleted = 0
    while floor is not None:
        rows = await stores.pool.fetch(UNCLOCKED, kind, first_clocked, floor, UNCLOCKED_CHUNK, unfollowed.PATIENCE)
        old = [row["id"] for row in rows]
        if not old:
            break
        try:
            owed, number = await _delete_unclocked(stores, kind, first_clocked, old)
        except asyncpg.PostgresError as error:
            if not is_transient(error):
                raise
            logger.info("unclocked_not_deleted", kind=kind, reason=type(error).__name__)
            break
        unfollowed.count(owed, index=indices.unclocked_index(kind))
        deleted += number
        await step(number)
        if len(old) < UNCLOCKED_CHUNK:
            break
    return deleted


async def _delete_unclocked(
    stores: Stores, kind: Kind, first_clocked: UUID, old: Sequence[UUID]
) -> tuple[Sequence[asyncpg.Record], int]:
    # Whoever wants to be alone waits for this, and all writers behind it: so people's incidents are waited for so long.
    async with stores.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        await lock_writing(connection)
        owed = await unfollowed.among(connection, kind, first_clocked, old)
        await unfollowed.tell(connection, owed)
        return owed, _number(await connection.execute(DELETE_UNCLOCKED, kind, first_clocked, old))


def closed_before(settings: IndexerSettings) -> datetime | None:
    """Alerts closed before that moment go; None keeps all for ever."""
    days = settings.retention_closed_alerts_days
    return clock.now() - timedelta(days=days) if days else None


async def delete_closed(stores: Stores, settings: IndexerSettings, step: Step) -> int:
    """Delete alerts that were closed, or hidden, long ago and belong to no incident; how many.

    Their successors forget them.
    """
    before = closed_before(settings)
    if before is None:
        return 0
    deleted = 0
    for old in (CLOSED, HIDDEN):
        number = ALERTS_CHUNK
        while number == ALERTS_CHUNK:
            # It locks in order, but twice: what goes, then what follows it. Two passes may meet another's crosswise.
            number = await restarting(partial(_delete_old, stores, old, before))
            deleted += number
            await step(number)
    return deleted


async def _delete_old(stores: Stores, old: str, before: datetime) -> int:
    async with stores.pool.acquire() as connection, connection.transaction():
        await lock_writing(connection)
        gone = [row["id"] for row in await connection.fetch(LOCK_OLD.format(old=old), before, ALERTS_CHUNK)]
        if not gone:
            return 0
        loose = await connection.fetch(CUT_LOOSE, gone)
        await alerts_changed(connection, ((row["organization_id"], row["id"]) for row in loose))
        return _number(await connection.execute(DELETE_OLD.format(old=old), before, gone))


async def purge(stores: Stores, settings: IndexerSettings, name: str, step: Step) -> int:
    """Delete what has outlived its days, in chunks; `name` is one of PURGES. How many rows went."""
    days = {
        "envelopes": settings.retention_envelopes_days,
        "batches": settings.retention_batches_days,
        "accounts": settings.retention_accounts_days,
        "quarantine": settings.retention_quarantine_days,
        "exports": settings.retention_exports_days,
        "jobs": settings.retention_jobs_days,
        # Sessions a while longer than they hold, for people to see where they were signed in.
        "sessions": 7,
        "idempotency_keys": 1,
        "login_throttles": 1,
        "notifications": settings.retention_notifications_days,
    }
    before = clock.now() - timedelta(days=days[name])
    deleted = 0
    while True:
        number = _number(await stores.pool.execute(PURGES[name], before, CHUNK))
        deleted += number
        await step(number)
        if number < CHUNK:
            return deleted


def _number(status: str) -> int:
    """Rows that a statement says it changed."""
    return int(status.rpartition(" ")[2])
