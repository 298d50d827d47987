"""SQL over quarantined records: reading them, keeping an edited copy, and marking what somebody wants done.

The indexer does what is marked. Where both want a row, one waits for the other, so that what is said of it holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Update,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.api.principal import Principal
from shared.domain.quarantine import MAX_HISTORY
from shared.models import QuarantinedRecord as Record
from shared.models import Sensor

HEAD_BYTES = 120
MAX_GROUPS = 1000
MAX_MARKED = 10_000
OPEN = "open"

Place = tuple[datetime, UUID]

_SHOWN: tuple[Any, ...] = (
    Record.id,
    Record.organization_id,
    Record.sensor_id,
    Record.batch_id,
    Record.received_at,
    Record.path,
    func.coalesce(Record.edited_hint, Record.hint).label("format"),
    Record.reason,
    Record.detail,
    Record.status,
    Record.event_id,
    Record.requested,
    Record.requested_at,
    Record.requested_by,
    Record.edited_record.is_not(None).label("edited"),
    func.octet_length(func.coalesce(Record.edited_record, Record.record)).label("bytes"),
    func.substr(func.coalesce(Record.edited_record, Record.record), 1, HEAD_BYTES).label("head"),
    Record.revision,
    Record.created_at,
    Record.updated_at,
)


@dataclass(frozen=True)
class Filters:
    """What records are narrowed to; None narrows nothing. `received_to` is exclusive."""

    ids: Sequence[UUID] | None = None
    reason: str | None = None
    sensor_id: UUID | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """The condition for the records of the caller's organizations."""
    return Record.organization_id.in_(principal.organization_ids)


def page(
    principal: Principal, filters: Filters, *, status: str, requested: str | None, after: Place | None, limit: int
) -> Select[Any]:
    """Matching records without their bytes, the newest first, behind `after`; one more than `limit`."""
    statement = (
        select(*_SHOWN)
        .where(*_matching(principal, filters), Record.status == status)
        .order_by(Record.created_at.desc(), Record.id.desc())
        .limit(limit + 1)
    )
    if requested is not None:
        statement = statement.where(Record.requested == requested)
    if after is not None:
        created_at, record_id = after
        place = tuple_(literal(created_at, Record.created_at.type), literal(record_id, Record.id.type))
        statement = statement.where(tuple_(Record.created_at, Record.id) < place)
    return statement


def summary(principal: Principal, *, status: str) -> Select[Any]:
    """Counts by sensor, reason and request, the greatest first; one more than MAX_GROUPS.

    Names no column that ix_quarantine_open lacks: of open records, it is all that is read.
    """
    group: tuple[Any, ...] = (Record.sensor_id, Sensor.name.label("sensor"), Record.reason, Record.requested)
    records = func.count().label("records")
    received = (func.min(Record.received_at).label("oldest"), func.max(Record.received_at).label("newest"))
    return (
        select(*group, literal(status).label("status"), records, *received)
        .outerjoin(Sensor, Sensor.id == Record.sensor_id)
        .where(visible_to(principal), Record.status == status)
        .group_by(*group)
        .order_by(records.desc(), *group)
        .limit(MAX_GROUPS + 1)
    )


def one(principal: Principal, record_id: UUID) -> Select[Any]:
    """That record without its bytes, if the caller may see it."""
    return select(*_SHOWN).where(visible_to(principal), Record.id == record_id)


def whole(principal: Principal, record_id: UUID) -> Select[Any]:
    """The same, with its bytes and its history."""
    return one(principal, record_id).add_columns(Record.record, Record.edited_record, Record.history)


def held(principal: Principal, record_id: UUID) -> Select[Any]:
    """What reading that record anew needs."""
    needed: tuple[Any, ...] = (
        Record.id,
        Record.organization_id,
        Record.sensor_id,
        Record.received_at,
        func.coalesce(Record.edited_hint, Record.hint).label("hint"),
        Record.ordinal,
        Record.idempotency_key,
        Record.record_index,
        func.coalesce(Record.edited_record, Record.record).label("record"),
    )
    return select(*needed).where(visible_to(principal), Record.id == record_id)


def profile_of(principal: Principal, sensor_id: UUID) -> Select[Any]:
    """The settings that decide how a sensor's records are read, as it is set now."""
    settings: tuple[Any, ...] = (
        Sensor.id,
        Sensor.organization_id,
        Sensor.name,
        Sensor.format,
        Sensor.zone,
        Sensor.ignored_types,
        Sensor.severity_overrides,
    )
    return select(*settings).where(Sensor.organization_id.in_(principal.organization_ids), Sensor.id == sensor_id)


def edit(principal: Principal, record_id: UUID, changes: Mapping[str, Any], *, what: str) -> Select[Any]:
    """Change a record's edited copy, or the format it is read as."""
    return _counts(
        update(Record)
        .where(visible_to(principal), Record.id == record_id)
        .values(**changes, history=_noted(principal, what), revision=Record.revision + 1)
    )


def mark(principal: Principal, filters: Filters, request: str, *, read_as: str | None) -> Select[Any]:
    """Request that for the next MAX_MARKED open records that match, and change the format they are read as."""
    chosen = _first(_unmarked(principal, filters, request, read_as))
    values: dict[str, Any] = {"requested": request, "requested_at": func.now(), "requested_by": principal.name}
    if read_as is not None:
        noted = _noted(principal, read_as_words(read_as))
        other = Record.edited_hint.is_distinct_from(read_as)
        values["edited_hint"] = read_as
        values["history"] = case((other, noted), else_=Record.history)
        values["revision"] = case((other, Record.revision + 1), else_=Record.revision)
    return _counts(update(Record).where(Record.id == chosen.c.id).values(values))


def unmarked(principal: Principal, filters: Filters, request: str, *, read_as: str | None) -> Select[bool]:
    """Whether `mark` would find any."""
    return select(_unmarked(principal, filters, request, read_as).exists())


def cancel(principal: Principal, filters: Filters) -> Select[Any]:
    """Take back the requests of the next MAX_MARKED records that match."""
    chosen = _first(_marked(principal, filters))
    noted = _noted(principal, func.concat(Record.requested, " cancelled"))
    values = {"requested": None, "requested_at": None, "requested_by": None, "history": noted}
    return _counts(update(Record).where(Record.id == chosen.c.id).values(values))


def marked(principal: Principal, filters: Filters) -> Select[bool]:
    """Whether `cancel` would find any."""
    return select(_marked(principal, filters).exists())


def read_as_words(name: str | None) -> str:
    """A line of history: how the record is read from now on."""
    return "format undone" if name is None else f"to be read as {name}"


def _unmarked(principal: Principal, filters: Filters, request: str, read_as: str | None) -> Select[Any]:
    changed = Record.requested.is_distinct_from(request)
    if read_as is not None:
        changed = or_(changed, Record.edited_hint.is_distinct_from(read_as))
    return select(Record.id).where(*_matching(principal, filters), Record.status == OPEN, changed)


def _marked(principal: Principal, filters: Filters) -> Select[Any]:
    return select(Record.id).where(*_matching(principal, filters), Record.requested.is_not(None))


def _first(records: Select[Any]) -> CTE:
    """The first MAX_MARKED of these, locked: in the order of ids, so that two who do this never wait in a circle."""
    return records.order_by(Record.id).limit(MAX_MARKED).with_for_update().cte("chosen")


def _counts(change: Update) -> Select[Any]:
    """The statement that makes the change and says of how many rows of each organization, whose audit tells of it."""
    changed = change.returning(Record.organization_id).cte("changed")
    return select(changed.c.organization_id, func.count().label("records")).group_by(changed.c.organization_id)


def _matching(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    conditions = [visible_to(principal)]
    if filters.ids is not None:
        conditions.append(Record.id.in_(filters.ids))
    if filters.reason is not None:
        conditions.append(Record.reason == filters.reason)
    if filters.sensor_id is not None:
        conditions.append(Record.sensor_id == filters.sensor_id)
    if filters.received_from is not None:
        conditions.append(Record.received_at >= filters.received_from)
    if filters.received_to is not None:
        conditions.append(Record.received_at < filters.received_to)
    return conditions


def _noted(principal: Principal, what: str | ColumnElement[str]) -> ColumnElement[Any]:
    """The history with one more entry, bounded as the indexer bounds it."""
    entry = func.jsonb_build_object("at", func.now(), "by", principal.name, "what", what)
    without_oldest = Record.history.op("-", return_type=JSONB())(literal_column("0"))
    kept = case((func.jsonb_array_length(Record.history) >= MAX_HISTORY, without_oldest), else_=Record.history)
    return kept.op("||", return_type=JSONB())(func.jsonb_build_array(entry))
