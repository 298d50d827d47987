"""How every change to an incident is made: one locked row, one pure move, one entry each in audit and timeline."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, preconditions, trail
from services.api.deps import Trace
from services.api.incidents import clocks, queries
from services.api.incidents.schemas import IncidentRead
from services.api.principal import NotPermitted, Principal
from shared import clock
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.errors import NotFound, Stale
from shared.models import Alert, Incident, IncidentCounter, IncidentEntry
from shared.models.incident_entry import MAX_ENTRY
from shared.notices import Notice

EDITED = (
    "title", "severity", "peak_severity", "status", "verdict", "reason", "assignee_id", "reviewer_id",
    "closed_by_id", "tlp", "pap", "restricted", "legal_hold", "summary", "tags", "fields", "alerts_count",
    "received_at", "occurred_at", "detected_at", "acknowledged_at", "contained_at", "eradicated_at", "recovered_at",
    "resolved_at", "closed_at", "merged_into_id", "before_merge",
)  # fmt: skip
"""What a person's move may change."""

DECIDING = frozenset(
    {"status", "severity", "assignee_id", "received_at", "acknowledged_at", "contained_at", "resolved_at"}
)
"""What the clocks of an incident depend on, and who hears of them."""

Move = Callable[[Incident], None]
First = Callable[[Incident], Awaitable[None]]


class IncidentNotFound(NotFound):
    """There is no such incident."""

    code = "incident_not_found"


async def one(session: AsyncSession, incident_id: UUID, *, by: Principal) -> Incident:
    """The incident. Raises IncidentNotFound."""
    incident = await session.scalar(queries.one(by, incident_id))
    if incident is None:
        raise IncidentNotFound
    return incident


async def locked(session: AsyncSession, incident_id: UUID, *, by: Principal, expected: str | None = "*") -> Incident:
    """The incident, locked, at the revision that was seen.

    Raises IncidentNotFound, NotPermitted where the caller may only read it, and what preconditions.check does. Nobody
    waits in line for a revision that is gone.
    """
    found, revision = queries.one(by, incident_id), preconditions.named(expected)
    at = found if revision is None else found.where(Incident.revision == revision)
    # What the session has read of it before may have changed until it was locked.
    fresh = at.with_for_update(of=Incident).execution_options(populate_existing=True)
    incident = await session.scalar(fresh)
    if incident is None and revision is not None and (now := await session.scalar(found)) is not None:
        raise Stale(current=shown(now))
    if incident is None:
        await refuse(session, incident_id, by)
        raise IncidentNotFound
    preconditions.check(expected, incident.revision, lambda: shown(incident))
    return incident


async def refuse(session: AsyncSession, incident_id: UUID, by: Principal) -> None:
    """Raises NotPermitted where the caller may read the incident."""
    reading = by.where(Permission.INCIDENTS_READ)
    if reading and await session.scalar(queries.one(by.narrowed(Permission.INCIDENTS_READ), incident_id)):
        raise NotPermitted("The caller may read this incident, and no more.")


def shown(incident: Incident) -> dict[str, Any]:
    """The incident as a problem shows it."""
    return IncidentRead.model_validate(incident).model_dump(mode="json")


async def change(
    session: AsyncSession,
    incident_id: UUID,
    action: str,
    move: Move,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
    first: First | None = None,
    said: str | None = None,
    **details: Any,
) -> Incident:
    """The incident after the move; `first` asks the database what the move depends on, `said` goes to the timeline.

    A move that changes nothing leaves nothing. Raises what `locked`, `first` and the move do.
    """
    incident = await locked(session, incident_id, by=by, expected=expected)
    before = trail.snapshot(incident, EDITED)
    if first is not None:
        await first(incident)
    move(incident)
    await settle(session, incident, before, action, by=by, trace=trace, said=said, **details)
    return incident


async def settle(
    session: AsyncSession,
    incident: Incident,
    before: dict[str, Any],
    action: str,
    *,
    by: Principal,
    trace: Trace,
    said: str | None = None,
    **details: Any,
) -> trail.Changes:
    """Raise a changed incident's revision, leave its entries, tell of it; what changed."""
    changes = trail.differences(incident, before)
    if not changes:
        return changes
    incident.revision += 1
    trail.record_of(session, f"incident.{action}", incident, by=by, trace=trace, changes=changes, **details)
    if said is not None:
        enter(session, incident, action, said, by=by, details=trail.plain(details))
    tell(session, incident, trace)
    if DECIDING & changes.keys():
        await clocks.watch(session, incident)
    if "assignee_id" in changes:
        await outbox.notify(session, *assigned(incident, by, trace))
    await session.flush()
    return changes


def enter(
    session: AsyncSession,
    incident: Incident,
    kind: str,
    message: str,
    *,
    by: Principal,
    occurred_at: datetime | None = None,
    details: dict[str, Any] | None = None,
) -> IncidentEntry:
    """An entry of the timeline: what happened, when, and through whom."""
    entry = IncidentEntry(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        kind=kind,
        occurred_at=occurred_at or clock.now(),
        message=message[:MAX_ENTRY],
        details=details or {},
        author_id=by.user_id,
        author_name=by.name,
    )
    session.add(entry)
    return entry


async def touch(
    session: AsyncSession,
    incident: Incident,
    action: str,
    *,
    by: Principal,
    trace: Trace,
    changes: trail.Changes | None = None,
    said: str | None = None,
    **details: Any,
) -> None:
    """Something that hangs on a locked incident changed: its document shows it, its own ETag stays as it is."""
    trail.record_of(session, f"incident.{action}", incident, by=by, trace=trace, changes=changes, **details)
    if said is not None:
        enter(session, incident, action, said, by=by, details=trail.plain(details))
    await session.flush()
    # No column changes: the trigger raises the version all the same, and the projection follows.
    await session.execute(
        update(Incident)
        .where(Incident.id == incident.id)
        .values(id=Incident.id)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(incident, ("version", "updated_at"))
    tell(session, incident, trace)


def tell(session: AsyncSession, incident: Incident, trace: Trace) -> None:
    """Everyone who may know of it hears that the incident changed."""
    outbox.changed(session, "incident", [incident.id], organization_id=incident.organization_id, trace=trace)


def tell_alerts(session: AsyncSession, alerts: Sequence[Alert], trace: Trace) -> None:
    """Everyone who may know of these alerts of one organization hears that they changed."""
    if alerts:
        some = [alert.id for alert in alerts]
        outbox.changed(session, "alert", some, organization_id=alerts[0].organization_id, trace=trace)


def notice(
    incident: Incident, kind: Kind, thing: str, subject: str, *, to: UUID | None, by: Principal, trace: Trace
) -> Notice:
    """Word to somebody about the incident."""
    return Notice(
        incident.organization_id,
        kind,
        thing,
        f"{subject}: #{incident.number} {incident.title}",
        severity=incident.severity,
        content={"by": by.name, "number": incident.number},
        object_kind="incident",
        object_id=incident.id,
        addressee=to,
        actor=by.user_id,
        correlation_id=trace.correlation_id,
    )


def assigned(incident: Incident, by: Principal, trace: Trace) -> list[Notice]:
    """Word to whom the incident was given to, if to somebody."""
    to, thing = incident.assignee_id, f"{incident.id} {incident.revision or 1}"
    if to is None:
        return []
    return [notice(incident, Kind.INCIDENT_ASSIGNED, thing, "Assigned to you", to=to, by=by, trace=trace)]


async def next_number(session: AsyncSession, organization_id: UUID) -> int:
    """The organization's next number. Who else makes an incident waits for this transaction, so none is left out."""
    taken = (
        insert(IncidentCounter)
        .values(organization_id=organization_id, last=1)
        .on_conflict_do_update(index_elements=["organization_id"], set_={"last": IncidentCounter.last + 1})
        .returning(IncidentCounter.last)
    )
    number = await session.scalar(taken)
    assert number is not None
    return number


def numbers(incidents: Iterable[Incident]) -> str:
    """Incidents as people call them: `#3, #7`."""
    return ", ".join(f"#{one.number}" for one in sorted(incidents, key=lambda one: one.number))
