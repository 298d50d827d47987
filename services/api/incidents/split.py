"""`/incidents/{id}/split`: some parts of an incident become one of their own, all or nothing."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts.schemas import Body
from services.api.deps import Trace
from services.api.errors import problems
from services.api.incidents import custody, links, members, queries, work
from services.api.incidents.actions import Action
from services.api.incidents.schemas import MAX_LINKED_AT_ONCE, AlertIds, IncidentRead, Reason
from services.api.principal import Principal
from services.api.text import Name
from shared import clock
from shared.domain import incident as rules
from shared.errors import Conflict
from shared.models import (
    Alert,
    Evidence,
    Incident,
    IncidentLink,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
)

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=problems(404, 409, 412, 415, 428))

PartIds = Annotated[list[UUID], Field(max_length=MAX_LINKED_AT_ONCE)]

PARTS: dict[str, Any] = {
    "task_ids": IncidentTask,
    "note_ids": IncidentNote,
    "observable_ids": IncidentObservable,
    "evidence_ids": Evidence,
}
"""What may go along with the alerts; observables are named by the ids they have in this incident."""


class NotInIncident(Conflict):
    """Some of the parts are not in this incident, or no longer; `part` and `ids` say which."""

    code = "not_in_incident"


class Splitting(Body):
    """The parts that become an incident of their own, what it is called, and why."""

    title: Name
    alert_ids: AlertIds
    task_ids: PartIds = Field(default_factory=list)
    note_ids: PartIds = Field(default_factory=list)
    observable_ids: PartIds = Field(default_factory=list)
    evidence_ids: PartIds = Field(default_factory=list)
    reason: Reason


class SplitRead(BaseModel):
    """The incident as it is now, whose ETag the reply has, and the new one."""

    incident: IncidentRead
    split_off: IncidentRead


@router.post("/{incident_id}/split")
async def split_incident(incident_id: UUID, wanted: Splitting, action: Action) -> SplitRead:
    """Make an incident of some parts of this one; merging it back into this one undoes that."""
    incident, new = await split(
        action.session, incident_id, wanted, by=action.caller, expected=action.seen, trace=action.trace
    )
    return SplitRead(incident=action.show(incident), split_off=IncidentRead.model_validate(new))


async def split(
    session: AsyncSession, incident_id: UUID, wanted: Splitting, *, by: Principal, expected: str | None, trace: Trace
) -> tuple[Incident, Incident]:
    """The incident, and the new one.

    Raises NotInIncident, IncidentClosed, IncidentMerged, InReview, and what `work.locked` does.
    """
    alerts = list(
        await session.scalars(queries.alerts_in_order(wanted.alert_ids, by.organization_ids).with_for_update())
    )
    incident = await work.locked(session, incident_id, by=by, expected=expected)
    rules.require_open(incident)
    if await session.scalar(queries.waiting_review(incident.id)) is not None:
        raise rules.InReview
    _require_all("alert_ids", wanted.alert_ids, [alert.id for alert in alerts if alert.incident_id == incident.id])
    new = await _begin(session, incident, alerts, wanted, by=by, trace=trace)
    moved = {"alert_ids": len(alerts), **await _move(session, wanted, incident, new, by=by)}
    ended = await links.remove(session, incident, alerts, by=by, trace=trace, reason=wanted.reason, moved=True)
    await links.add(session, new, alerts, by=by, trace=trace, reason=wanted.reason, ended=ended)
    for one, far, said in (
        (incident, new, f"Split off from this: #{new.number}"),
        (new, incident, f"Split off from #{incident.number}"),
    ):
        told: dict[str, Any] = {"other_id": far.id, "parts": moved, "reason": wanted.reason}
        await work.touch(session, one, "split", by=by, trace=trace, said=said, **told)
    await outbox.notify(session, *work.assigned(new, by, trace))
    return incident, new


def _require_all(part: str, wanted: Sequence[UUID], there: Sequence[UUID]) -> None:
    if missing := sorted(set(wanted) - set(there)):
        raise NotInIncident(part=part, ids=[str(one) for one in missing[:20]])


async def _begin(
    session: AsyncSession,
    incident: Incident,
    alerts: Sequence[Alert],
    wanted: Splitting,
    *,
    by: Principal,
    trace: Trace,
) -> Incident:
    """The new incident, seen by whom the old one is seen by, and held as that is."""
    new = _row(incident, alerts, wanted.title, by)
    new.number = await work.next_number(session, incident.organization_id)
    session.add(new)
    await session.flush()
    if new.restricted:
        await members.share(session, new, [incident], by=by, trace=trace)
    session.add(
        IncidentLink(
            organization_id=new.organization_id,
            incident_id=new.id,
            other_id=incident.id,
            relation="split_from",
            created_by_id=by.user_id,
        )
    )
    trail.record_of(session, "incident.created", new, by=by, trace=trace, number=new.number, split_from=incident.id)
    return new


def _row(incident: Incident, alerts: Sequence[Alert], title: str, by: Principal) -> Incident:
    detected = min(links.received(alert) for alert in alerts)
    new = Incident(
        organization_id=incident.organization_id,
        title=title,
        severity=incident.severity,
        peak_severity=incident.peak_severity,
        status=rules.Status.OPEN,
        reporter_id=by.user_id,
        tlp=incident.tlp,
        pap=incident.pap,
        restricted=incident.restricted,
        legal_hold=incident.legal_hold,
        techniques=[],
        alerts_count=0,
        received_at=detected,
        # A sensor's clock may be ahead of ours.
        occurred_at=min(min(alert.first_seen, detected) for alert in alerts),
        detected_at=detected,
    )
    if incident.assignee_id is not None:
        rules.assign(new, to=incident.assignee_id, now=clock.now())
    return new


async def _move(
    session: AsyncSession, wanted: Splitting, incident: Incident, new: Incident, *, by: Principal
) -> dict[str, int]:
    """How many of each part went. Raises NotInIncident."""
    moved = {}
    for part, model in PARTS.items():
        named = (model.incident_id == incident.id, model.id.in_(getattr(wanted, part)))
        there = (await session.scalars(select(model).where(*named))).all()
        _require_all(part, getattr(wanted, part), [one.id for one in there])
        moved[part] = len(there)
        _enter_custody(session, there, incident, new, by=by)
        await session.execute(_moving(model, named, new))
    return moved


def _moving(model: Any, named: Sequence[Any], new: Incident) -> Any:
    """Those rows to the new one, which is where they are at home from now on: unmerging gives back by origin."""
    return (
        update(model)
        .where(*named)
        .values(incident_id=new.id, origin_id=None)
        .execution_options(synchronize_session=False)
    )


def _enter_custody(
    session: AsyncSession, moved: Sequence[Any], incident: Incident, new: Incident, *, by: Principal
) -> None:
    """Evidence that changes hands says so."""
    for one in moved:
        if isinstance(one, Evidence):
            custody.enter(session, one, "moved", by=by, **{"from": incident.number, "to": new.number})
