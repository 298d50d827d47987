"""`/audit`: who did what, whether it is still as it was written, and a copy to take away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.api import pagination, trail
from services.api.audit import service
from services.api.audit.queries import Filters
from services.api.audit.schemas import ChainRead, EntryRead
from services.api.auth.permissions import AuditExporter, AuditReader
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.pagination import Cursor, Limit, Page
from services.api.text import Moment, Word

router = APIRouter(prefix="/audit", tags=["audit"])


@router.get("")
async def list_audit(
    *,
    caller: AuditReader,
    session: Session,
    object_id: UUID | None = None,
    actor_id: UUID | None = None,
    action: Annotated[Word | None, Query(description="As `alert.closed`.")] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EntryRead]:
    """Entries, the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    filters = Filters(object_id, actor_id, action, since, until)
    rows = await service.page(session, filters, by=caller, after=after, limit=limit)
    page, next_cursor = pagination.cut(rows, limit, lambda entry: (entry.id,))
    return Page(items=page, next_cursor=next_cursor)


@router.get("/verify")
async def verify_audit(caller: AuditReader, session: Session) -> list[ChainRead]:
    """Follow each organization's chain from its first entry to its last; a broken one says where."""
    return await service.verify(session, by=caller)


@router.get("/export", response_class=StreamingResponse)
async def export_audit(
    *,
    caller: AuditExporter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    organization_id: UUID | None = None,
) -> StreamingResponse:
    """The chain as NDJSON, which `python -m services.api.audit verify FILE` checks without a server."""
    home = caller.home(organization_id)
    trail.record(session, "audit.exported", by=caller, trace=trace, organization_id=home, kind="audit", object_id=None)
    headers = {"Content-Disposition": f'attachment; filename="audit-{home}.ndjson"'}
    lines = service.export(resources.sessions, home)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)
