"""Does the jobs: one at a time in each api process, whoever has the lease; a killed process' job goes on in another.

Each chunk is one transaction that begins by locking the job's own row and looking whether the lease is still this
process': one that was frozen while another took over finds that out before it changes anything.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import outbox, restricted
from services.api.deps import Resources, Trace
from services.api.principal import Principal
from shared import clock, crash, log, metrics, retry
from shared.db.failures import is_broken_off
from shared.domain.permissions import Permission
from shared.errors import EventSecError, Unavailable
from shared.jobs import LEASE, LET_GO, MOST_ATTEMPTS, TAKE, ended_notice
from shared.lifecycle import Stop
from shared.models import Job, JobOutput

logger = log.get(__name__)

IDLE_SECONDS = 0.5
MOST_RESTARTS = 5
TURN_SECONDS = 10.0
FORGET_DRAFTS_AFTER = timedelta(hours=1)
FORGET_DRAFTS_EVERY = 60.0  # seconds

_AGAIN = retry.Backoff(first=0.5, most=10.0)
_RESTART = retry.Backoff(first=0.05, most=1.0)


class LeaseLost(Exception):
    """Another process does this job now."""


@dataclass(frozen=True)
class Chunk:
    """One transaction of a job: its locked row, the session, and as whom it works."""

    session: AsyncSession
    job: Job
    by: Principal
    trace: Trace


Step = Callable[[Resources, Chunk], Awaitable[bool]]
"""Does the next piece, 200 rows at most, and counts it on the job; False when nothing is left to do."""


class Runner:
    """Takes due jobs of the kinds it knows."""

    def __init__(self, resources: Resources, kinds: Mapping[str, Step]) -> None:
        self._resources = resources
        self._kinds = kinds
        self._forgets_at = 0.0

    @property
    def _sessions(self) -> async_sessionmaker[AsyncSession]:
        return self._resources.sessions

    async def run(self, stop: Stop) -> None:
        """Do jobs until `stop`; the one at hand is left after its chunk, for another process or the next start."""
        failures = 0
        while not stop.requested:
            worked = False
            try:
                worked = await self.work(stop)
                failures = 0
            except Exception:  # the loop outlives any failure, the job is still there
                metrics.BACKGROUND_FAILURES.labels("jobs").inc()
                logger.exception("job_runner_failed")
                failures += 1
            pause = _AGAIN.pause(failures) if failures else IDLE_SECONDS
            if not worked and await stop.sleep(pause):
                return

    async def work(self, stop: Stop) -> bool:
        """Take one due job and do it; False when there is none."""
        if time.monotonic() >= self._forgets_at:
            self._forgets_at = time.monotonic() + FORGET_DRAFTS_EVERY
            await self._forget_drafts()
        taken = await self._take()
        if taken is None:
            return False
        job_id, fence = taken
        turn_ends = time.monotonic() + TURN_SECONDS
        try:
            more = await self._chunk_anew(job_id, fence)
            # In turns: one organization's long jobs must not hold up everybody's.
            while more and not stop.requested and time.monotonic() < turn_ends:
                more = await self._chunk_anew(job_id, fence)
            if more:
                await self._let_go(job_id, fence)
        except Unavailable as error:
            logger.warning("job_postponed", job_id=str(job_id), detail=str(error))
            await self._let_go(job_id, fence, LEASE)
        except LeaseLost:
            logger.warning("job_lease_lost", job_id=str(job_id))
        except EventSecError as error:
            await self._fail(job_id, fence, error.code, str(error))
        return True

    async def _take(self) -> tuple[UUID, int] | None:
        async with self._sessions.begin() as session:
            connection = await session.connection()
            taken = await connection.exec_driver_sql(TAKE, ("api", list(self._kinds), MOST_ATTEMPTS, LEASE))
            row = taken.one_or_none()
            if row is None:
                return None
            if row.status == "failed":
                job = await session.get_one(Job, row.id)
                await _ended(session, job)
                _tell_all(session, job)
                return None
            logger.info("job_taken", job_id=str(row.id), kind=row.kind, fence=row.fence)
            return row.id, row.fence

    async def _chunk_anew(self, job_id: UUID, fence: int) -> bool:
        """A chunk, begun anew when the server breaks it off for the sake of others."""
        for restarts in range(MOST_RESTARTS):
            try:
                return await self._chunk(job_id, fence)
            except DBAPIError as error:
                if not is_broken_off(error):
                    raise
            await asyncio.sleep(_RESTART.pause(restarts))
        return await self._chunk(job_id, fence)

    async def _chunk(self, job_id: UUID, fence: int) -> bool:
        async with self._sessions.begin() as session:
            job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
            if job is None or job.fence != fence or job.status != "running":
                raise LeaseLost
            if job.cancel_requested_at is not None:
                more = False
                job.status = "cancelled"
            else:
                chunk = Chunk(session, job, await actor_of(session, job), _trace_of(job))
                more = await self._kinds[job.kind](self._resources, chunk)
                if not more:
                    job.status = "done"
            job.lease_until = clock.now() + LEASE if more else None
            job.attempts = 0  # it got on
            if not more:
                job.finished_at = clock.now()
                logger.info("job_ended", job_id=str(job.id), status=job.status, done=job.done, skipped=job.skipped)
                await _ended(session, job)
            _tell_all(session, job)
            await session.flush()
            crash.point("job_before_commit")
        return more

    async def _let_go(self, job_id: UUID, fence: int, pause: timedelta = timedelta()) -> None:
        """Leave the job to others; a process that is asked to end, or has to wait, made no failed attempt."""
        async with self._sessions.begin() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(LET_GO, (job_id, fence, pause))

    async def _fail(self, job_id: UUID, fence: int, code: str, detail: str) -> None:
        logger.warning("job_failed", job_id=str(job_id), code=code, detail=detail)
        async with self._sessions.begin() as session:
            job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
            if job is None or job.fence != fence:
                return
            job.status, job.error, job.finished_at, job.lease_until = "failed", code, clock.now(), None
            await _ended(session, job)
            _tell_all(session, job)

    async def _forget_drafts(self) -> None:
        now = clock.now()
        async with self._sessions.begin() as session:
            forgotten = await session.scalars(
                update(Job)
                .where(Job.status == "draft", Job.created_at < now - FORGET_DRAFTS_AFTER)
                .values(status="cancelled", finished_at=now)
                .returning(Job)
                .execution_options(synchronize_session=False)
            )
            for job in forgotten:
                _tell_all(session, job)


def _tell_all(session: AsyncSession, job: Job) -> None:
    outbox.changed(session, "job", [job.id], organization_id=job.organization_id, trace=_trace_of(job))


def _trace_of(job: Job) -> Trace:
    return Trace(job.correlation_id or str(job.id), None)


async def _ended(session: AsyncSession, job: Job) -> None:
    if job.status != "done":
        # Nobody can fetch a part, and it would fill the disk.
        await session.execute(delete(JobOutput).where(JobOutput.job_id == job.id))
    await _tell_maker(session, job)


async def _tell_maker(session: AsyncSession, job: Job) -> None:
    notice = ended_notice(
        job.id,
        job.kind,
        job.status,
        organization_id=job.organization_id,
        maker=job.created_by_id,
        done=job.done,
        skipped=job.skipped,
        error=job.error,
        correlation_id=job.correlation_id,
    )
    if notice is not None:
        await outbox.notify(session, notice)


async def actor_of(session: AsyncSession, job: Job) -> Principal:
    """As whom the job works: who asked for it, in its organization. What they may was checked when they did.

    What is hidden from them is so as of now: an incident may have been restricted since.
    """
    actor: dict[str, Any] = job.actor
    organization = job.organization_id
    return Principal(
        actor=actor["actor"],
        id=UUID(actor["id"]),
        name=actor["name"],
        grants={organization: frozenset(Permission)},
        organization_ids=(organization,),
        user_id=job.created_by_id,
        address=actor.get("address"),
        hidden=await restricted.hidden_from(session, (organization,), job.created_by_id),
    )
