"""Makes several incidents one, and takes one out again: what moves remembers where it was written.

Of what is in both already, as the same observable, the source keeps its own. What is written after the merge stays
where it was written.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.api import trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.incidents import links, locking, members, pauses, queries, room, work
from services.api.principal import Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain.incident import Pap, Status, Tlp
from shared.errors import Conflict, Invalid
from shared.models import (
    Alert,
    Evidence,
    EvidenceCustody,
    Incident,
    IncidentAlert,
    IncidentEntry,
    IncidentEvent,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
)

MOVABLE: tuple[Any, ...] = (IncidentAlert, IncidentTask, IncidentNote, IncidentEntry, Evidence)
ONCE_EACH: tuple[tuple[Any, str], ...] = ((IncidentObservable, "observable_id"), (IncidentEvent, "event_id"))
"""Tables of which an incident holds each thing once, and the column that says which."""


class MergeIntoItself(Invalid):
    """An incident cannot be merged into itself."""

    code = "merge_into_itself"


class NotMergedInto(Conflict):
    """That incident was not merged into this one."""

    code = "not_merged_into"


class OtherOrganization(Invalid):
    """Incidents of two organizations cannot be merged."""

    code = "other_organization"


async def merge(
    session: AsyncSession,
    incident_id: UUID,
    source_ids: Sequence[UUID],
    reason: str | None,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Incident:
    """The incident with all that the sources had; they are `merged` and point to it.

    Raises MergeIntoItself, OtherOrganization, IncidentClosed, IncidentMerged, InReview, TooManyMembers, and what
    `room.require` and `work.locked` do.
    """
    wanted = sorted(set(source_ids))
    if incident_id in wanted:
        raise MergeIntoItself
    (target, *sources), alerts = await locking.locked_with_alerts(
        session, [incident_id, *wanted], by=by, expected=expected, check=_require_mergeable
    )
    before = trail.snapshot(target, work.EDITED)
    for source in sources:
        await _move(session, source, target, None, by=by)
        await _merged(session, source, target, reason, by=by, trace=trace)
    moved = await _lead(session, target, alerts, by=by, trace=trace)
    target.alerts_count += sum(source.alerts_count for source in sources)
    target.received_at = min(target.received_at, *(source.received_at for source in sources))
    target.techniques = sorted({*target.techniques, *(one for source in sources for one in source.techniques)})
    _mark_as_the_strictest(target, sources)
    if target.legal_hold and not before["legal_hold"]:
        holding = work.numbers(one for one in sources if one.legal_hold)
        work.enter(session, target, "legal_hold", f"Legal hold begun, by merging {holding}", by=by)
    await _share_members(session, target, sources, by=by, trace=trace)
    said = f"Merged into this: {work.numbers(sources)}"
    # Its own alerts may be none, and then no column changes.
    if not await work.settle(
        session, target, before, "merged", by=by, trace=trace, said=said, incident_ids=wanted, reason=reason
    ):
        await work.touch(session, target, "merged", by=by, trace=trace, said=said, incident_ids=wanted, reason=reason)
    await members.lead_merged(session, target, by=by, trace=trace)
    work.tell_alerts(session, moved, trace)
    return target


async def _require_mergeable(session: AsyncSession, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        rules.require_open(incident)
        if incident.organization_id != incidents[0].organization_id:
            raise OtherOrganization
        if await session.scalar(queries.waiting_review(incident.id)) is not None:
            raise rules.InReview(number=incident.number)
    await room.require(session, incidents)


async def _merged(
    session: AsyncSession, source: Incident, target: Incident, reason: str | None, *, by: Principal, trace: Trace
) -> None:
    before = trail.snapshot(source, work.EDITED)
    source.before_merge, source.status = source.status, Status.MERGED
    source.merged_into_id = target.id
    await pauses.follow(session, source, now=clock.now(), in_review=False)
    said = f"Merged into #{target.number}"
    await work.settle(
        session, source, before, "merged_away", by=by, trace=trace, said=said, into_id=target.id, reason=reason
    )


async def _move(
    session: AsyncSession, source: Incident, target: Incident, family: Sequence[UUID] | None, *, by: Principal
) -> None:
    """What hangs on the source to the target: all, or what was written in one of the family."""
    await _custody(session, source, target, family, by=by)
    for model in MOVABLE:
        await session.execute(_moving(model, source, target, family))
    for model, column in ONCE_EACH:
        other = aliased(model)
        there = exists().where(other.incident_id == target.id, getattr(other, column) == getattr(model, column))
        await session.execute(_moving(model, source, target, family).where(~there))


def _moving(model: Any, source: Incident, target: Incident, family: Sequence[UUID] | None) -> Any:
    """Those rows; what comes home has an origin no longer."""
    origin = func.coalesce(model.origin_id, model.incident_id)
    moved = (
        update(model)
        .where(*_theirs(model, source, family))
        .values(incident_id=target.id, origin_id=func.nullif(origin, literal(target.id)))
        .execution_options(synchronize_session=False)
    )
    # A system's entry that is one with others is one with those of its own incident.
    return moved.where(IncidentEntry.coalesce_key.is_(None)) if model is IncidentEntry else moved


def _theirs(model: Any, source: Incident, family: Sequence[UUID] | None) -> list[Any]:
    origin = func.coalesce(model.origin_id, model.incident_id)
    return [model.incident_id == source.id, *([] if family is None else [origin.in_(family)])]


async def _custody(
    session: AsyncSession, source: Incident, target: Incident, family: Sequence[UUID] | None, *, by: Principal
) -> None:
    """Evidence that changes hands says so."""
    found = select(Evidence.id).where(*_theirs(Evidence, source, family))
    session.add_all(
        EvidenceCustody(
            evidence_id=evidence_id,
            action="moved",
            actor_id=by.user_id,
            actor_name=by.name,
            address=by.address,
            details={"from": source.number, "to": target.number},
        )
        for evidence_id in await session.scalars(found)
    )
    await session.flush()


async def _lead(
    session: AsyncSession, incident: Incident, alerts: Sequence[Alert], *, by: Principal, trace: Trace
) -> list[Alert]:
    """Locked alerts belong to the incident their links do; those that belonged to another."""
    moved = [alert for alert in alerts if alert.incident_id != incident.id]
    changed = []
    for alert in moved:
        before = trail.snapshot(alert, ("incident_id",))
        alert.incident_id = incident.id
        how = triage.settle(session, alert, before, "linked", by=by, trace=trace, incident_id=incident.id)
        changed.append((alert, how))
    await triage.write(session, changed)
    return moved


def _mark_as_the_strictest(target: Incident, sources: Sequence[Incident]) -> None:
    """Whom it is for, what may be done with it, that it is kept, and who ends it: as strict as any of them was."""
    whole = (target, *sources)
    rules.note_severity(target, max(map(rules.severity_for_review, sources)))
    tlp = max((Tlp(one.tlp) for one in whole), key=list(Tlp).index)
    target.pap = max((Pap(one.pap) for one in whole), key=list(Pap).index)
    target.legal_hold = any(one.legal_hold for one in whole)
    rules.mark(target, tlp=tlp)


async def _share_members(
    session: AsyncSession, target: Incident, sources: Sequence[Incident], *, by: Principal, trace: Trace
) -> None:
    """A restricted source makes the whole restricted; the members of each see it."""
    if not any(incident.restricted for incident in (target, *sources)):
        return
    rules.mark(target, restricted=True)
    await members.admit(session, target, by.user_id, by=by, trace=trace)
    await members.share(session, target, sources, by=by, trace=trace)


async def unmerge(
    session: AsyncSession,
    incident_id: UUID,
    source_id: UUID,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> tuple[Incident, Incident]:
    """The incident, and that which is one of its own again, with what it brought and nothing that came later.

    Raises NotMergedInto, IncidentClosed, InReview, and what `work.locked` does.
    """
    (target, source), alerts = await locking.locked_with_alerts(
        session, [incident_id, source_id], by=by, expected=expected
    )
    rules.require_open(target)
    if source.merged_into_id != target.id:
        raise NotMergedInto
    if await session.scalar(queries.waiting_review(target.id)) is not None:
        raise rules.InReview
    before, source_before = (trail.snapshot(one, work.EDITED) for one in (target, source))
    family = [source.id, *await session.scalars(queries.merged_into(source.id))]
    await _move(session, target, source, family, by=by)
    returned = await _return(session, source, alerts, by=by, trace=trace)
    target.alerts_count -= len(returned)
    source.alerts_count = len(returned)
    source.status, source.before_merge, source.merged_into_id = source.before_merge or Status.OPEN, None, None
    await _forget(session, target, source)
    source.legal_hold = source.legal_hold or target.legal_hold
    await pauses.follow(session, source, now=clock.now())
    for incident, was, action, said in (
        (target, before, "unmerged", f"#{source.number} is an incident of its own again"),
        (source, source_before, "unmerged", f"Taken out of #{target.number} again"),
    ):
        pair = [target.id, source.id]
        if not await work.settle(session, incident, was, action, by=by, trace=trace, said=said, incident_ids=pair):
            await work.touch(session, incident, action, by=by, trace=trace, said=said, incident_ids=pair)
    work.tell_alerts(session, returned, trace)
    return target, source


async def _forget(session: AsyncSession, target: Incident, source: Incident) -> None:
    """Each shows the techniques of its alerts, and what is left of the target is as old as its own and others make it.

    Marks and members stay: whoever saw it as a whole has seen it.
    """
    for one in (target, source):
        one.techniques = await links.techniques(session, one)
    if target.received_at == source.received_at:
        target.received_at = await links.received_at(session, target)


async def _return(
    session: AsyncSession, source: Incident, alerts: Sequence[Alert], *, by: Principal, trace: Trace
) -> list[Alert]:
    """The alerts whose open links are the source's now."""
    found = select(IncidentAlert.alert_id).where(
        IncidentAlert.incident_id == source.id, IncidentAlert.unlinked_at.is_(None)
    )
    theirs = set(await session.scalars(found))
    return await _lead(session, source, [alert for alert in alerts if alert.id in theirs], by=by, trace=trace)
