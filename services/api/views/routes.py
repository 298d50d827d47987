"""`/views`: queries that people keep."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import idempotency, pagination
from services.api.auth.permissions import AlertReader, ViewWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.views import service
from services.api.views.schemas import Kind, ViewCreate, ViewRead, ViewUpdate

router = APIRouter(prefix="/views", tags=["views"])


@router.get("")
async def list_views(
    *,
    caller: AlertReader,
    session: Session,
    kind: Annotated[Kind | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ViewRead]:
    """One's own views, and the shared ones."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    rows = (await session.scalars(service.page(caller, kind=kind, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda view: (view.id,))
    return Page(items=[ViewRead.model_validate(view) for view in page], next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_view(
    *,
    wanted: ViewCreate,
    caller: ViewWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> ViewRead:
    """Keep a query, with the order and the columns of its list."""

    async def work() -> ViewRead:
        return ViewRead.model_validate(await service.create(session, wanted, by=caller, trace=trace))

    view = await idempotency.once(session, key, wanted, work, by=caller, route="view", reply=ViewRead)
    response.headers["ETag"] = etag(view.revision)
    return view


@router.get("/{view_id}", responses=problems(404))
async def get_view(view_id: UUID, caller: AlertReader, session: Session, response: Response) -> ViewRead:
    """One's own view, or one that was shared."""
    view = await service.one(session, view_id, by=caller)
    response.headers["ETag"] = etag(view.revision)
    return ViewRead.model_validate(view)


@router.patch("/{view_id}", responses=problems(404, 409, 412, 415, 428))
async def change_view(
    *,
    view_id: UUID,
    wanted: ViewUpdate,
    caller: ViewWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> ViewRead:
    """Change one's own view, or as a lead a shared one."""
    view = await service.change(session, view_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(view.revision)
    return ViewRead.model_validate(view)


@router.delete("/{view_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404))
async def delete_view(view_id: UUID, caller: ViewWriter, session: Session, trace: RequestTrace) -> None:
    """Take a view away."""
    await service.delete(session, view_id, by=caller, trace=trace)
