"""What only one process at a time does on a clock: periods ahead, retention, silences, closings, drift, gauges."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from services.indexer import backlogs, outbox, silence
from services.indexer.locks import KEEP
from services.indexer.settings import IndexerSettings
from services.indexer.stores import disk, expire, job, refill
from services.indexer.stores.compare import Step
from services.indexer.stores.opened import Stores
from services.indexer.stores.watch import DriftWatch
from shared import clock, ids, log, metrics
from shared.db.locks import CLASS, Lock
from shared.domain.alert import RESOLVED_AT_SOURCE, RESOLVED_CLOSES_AFTER
from shared.errors import Unavailable
from shared.lifecycle import Stop, after_failure, repeat
from shared.normalise.event import KINDS
from shared.search import sizes

logger = log.get(__name__)

EVERY_SECONDS = 15.0
AHEAD = timedelta(days=2)
# What costs more, or changes by the hour.
EXPIRE_SECONDS, DRIFT_SECONDS, DISK_SECONDS = 600.0, 60.0, 300.0
RETIRED_SECONDS = 60.0
SILENCE_SECONDS = 60.0
# After an outage of ours the doors' counts of that time come first; until then every sensor would seem silent.
SETTLING_SECONDS = 300.0
# What a task may take of the others' time, more or less a chunk.
TURN_SECONDS = 5.0

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


class Maintenance:
    """Runs while it holds an advisory lock; another process takes over when this one goes.

    The lock is a transaction's, which a pooler keeps on one session; the tasks use connections of their own.
    """

    def __init__(self, stores: Stores, settings: IndexerSettings) -> None:
        self._stores = stores
        self._pool = stores.pool
        self._settings = settings
        self._watch = DriftWatch(stores)
        self._due: dict[str, float] = {}

    async def run(self, stop: Stop) -> None:
        """Try to be the one every 15 seconds until `stop`."""
        await repeat("maintenance", partial(self.lead, stop), every=EVERY_SECONDS, stop=stop)

    async def lead(self, stop: Stop) -> bool:
        """Do the tasks that are due every 15 seconds until `stop`; False at once when another process does.

        Raises what the driver raises when the session is gone, and the lock with it. The lock is kept between two
        runs: only one process then knows when a task is due, and shows the gauges of what it found.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", CLASS, Lock.MAINTENANCE):
                return False
            await connection.execute(KEEP)
            self._due["silence"] = time.monotonic() + SETTLING_SECONDS
            metrics.MAINTENANCE_LEADS.set(1)
            try:
                while True:
                    await self._do_what_is_due(stop)
                    if await stop.sleep(EVERY_SECONDS):
                        return True
                    await connection.execute("SELECT 1")
            finally:
                # Another process shows them from now on; two that differ would keep an alarm up for ever.
                _forget_gauges()
                self._watch, self._due = DriftWatch(self._stores), {}

    async def _do_what_is_due(self, stop: Stop) -> None:
        turn = _Turn(stop)
        for name, every, task in self._tasks(turn.step):
            if time.monotonic() >= self._due.get(name, 0.0) and not stop.requested:
                turn.begin()
                pause = await _by_itself(name, task, every)
                self._due[name] = time.monotonic() + pause

    def _tasks(self, step: Step) -> list[tuple[str, float, Callable[[], Awaitable[object]]]]:
        """Each task by name, with the least seconds between two runs."""
        stores, settings = self._stores, self._settings
        purges = [(name, 0.0, partial(expire.purge, stores, settings, name, step)) for name in expire.PURGES]
        return [
            ("periods_ahead", 0.0, self.make_periods_ahead),
            ("floors", 0.0, partial(expire.raise_floors, stores, settings)),
            ("silence", SILENCE_SECONDS, partial(silence.watch, self._pool)),
            ("close_resolved", 0.0, partial(self.close_resolved, step)),
            *purges,
            ("measure", 0.0, self.measure),
            ("measure_jobs", 0.0, self.measure_jobs),
            ("drop_periods", EXPIRE_SECONDS, partial(expire.drop_periods, stores, step)),
            *(
                (f"unclocked_{kind}", EXPIRE_SECONDS, partial(expire.delete_unclocked, stores, kind, step))
                for kind in KINDS
            ),
            ("closed_alerts", EXPIRE_SECONDS, partial(expire.delete_closed, stores, settings, step)),
            # From here on OpenSearch is asked, which may be away.
            ("drop_indices", EXPIRE_SECONDS, partial(expire.drop_indices, stores)),
            ("drop_retired", EXPIRE_SECONDS, partial(refill.drop_retired, stores, older_than=RETIRED_SECONDS)),
            ("shards", DRIFT_SECONDS, self.measure_shards),
            ("unhush", DRIFT_SECONDS, partial(refill.unhush, stores)),
            ("drift", DRIFT_SECONDS, self._watch.look),
            ("disk", DISK_SECONDS, self.measure_disks),
        ]

    async def make_periods_ahead(self) -> None:
        """Have the periods of today and the next two days, so that no batch has to make one at midnight."""
        today = clock.now()
        moments = [ids.first_of(clock.milliseconds(today + AHEAD * step / 2)) for step in range(3)]
        await self._stores.periods.ensure(self._pool, ((kind, moment) for kind in KINDS for moment in moments))

    async def close_resolved(self, step: Step) -> int:
        """Close the alerts whose source said five minutes ago that it is over; returns how many."""
        closed = 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(CLOSE_RESOLVED, RESOLVED_CLOSES_AFTER, RESOLVED_AT_SOURCE)
                await outbox.alerts_changed(connection, ((row["organization_id"], row["id"]) for row in rows))
            closed += len(rows)
            if not rows:
                return closed
            await step(len(rows))

    async def measure(self) -> None:
        """Set the gauges of what waits in Postgres."""
        async with self._pool.acquire() as connection:
            await backlogs.measure(connection)

    async def measure_jobs(self) -> None:
        """Set the gauges of jobs on the stores, whichever process runs them."""
        for name, state in (await job.read_all(self._stores)).items():
            metrics.JOB_DONE.labels(name).set(state.get("done", 0))
            metrics.JOB_TOTAL.labels(name).set(state.get("total", 0))

    async def measure_shards(self) -> None:
        """Set the gauge of what OpenSearch has no place for. Raises Unavailable."""
        metrics.UNASSIGNED_SHARDS.set(await sizes.unassigned(self._stores.client, self._stores.names))

    async def measure_disks(self) -> None:
        """Set the gauges of the disks, warn of those that are nearly full, and keep what was found for the API."""
        measured = await disk.measure(self._stores, self._settings)
        disk.tell(measured, self._settings)
        await disk.keep(measured, self._pool, self._settings)
        await disk.notify(self._pool, measured, self._settings)


class _TurnOver(Exception):
    """A task has more to do than fits into its turn: it goes on in the next one."""


class _Turn:
    """How long a task may go on while the others wait, and no longer than the process is to live."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._until = 0.0

    def begin(self) -> None:
        """The next task's turn."""
        self._until = time.monotonic() + TURN_SECONDS

    async def step(self, _: int) -> None:
        """Between two chunks of a task. Raises _TurnOver."""
        if self._stop.requested or time.monotonic() >= self._until:
            raise _TurnOver


async def _by_itself(name: str, task: Callable[[], Awaitable[object]], every: float) -> float:
    """Run one task; seconds until it is due again, none when it was not through with its work.

    A failure is logged and counted, and does not keep the others from running.
    """
    try:
        await task()
    except _TurnOver:
        return 0.0
    except Unavailable as error:
        logger.info("maintenance_task_waits", task=name, detail=str(error))
    except Exception:  # whatever it is, the next run tries again
        metrics.BACKGROUND_FAILURES.labels("maintenance").inc()
        logger.exception("maintenance_task_failed", task=name)
        return after_failure(every)
    return every


def _forget_gauges() -> None:
    backlogs.forget()
    for gauge in (metrics.MAINTENANCE_LEADS, metrics.SENSORS_SILENT, metrics.UNASSIGNED_SHARDS):
        gauge.set(0)
    for gauge in (metrics.DRIFT, metrics.JOB_DONE, metrics.JOB_TOTAL, *disk.GAUGES):
        gauge.clear()
