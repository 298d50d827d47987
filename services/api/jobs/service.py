"""Makes, starts, cancels and undoes jobs; the runner does them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.deps import Trace
from services.api.jobs import queries
from services.api.jobs.schemas import JobRead
from services.api.principal import NotPermitted, Principal
from shared import clock
from shared.domain.permissions import MAX_BULK, Permission
from shared.errors import Conflict, NotFound
from shared.models import Job

MOST_LIVE = 50


class JobNotFound(NotFound):
    """There is no such job."""

    code = "job_not_found"


class NotADraft(Conflict):
    """Only a draft can be started."""

    code = "job_not_a_draft"


class TooManyJobs(Conflict):
    """So many jobs of the organization wait, run, or are drafts that nobody has started; wait, or cancel some."""

    code = "too_many_jobs"


class JobEnded(Conflict):
    """The job has ended."""

    code = "job_ended"


class NothingToUndo(Conflict):
    """There is nothing to take back."""

    code = "nothing_to_undo"


def make(
    session: AsyncSession,
    kind: str,
    parameters: dict[str, Any],
    *,
    by: Principal,
    organization_id: UUID,
    trace: Trace,
    draft: bool = False,
    undo_of: UUID | None = None,
    runner: Literal["api", "maintenance"] = "api",
) -> Job:
    """A job to be done for the caller as the caller, whatever comes of the caller's session."""
    job = Job(
        organization_id=organization_id,
        kind=kind,
        runner=runner,
        parameters=parameters,
        status="draft" if draft else "pending",
        undo_of_id=undo_of,
        created_by_id=by.user_id,
        actor={"actor": by.actor, "id": str(by.id), "name": by.name, "address": by.address},
        correlation_id=trace.correlation_id,
    )
    session.add(job)
    return job


async def refuse_more(
    session: AsyncSession, organization_id: UUID, *, runner: Literal["api", "maintenance"] = "api"
) -> None:
    """Raises TooManyJobs when the organization has as many as it may: others' are done by the same processes.

    A few that ask at once may pass it together; what it bounds is a caller that does not stop.
    """
    if (await session.scalar(queries.live(organization_id, runner, most=MOST_LIVE)) or 0) >= MOST_LIVE:
        raise TooManyJobs


async def one(session: AsyncSession, job_id: UUID, *, by: Principal, lock: bool = False) -> Job:
    """The job. Raises JobNotFound."""
    statement = queries.one(by, job_id)
    job = await session.scalar(statement.with_for_update() if lock else statement)
    if job is None:
        raise JobNotFound
    return job


async def shown(session: AsyncSession, jobs: Sequence[Job], *, by: Principal) -> list[JobRead]:
    """Jobs as they are shown: rows that are hidden from the caller are in none of their counts."""
    read = [JobRead.model_validate(job) for job in jobs]
    if not by.hidden:
        return read
    hidden: dict[UUID, Counter[str]] = defaultdict(Counter)
    for job_id, status, number in await session.execute(queries.hidden_items(by, [job.id for job in jobs])):
        hidden[job_id][status] += number
    return [_less(job, hidden[job.id]) for job in read]


def _less(job: JobRead, hidden: Counter[str]) -> JobRead:
    counts = {name: getattr(job, name) - hidden[name] for name in ("done", "skipped", "failed")}
    return job.model_copy(update={"total": job.total - hidden.total(), **counts})


async def start(session: AsyncSession, job_id: UUID, *, by: Principal, trace: Trace) -> Job:
    """Have a draft done. Raises JobNotFound, NotADraft and NotPermitted."""
    job = await one(session, job_id, by=by, lock=True)
    if job.status != "draft":
        raise NotADraft(why_not_started(job))
    _require(job, by)
    job.status = "pending"
    _tell(session, "job.started", job, by=by, trace=trace)
    await session.flush()
    return job


async def cancel(session: AsyncSession, job_id: UUID, *, by: Principal, trace: Trace) -> Job:
    """Have a job end behind the rows that are done; one that has not begun ends at once.

    Raises JobNotFound, JobEnded and NotPermitted.
    """
    job = await one(session, job_id, by=by, lock=True)
    if job.status in ("done", "failed", "cancelled"):
        raise JobEnded
    _require(job, by)
    job.cancel_requested_at = job.cancel_requested_at or clock.now()
    if job.status in ("draft", "pending") and job.lease_until is None:
        job.status, job.finished_at = "cancelled", clock.now()
    _tell(session, "job.cancelled", job, by=by, trace=trace)
    await session.flush()
    return job


async def undo(session: AsyncSession, job_id: UUID, kinds: dict[str, str], *, by: Principal, trace: Trace) -> Job:
    """A job that takes back what another one did; `kinds` names, for a kind, the one that undoes it.

    Raises JobNotFound, NotPermitted, TooManyJobs and NothingToUndo.
    """
    job = await one(session, job_id, by=by, lock=True)
    undoing = kinds.get(job.kind)
    if undoing is None:
        raise NothingToUndo("Jobs of this kind cannot be taken back here.")
    _require(job, by)
    await refuse_more(session, job.organization_id)
    if (reason := why_not_undone(job)) is not None:
        raise NothingToUndo(reason)
    # Who may see what it does is asked of what it names.
    named = {name: job.result[name] for name in ("incident_id",) if name in job.result}
    made = make(session, undoing, named, by=by, organization_id=job.organization_id, trace=trace, undo_of=job.id)
    try:
        await session.flush()
    except IntegrityError:
        raise NothingToUndo(_TAKEN_BACK) from None
    _tell(session, "job.undone", job, by=by, trace=trace, by_job=made.id)
    return made


def why_not_started(job: Job) -> str:
    """Why a job that is no draft cannot be started."""
    if job.started_at is None and job.status == "cancelled":
        forgotten = "The draft was not started within the hour; make it anew."
        return forgotten if job.cancel_requested_at is None else "The job was cancelled; make it anew."
    return "The job was started already."


_TAKEN_BACK = "The job was taken back already."


def why_not_undone(job: Job) -> str | None:
    """Why nothing of the job can be taken back; None where it can."""
    if job.undone_by_id is not None:
        return _TAKEN_BACK
    if job.status not in ("done", "cancelled", "failed"):
        return "The job has not ended; wait, or cancel it."
    return "The job changed nothing." if job.done == 0 else None


_WRITING = {"alerts": Permission.ALERTS_WRITE, "incidents": Permission.INCIDENTS_WRITE}


def _require(job: Job, by: Principal) -> None:
    """Raises NotPermitted unless the caller may do what the job does."""
    if job.runner == "maintenance":
        needed = Permission.SYSTEM_WRITE
    else:
        needed = Permission.EXPORT if job.kind.endswith(".export") else _WRITING[job.kind.partition(".")[0]]
    many = job.total > MAX_BULK and needed is not Permission.EXPORT and job.runner == "api"
    for permission in (needed, Permission.BULK) if many else (needed,):
        if not by.may(permission, job.organization_id):
            raise NotPermitted(f"This needs the permission {permission}.")


def _tell(session: AsyncSession, action: str, job: Job, *, by: Principal, trace: Trace, **details: Any) -> None:
    trail.record_of(session, action, job, by=by, trace=trace, of=job.kind, **details)
    outbox.changed(session, "job", [job.id], organization_id=job.organization_id, trace=trace)
