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
from shared.errors import Invalid

LAST_PLACE = (1 << 63) - 1


class HeadNeeded(Invalid):
    """`after` says where to go on, and `head` what the chain was up to there; the one needs the other."""

    code = "head_needed"


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
async def verify_audit(
    caller: AuditReader,
    session: Session,
    organization_id: Annotated[UUID | None, Query(description="Only its chain.")] = None,
    after: Annotated[int, Query(ge=0, le=LAST_PLACE, description="Where an earlier reply ended: its `entries`.")] = 0,
    head: Annotated[str | None, Query(max_length=64, pattern="^[0-9a-f]{64}$", description="And its `head`.")] = None,
) -> list[ChainRead]:
    """Follow each organization's chain, up to 50,000 entries in all; a broken one says where."""
    if after == 0:
        homes = caller.organization_ids if organization_id is None else (caller.home(organization_id),)
        found, left = [], service.MOST
        for one in homes:
            found.append(await service.verify(session, one, most=left))
            left = max(0, left - found[-1].entries)
        return found
    if head is None:
        raise HeadNeeded
    return [await service.verify(session, caller.home(organization_id), after=after, head=bytes.fromhex(head))]


@router.get("/export", response_class=StreamingResponse)
async def export_audit(
    *,
    caller: AuditExporter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    organization_id: UUID | None = None,
) -> StreamingResponse:
    """The chain as NDJSON, which `python -m services.api.audit verify FILE` checks without a server.

    Of entries about restricted incidents that the caller is no member of only the hash is there.
    """
    home = caller.home(organization_id)
    trail.record(session, "audit.exported", by=caller, trace=trace, organization_id=home, kind="audit", object_id=None)
    headers = {"Content-Disposition": f'attachment; filename="audit-{home}.ndjson"'}
    lines = service.export(resources.sessions, home, by=caller)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)
