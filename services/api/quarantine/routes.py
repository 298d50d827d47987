"""`/quarantine`: records that could not become events, and their way out, which the indexer takes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import pagination
from services.api.auth.permissions import QuarantineReader, QuarantineWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.middleware import BODY_LIMIT
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.quarantine import service
from services.api.quarantine.queries import Filters
from services.api.quarantine.schemas import (
    MAX_BODY_BYTES,
    Cancelled,
    Mended,
    RecordDetail,
    RecordRead,
    RecordUpdate,
    RedriveSelection,
    Request,
    Requested,
    Selection,
    Status,
    Summary,
)
from services.api.text import Moment, Word
from services.api.trial import Trial

router = APIRouter(prefix="/quarantine", tags=["quarantine"])

_RECORD_IN_BODY = {BODY_LIMIT: MAX_BODY_BYTES}


@router.get("")
async def list_quarantined(
    *,
    caller: QuarantineReader,
    session: Session,
    status: Status = "open",
    reason: Annotated[
        Word | None, Query(description="As `not_json`; those there are, `/quarantine/summary` lists.")
    ] = None,
    sensor_id: UUID | None = None,
    requested: Annotated[
        Request | None, Query(description="Only what this was requested of, and not done yet.")
    ] = None,
    received_from: Annotated[Moment | None, Query(description="Received at this moment or later.")] = None,
    received_to: Annotated[Moment | None, Query(description="Received before this moment.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RecordRead]:
    """Records, those that came into quarantine last first; without their bytes, but for the head."""
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    filters = Filters(None, reason, sensor_id, received_from, received_to)
    rows = await service.page(session, filters, by=caller, status=status, requested=requested, after=after, limit=limit)
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.created_at, row.id))
    return Page(items=[service.shown(row) for row in page], next_cursor=next_cursor)


@router.get("/summary")
async def summarise_quarantine(caller: QuarantineReader, session: Session, status: Status = "open") -> Summary:
    """How many records have this status, by sensor, reason and request; other than `open` it may take its time."""
    return await service.summary(session, by=caller, status=status)


@router.post("/redrive", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(413, 415))
async def redrive_quarantined(
    wanted: RedriveSelection, caller: QuarantineWriter, session: Session, trace: RequestTrace
) -> Requested:
    """Have the open records that match read anew and stored; those that still cannot be are open again.

    At most 10,000 a request. The indexer does it within seconds, as the sensors are set then.
    """
    return await service.request(session, _filters(wanted), "redrive", by=caller, trace=trace, read_as=wanted.format)


@router.post("/discard", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(413, 415))
async def discard_quarantined(
    wanted: Selection, caller: QuarantineWriter, session: Session, trace: RequestTrace
) -> Requested:
    """Have the open records that match discarded: they stay for as long as retention says, and are never stored.

    At most 10,000 a request. The indexer does it within seconds.
    """
    return await service.request(session, _filters(wanted), "discard", by=caller, trace=trace)


@router.post("/cancel", responses=problems(413, 415))
async def cancel_quarantine_requests(
    wanted: Selection, caller: QuarantineWriter, session: Session, trace: RequestTrace
) -> Cancelled:
    """Take back what was requested of the records that match and is not done yet; at most 10,000 a request."""
    return await service.cancel(session, _filters(wanted), by=caller, trace=trace)


@router.get("/{record_id}", responses=problems(404))
async def get_quarantined(
    record_id: UUID, caller: QuarantineReader, session: Session, response: Response
) -> RecordDetail:
    """One record with its bytes, the edited copy, and what was done to it. The ETag is its revision."""
    record = await service.detail(session, record_id, by=caller)
    response.headers["ETag"] = etag(record.revision)
    return record


@router.patch("/{record_id}", responses=problems(404, 409, 412, 413, 415, 428), openapi_extra=_RECORD_IN_BODY)
async def edit_quarantined(
    *,
    record_id: UUID,
    wanted: RecordUpdate,
    caller: QuarantineWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> RecordRead:
    """Keep an edited copy for a re-drive to read, or another format; the bytes received never change.

    A record has at most 1 MiB and the body 2 MiB: base64 always fits, text with many escapes may not.
    """
    record = await service.edit(session, record_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(record.revision)
    return record


@router.post("/{record_id}/try", responses=problems(404, 413, 415), openapi_extra=_RECORD_IN_BODY)
async def try_quarantined(
    record_id: UUID, caller: QuarantineReader, session: Session, wanted: Mended | None = None
) -> Trial:
    """What the record would become if it were re-driven now, or what these bytes would in its place; a dry run."""
    return await service.tried(session, record_id, wanted or Mended(), by=caller)


def _filters(wanted: Selection) -> Filters:
    return Filters(wanted.ids, wanted.reason, wanted.sensor_id, wanted.received_from, wanted.received_to)
