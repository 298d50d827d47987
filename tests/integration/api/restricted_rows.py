"""A restricted incident with all that may speak of it, among things that everybody sees."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.domain.audit import FIELDS, FIRST, sealed
from shared.models import (
    Alert,
    AlertNote,
    AuditEntry,
    AuditPending,
    AuditSeal,
    Event,
    Evidence,
    EvidenceCustody,
    Incident,
    IncidentAlert,
    IncidentEntry,
    IncidentEvent,
    IncidentLink,
    IncidentMember,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
    Job,
    JobItem,
    JobOutput,
    Notification,
    NotificationChannel,
    Observable,
    Snooze,
    Suppression,
    SuppressionMatch,
    User,
)
from tests.integration.api.rows import Tenant, make_alert, make_event, make_person

MARKER = "Zugzwang"
NUMBER = 987_654_321_012
RULE = "rule-of-all"


@dataclass
class World:
    """An organization with people, and what anybody of them may see."""

    tenant: Tenant
    lead: User
    admin: User
    member: User
    shown: Alert
    suppression: Suppression
    trial: Suppression
    channel: NotificationChannel
    neighbour: Incident
    incident: UUID = field(default_factory=ids.uuid7)
    hidden: list[Alert] = field(default_factory=list)
    event: Event | None = None
    jobs: list[UUID] = field(default_factory=list)
    parts: dict[str, UUID] = field(default_factory=dict)

    @property
    def needles(self) -> list[str]:
        """What no reply to anybody else may hold."""
        return [MARKER, str(self.incident), str(NUMBER), *(str(alert.id) for alert in self.hidden)]


async def make_world(session: AsyncSession, tenant: Tenant) -> World:
    lead = await make_person(session, tenant, "lead")
    admin = await make_person(session, tenant, "admin")
    member = await make_person(session, tenant, "lead")
    shown = await make_alert(session, tenant, title="Shown", rule_id=RULE, fingerprint=b"shown-fingerprin")
    now = clock.now()
    about = {"organization_id": tenant.id, "query": "severity:low", "reason": "tests", "starts_at": now}
    suppression = Suppression(**about, name="one", mode="active", ends_at=now + timedelta(days=1))
    trial = Suppression(**about, name="two", mode="monitor", ends_at=now + timedelta(days=1))
    channel = NotificationChannel(
        organization_id=tenant.id, kind="email", name="all", settings={"to": ["a@example.org"]}
    )
    neighbour = Incident(organization_id=tenant.id, number=1, title="Shown", severity=3, received_at=now)
    session.add_all([suppression, trial, channel, neighbour])
    await session.commit()
    return World(tenant, lead, admin, member, shown, suppression, trial, channel, neighbour)


async def restrict(session: AsyncSession, world: World) -> None:
    """The incident, three alerts in it, and everything that names them."""
    organization = world.tenant.id
    session.add(
        Incident(
            id=world.incident, organization_id=organization, number=NUMBER, title=f"{MARKER} incident", severity=4,
            restricted=True, tlp="red", received_at=clock.now(), alerts_count=3,
        )
    )  # fmt: skip
    await session.flush()
    session.add(IncidentMember(incident_id=world.incident, user_id=world.member.id))
    of_it: dict[str, Any] = {"incident_id": world.incident, "title": f"{MARKER} alert", "rule_id": RULE}
    closed = {"status": "closed", "verdict": "true_positive", "closed_at": clock.now(), "current": False}
    tried = {f"would_suppress.{world.trial.id}@1": 70}
    world.hidden = [
        await make_alert(session, world.tenant, **of_it, explanation=tried, tags=[MARKER]),
        await make_alert(
            session, world.tenant, **of_it, suppression_id=world.suppression.id, status="suppressed", count=50,
            fingerprint=world.shown.fingerprint,
        ),
        await make_alert(session, world.tenant, **of_it, **closed),
    ]  # fmt: skip
    first = world.hidden[0].id
    world.shown.previous_alert_id = world.hidden[2].id
    world.suppression.proposed_by_alert_id = first
    world.event = await make_event(session, world.tenant, alert_id=first)
    session.add(SuppressionMatch(suppression_id=world.trial.id, alert_id=first))
    for alert in world.hidden:
        session.add(
            IncidentAlert(
                organization_id=organization, incident_id=world.incident, alert_id=alert.id, linked_by_name="Ada"
            )
        )
        session.add(AlertNote(organization_id=organization, alert_id=alert.id, author_name="Ada", body=MARKER))
    soon = clock.now() + timedelta(days=1)
    session.add(Snooze(alert_id=first, user_id=world.lead.id, until=soon, count=100, severity=5))
    await _leave_behind(session, world)
    await _jobs(session, world)
    _tell(session, world)
    _record(session, world)
    await session.commit()


async def _leave_behind(session: AsyncSession, world: World) -> None:
    """In an incident that everybody sees: what says that it lost alerts to the other, and what it has from there."""
    alert, told = str(world.hidden[0].id), {"occurred_at": clock.now(), "author_name": "Ada"}
    of_it: dict[str, Any] = {"organization_id": world.tenant.id, "incident_id": world.neighbour.id}
    said: list[tuple[str, str, dict[str, Any]]] = [
        ("split", f"Split off from this: #{NUMBER}", {"other_id": str(world.incident)}),
        ("alerts_unlinked", f"Alert unlinked: {MARKER} alert", {"alert_ids": [alert]}),
        ("alert_repeated", f"3 more events on “{MARKER} alert”", {"alert_id": alert}),
        ("unmerged", f"#{NUMBER} is an incident of its own again", {"incident_ids": [str(world.incident)]}),
        ("created", f"Incident #{NUMBER} opened", {}),
    ]
    session.add_all(
        IncidentEntry(**of_it, **told, kind=kind, message=message, details=details) for kind, message, details in said
    )
    session.add(
        IncidentLink(
            organization_id=world.tenant.id, incident_id=world.incident, other_id=world.neighbour.id,
            relation="split_from",
        )
    )  # fmt: skip
    value = Observable(organization_id=world.tenant.id, id=ids.uuid7(), type="domain", value="example.org")
    session.add(value)
    await session.flush()
    of_it["origin_id"] = world.incident
    assert world.event is not None
    event = {name: getattr(world.event, name) for name in ("time", "received_at", "sensor_id", "body")}
    parts: dict[str, Any] = {
        "entry_id": IncidentEntry(**of_it, **told, kind="observed", message="Told", details={}),
        "task_id": IncidentTask(**of_it, title="Shown"),
        "note_id": IncidentNote(**of_it, author_name="Ada", body="Shown"),
        "incident_observable_id": IncidentObservable(**of_it, observable_id=value.id),
        "evidence_id": Evidence(
            **of_it, name="shown", size=1, sha256=bytes(32), media_type="text/plain", removed_at=clock.now()
        ),
        "copy_id": IncidentEvent(
            **of_it, **event, event_id=world.event.id, event_kind="alert", alert_id=world.hidden[0].id,
            sha256=hashlib.sha256(world.event.body).digest(),
        ),
    }  # fmt: skip
    session.add_all(parts.values())
    await session.flush()
    world.parts = {name: part.id for name, part in parts.items()}
    way = {"from": NUMBER, "to": world.neighbour.number}
    session.add(EvidenceCustody(evidence_id=world.parts["evidence_id"], action="moved", actor_name="Ada", details=way))


async def _jobs(session: AsyncSession, world: World) -> None:
    """Of the member's a bulk action on what is hidden and exports of it; of the lead's one from before."""
    first, second = world.hidden[0].id, world.hidden[1].id
    theirs = [
        _job(world, world.member, "alerts.bulk", {"query": MARKER}, total=2, done=2),
        _job(
            world, world.member, "alerts.export", {"of": "alerts", "format": "ndjson", "query": MARKER}, total=2, done=2
        ),
    ]
    asked = {"of": "incidents", "format": "ndjson", "query": f"title:{MARKER}"}
    taken, taken_before = (
        _job(world, who, "incidents.export", asked, total=2, done=2) for who in (world.member, world.lead)
    )
    # Of the lead's own the question stands in it; what was found is not to.
    taken_before.parameters = asked | {"query": ""}
    events = _job(world, world.member, "events.export", {"of": "events", "format": "ndjson"}, total=1, done=1)
    own = _job(world, world.lead, "alerts.bulk", {"ids": 2}, total=2, done=1, skipped=1)
    content = b'{"alert_id":"%b"}\n' % str(first).encode()
    events.result = {"bytes": len(content), "pieces": 1}
    theirs[1].result = {"bytes": 9, "pieces": 1}
    linking = _job(world, world.member, "incidents.link", {"incident_id": str(world.incident)})
    opened = _job(world, world.member, "incidents.link", {"open": {"title": MARKER}})
    opened.result = {"incident_id": str(world.incident), "number": NUMBER}
    opening = _job(world, world.member, "incidents.link", {"open": {"title": MARKER, "restricted": True}})
    marking = _job(world, world.member, "incidents.link", {"open": {"title": MARKER, "tlp": "red"}})
    undoing = _job(world, world.member, "incidents.unlink", {"incident_id": str(world.incident)})
    undoing.undo_of_id = opened.id = ids.uuid7()
    for job in (taken, taken_before):
        job.result = {"bytes": len(MARKER), "pieces": 1}
    session.add_all([*theirs, taken, taken_before, events, own, linking, opened, opening, marking])
    await session.flush()
    session.add(undoing)
    await session.flush()
    for job in (opened, undoing, taken):
        session.add(
            AuditEntry(
                organization_id=world.tenant.id, actor="user", actor_name=MARKER, action="job.started", kind="job",
                object_id=job.id,
            )
        )  # fmt: skip
    session.add_all([JobItem(job_id=job.id, ordinal=0, target_id=first, status="done") for job in theirs])
    session.add_all([JobItem(job_id=job.id, ordinal=1, target_id=second, status="done") for job in theirs])
    session.add(JobItem(job_id=own.id, ordinal=0, target_id=first, status="skipped", reason="alert_not_found"))
    session.add(JobItem(job_id=own.id, ordinal=1, target_id=world.shown.id, status="done"))
    session.add(JobOutput(job_id=events.id, ordinal=0, content=content))
    for job in (taken, taken_before):
        session.add(JobItem(job_id=job.id, ordinal=0, target_id=world.incident, status="done"))
        session.add(JobItem(job_id=job.id, ordinal=1, target_id=ids.uuid7(), status="done"))
    for job in (theirs[1], taken, taken_before):
        session.add(JobOutput(job_id=job.id, ordinal=0, content=MARKER.encode()))
    world.jobs = [*(job.id for job in theirs), events.id, own.id, taken.id, taken_before.id]


def _job(world: World, by: User, kind: str, parameters: dict[str, Any], **counts: int) -> Job:
    actor = {"actor": "user", "id": str(by.id), "name": by.name, "address": None}
    return Job(
        organization_id=world.tenant.id, kind=kind, status="done", parameters=parameters, actor=actor,
        created_by_id=by.id, **counts,
    )  # fmt: skip


def _tell(session: AsyncSession, world: World) -> None:
    about = {"organization_id": world.tenant.id, "due_at": clock.now(), "subject": f"Look: {MARKER}", "status": "sent"}
    objects = [("alert", world.hidden[0].id), ("incident", world.incident)]
    for kind, object_id in objects:
        object_ = {"object_kind": kind, "object_id": object_id}
        session.add(
            Notification(**about, **object_, kind="alert.assigned", dedupe_key=f"{object_id} a", user_id=world.lead.id)
        )
        session.add(
            Notification(
                **about, **object_, kind="alert.critical", dedupe_key=f"{object_id} b", channel_id=world.channel.id
            )
        )


def _record(session: AsyncSession, world: World) -> None:
    by = {"organization_id": world.tenant.id, "actor": "user", "actor_id": world.member.id, "actor_name": "Ada"}
    first = world.hidden[0].id
    said: list[tuple[str, UUID | None, dict[str, Any], dict[str, Any]]] = [
        ("incident.changed", world.incident, {"title": ["", MARKER]}, {"number": NUMBER}),
        ("alert.tagged", first, {"tags": [[], [MARKER]]}, {}),
        ("job.started", world.jobs[0], {}, {"of": MARKER}),
        ("suppression.created", world.suppression.id, {"proposed_by": [None, str(first)]}, {"name": MARKER}),
        ("incident.linked", ids.uuid7(), {}, {"note": f"see {world.incident} ({MARKER})"}),
        ("sensor.changed", ids.uuid7(), {}, {"name": "a sensor"}),
    ]
    for action, object_id, changes, details in said:
        kind = action.partition(".")[0]
        session.add(AuditEntry(**by, action=action, kind=kind, object_id=object_id, changes=changes, details=details))


async def seal(session: AsyncSession, organization_id: UUID) -> None:
    """All entries of the organization that no seal has yet, as the sealer does it."""
    entries = await session.scalars(
        select(AuditEntry).where(AuditEntry.organization_id == organization_id).order_by(AuditEntry.id)
    )
    head = FIRST
    for sequence, entry in enumerate(entries, 1):
        head = sealed(head, {name: getattr(entry, name) for name in FIELDS})
        session.add(AuditSeal(organization_id=organization_id, sequence=sequence, audit_id=entry.id, hash=head))
    pending = await session.scalars(select(AuditPending).where(AuditPending.organization_id == organization_id))
    for one in pending:
        await session.delete(one)
    await session.commit()
