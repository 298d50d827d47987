"""SQL over what became of what was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, literal, or_, select
from sqlalchemy.orm import defer

from services.api import restricted
from services.api.principal import Principal
from shared import clock, ids
from shared.models import Alert, Batch, Event, EventPeriod, ProjectionPending, QuarantinedRecord, SearchGeneration
from shared.normalise.event import KINDS

EventColumns = Select[UUID, UUID, UUID, UUID | None, datetime | None, datetime, datetime, str]
EventRow = Row[UUID, UUID, UUID, UUID | None, datetime | None, datetime, datetime, str]


def batch(principal: Principal, batch_id: UUID) -> Select[Batch]:
    """The batch, if the caller may see it."""
    return select(Batch).where(Batch.batch_id == batch_id, Batch.organization_id.in_(principal.organization_ids))


def event(principal: Principal, event_id: UUID) -> EventColumns:
    """The event of that id, or the one stored under its unclocked form, and when its alert was opened; no body.

    A record that came more than 24 h before its own time has an id without time. Sent again later it has one with,
    and is a duplicate of the first.
    """
    forms = {event_id, unclocked_form(event_id)}
    return (
        select(
            Event.id,
            Event.sensor_id,
            Event.batch_id,
            *_alert(principal),
            Event.received_at,
            Event.created_at,
            Event.kind,
        )
        .outerjoin(Alert, Alert.id == Event.alert_id)
        .where(
            # Each id in a term of its own with its kind: the planner then looks into one partition for each.
            or_(*(and_(Event.kind == kind, Event.id == form) for kind in KINDS for form in sorted(forms))),
            Event.organization_id.in_(principal.organization_ids),
        )
        .order_by(Event.id.desc())
        .limit(1)
    )


def _alert(principal: Principal) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The event's alert, and when it was opened; neither of one that is hidden from the caller."""
    if not principal.hidden:
        return Event.alert_id.label("alert_id"), Alert.created_at.label("alert_opened_at")
    seen = restricted.may_see(principal)
    return case((seen, Event.alert_id)).label("alert_id"), case((seen, Alert.created_at)).label("alert_opened_at")


def quarantined(principal: Principal, record_id: UUID) -> Select[QuarantinedRecord]:
    """The record in quarantine of that id, or the one that came as the only record of the batch of that id.

    Where the writer, not the door, puts a single record into quarantine, its sender was told the event's id.
    """
    return (
        select(QuarantinedRecord)
        .options(defer(QuarantinedRecord.record), defer(QuarantinedRecord.edited_record))
        .where(
            or_(QuarantinedRecord.id == record_id, QuarantinedRecord.batch_id == record_id),
            QuarantinedRecord.organization_id.in_(principal.organization_ids),
        )
        .order_by((QuarantinedRecord.id == record_id).desc())
        .limit(1)
    )


def pending(event_id: UUID) -> Select[ProjectionPending]:
    """What OpenSearch still has to be told of an event."""
    return select(ProjectionPending).where(ProjectionPending.kind == "event", ProjectionPending.id == event_id)


def line_of(kind: str, event_id: UUID) -> Select[str]:
    """The bare name of the first index of the period that a clocked id lies in."""
    moment = literal(clock.from_milliseconds(ids.milliseconds_of(event_id)))
    return select(EventPeriod.index_name).where(
        EventPeriod.kind == kind,
        EventPeriod.starts_at <= moment,
        EventPeriod.ends_at > moment,
        EventPeriod.dropped_at.is_(None),
    )


def active_generation(line: str) -> Select[str]:
    """The bare name of the index that took the place of a line's first one; none while that one is read."""
    return select(SearchGeneration.index_name).where(SearchGeneration.alias == line, SearchGeneration.state == "active")


def unclocked_form(event_id: UUID) -> UUID:
    """The id with the same content and no time."""
    return UUID(int=event_id.int & ((1 << 80) - 1))
