"""Does the jobs: one at a time in each api process, whoever has the lease; a killed process' job goes on in another.

Each chunk is one transaction that begins by locking the job's own row and looking whether the lease is still this
process': one that was frozen while another took over finds that out before it changes anything.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import outbox
from services.api.deps import Resources, Trace
from services.api.principal import Principal
from shared import clock, log, metrics, retry
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.errors import EventSecError
from shared.lifecycle import Stop
from shared.models import Job
from shared.notices import Notice

logger = log.get(__name__)

IDLE_SECONDS = 0.5
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 5
FORGET_DRAFTS_AFTER = timedelta(hours=1)

_AGAIN = retry.Backoff(first=0.5, most=10.0)


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
        await self._forget_drafts()
        taken = await self._take()
        if taken is None:
            return False
        job_id, attempt = taken
        try:
            more = True
            while more and not stop.requested:
                more = await self._chunk(job_id, attempt)
            if more:
                await self._let_go(job_id, attempt)
        except LeaseLost:
            logger.warning("job_lease_lost", job_id=str(job_id))
        except EventSecError as error:
            await self._fail(job_id, attempt, error.code, str(error))
        return True

    async def _take(self) -> tuple[UUID, int] | None:
        now = clock.now()
        due = (
            select(Job.id)
            .where(
                Job.runner == "api",
                Job.status.in_(("pending", "running")),
                Job.kind.in_(list(self._kinds)),
                or_(Job.lease_until.is_(None), Job.lease_until < now),
            )
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._sessions.begin() as session:
            job = await session.scalar(select(Job).where(Job.id == due.scalar_subquery()).with_for_update())
            if job is None:
                return None
            job.attempts += 1
            job.status, job.lease_until = "running", now + LEASE
            job.started_at = job.started_at or now
            if job.attempts > MOST_ATTEMPTS:
                job.status, job.finished_at, job.error = "failed", now, "given_up"
                await _tell_maker(session, job)
                return None
            logger.info("job_taken", job_id=str(job.id), kind=job.kind, attempt=job.attempts)
            return job.id, job.attempts

    async def _chunk(self, job_id: UUID, attempt: int) -> bool:
        async with self._sessions.begin() as session:
            job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
            if job is None or job.attempts != attempt or job.status != "running":
                raise LeaseLost
            trace = Trace(job.correlation_id or str(job.id), None)
            if job.cancel_requested_at is not None:
                more = False
                job.status = "cancelled"
            else:
                chunk = Chunk(session, job, actor_of(job), trace)
                more = await self._kinds[job.kind](self._resources, chunk)
                if not more:
                    job.status = "done"
            job.lease_until = clock.now() + LEASE if more else None
            if not more:
                job.finished_at = clock.now()
                logger.info("job_ended", job_id=str(job.id), status=job.status, done=job.done, skipped=job.skipped)
                await _tell_maker(session, job)
            outbox.changed(session, "job", [job.id], organization_id=job.organization_id, trace=trace)
        return more

    async def _let_go(self, job_id: UUID, attempt: int) -> None:
        """Leave the job to others at once; a process that is asked to end is no failed attempt."""
        async with self._sessions.begin() as session:
            await session.execute(
                update(Job)
                .where(Job.id == job_id, Job.attempts == attempt)
                .values(lease_until=None, attempts=Job.attempts - 1)
            )

    async def _fail(self, job_id: UUID, attempt: int, code: str, detail: str) -> None:
        logger.warning("job_failed", job_id=str(job_id), code=code, detail=detail)
        async with self._sessions.begin() as session:
            job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
            if job is None or job.attempts != attempt:
                return
            job.status, job.error, job.finished_at, job.lease_until = "failed", code, clock.now(), None
            await _tell_maker(session, job)
            trace = Trace(job.correlation_id or str(job.id), None)
            outbox.changed(session, "job", [job.id], organization_id=job.organization_id, trace=trace)

    async def _forget_drafts(self) -> None:
        now = clock.now()
        async with self._sessions.begin() as session:
            await session.execute(
                update(Job)
                .where(Job.status == "draft", Job.created_at < now - FORGET_DRAFTS_AFTER)
                .values(status="cancelled", finished_at=now)
                .execution_options(synchronize_session=False)
            )


async def _tell_maker(session: AsyncSession, job: Job) -> None:
    """Whoever asked for the job and wants to know how it ended; a cancelled one they ended themselves."""
    if job.created_by_id is None or job.status not in ("done", "failed"):
        return
    notice = Notice(
        job.organization_id,
        Kind.JOB_DONE,
        str(job.id),
        f"Job {job.kind} is {job.status}",
        content={"done": job.done, "skipped": job.skipped, "error": job.error},
        object_kind="job",
        object_id=job.id,
        addressee=job.created_by_id,
        correlation_id=job.correlation_id,
    )
    await outbox.notify(session, notice)


def actor_of(job: Job) -> Principal:
    """As whom the job works: who asked for it, in its organization. What they may was checked when they did."""
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
    )
