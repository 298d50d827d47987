"""`/incidents/{id}/events`: the events copied into an incident, readable when their day has long been dropped.

A copy whose body is not what it was is told as `intact: false`, without what the body says. It is no problem reply:
which event it was, from when and with which hash, is what leads to another copy of it.
"""

import asyncio
import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi import status as statuses
from pydantic import BaseModel, Field
from sqlalchemy import false, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import pagination, restricted, trail
from services.api.alerts.schemas import Body
from services.api.alerts.service import document_in
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.events.service import as_text
from services.api.incidents import picking, work
from services.api.incidents.schemas import MAX_LINKED_AT_ONCE, Reason
from services.api.pagination import Cursor, Limit, Page
from services.api.principal import Principal
from shared import log
from shared.domain import incident as rules
from shared.errors import NotFound
from shared.models import Incident, IncidentEvent
from shared.normalise.body import unpack_body

logger = log.get(__name__)

router = APIRouter(prefix="/incidents/{incident_id}/events", tags=["incidents"], responses=problems(404))


class CopyNotFound(NotFound):
    """The incident has no such copy of an event."""

    code = "event_copy_not_found"


class EventCopyRead(BaseModel):
    """An event of an incident's own. `sha256`, in hex, is of the body as it was copied; `intact` says it still is.

    `severity` is 1 (informational) to 5 (critical); it and the title are the document's, where it can be read.
    """

    id: UUID
    incident_id: UUID
    origin_id: UUID | None
    event_id: UUID
    kind: str
    time: datetime
    received_at: datetime
    alert_id: UUID | None
    sensor_id: UUID
    severity: int | None
    title: str | None
    picked: bool
    picked_by_id: UUID | None
    sha256: str
    intact: bool
    created_at: datetime


class EventCopyDetail(EventCopyRead):
    """One with its document by ECS names, and the record as it was received where that was asked for."""

    document: dict[str, Any] | None = Field(description="Null where the body is not what was copied.")
    original: str | None = Field(description="The record's bytes as text, or in base64 where they are no UTF-8.")
    original_encoding: str | None = Field(description="`utf-8` or `base64`.")


class EventPicking(Body):
    """Events to keep, and why."""

    event_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_LINKED_AT_ONCE)]
    note: Reason | None = None


class Picked(BaseModel):
    """How many events were picked, and how many had been already."""

    changed: int
    unchanged: int


@router.get("")
async def list_incident_events(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    session: Session,
    alert_id: Annotated[UUID | None, Query(description="Of this alert alone.")] = None,
    picked: Annotated[bool | None, Query(description="Those that somebody picked, or those that nobody did.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EventCopyRead]:
    """The copied events by their time, the first one first; of each alert the first and the last hundred."""
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    incident = await work.one(session, incident_id, by=caller)
    found = select(IncidentEvent).where(IncidentEvent.incident_id == incident.id)
    if alert_id is not None:
        hidden = await restricted.hidden_among(session, caller, [alert_id])
        found = found.where(false() if hidden else IncidentEvent.alert_id == alert_id)
    if picked is not None:
        found = found.where(IncidentEvent.picked.is_(picked))
    place = (IncidentEvent.time, IncidentEvent.event_id)
    if after is not None:
        there = zip(after, place, strict=True)
        found = found.where(tuple_(*place) > tuple_(*(literal(value, column.type) for value, column in there)))
    rows = (await session.scalars(found.order_by(*place).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.time, row.event_id))
    hidden = await restricted.hidden_among(session, caller, [row.alert_id for row in page])
    # Bodies may be large, and unpacking them would hold up everyone else.
    items = await asyncio.to_thread(lambda: [_shown(row, hidden, caller) for row in page])
    return Page(items=items, next_cursor=next_cursor)


@router.get("/{copy_id}")
async def get_incident_event(
    *,
    incident_id: UUID,
    copy_id: UUID,
    caller: IncidentReader,
    session: Session,
    trace: RequestTrace,
    original: Annotated[bool, Query(description="With the record as received; the audit keeps who asked.")] = False,
) -> EventCopyDetail:
    """One copied event with its document, once its hash has been compared with the one kept."""
    incident = await work.one(session, incident_id, by=caller)
    row = await _one(session, incident, copy_id)
    hidden = await restricted.hidden_among(session, caller, [row.alert_id])
    read = await asyncio.to_thread(_detail, row, hidden, caller, original=original)
    if not read.intact:
        logger.error("incident_event_changed", copy_id=copy_id, incident_id=incident_id)
    if original:
        told: dict[str, Any] = {"copy_id": copy_id, "event_id": row.event_id}
        trail.record_of(session, "incident.event_original_read", incident, by=caller, trace=trace, **told)
    return read


@router.post("", responses=problems(409, 415))
async def pick_incident_events(
    *,
    incident_id: UUID,
    wanted: EventPicking,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
) -> Picked:
    """Copy events that somebody picked, which stay whatever else comes. Who picks must be allowed to read events."""
    found = await picking.find(session, wanted.event_ids, by=caller)
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_open(incident)
    changed = await picking.pick(session, incident, found, by=caller, trace=trace, note=wanted.note)
    return Picked(changed=changed, unchanged=len(found) - changed)


@router.delete("/{copy_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(409))
async def let_go_of_incident_event(
    *, incident_id: UUID, copy_id: UUID, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> None:
    """Take back that an event was picked. It stays as one of its linked alert's first or last; not on legal hold."""
    incident = await work.locked(session, incident_id, by=caller)
    rules.require_open(incident)
    rules.require_unheld(incident)
    await picking.let_go(session, incident, await _one(session, incident, copy_id), by=caller, trace=trace)


async def _one(session: AsyncSession, incident: Incident, copy_id: UUID) -> IncidentEvent:
    found = select(IncidentEvent).where(IncidentEvent.id == copy_id, IncidentEvent.incident_id == incident.id)
    row = await session.scalar(found)
    if row is None:
        raise CopyNotFound
    return row


def _shown(row: IncidentEvent, hidden: frozenset[UUID], by: Principal) -> EventCopyRead:
    """The copy as lists show it, without the name of an alert or origin that is hidden from the caller."""
    intact = hashlib.sha256(row.body).digest() == row.sha256
    alert = document_in(row.body).get("alert") if intact else None
    said = alert if isinstance(alert, dict) else {}
    title, severity = said.get("title"), said.get("severity_id")
    same = ("id", "incident_id", "origin_id", "event_id", "time", "received_at", "sensor_id", "picked", "picked_by_id")
    read = EventCopyRead(
        **{name: getattr(row, name) for name in same},
        kind=row.event_kind,
        alert_id=None if row.alert_id in hidden else row.alert_id,
        severity=severity if isinstance(severity, int) else None,
        title=title if isinstance(title, str) else None,
        sha256=row.sha256.hex(),
        intact=intact,
        created_at=row.created_at,
    )
    return restricted.moved(read, by=by)


def _detail(row: IncidentEvent, hidden: frozenset[UUID], by: Principal, *, original: bool) -> EventCopyDetail:
    """The copy with what is in its body. Raises Damaged where that was so when it was copied."""
    read = _shown(row, hidden, by)
    if not read.intact:
        return EventCopyDetail(**read.model_dump(), document=None, original=None, original_encoding=None)
    document, record = unpack_body(row.body)
    text, encoding = as_text(record) if original else (None, None)
    return EventCopyDetail(
        **read.model_dump(), document=orjson.loads(document), original=text, original_encoding=encoding
    )
