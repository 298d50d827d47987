"""Makes incidents, changes what is written on them, and shows one with what belongs to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.incidents import clocks, fields, links, members, picking, queries, work
from services.api.incidents.schemas import (
    Counts,
    IncidentCreate,
    IncidentDetail,
    IncidentRead,
    IncidentUpdate,
    MemberRead,
    MissingRead,
    ReviewRead,
)
from services.api.principal import Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain.incident import Pap, ReviewPolicy, Tlp
from shared.domain.permissions import Permission
from shared.domain.tags import tagged
from shared.domain.triage import Verdict
from shared.errors import Invalid
from shared.models import Alert, Incident, IncidentSummaryVersion, IncidentTask, IncidentTemplate, Organization

MAX_MISSING = 100
DEFAULT_SEVERITY = 3


class TitleNeeded(Invalid):
    """An incident needs a title: its own, the template's, or that of a first alert."""

    code = "title_needed"


class UnknownTemplate(Invalid):
    """There is no such template in the organization, or it was retired."""

    code = "unknown_template"


class BadMoments(Invalid):
    """What happened lies in the past, in its order: occurred, detected, contained, eradicated, recovered."""

    code = "bad_moments"


async def create(session: AsyncSession, wanted: IncidentCreate, *, by: Principal, trace: Trace) -> Incident:
    """A new incident with its first alerts and picked events.

    Raises TitleNeeded, UnknownTemplate, BadField, BadMoments, UnknownPerson, and what linking and picking do.
    """
    events: list[picking.Named] = []
    if wanted.event_ids:
        events = await picking.find(session, wanted.event_ids, by=by, alert_ids=wanted.alert_ids)
    alerts = await links.lock_alerts(session, wanted.alert_ids, by=by) if wanted.alert_ids else []
    named = [*(one.organization_id for one in alerts), *(one.organization_id for one in events)]
    home = by.home(wanted.organization_id or next(iter(named), None))
    template = await _template(session, home, wanted.template_id)
    if wanted.assignee_id is not None:
        at, may = "#/assignee_id", Permission.INCIDENTS_WRITE
        await triage.require_member(session, home, wanted.assignee_id, at=at, may=may)
    incident = _row(wanted, home, alerts, template, by)
    _require_order(incident)
    incident.number = await work.next_number(session, home)
    session.add(incident)
    await session.flush()
    trail.record_of(session, "incident.created", incident, by=by, trace=trace, number=incident.number)
    work.enter(session, incident, "created", f"Incident #{incident.number} opened", by=by)
    await _begin(session, incident, template, by=by, trace=trace)
    await clocks.watch(session, incident)
    if alerts:
        await links.add(session, incident, alerts, by=by, trace=trace)
    if events:
        await picking.pick(session, incident, events, by=by, trace=trace)
    if not alerts and not events:
        work.tell(session, incident, trace)
    if incident.assignee_id is not None:
        await outbox.notify(session, *work.assigned(incident, by, trace))
    await session.flush()
    return incident


def _row(
    wanted: IncidentCreate, home: UUID, alerts: list[Alert], template: IncidentTemplate | None, by: Principal
) -> Incident:
    now = clock.now()
    named = next((alert.title for alert in alerts if alert.id == wanted.alert_ids[0]), "")
    title = wanted.title or (template.title if template else "") or named
    if not title:
        raise TitleNeeded
    severity = wanted.severity or (template.severity if template else None)
    # A sensor's clock may be ahead of ours.
    detected = wanted.detected_at or min((links.received(alert) for alert in alerts), default=now)
    occurred = wanted.occurred_at or min((min(alert.first_seen, detected) for alert in alerts), default=None)
    incident = Incident(
        organization_id=home,
        title=title,
        severity=severity or max((alert.severity for alert in alerts), default=DEFAULT_SEVERITY),
        status=rules.Status.OPEN,
        reporter_id=by.user_id,
        tlp=(template.tlp if template else None) or Tlp.AMBER,
        pap=wanted.pap or (template.pap if template else None) or Pap.AMBER,
        restricted=wanted.restricted,
        summary=wanted.summary if wanted.summary is not None else (template.summary if template else ""),
        tags=tagged(template.tags if template else [], wanted.tags, ()),
        techniques=[],
        fields=fields.merged({}, fields.checked(template.fields if template else [], wanted.fields)),
        alerts_count=0,
        received_at=now,
        occurred_at=occurred,
        detected_at=detected,
        template_id=template.id if template else None,
    )
    rules.mark(incident, tlp=wanted.tlp)
    if wanted.assignee_id is not None:
        rules.assign(incident, to=wanted.assignee_id, now=now)
    return incident


async def _begin(
    session: AsyncSession, incident: Incident, template: IncidentTemplate | None, *, by: Principal, trace: Trace
) -> None:
    """What a new incident has from the start: a version of its summary, its members, the template's tasks."""
    if incident.summary:
        _keep_summary(session, incident, by)
    if incident.restricted:
        await members.admit_first(session, incident, by=by, trace=trace)
    if template is None:
        return
    session.add_all(
        IncidentTask(
            organization_id=incident.organization_id,
            incident_id=incident.id,
            title=task["title"],
            description=task.get("description", ""),
            phase=task.get("phase", ""),
            required=task.get("required", False),
            position=position,
            created_by_id=by.user_id,
        )
        for position, task in enumerate(template.tasks)
    )


async def _template(session: AsyncSession, home: UUID, template_id: UUID | None) -> IncidentTemplate | None:
    if template_id is None:
        return None
    found = await session.scalar(
        select(IncidentTemplate).where(
            IncidentTemplate.id == template_id,
            IncidentTemplate.organization_id == home,
            IncidentTemplate.retired_at.is_(None),
        )
    )
    if found is None:
        raise UnknownTemplate
    return found


async def definitions(session: AsyncSession, incident: Incident) -> list[dict[str, Any]]:
    """The custom fields there are: those of its template as that is now."""
    return (await _of_template(session, incident))[0]


async def _of_template(session: AsyncSession, incident: Incident) -> tuple[list[dict[str, Any]], str]:
    """The fields and the summary of its template as that is now."""
    if incident.template_id is None:
        return [], ""
    found = select(IncidentTemplate.fields, IncidentTemplate.summary).where(IncidentTemplate.id == incident.template_id)
    definitions, summary = (await session.execute(found)).one()
    return definitions, summary


async def update(
    session: AsyncSession,
    incident_id: UUID,
    wanted: IncidentUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Incident:
    """Change what `wanted` names. Raises IncidentClosed, BadField, BadMoments, and what `work.locked` does."""
    lock = members.locked_with_merged if wanted.tlp == Tlp.RED else work.locked
    incident = await lock(session, incident_id, by=by, expected=expected)
    rules.require_open(incident)
    before = trail.snapshot(incident, work.EDITED)
    given = wanted.model_dump(exclude_unset=True)
    tlp, changed = given.pop("tlp", None), given.pop("fields", None)
    if severity := given.pop("severity", None):
        rules.set_severity(incident, severity)
    for name, value in given.items():
        setattr(incident, name, value)
    if changed is not None:
        incident.fields = fields.merged(incident.fields, fields.checked(await definitions(session, incident), changed))
    rules.mark(incident, tlp=tlp)
    _require_order(incident)
    if incident.restricted and not before["restricted"]:
        await members.admit_first(session, incident, by=by, trace=trace)
    changes = await work.settle(session, incident, before, "changed", by=by, trace=trace)
    if "restricted" in changes:
        await members.lead_merged(session, incident, by=by, trace=trace)
    _say_changes(session, incident, changes, by=by)
    if "summary" in changes:
        _keep_summary(session, incident, by)
    await session.flush()
    return incident


def _say_changes(session: AsyncSession, incident: Incident, changes: trail.Changes, *, by: Principal) -> None:
    """To the timeline: a change of what decides how an incident is worked."""
    for name in ("severity", "tlp", "pap", "restricted", *rules.MOMENTS):
        if name in changes:
            before, after = (trail.plain(value) for value in changes[name])
            said = f"{name}: {_word(before)} → {_word(after)}"
            work.enter(session, incident, "changed", said, by=by, details={name: [before, after]})


def _word(value: Any) -> str:
    return "not set" if value is None else str(value)


def _keep_summary(session: AsyncSession, incident: Incident, by: Principal) -> None:
    session.add(
        IncidentSummaryVersion(
            incident_id=incident.id,
            revision=incident.revision or 1,
            author_id=by.user_id,
            author_name=by.name,
            body=incident.summary,
        )
    )


def _require_order(incident: Incident) -> None:
    """Raises BadMoments."""
    now = clock.now()
    known: list[datetime] = [moment for name in rules.MOMENTS if (moment := getattr(incident, name)) is not None]
    if known != sorted(known) or any(moment > now for moment in known):
        raise BadMoments


async def missing(session: AsyncSession, incident: Incident) -> list[rules.Missing]:
    """What closing still needs."""
    tasks = (await session.execute(queries.open_required_tasks(incident.id, MAX_MISSING))).all()
    of_template, skeleton = await _of_template(session, incident)
    return rules.missing(
        summary=incident.summary,
        skeleton=skeleton,
        required_fields=fields.required(of_template),
        fields=incident.fields,
        open_required_tasks=[(row.id, row.title) for row in tasks],
    )


async def review_policy(session: AsyncSession, organization_id: UUID) -> ReviewPolicy:
    """The organization's."""
    settings = await session.scalar(select(Organization.settings).where(Organization.id == organization_id))
    return ReviewPolicy.read(settings or {})


async def severity_for_review(session: AsyncSession, incident: Incident) -> int:
    """The highest that it, or an alert that is or was linked to it, has had."""
    of_alerts = await session.scalar(queries.alert_severity(incident.id))
    return max(rules.severity_for_review(incident), of_alerts or 0)


async def detail(session: AsyncSession, incident: Incident, *, by: Principal) -> IncidentDetail:
    """The incident with what its page shows first."""
    counts = (await session.execute(queries.counts([incident.id], by=by))).one()
    review = await session.scalar(queries.waiting_review(incident.id))
    policy = await review_policy(session, incident.organization_id)
    highest = await severity_for_review(session, incident)
    into = incident.merged_into_id
    number = select(Incident.number).where(Incident.id == into, queries.may_see(by))
    return IncidentDetail(
        **IncidentRead.model_validate(incident).model_dump(),
        summary=incident.summary,
        fields=incident.fields,
        counts=Counts.model_validate(dict(counts._mapping)),
        missing=[MissingRead.model_validate(one, from_attributes=True) for one in await missing(session, incident)],
        peak_severity=highest if highest > incident.severity else None,
        needs_review=rules.needs_review(policy, highest, Verdict.TRUE_POSITIVE),
        review=None if review is None else ReviewRead.model_validate(review),
        members=[MemberRead.model_validate(one) for one in await session.scalars(queries.members(incident.id))],
        merged_numbers=list(await session.scalars(queries.merged_numbers(incident.id, by=by))),
        merged_into_number=await session.scalar(number) if into is not None else None,
        clocks=clocks.shown(await clocks.readings(session, incident, now=clock.now())),
        measures=clocks.measures(incident),
    )
