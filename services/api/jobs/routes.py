"""`/jobs`: work that takes longer than a request, its progress, and its end."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.api import pagination
from services.api.auth.permissions import SignedInSomewhere
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.jobs import queries, service
from services.api.jobs.schemas import ItemStatus, JobItemRead, JobRead
from services.api.pagination import Cursor, Limit, Page

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("")
async def list_jobs(
    caller: SignedInSomewhere, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[JobRead]:
    """One's own jobs; all of an organization's for those who lead there, its operators' for these; the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = (await session.scalars(queries.page(caller, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda job: (job.id,))
    return Page(items=await service.shown(session, page, by=caller), next_cursor=next_cursor)


@router.get("/{job_id}", responses=problems(404))
async def get_job(job_id: UUID, caller: SignedInSomewhere, session: Session) -> JobRead:
    """One job and how far it is."""
    job = await service.one(session, job_id, by=caller)
    return (await service.shown(session, [job], by=caller))[0]


@router.get("/{job_id}/items", responses=problems(404))
async def list_job_items(
    *,
    job_id: UUID,
    caller: SignedInSomewhere,
    session: Session,
    status: Annotated[ItemStatus | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobItemRead]:
    """What became of each row, in the order in which they are taken."""
    (after,) = pagination.decode(cursor, int) if cursor is not None else (None,)
    await service.one(session, job_id, by=caller)
    rows = (await session.scalars(queries.items(caller, job_id, status=status, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda item: (item.ordinal,))
    return Page(items=[JobItemRead.model_validate(item) for item in page], next_cursor=next_cursor)


@router.post("/{job_id}/start", responses=problems(404, 409))
async def start_job(job_id: UUID, caller: SignedInSomewhere, session: Session, trace: RequestTrace) -> JobRead:
    """Have a draft done: exactly the rows it shows."""
    job = await service.start(session, job_id, by=caller, trace=trace)
    return (await service.shown(session, [job], by=caller))[0]


@router.post("/{job_id}/cancel", responses=problems(404, 409))
async def cancel_job(job_id: UUID, caller: SignedInSomewhere, session: Session, trace: RequestTrace) -> JobRead:
    """Have a job end behind the rows that are done."""
    job = await service.cancel(session, job_id, by=caller, trace=trace)
    return (await service.shown(session, [job], by=caller))[0]
