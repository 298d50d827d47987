"""Does the jobs that operators asked for over the API: one at a time, whoever has the lease.

The lease is renewed beside the work, which may take hours; its loss, a cancellation and the end of the process all
reach the work as `Task.stop`. A killed process' job goes on in another. See shared/jobs.py.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.indexer import outbox
from services.indexer.folding import Connection
from shared import ids, log, metrics
from shared.errors import EventSecError, Unavailable
from shared.jobs import LEASE, LET_GO, MOST_ATTEMPTS, TAKE, ended_notice
from shared.lifecycle import Stop

logger = log.get(__name__)

IDLE_SECONDS, BEAT_SECONDS = 1.0, 2.0
# Somebody at a command line has both stores.
BUSY = timedelta(seconds=5)

# `total` is what was counted in the beginning; more may have come.
BEAT = """
    UPDATE jobs SET lease_until = now() + $6::interval, done = $3, skipped = $4,
                    total = greatest($5, $3::bigint + $4::bigint),
                    attempts = CASE WHEN done + skipped = $3::bigint + $4::bigint THEN attempts ELSE 0 END
    WHERE id = $1 AND fence = $2 AND status = 'running'
    RETURNING cancel_requested_at IS NOT NULL AS cancelled
"""
END = """
    UPDATE jobs SET lease_until = NULL, done = $3, skipped = $4, total = greatest($5, $3::bigint + $4::bigint),
                    status = $6, result = $7::text::jsonb, error = $8, finished_at = now()
    WHERE id = $1 AND fence = $2 AND status = 'running' RETURNING *
"""
AUDIT = """
    INSERT INTO audit_log (id, organization_id, actor, actor_id, actor_name, action, kind, object_id, details,
                           correlation_id, address)
    VALUES ($1, $2, $3, $4, $5, 'job.ended', 'job', $6, $7::text::jsonb, $8, $9)
"""


class LeaseLost(Exception):
    """Another process does this job now."""


class Busy(Exception):
    """What the job needs is in other hands for now."""


@dataclass
class Task:
    """A job that this process has the lease of; its work counts here how far it is, and ends soon after `stop`."""

    id: UUID
    fence: int
    organization_id: UUID
    kind: str
    parameters: Mapping[str, Any]
    done: int = 0
    skipped: int = 0
    total: int = 0
    cancelled: bool = False
    stop: Stop = field(default_factory=Stop)

    @property
    def progress(self) -> tuple[int, int, int]:
        """What the job's row shows."""
        return self.done, self.skipped, self.total

    async def hold(self, connection: Connection) -> None:
        """Renew the lease, show progress, hear of a cancellation; until the transaction ends nobody else has the job.

        Raises LeaseLost.
        """
        row = await connection.fetchrow(BEAT, self.id, self.fence, *self.progress, LEASE)
        self.cancelled |= row is not None and row["cancelled"]
        if row is None or self.cancelled:
            self.stop.set()
        if row is None:
            raise LeaseLost


class Kind(NamedTuple):
    """How a kind of job is done, and how one is given up that may be half done.

    `do` gives the result, or None where it was stopped before its end; it goes on from there when it is called again.
    Both raise Busy, and EventSecError for what will not come right by itself.
    """

    do: Callable[[Task], Awaitable[dict[str, Any] | None]]
    give_up: Callable[[Task], Awaitable[None]] | None = None


class JobRunner:
    """Takes due jobs of the kinds it knows."""

    def __init__(self, pool: asyncpg.Pool, kinds: Mapping[str, Kind]) -> None:
        self._pool = pool
        self._kinds = kinds

    async def run(self, stop: Stop) -> None:
        """Do jobs until `stop`; the one at hand is left to another process, or to the next start."""
        while not stop.requested:
            worked = False
            try:
                worked = await self.work(stop)
            except Exception:  # the loop outlives any failure; the job comes again when its lease has run out
                metrics.BACKGROUND_FAILURES.labels("jobs").inc()
                logger.exception("job_runner_failed")
            if not worked and await stop.sleep(IDLE_SECONDS):
                return

    async def work(self, stop: Stop) -> bool:
        """Take one due job and do it; False when there is none."""
        task = await self._take()
        if task is None:
            return False
        try:
            await self._carry_out(task, stop)
        except LeaseLost:
            logger.warning("job_lease_lost", job_id=str(task.id))
        return True

    async def _take(self) -> Task | None:
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(TAKE, "maintenance", list(self._kinds), MOST_ATTEMPTS, LEASE)
            if row is None:
                return None
            if row["status"] == "failed":
                await _tell_end(connection, row)
                return None
        task = Task(
            ids.plain(row["id"]),
            row["fence"],
            row["organization_id"],
            row["kind"],
            orjson.loads(row["parameters"]),
            row["done"],
            row["skipped"],
            row["total"],
            cancelled=row["cancel_requested_at"] is not None,
        )
        logger.info("job_taken", job_id=str(task.id), kind=task.kind, fence=task.fence)
        return task

    async def _carry_out(self, task: Task, stop: Stop) -> None:
        kind = self._kinds[task.kind]
        result: dict[str, Any] | None = None
        try:
            async with _beside(self._beat(task), _pass_on(stop, task.stop)):
                if not task.cancelled:
                    result = await _until_stopped(kind, task)
                if result is None and task.cancelled and kind.give_up is not None:
                    await kind.give_up(task)
        except Busy:
            await self._let_go(task, BUSY)
        except Unavailable as error:
            logger.warning("job_postponed", job_id=str(task.id), detail=str(error))
            await self._let_go(task, LEASE)
        except EventSecError as error:
            await self._end(task, "failed", {"detail": str(error)}, error.code)
        else:
            if result is not None:
                await self._end(task, "done", result)
            elif task.cancelled:
                await self._end(task, "cancelled", {})
            else:
                await self._let_go(task)

    async def _beat(self, task: Task) -> None:
        """Renew the lease and show progress, until the work ends; hear of a cancellation, and of a lease that is lost.

        A server that is away for a moment is no loss: as long as it is, nobody else can take the job either.
        """
        shown: tuple[int, int, int] | None = None
        while True:
            progress = task.progress
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await task.hold(connection)
                    if progress != shown:
                        await outbox.job_changed(connection, task.organization_id, task.id)
                shown = progress
            except LeaseLost:
                return
            except Exception as error:
                logger.warning("job_beat_missed", job_id=str(task.id), error=type(error).__name__)
            await asyncio.sleep(BEAT_SECONDS)

    async def _let_go(self, task: Task, pause: timedelta = timedelta()) -> None:
        await self._pool.execute(LET_GO, task.id, task.fence, pause)

    async def _end(self, task: Task, status: str, result: Mapping[str, Any], error: str | None = None) -> None:
        said = orjson.dumps(result, default=str).decode()
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(END, task.id, task.fence, *task.progress, status, said, error)
            if row is None:
                raise LeaseLost
            await _tell_end(connection, row)
        logger.info(
            "job_ended", job_id=str(task.id), status=status, done=task.done, error=error, detail=result.get("detail")
        )


async def _tell_end(connection: Connection, row: asyncpg.Record) -> None:
    """Whoever made it by a notification, everyone by the stream, and the audit, as done by whoever asked for it."""
    actor = orjson.loads(row["actor"])
    details = {name: row[name] for name in ("status", "done", "skipped", "error")} | {"of": row["kind"]}
    await connection.execute(
        AUDIT,
        ids.uuid7(),
        row["organization_id"],
        actor["actor"],
        UUID(actor["id"]),
        actor["name"],
        row["id"],
        orjson.dumps(details).decode(),
        row["correlation_id"],
        actor.get("address"),
    )
    notice = ended_notice(
        row["id"],
        row["kind"],
        row["status"],
        organization_id=row["organization_id"],
        maker=row["created_by_id"],
        done=row["done"],
        skipped=row["skipped"],
        error=row["error"],
        correlation_id=row["correlation_id"],
    )
    if notice is not None:
        await outbox.notify(connection, [notice])
    await outbox.job_changed(connection, row["organization_id"], row["id"])


async def _until_stopped(kind: Kind, task: Task) -> dict[str, Any] | None:
    try:
        return await kind.do(task)
    except Unavailable:
        # Who is asked to stop does not wait for a server to come back: that is no failure of the job.
        if task.stop.requested:
            return None
        raise


async def _pass_on(stop: Stop, to: Stop) -> None:
    await stop.wait()
    to.set()


@contextlib.asynccontextmanager
async def _beside(*work: Awaitable[None]) -> AsyncIterator[None]:
    """Run these for as long as the block lasts."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
