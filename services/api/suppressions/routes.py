"""`/suppressions`: what an organization does not want to see for a while, tried before, counted while, ended after."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import idempotency, pagination
from services.api.auth.permissions import SuppressionReader, SuppressionWriter
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.suppressions import dry_run, queries, service
from services.api.suppressions.schemas import (
    DryRun,
    DryRunRequest,
    SuppressionCreate,
    SuppressionDetail,
    SuppressionRead,
    SuppressionUpdate,
    SuppressionVersionRead,
)
from shared import clock
from shared.domain.suppression import Schedule

router = APIRouter(prefix="/suppressions", tags=["suppressions"])


@router.get("")
async def list_suppressions(
    *,
    caller: SuppressionReader,
    session: Session,
    ended: Annotated[bool, Query(description="Those that have ended, in place of the others.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SuppressionRead]:
    """Suppressions, the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    statement = queries.page(caller, ended=ended, now=clock.now(), after=after, limit=limit)
    rows = (await session.scalars(statement)).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=await service.shown(session, page, by=caller), next_cursor=next_cursor)


@router.post("/dry-run", responses=problems(415))
async def try_suppression(
    wanted: DryRunRequest, caller: SuppressionReader, session: Session, resources: OpenResources
) -> DryRun:
    """What it would have hidden in the last days, and which of that was closed as a true positive."""
    home = caller.home(wanted.organization_id)
    now = clock.now()
    schedule = Schedule(*dry_run.span(wanted.days, now), *service.recurring(wanted.recurrence).values())
    node = service.read(wanted.query)
    return await dry_run.dry_run(
        resources, session, node, schedule, organization_id=home, by=caller, starts_at=wanted.starts_at or now
    )


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_suppression(
    *,
    wanted: SuppressionCreate,
    caller: SuppressionWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> SuppressionRead:
    """Make one. It ends; one that could hide something critical waits for a second person's approval."""

    async def work() -> SuppressionRead:
        row = await service.create(session, wanted, by=caller, trace=trace)
        return (await service.shown(session, [row], by=caller))[0]

    made = await idempotency.once(session, key, wanted, work, by=caller, route="suppression", reply=SuppressionRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/{suppression_id}", responses=problems(404))
async def get_suppression(
    suppression_id: UUID, caller: SuppressionReader, session: Session, response: Response
) -> SuppressionDetail:
    """One, with what it has done so far."""
    row = await service.one(session, suppression_id, by=caller)
    response.headers["ETag"] = etag(row.revision)
    return await service.detail(session, row, by=caller)


@router.get("/{suppression_id}/versions", responses=problems(404))
async def list_suppression_versions(
    suppression_id: UUID, caller: SuppressionReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[SuppressionVersionRead]:
    """All its versions, the latest first."""
    (after,) = pagination.decode(cursor, int) if cursor is not None else (None,)
    row = await service.one(session, suppression_id, by=caller)
    rows = (await session.scalars(queries.versions(row.id, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda version: (version.revision,))
    return Page(items=[SuppressionVersionRead.model_validate(one) for one in page], next_cursor=next_cursor)


@router.patch("/{suppression_id}", responses=problems(404, 409, 412, 415, 428))
async def change_suppression(
    *,
    suppression_id: UUID,
    wanted: SuppressionUpdate,
    caller: SuppressionWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> SuppressionRead:
    """Change it; the version before is kept."""
    row = await service.change(session, suppression_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(row.revision)
    return (await service.shown(session, [row], by=caller))[0]


@router.post("/{suppression_id}/approve", responses=problems(404, 409, 412, 428))
async def approve_suppression(
    *,
    suppression_id: UUID,
    caller: SuppressionWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> SuppressionRead:
    """Approve it, as somebody else than who wrote it."""
    row = await service.approve(session, suppression_id, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(row.revision)
    return (await service.shown(session, [row], by=caller))[0]


@router.post("/{suppression_id}/end", responses=problems(404, 409))
async def end_suppression(
    suppression_id: UUID, caller: SuppressionWriter, session: Session, trace: RequestTrace, response: Response
) -> SuppressionRead:
    """End it now."""
    row = await service.end(session, suppression_id, by=caller, trace=trace)
    response.headers["ETag"] = etag(row.revision)
    return (await service.shown(session, [row], by=caller))[0]
