"""An incident with one row of everything that can hang on it, for the tests of the tables."""

from typing import Any

from shared import clock, ids
from shared.models import (
    Alert,
    Evidence,
    EvidenceCustody,
    Handover,
    HandoverItem,
    Incident,
    IncidentAlert,
    IncidentEntry,
    IncidentEvent,
    IncidentFollowing,
    IncidentLink,
    IncidentMember,
    IncidentNote,
    IncidentNoteVersion,
    IncidentObservable,
    IncidentPause,
    IncidentReview,
    IncidentSummaryVersion,
    IncidentTask,
    IncidentTemplate,
    IncidentWatch,
    Observable,
    Organization,
    User,
)


def make_incident(organization: Organization, number: int, **values: Any) -> Incident:
    defaults = {
        "organization": organization,
        "number": number,
        "title": "A break-in",
        "severity": 3,
        "received_at": clock.now(),
    }
    return Incident(**(defaults | values))


def make_template(organization: Organization, **values: Any) -> IncidentTemplate:
    return IncidentTemplate(**({"organization": organization, "name": "Phishing"} | values))


def on(incident: Incident, origin: Incident, person: User, alert: Alert, observable: Observable) -> list[Any]:
    """One of everything on the incident, written in its origin."""
    now = clock.now()
    of_it = {"organization_id": incident.organization_id, "incident": incident}
    moved = {**of_it, "origin": origin}
    event = {"event_kind": "alert", "time": now, "received_at": now, "sensor_id": ids.uuid7(), "body": b"x"}
    named = {"author": person, "author_name": "Ada"}
    note = IncidentNote(**moved, **named, body="seen")
    incoming = User(email="ben@example.org", name="Ben")
    handover = Handover(organization_id=incident.organization_id, shift="night", outgoing=person, incoming=incoming)
    evidence = Evidence(**moved, added_by=person, name="a", size=0, sha256=bytes(32), media_type="text/plain")
    return [
        IncidentMember(incident=incident, user=person, added_by=person),
        IncidentWatch(incident=incident),
        IncidentPause(incident=incident, kind="hold", started_at=now),
        IncidentAlert(
            **moved, alert=alert, linked_by=person, unlinked_by=person, found_assignee=person, linked_by_name="Ada"
        ),
        IncidentEvent(**moved, alert=alert, picked_by=person, event_id=ids.uuid7(), sha256=bytes(32), **event),
        IncidentFollowing(alert=alert, organization_id=incident.organization_id),
        IncidentObservable(**moved, observable=observable, added_by=person),
        IncidentTask(**moved, title="Look", assignee=person, created_by=person, done_by=person),
        note,
        IncidentNoteVersion(note=note, revision=1, **named, body="seen"),
        IncidentSummaryVersion(incident=incident, revision=1, **named, body=""),
        IncidentEntry(**moved, **named, kind="observed", occurred_at=now, message="x"),
        IncidentReview(
            **of_it, verdict="true_positive", reason="attack", requested_by=person, requested_by_name="Ada",
            reviewer=person, decided_by=person, decided_at=now, decision="approved",
        ),
        IncidentLink(**of_it, other=origin, relation="related", created_by=person),
        evidence,
        EvidenceCustody(evidence=evidence, action="uploaded", actor=person, actor_name="Ada"),
        HandoverItem(handover=handover, incident=incident, next_step="Wait"),
    ]  # fmt: skip
