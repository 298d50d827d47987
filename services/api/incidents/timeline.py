"""`/incidents/{id}/timeline`: what happened when, as people tell it and as the product saw it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import idempotency, pagination, preconditions, restricted
from services.api.alerts.schemas import Body
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import RequestTrace, Session, Trace
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import queries, related, work
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.principal import NotPermitted, Principal
from services.api.text import NOT_BLANK, Moment, Word, storable
from shared import clock
from shared.domain import incident as rules
from shared.errors import Invalid, NotFound
from shared.models import Incident, IncidentEntry
from shared.models.incident_entry import BY_HAND, ENTRY_KINDS, MAX_ENTRY

router = APIRouter(prefix="/incidents/{incident_id}/timeline", tags=["incidents"], responses=problems(404))


def known_kind(name: str) -> str:
    """The name itself. Raises ValueError when no entry has it."""
    if name not in ENTRY_KINDS:
        raise ValueError(f"one of: {', '.join(sorted(ENTRY_KINDS))}")
    return name


EntryKind = Annotated[Word, AfterValidator(known_kind), Field(json_schema_extra={"enum": sorted(ENTRY_KINDS)})]
Message = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ENTRY, pattern=NOT_BLANK),
    AfterValidator(storable),
]


class EntryNotFound(NotFound):
    """The timeline has no such entry."""

    code = "entry_not_found"


class NotYet(Invalid):
    """A timeline tells of what has happened."""

    code = "not_yet"


class EntryWrite(Body):
    """What happened, and when that was: now, if left out."""

    message: Message
    occurred_at: Moment | None = None


class EntryRead(BaseModel):
    """An entry; people may change those of the kind `observed`. Of one taken back the message is empty."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    incident_id: UUID
    origin_id: UUID | None
    kind: str
    occurred_at: datetime
    message: str
    details: dict[str, Any]
    author_id: UUID | None
    author_name: str
    count: int
    removed_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


@router.get("")
async def list_incident_timeline(
    *,
    incident_id: UUID,
    caller: IncidentReader,
    session: Session,
    kind: Annotated[list[EntryKind] | None, Query(max_length=20, description="Of these kinds alone.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EntryRead]:
    """The timeline in the order in which things happened.

    Without what names an incident or alert that is hidden from the caller.
    """
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    incident = await work.one(session, incident_id, by=caller)
    found = queries.entries(incident.id, by=caller)
    if kind:
        found = found.where(IncidentEntry.kind.in_(kind))
    place = (IncidentEntry.occurred_at, IncidentEntry.id)
    if after is not None:
        there = zip(after, place, strict=True)
        found = found.where(tuple_(*place) > tuple_(*(literal(value, column.type) for value, column in there)))
    rows = (await session.scalars(found.order_by(*place).limit(limit + 1))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda entry: (entry.occurred_at, entry.id))
    said = await related.named(session, page, by=caller)
    shown = [_shown(one, caller) for one in page]
    items = [one.model_copy(update={"message": said.get(one.id, one.message)}) for one in shown]
    return Page(items=items, next_cursor=next_cursor)


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def add_incident_entry(
    *,
    incident_id: UUID,
    wanted: EntryWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> EntryRead:
    """Tell what happened, at its own time."""

    async def add() -> EntryRead:
        incident = await work.locked(session, incident_id, by=caller)
        rules.require_unmerged(incident)
        at = _past(wanted.occurred_at)
        entry = work.enter(session, incident, BY_HAND, wanted.message, by=caller, occurred_at=at)
        await session.flush()
        await work.touch(session, incident, "entry_added", by=caller, trace=trace, entry_id=entry.id)
        return EntryRead.model_validate(entry)

    route = f"incident entry {incident_id}"
    made = await idempotency.once(session, key, wanted, add, by=caller, route=route, reply=EntryRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.put("/{entry_id}", responses=problems(409, 412, 415, 428))
async def change_incident_entry(
    *,
    incident_id: UUID,
    entry_id: UUID,
    wanted: EntryWrite,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> EntryRead:
    """Change what was told by hand; the audit keeps how it read before. Not under legal hold."""
    incident, entry = await _own(session, incident_id, entry_id, by=caller, seen=seen)
    rules.require_unheld(incident)
    before = (entry.message, entry.occurred_at)
    entry.message, entry.occurred_at = wanted.message, _past(wanted.occurred_at or entry.occurred_at)
    await _changed(session, incident, entry, before, "entry_changed", by=caller, trace=trace)
    response.headers["ETag"] = etag(entry.revision)
    return _shown(entry, caller)


@router.delete("/{entry_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(409, 412, 428))
async def take_back_incident_entry(
    *,
    incident_id: UUID,
    entry_id: UUID,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    seen: IfMatch = None,
) -> None:
    """Take back what was told by hand; the audit keeps it. Not under legal hold."""
    incident, entry = await _own(session, incident_id, entry_id, by=caller, seen=seen)
    rules.require_unheld(incident)
    before = (entry.message, entry.occurred_at)
    entry.message, entry.removed_at = "", clock.now()
    await _changed(session, incident, entry, before, "entry_taken_back", by=caller, trace=trace)


def _shown(entry: IncidentEntry, by: Principal) -> EntryRead:
    return restricted.moved(EntryRead.model_validate(entry), by=by)


def _past(moment: datetime | None) -> datetime:
    now = clock.now()
    if moment is not None and moment > now:
        raise NotYet
    return moment or now


async def _own(
    session: AsyncSession, incident_id: UUID, entry_id: UUID, *, by: Principal, seen: str | None
) -> tuple[Incident, IncidentEntry]:
    """An entry that people may change: what the product saw, nobody does."""
    incident = await work.locked(session, incident_id, by=by)
    rules.require_unmerged(incident)
    found = select(IncidentEntry).where(
        IncidentEntry.id == entry_id, IncidentEntry.incident_id == incident.id, IncidentEntry.removed_at.is_(None)
    )
    entry = await session.scalar(found)
    if entry is None:
        raise EntryNotFound
    if entry.kind != BY_HAND:
        raise NotPermitted("What the product entered stays as it is; add an entry of your own.")
    preconditions.check(seen, entry.revision, lambda: _shown(entry, by).model_dump(mode="json"))
    return incident, entry


async def _changed(
    session: AsyncSession,
    incident: Incident,
    entry: IncidentEntry,
    before: tuple[str, datetime],
    action: str,
    *,
    by: Principal,
    trace: Trace,
) -> None:
    pairs = {"message": (before[0], entry.message), "occurred_at": (before[1], entry.occurred_at)}
    changes = {name: (old, new) for name, (old, new) in pairs.items() if old != new}
    if not changes:
        return
    entry.revision += 1
    await session.flush()
    await work.touch(session, incident, action, by=by, trace=trace, changes=changes, entry_id=entry.id)
