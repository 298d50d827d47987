"""Copies events into an incident because somebody picked them, and lets go of what was picked by mistake."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, literal, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Trace
from services.api.events.service import EventNotFound, by_ids
from services.api.incidents import queries, work
from services.api.principal import Principal
from shared import ids
from shared.domain.incident import KEPT_EVENTS
from shared.domain.permissions import Permission
from shared.errors import Conflict
from shared.models import Alert, Event, Incident, IncidentAlert, IncidentEvent

MAX_PICKED = 10_000


class TooManyPicked(Conflict):
    """At most 10,000 events are picked for an incident."""

    code = "too_many_events"


class NotPicked(Conflict):
    """Nobody picked this event: it is kept because its alert is linked."""

    code = "not_picked"


class Named(NamedTuple):
    """An event, and whose it is."""

    id: UUID
    organization_id: UUID


async def find(
    session: AsyncSession, event_ids: Sequence[UUID], *, by: Principal, alert_ids: Sequence[UUID] = ()
) -> list[Named]:
    """Events that the caller may read. Raises EventNotFound unless that is every one, and NotPermitted.

    A copy refers to its alert: those are locked here, before the incident, with what else the caller will lock of them.
    """
    wanted = list(dict.fromkeys(event_ids))
    readable = by_ids(wanted, by.narrowed(Permission.EVENTS_READ))
    columns = (Event.id, Event.organization_id, Event.alert_id)
    rows = (await session.execute(readable.with_only_columns(*columns))).all()
    if missing := set(wanted) - {row.id for row in rows}:
        raise EventNotFound(event_id=str(min(missing)))
    alerts = {*alert_ids, *(row.alert_id for row in rows if row.alert_id is not None)}
    locking = queries.alerts_in_order(list(alerts), by.organization_ids).with_only_columns(Alert.id)
    await session.execute(locking.with_for_update())
    return [Named(row.id, row.organization_id) for row in rows]


async def pick(
    session: AsyncSession,
    incident: Incident,
    found: Sequence[Named],
    *,
    by: Principal,
    trace: Trace,
    note: str | None = None,
) -> int:
    """Keep these events in a locked incident of theirs; how many were not picked before.

    Raises EventNotFound and TooManyPicked.
    """
    if any(one.organization_id != incident.organization_id for one in found):
        raise EventNotFound
    new = list(await session.scalars(_copying(incident, [one.id for one in found], by)))
    if not new:
        return 0
    of_it = (IncidentEvent.incident_id == incident.id, IncidentEvent.picked)
    if (await session.scalar(select(func.count()).select_from(IncidentEvent).where(*of_it)) or 0) > MAX_PICKED:
        raise TooManyPicked
    said = f"{len(new)} {'event' if len(new) == 1 else 'events'} picked" + (f": {note}" if note else "")
    await work.touch(
        session,
        incident,
        "events_picked",
        by=by,
        trace=trace,
        said=said,
        event_ids=new[:100],
        count=len(new),
        note=note,
    )
    return len(new)


def _copying(incident: Incident, event_ids: Sequence[UUID], by: Principal) -> Any:
    """The bodies go from table to table; the ids of those that were not picked yet come back."""
    there = select(Alert.id).where(Alert.id == Event.alert_id).correlate(Event).scalar_subquery()
    columns = {
        "id": literal_column(ids.SQL_UUID7),
        "organization_id": Event.organization_id,
        "incident_id": literal(incident.id),
        "event_id": Event.id,
        "event_kind": Event.kind,
        "alert_id": there,
        "picked_by_id": literal(by.user_id, IncidentEvent.picked_by_id.type),
        "picked": literal(True),
        "time": Event.time,
        "received_at": Event.received_at,
        "sensor_id": Event.sensor_id,
        "body": Event.body,
        "sha256": func.sha256(Event.body),
    }
    copying = insert(IncidentEvent).from_select(
        list(columns), by_ids(event_ids, by).with_only_columns(*columns.values())
    )
    return copying.on_conflict_do_update(
        index_elements=["incident_id", "event_id"],
        set_={"picked": True, "picked_by_id": copying.excluded.picked_by_id},
        where=~IncidentEvent.picked,
    ).returning(IncidentEvent.event_id)


async def let_go(
    session: AsyncSession, incident: Incident, copy: IncidentEvent, *, by: Principal, trace: Trace
) -> None:
    """What nobody picked: gone, or kept as one of its alert's first or last. Raises NotPicked."""
    if not copy.picked:
        raise NotPicked
    if kept := await _is_kept(session, copy):
        copy.picked, copy.picked_by_id = False, None
    else:
        await session.execute(delete(IncidentEvent).where(IncidentEvent.id == copy.id))
    told: dict[str, Any] = {"event_id": copy.event_id, "sha256": copy.sha256.hex(), "kept": kept}
    said = "A picked event was let go"
    await work.touch(session, incident, "event_let_go", by=by, trace=trace, said=said, **told)


async def _is_kept(session: AsyncSession, copy: IncidentEvent) -> bool:
    """Its alert is linked, or was, and it is among the first or last of that alert's copies, as the follower counts."""
    if copy.alert_id is None:
        return False
    link = select(IncidentAlert.id).where(
        IncidentAlert.incident_id == copy.incident_id, IncidentAlert.alert_id == copy.alert_id
    )
    if await session.scalar(link.limit(1)) is None:
        return False
    place = tuple_(IncidentEvent.time, IncidentEvent.event_id)
    own = tuple_(literal(copy.time, IncidentEvent.time.type), literal(copy.event_id, IncidentEvent.event_id.type))
    for beyond in (place < own, place > own):
        others = select(IncidentEvent.id).where(
            IncidentEvent.incident_id == copy.incident_id, IncidentEvent.alert_id == copy.alert_id, beyond
        )
        if len((await session.scalars(others.limit(KEPT_EVENTS))).all()) < KEPT_EVENTS:
            return True
    return False
