"""`/handovers`: one shift's work given to the next; who goes signs it, who comes accepts it."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi import status as statuses

from services.api import idempotency, pagination
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.handovers import queries, service
from services.api.handovers.schemas import (
    Acceptance,
    HandoverAccepted,
    HandoverCreate,
    HandoverRead,
    HandoverSummary,
    HandoverUpdate,
    ItemsWrite,
)
from services.api.idempotency import Key
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag

router = APIRouter(prefix="/handovers", tags=["handovers"])


@router.get("")
async def list_handovers(
    caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[HandoverSummary]:
    """Handovers, the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = (await session.scalars(queries.page(caller, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[service.summary(row) for row in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_handover(
    *,
    wanted: HandoverCreate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> HandoverRead:
    """Begin to hand over: a draft with a snapshot of now, which stays as it is."""

    async def make() -> HandoverRead:
        handover = await service.create(session, wanted, by=caller, trace=trace)
        return await service.shown(session, handover, by=caller)

    made = await idempotency.once(session, key, wanted, make, by=caller, route="handover", reply=HandoverRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("/{handover_id}", responses=problems(404))
async def get_handover(handover_id: UUID, caller: IncidentReader, session: Session, response: Response) -> HandoverRead:
    """One handover."""
    handover = await service.one(session, handover_id, by=caller)
    response.headers["ETag"] = etag(handover.revision)
    return await service.shown(session, handover, by=caller)


@router.patch("/{handover_id}", responses=problems(404, 409, 412, 415, 428))
async def change_handover(
    *,
    handover_id: UUID,
    wanted: HandoverUpdate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> HandoverRead:
    """Write notes and shift until it is signed, and say who takes over until it is accepted."""
    handover = await service.update(session, handover_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(handover.revision)
    return await service.shown(session, handover, by=caller)


@router.put("/{handover_id}/items", responses=problems(404, 409, 412, 415, 428))
async def write_handover_items(
    *,
    handover_id: UUID,
    wanted: ItemsWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> HandoverRead:
    """Say what is to be done next in which incident. Each item is shown to those who may see its incident."""
    handover = await service.write_items(session, handover_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(handover.revision)
    return await service.shown(session, handover, by=caller)


@router.post("/{handover_id}/sign", responses=problems(404, 409, 412, 428))
async def sign_handover(
    *,
    handover_id: UUID,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> HandoverRead:
    """Hand over, as the outgoing person; from now on notes and items stay as they are."""
    handover = await service.sign(session, handover_id, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(handover.revision)
    return await service.shown(session, handover, by=caller)


@router.post("/{handover_id}/accept", responses=problems(404, 409, 412, 415, 428))
async def accept_handover(
    *,
    handover_id: UUID,
    wanted: Acceptance | None = None,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> HandoverAccepted:
    """Take over, as the incoming person, and with `move_work` the other's open work; what is hidden from one stays."""
    handover, moved = await service.accept(
        session, handover_id, move_work=(wanted or Acceptance()).move_work, by=caller, expected=seen, trace=trace
    )
    response.headers["ETag"] = etag(handover.revision)
    read = await service.shown(session, handover, by=caller)
    return HandoverAccepted(**read.model_dump(), moved=moved)
