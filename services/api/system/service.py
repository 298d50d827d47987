"""Has maintenance do what operators ask for: jobs on both stores and on the parked queues."""

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.deps import Resources, Trace
from services.api.jobs import service as jobs
from services.api.principal import NotPermitted, Principal
from services.api.system.schemas import JobRequest, ParkedMessage, ParkedMessages
from shared.bus.parked import PARKED
from shared.db.locks import CLASS, Lock
from shared.errors import Conflict, NotFound
from shared.jobs import PARKED_DROP, STORE_JOBS
from shared.models import Job, Organization


class QueueNotFound(NotFound):
    """There is no such parked queue."""

    code = "queue_not_found"


class JobRunning(Conflict):
    """Another job on the stores is under way; one runs at a time in the whole deployment."""

    code = "job_running"


async def begin(session: AsyncSession, wanted: JobRequest, *, by: Principal, trace: Trace) -> Job:
    """The job, which maintenance takes at once. It is of the organization of who asks.

    Raises JobRunning, TooManyJobs, and NotPermitted for a drop by who does not operate every organization: the queues
    hold the messages of all.
    """
    home = by.home(wanted.organization_id)
    await jobs.refuse_more(session, home, runner="maintenance")
    if wanted.kind == PARKED_DROP and await _has_others(session, by):
        raise NotPermitted("Only who operates every organization may drop messages: the queue holds those of all.")
    if wanted.kind in STORE_JOBS:
        await _refuse_second(session)
    parameters = wanted.model_dump(mode="json", by_alias=True, exclude={"kind", "organization_id"})
    job = jobs.make(session, wanted.kind, parameters, by=by, organization_id=home, trace=trace, runner="maintenance")
    await session.flush()
    trail.record(
        session,
        "job.started",
        by=by,
        trace=trace,
        organization_id=home,
        kind="job",
        object_id=job.id,
        of=job.kind,
        **{name: value for name, value in parameters.items() if value is not None},
    )
    outbox.changed(session, "job", [job.id], organization_id=home, trace=trace)
    return job


async def _refuse_second(session: AsyncSession) -> None:
    """Until the transaction ends, nobody else may begin one either."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:class, :lock)"), {"class": CLASS, "lock": Lock.STORE_JOB})
    under_way = await session.execute(
        select(Job.kind, Job.created_at).where(
            Job.runner == "maintenance", Job.kind.in_(STORE_JOBS), Job.status.in_(("pending", "running"))
        )
    )
    if found := under_way.first():
        raise JobRunning(f"A job `{found.kind}` is under way since {found.created_at:%Y-%m-%d %H:%M:%S} UTC.")


async def _has_others(session: AsyncSession, by: Principal) -> bool:
    """True when there are organizations that the caller does not operate."""
    return bool(await session.scalar(select(exists().where(Organization.id.not_in(by.organization_ids)))))


async def parked(
    session: AsyncSession, resources: Resources, queue: str, limit: int, *, by: Principal
) -> ParkedMessages:
    """The first messages of a parked queue; they stay there. Raises QueueNotFound and Unavailable.

    The queues hold messages of all organizations: only who may do this in each of them is shown how they begin.
    """
    if queue not in PARKED:
        raise QueueNotFound
    there, found = await resources.broker.parked(queue, limit)
    elsewhere = await _has_others(session, by)
    messages = [ParkedMessage.model_validate(one | ({"head": None} if elsewhere else {})) for one in found]
    return ParkedMessages(messages=there, items=messages)
