"""What only one process at a time does on a clock: periods ahead, retention, closings by the source, gauges."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import asyncpg

from services.indexer import outbox
from services.indexer.periods import PeriodBook
from services.indexer.retention import floors_of, set_floors
from services.indexer.settings import IndexerSettings
from shared import clock, ids, log, metrics
from shared.db.locks import CLASS, Lock
from shared.domain.alert import RESOLVED_AT_SOURCE, RESOLVED_CLOSES_AFTER
from shared.lifecycle import Stop, repeat
from shared.normalise.event import KINDS, Kind

logger = log.get(__name__)

EVERY_SECONDS = 15.0
AHEAD = timedelta(days=2)
CHUNK = 5000

# The rule is shared.domain.alert.closes_at_source; a test holds the two equal.
CLOSE_RESOLVED = """
    UPDATE alerts SET status = 'closed', reason = $2, closed_at = now(), revision = revision + 1
    WHERE id IN (
        SELECT id FROM alerts
        WHERE resolved_at <= now() - $1::interval
          AND (last_fired_at IS NULL OR resolved_at >= last_fired_at)
          AND acknowledged_at IS NULL AND incident_id IS NULL AND closed_at IS NULL
          AND status IN ('new', 'closed')
        ORDER BY organization_id, fingerprint, fold_window LIMIT 200 FOR UPDATE)
    RETURNING id, organization_id
"""

PURGES: dict[str, str] = {
    "envelopes": "DELETE FROM envelopes WHERE envelope_id IN (SELECT envelope_id FROM envelopes "
    "WHERE settled_at < $1 LIMIT $2)",
    "batches": "DELETE FROM batches WHERE batch_id IN (SELECT batch_id FROM batches WHERE received_at < $1 LIMIT $2)",
    "accounts": "DELETE FROM sensor_accounts WHERE ctid IN (SELECT ctid FROM sensor_accounts "
    "WHERE minute < $1 LIMIT $2)",
    "quarantine": "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine "
    "WHERE status <> 'open' AND updated_at < $1 LIMIT $2)",
}


class Maintenance:
    """Runs while it holds an advisory lock; another process takes over when this one goes.

    The lock is a transaction's, which a pooler keeps on one session; the tasks use connections of their own.
    """

    def __init__(self, pool: asyncpg.Pool, periods: PeriodBook, settings: IndexerSettings) -> None:
        self._pool = pool
        self._periods = periods
        self._settings = settings

    async def run(self, stop: Stop) -> None:
        """Try to be the one every 15 seconds, and do all tasks then."""
        await repeat("maintenance", self.once, every=EVERY_SECONDS, stop=stop)

    async def once(self) -> bool:
        """Do all tasks, if nobody else is at it; False when somebody is."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", CLASS, Lock.MAINTENANCE):
                return False
            for task in self._tasks():
                await _by_itself(task)
        return True

    def _tasks(self) -> list[Callable[[], Awaitable[object]]]:
        purges = [partial(self.purge, name) for name in PURGES]
        return [self.make_periods_ahead, self.raise_floors, self.close_resolved, *purges, self.measure]

    async def make_periods_ahead(self) -> None:
        """Have the periods of today and the next two days, so that no batch has to make one at midnight."""
        today = clock.now()
        moments = [ids.first_of(clock.milliseconds(today + AHEAD * step / 2)) for step in range(3)]
        await self._periods.ensure(self._pool, ((kind, moment) for kind in KINDS for moment in moments))

    async def raise_floors(self) -> None:
        """Put in force what the retention settings mean today."""
        settings = self._settings
        days: dict[Kind, int] = {
            "alert": settings.retention_alert_days,
            "telemetry": settings.retention_telemetry_days,
        }
        await set_floors(self._pool, floors_of(days, clock.now()))

    async def close_resolved(self) -> int:
        """Close the alerts whose source said five minutes ago that it is over; returns how many."""
        closed = 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(CLOSE_RESOLVED, RESOLVED_CLOSES_AFTER, RESOLVED_AT_SOURCE)
                await outbox.alerts_changed(connection, ((row["organization_id"], row["id"]) for row in rows))
            closed += len(rows)
            if not rows:
                return closed

    async def purge(self, name: str) -> None:
        """Delete what has outlived its days, in chunks; `name` is one of PURGES."""
        settings = self._settings
        days = {
            "envelopes": settings.retention_envelopes_days,
            "batches": settings.retention_batches_days,
            "accounts": settings.retention_accounts_days,
            "quarantine": settings.retention_quarantine_days,
        }
        before = clock.now() - timedelta(days=days[name])
        status = f"DELETE {CHUNK}"
        while status == f"DELETE {CHUNK}":
            status = await self._pool.execute(PURGES[name], before, CHUNK)

    async def measure(self) -> None:
        """Set the gauges of what waits in Postgres."""
        metrics.PROJECTION_PENDING.set(await self._pool.fetchval("SELECT count(*) FROM projection_pending"))
        metrics.OUTBOX_ROWS.set(await self._pool.fetchval("SELECT count(*) FROM outbox"))


async def _by_itself(task: Callable[[], Awaitable[object]]) -> None:
    """Run one task; its failure is logged and counted, and does not keep the others from running."""
    try:
        await task()
    except Exception:  # whatever it is, the next run tries again
        metrics.BACKGROUND_FAILURES.labels("maintenance").inc()
        logger.exception("maintenance_task_failed", task=str(getattr(task, "__name__", task)))
