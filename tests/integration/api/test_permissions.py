"""The permission matrix: every operation by nobody, by each role, by the other organization, and by lesser tokens.

The table says by hand who may do what, so that neither the code's permissions nor its routes can change unnoticed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.models import (
    AlertNote,
    ApiToken,
    CloseReason,
    Evidence,
    Handover,
    Incident,
    IncidentEntry,
    IncidentEvent,
    IncidentLink,
    IncidentNote,
    IncidentObservable,
    IncidentTask,
    IncidentTemplate,
    Invitation,
    Job,
    Notification,
    NotificationChannel,
    NotificationRoute,
    Observable,
    SavedView,
    SensorKey,
    Suppression,
    User,
)
from tests.integration.api.calling import Api
from tests.integration.api.rows import (
    Tenant,
    make_alert,
    make_event,
    make_person,
    make_quarantined,
    make_sensor,
    make_tenant,
    make_token,
)
from tests.integration.api.signed_in import Page, page_of

READING = {Role.VIEWER, Role.ANALYST, Role.LEAD, Role.ADMIN}
TRIAGE = {Role.ANALYST, Role.LEAD, Role.ADMIN}
LEADING = {Role.LEAD, Role.ADMIN}
OPERATING = {Role.OPERATOR, Role.ADMIN}
ADMINS = {Role.ADMIN}
EVERYBODY = set(Role)

WHO: dict[str, set[Role]] = {
    "GET organizations": EVERYBODY,
    "GET organizations/{organization_id}/close-reasons": READING,
    "POST organizations/{organization_id}/close-reasons": ADMINS,
    "DELETE organizations/{organization_id}/close-reasons/{reason_id}": ADMINS,
    "GET users": EVERYBODY,
    "GET users/{user_id}": EVERYBODY,
    "POST users": ADMINS,
    "PATCH users/{user_id}": ADMINS,
    "POST users/{user_id}/reset": ADMINS,
    "DELETE users/{user_id}": ADMINS,
    "GET invitations": ADMINS,
    "POST invitations": ADMINS,
    "POST invitations/accept": EVERYBODY,
    "DELETE invitations/{invitation_id}": ADMINS,
    "GET tokens": EVERYBODY,
    "POST tokens": EVERYBODY,
    "DELETE tokens/{token_id}": EVERYBODY,
    "GET views": READING,
    "POST views": TRIAGE,
    "GET views/{view_id}": READING,
    "PATCH views/{view_id}": TRIAGE,
    "DELETE views/{view_id}": TRIAGE,
    "GET alerts": READING,
    "POST alerts": TRIAGE,
    "GET alerts/facets": READING,
    "GET alerts/histogram": READING,
    "GET alerts/fields": READING,
    "GET alerts/{alert_id}": READING,
    "GET alerts/{alert_id}/events": READING,
    "GET alerts/{alert_id}/suppression-proposal": READING,
    "GET alerts/{alert_id}/incident-offers": READING,
    "GET alerts/{alert_id}/notes": READING,
    "GET alerts/{alert_id}/notes/{note_id}": READING,
    "POST alerts/{alert_id}/notes": TRIAGE,
    "PUT alerts/{alert_id}/notes/{note_id}": TRIAGE,
    "DELETE alerts/{alert_id}/notes/{note_id}": TRIAGE,
    "GET snoozes": READING,
    "PUT alerts/{alert_id}/snooze": TRIAGE,
    "DELETE alerts/{alert_id}/snooze": TRIAGE,
    "POST alerts/{alert_id}/acknowledge": TRIAGE,
    "POST alerts/{alert_id}/start": TRIAGE,
    "POST alerts/{alert_id}/assign": TRIAGE,
    "POST alerts/{alert_id}/severity": TRIAGE,
    "POST alerts/{alert_id}/close": TRIAGE,
    "POST alerts/{alert_id}/reopen": TRIAGE,
    "POST alerts/{alert_id}/tags": TRIAGE,
    "POST alerts/bulk": TRIAGE,
    "POST alerts/bulk/{job_id}/undo": TRIAGE,
    "GET jobs": EVERYBODY,
    "GET jobs/{job_id}": EVERYBODY,
    "GET jobs/{job_id}/items": EVERYBODY,
    "POST jobs/{job_id}/start": EVERYBODY,
    "POST jobs/{job_id}/cancel": EVERYBODY,
    "POST exports": TRIAGE,
    "GET exports/{job_id}/content": TRIAGE,
    "DELETE exports/{job_id}/content": TRIAGE,
    "GET events": READING,
    "GET events/histogram": READING,
    "GET events/fields": READING,
    "GET events/{event_id}": READING,
    "GET suppressions": READING,
    "POST suppressions": LEADING,
    "POST suppressions/dry-run": READING,
    "GET suppressions/{suppression_id}": READING,
    "GET suppressions/{suppression_id}/versions": READING,
    "PATCH suppressions/{suppression_id}": LEADING,
    "POST suppressions/{suppression_id}/approve": LEADING,
    "POST suppressions/{suppression_id}/end": LEADING,
    "GET notification-channels": ADMINS,
    "POST notification-channels": ADMINS,
    "PATCH notification-channels/{channel_id}": ADMINS,
    "POST notification-channels/{channel_id}/test": ADMINS,
    "GET notification-routes": EVERYBODY,
    "POST notification-routes": EVERYBODY,
    "PATCH notification-routes/{route_id}": EVERYBODY,
    "DELETE notification-routes/{route_id}": EVERYBODY,
    "GET notifications": EVERYBODY,
    "POST notifications/{notification_id}/retry": EVERYBODY,
    "GET receipts/{receipt_id}": EVERYBODY,
    "GET rules": READING,
    "GET sensors": EVERYBODY,
    "POST sensors": OPERATING,
    "POST sensors/test": EVERYBODY,
    "GET sensors/{sensor_id}": EVERYBODY,
    "PATCH sensors/{sensor_id}": OPERATING,
    "POST sensors/{sensor_id}/test": EVERYBODY,
    "GET sensors/{sensor_id}/snippet": EVERYBODY,
    "GET sensors/{sensor_id}/accounts": EVERYBODY,
    "POST sensors/{sensor_id}/keys": OPERATING,
    "DELETE sensors/{sensor_id}/keys/{key_id}": OPERATING,
    "GET quarantine": OPERATING,
    "GET quarantine/summary": OPERATING,
    "GET quarantine/{record_id}": OPERATING,
    "PATCH quarantine/{record_id}": OPERATING,
    "POST quarantine/{record_id}/try": OPERATING,
    "POST quarantine/redrive": OPERATING,
    "POST quarantine/discard": OPERATING,
    "POST quarantine/cancel": OPERATING,
    "GET system": OPERATING,
    "GET system/parked/{queue}": OPERATING,
    "POST system/jobs": OPERATING,
    "GET audit": ADMINS,
    "GET audit/verify": ADMINS,
    "GET audit/export": ADMINS,
    "GET incidents": READING,
    "GET incidents/facets": READING,
    "GET incidents/fields": READING,
    "GET incidents/{incident_id}": READING,
    "GET incidents/{incident_id}/summary/versions": READING,
    "GET incidents/{incident_id}/reviews": READING,
    "GET incidents/{incident_id}/alerts": READING,
    "GET incidents/{incident_id}/members": READING,
    "GET incidents/{incident_id}/notes": READING,
    "GET incidents/{incident_id}/notes/{note_id}": READING,
    "GET incidents/{incident_id}/tasks": READING,
    "GET incidents/{incident_id}/tasks/{task_id}": READING,
    "GET incidents/{incident_id}/timeline": READING,
    "GET incidents/{incident_id}/events": READING,
    "GET incidents/{incident_id}/events/{copy_id}": READING,
    "POST incidents/{incident_id}/events": TRIAGE,
    "DELETE incidents/{incident_id}/events/{copy_id}": TRIAGE,
    "GET incidents/{incident_id}/links": READING,
    "GET incidents/{incident_id}/similar": READING,
    "GET incidents/{incident_id}/evidence": READING,
    "GET incidents/{incident_id}/evidence/{evidence_id}": READING,
    "GET incidents/{incident_id}/evidence/{evidence_id}/custody": READING,
    "GET incidents/{incident_id}/evidence/{evidence_id}/content": READING,
    "POST incidents/{incident_id}/evidence": TRIAGE,
    "POST incidents/{incident_id}/evidence/{evidence_id}/verify": TRIAGE,
    "PATCH incidents/{incident_id}/evidence/{evidence_id}": TRIAGE,
    "DELETE incidents/{incident_id}/evidence/{evidence_id}": TRIAGE,
    "GET incidents/{incident_id}/observables": READING,
    "GET incidents/{incident_id}/observables/{incident_observable_id}": READING,
    "GET incidents/{incident_id}/report": READING,
    "GET incidents/{incident_id}/export": READING,
    "GET organizations/{organization_id}/incident-policy": READING,
    "POST incidents/{incident_id}/observables": TRIAGE,
    "PATCH incidents/{incident_id}/observables/{incident_observable_id}": TRIAGE,
    "DELETE incidents/{incident_id}/observables/{incident_observable_id}": TRIAGE,
    "PUT organizations/{organization_id}/incident-policy": LEADING,
    "GET incident-templates": READING,
    "GET incident-templates/{template_id}": READING,
    "POST incidents": TRIAGE,
    "POST incidents/bulk": TRIAGE,
    "POST incidents/bulk/{job_id}/undo": TRIAGE,
    "PATCH incidents/{incident_id}": TRIAGE,
    "POST incidents/{incident_id}/alerts": TRIAGE,
    "POST incidents/{incident_id}/alerts/unlink": TRIAGE,
    "POST incidents/{incident_id}/transition": TRIAGE,
    "POST incidents/{incident_id}/assign": TRIAGE,
    "POST incidents/{incident_id}/tags": TRIAGE,
    "POST incidents/{incident_id}/restrict": TRIAGE,
    "POST incidents/{incident_id}/members": TRIAGE,
    "DELETE incidents/{incident_id}/members/{user_id}": TRIAGE,
    "POST incidents/{incident_id}/close": TRIAGE,
    "POST incidents/{incident_id}/reopen": TRIAGE,
    "POST incidents/{incident_id}/review": TRIAGE,
    "POST incidents/{incident_id}/review/withdraw": TRIAGE,
    "POST incidents/{incident_id}/merge": TRIAGE,
    "POST incidents/{incident_id}/unmerge": TRIAGE,
    "POST incidents/{incident_id}/split": TRIAGE,
    "POST incidents/{incident_id}/links": TRIAGE,
    "DELETE incidents/{incident_id}/links/{link_id}": TRIAGE,
    "POST incidents/{incident_id}/notes": TRIAGE,
    "PUT incidents/{incident_id}/notes/{note_id}": TRIAGE,
    "DELETE incidents/{incident_id}/notes/{note_id}": TRIAGE,
    "POST incidents/{incident_id}/tasks": TRIAGE,
    "PATCH incidents/{incident_id}/tasks/{task_id}": TRIAGE,
    "POST incidents/{incident_id}/timeline": TRIAGE,
    "PUT incidents/{incident_id}/timeline/{entry_id}": TRIAGE,
    "DELETE incidents/{incident_id}/timeline/{entry_id}": TRIAGE,
    "POST incident-templates": LEADING,
    "PUT incident-templates/{template_id}": LEADING,
    "POST incident-templates/{template_id}/retire": LEADING,
    "POST incidents/break-glass": LEADING,
    "POST incidents/{incident_id}/legal-hold": LEADING,
    "POST incidents/{incident_id}/review/decide": LEADING,
    "GET dashboard": READING,
    "GET handovers": READING,
    "GET handovers/{handover_id}": READING,
    "POST handovers": TRIAGE,
    "PATCH handovers/{handover_id}": TRIAGE,
    "PUT handovers/{handover_id}/items": TRIAGE,
    "POST handovers/{handover_id}/sign": TRIAGE,
    "POST handovers/{handover_id}/accept": TRIAGE,
}
# By hand too: the scope that a token needs, where it needs one.
NEEDS: dict[Permission, set[str]] = {
    Permission.ALERTS_READ: {
        "GET organizations/{organization_id}/close-reasons", "GET views", "GET views/{view_id}", "GET alerts",
        "GET alerts/facets", "GET alerts/histogram", "GET alerts/fields", "GET alerts/{alert_id}",
        "GET alerts/{alert_id}/events", "GET alerts/{alert_id}/suppression-proposal", "GET alerts/{alert_id}/notes",
        "GET alerts/{alert_id}/notes/{note_id}", "GET snoozes",
    },
    Permission.ALERTS_WRITE: {
        "POST alerts", "POST alerts/{alert_id}/notes", "PUT alerts/{alert_id}/notes/{note_id}",
        "DELETE alerts/{alert_id}/notes/{note_id}", "PUT alerts/{alert_id}/snooze", "DELETE alerts/{alert_id}/snooze",
        "POST alerts/{alert_id}/acknowledge", "POST alerts/{alert_id}/start", "POST alerts/{alert_id}/assign",
        "POST alerts/{alert_id}/severity", "POST alerts/{alert_id}/close", "POST alerts/{alert_id}/reopen",
        "POST alerts/{alert_id}/tags", "POST alerts/bulk", "POST alerts/bulk/{job_id}/undo",
    },
    Permission.EVENTS_READ: {"GET events", "GET events/histogram", "GET events/fields", "GET events/{event_id}"},
    Permission.RECEIPTS_READ: {"GET receipts/{receipt_id}"},
    Permission.VIEWS_WRITE: {"POST views", "PATCH views/{view_id}", "DELETE views/{view_id}"},
    Permission.EXPORT: {"POST exports", "GET exports/{job_id}/content", "DELETE exports/{job_id}/content"},
    Permission.BULK: set(),
    Permission.VIEWS_SHARE: set(),
    Permission.SUPPRESSIONS_READ: {
        "GET suppressions", "POST suppressions/dry-run", "GET suppressions/{suppression_id}",
        "GET suppressions/{suppression_id}/versions", "GET alerts/{alert_id}/suppression-proposal",
    },
    Permission.SUPPRESSIONS_WRITE: {
        "POST suppressions", "PATCH suppressions/{suppression_id}", "POST suppressions/{suppression_id}/approve",
        "POST suppressions/{suppression_id}/end",
    },
    Permission.RULES_READ: {"GET rules"},
    Permission.SENSORS_READ: {
        "GET sensors", "POST sensors/test", "GET sensors/{sensor_id}", "POST sensors/{sensor_id}/test",
        "GET sensors/{sensor_id}/snippet", "GET sensors/{sensor_id}/accounts",
    },
    Permission.SENSORS_WRITE: {
        "POST sensors", "PATCH sensors/{sensor_id}", "POST sensors/{sensor_id}/keys",
        "DELETE sensors/{sensor_id}/keys/{key_id}",
    },
    Permission.QUARANTINE_READ: {
        "GET quarantine", "GET quarantine/summary", "GET quarantine/{record_id}", "POST quarantine/{record_id}/try",
    },
    Permission.QUARANTINE_WRITE: {
        "PATCH quarantine/{record_id}", "POST quarantine/redrive", "POST quarantine/discard", "POST quarantine/cancel",
    },
    Permission.SYSTEM_READ: {"GET system", "GET system/parked/{queue}"},
    Permission.SYSTEM_WRITE: {"POST system/jobs"},
    Permission.USERS_READ: {"GET users", "GET users/{user_id}"},
    Permission.USERS_WRITE: {
        "POST users", "PATCH users/{user_id}", "POST users/{user_id}/reset", "DELETE users/{user_id}",
        "GET invitations", "POST invitations", "DELETE invitations/{invitation_id}",
    },
    Permission.ORGANIZATION_WRITE: {
        "POST organizations/{organization_id}/close-reasons",
        "DELETE organizations/{organization_id}/close-reasons/{reason_id}",
    },
    Permission.NOTIFICATIONS_WRITE: {
        "GET notification-channels", "POST notification-channels", "PATCH notification-channels/{channel_id}",
        "POST notification-channels/{channel_id}/test",
    },
    Permission.AUDIT_READ: {"GET audit", "GET audit/verify"},
    Permission.AUDIT_EXPORT: {"GET audit/export"},
    Permission.INCIDENTS_READ: {
        "GET incidents",
        "GET incidents/facets",
        "GET incidents/fields",
        "GET incidents/{incident_id}",
        "GET incidents/{incident_id}/summary/versions",
        "GET incidents/{incident_id}/reviews",
        "GET incidents/{incident_id}/alerts",
        "GET incidents/{incident_id}/members",
        "GET incidents/{incident_id}/notes",
        "GET incidents/{incident_id}/notes/{note_id}",
        "GET incidents/{incident_id}/tasks",
        "GET incidents/{incident_id}/tasks/{task_id}",
        "GET incidents/{incident_id}/timeline",
        "GET incidents/{incident_id}/links",
        "GET incidents/{incident_id}/similar",
        "GET alerts/{alert_id}/incident-offers",
        "GET incident-templates",
        "GET incident-templates/{template_id}",
        "GET incidents/{incident_id}/events",
        "GET incidents/{incident_id}/events/{copy_id}",
        "GET incidents/{incident_id}/evidence",
        "GET incidents/{incident_id}/evidence/{evidence_id}",
        "GET incidents/{incident_id}/evidence/{evidence_id}/custody",
        "GET incidents/{incident_id}/evidence/{evidence_id}/content",
        "GET incidents/{incident_id}/observables",
        "GET incidents/{incident_id}/observables/{incident_observable_id}",
        "GET incidents/{incident_id}/report",
        "GET incidents/{incident_id}/export",
        "GET organizations/{organization_id}/incident-policy",
        "GET dashboard", "GET handovers", "GET handovers/{handover_id}",
    },
    Permission.INCIDENTS_WRITE: {
        "POST incidents",
        "POST incidents/bulk",
        "POST incidents/bulk/{job_id}/undo",
        "PATCH incidents/{incident_id}",
        "POST incidents/{incident_id}/alerts",
        "POST incidents/{incident_id}/alerts/unlink",
        "POST incidents/{incident_id}/transition",
        "POST incidents/{incident_id}/assign",
        "POST incidents/{incident_id}/tags",
        "POST incidents/{incident_id}/restrict",
        "POST incidents/{incident_id}/members",
        "DELETE incidents/{incident_id}/members/{user_id}",
        "POST incidents/{incident_id}/close",
        "POST incidents/{incident_id}/reopen",
        "POST incidents/{incident_id}/review",
        "POST incidents/{incident_id}/review/withdraw",
        "POST incidents/{incident_id}/merge",
        "POST incidents/{incident_id}/unmerge",
        "POST incidents/{incident_id}/split",
        "POST incidents/{incident_id}/links",
        "DELETE incidents/{incident_id}/links/{link_id}",
        "POST incidents/{incident_id}/notes",
        "PUT incidents/{incident_id}/notes/{note_id}",
        "DELETE incidents/{incident_id}/notes/{note_id}",
        "POST incidents/{incident_id}/tasks",
        "PATCH incidents/{incident_id}/tasks/{task_id}",
        "POST incidents/{incident_id}/timeline",
        "PUT incidents/{incident_id}/timeline/{entry_id}",
        "DELETE incidents/{incident_id}/timeline/{entry_id}",
        "POST incidents/{incident_id}/events",
        "DELETE incidents/{incident_id}/events/{copy_id}",
        "POST incidents/{incident_id}/evidence",
        "POST incidents/{incident_id}/evidence/{evidence_id}/verify",
        "PATCH incidents/{incident_id}/evidence/{evidence_id}",
        "DELETE incidents/{incident_id}/evidence/{evidence_id}",
        "POST incidents/{incident_id}/observables",
        "PATCH incidents/{incident_id}/observables/{incident_observable_id}",
        "DELETE incidents/{incident_id}/observables/{incident_observable_id}",
        "POST handovers", "PATCH handovers/{handover_id}", "PUT handovers/{handover_id}/items",
        "POST handovers/{handover_id}/sign", "POST handovers/{handover_id}/accept",
    },
    Permission.INCIDENTS_REVIEW: {
        "POST incidents/{incident_id}/review/decide",
    },
    Permission.INCIDENTS_CONFIGURE: {
        "POST incident-templates",
        "PUT incident-templates/{template_id}",
        "POST incident-templates/{template_id}/retire",
        "POST incidents/{incident_id}/legal-hold",
        "PUT organizations/{organization_id}/incident-policy",
    },
    Permission.BREAK_GLASS: {
        "POST incidents/break-glass",
    },
}  # fmt: skip
# Of the caller alone, whoever that is; the tests of signing in are theirs.
PERSONAL = {
    "GET auth/session", "GET auth/sessions", "DELETE auth/sessions/{session_id}", "POST auth/logout",
    "PATCH auth/profile", "POST auth/password", "POST auth/totp", "POST auth/totp/confirm", "POST auth/totp/remove",
}  # fmt: skip
PUBLIC = {
    "GET auth/methods",
    "POST auth/login",
    "GET auth/oidc/login",
    "GET auth/oidc/callback",
    "GET auth/oidc/logout",
}
# Of somebody else's, whatever the role but a lead's: a note is its author's, a view its owner's.
OWN = {
    "PUT alerts/{alert_id}/notes/{note_id}", "DELETE alerts/{alert_id}/notes/{note_id}", "PATCH views/{view_id}",
    "DELETE views/{view_id}", "PUT incidents/{incident_id}/notes/{note_id}",
    "DELETE incidents/{incident_id}/notes/{note_id}",
}  # fmt: skip
# It does not end; tests of its own open it.
STREAMS = {"GET stream"}
# Where something is made, its organization is the caller's own: there is no other to try.
BODIES: dict[str, Any] = {
    "POST sensors/test": {"record": "{}"},
    "POST sensors/{sensor_id}/test": {"record": "{}"},
    "POST quarantine/{record_id}/try": None,
}
NONE: dict[str, Any] = {"items": [], "more": 0}
SNAPSHOT = {"since": "2026-11-27T00:00:00Z", "at": "2026-11-27T00:00:00Z", "new": NONE, "over_age": NONE,
            "waiting": NONE, "silent_sensors": NONE, "ending_suppressions": NONE}  # fmt: skip
NEEDED = {"GET alerts/histogram": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
          "GET sensors/{sensor_id}/snippet": {"shipper": "curl"}}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """One row of every kind, by the name its id has in paths."""

    ids: dict[str, UUID]
    of_incident: dict[str, UUID] = field(default_factory=dict)

    def path(self, template: str) -> str:
        ids = self.ids | (self.of_incident if template.startswith("incidents/") else {})
        return template.format(**{"queue": "nobodys.parked", **ids})


async def rows_of(session: AsyncSession, tenant: Tenant) -> Rows:
    now = clock.now()
    owner = await make_person(session, tenant)
    alert, sensor = await make_alert(session, tenant), await make_sensor(session, tenant)
    event, record = await make_event(session, tenant, alert_id=alert.id), await make_quarantined(session, tenant)
    mine = {"organization_id": tenant.id}
    channel = NotificationChannel(**mine, kind="email", name="x", settings={"to": ["a@example.org"]})
    more: dict[str, Any] = {
        "note_id": AlertNote(**mine, alert_id=alert.id, author_id=owner.id, author_name="x", body="x"),
        "token_id": ApiToken(**mine, name="x", token_hash=alert.id.bytes * 2, scopes=["*"], created_by_id=owner.id),
        "invitation_id": Invitation(
            **mine, email="x@example.org", role="viewer", code_hash=tenant.id.bytes, expires_at=now
        ),
        "reason_id": CloseReason(**mine, verdict="undetermined", name="x"),
        "job_id": Job(**mine, kind="alerts.bulk", status="done", created_by_id=owner.id),
        "channel_id": channel,
        "view_id": SavedView(**mine, owner_id=owner.id, kind="alert", name="x", query="", shared=True),
        "key_id": SensorKey(sensor_id=sensor.id, organization_id=tenant.id, key_hash=event.id.bytes * 2, prefix="x"),
        "suppression_id": Suppression(
            **mine,
            name="x",
            query="rule.id:1",
            reason="x",
            mode="active",
            starts_at=now,
            ends_at=clock.from_milliseconds(1 << 42),
        ),
    }
    session.add_all(more.values())
    await session.flush()
    more["route_id"] = NotificationRoute(**mine, user_id=owner.id, kinds=["note.mention"])
    more["notification_id"] = Notification(
        **mine, kind="note.mention", dedupe_key=str(alert.id), subject="x", user_id=owner.id, due_at=now,
        status="failed",
    )  # fmt: skip
    session.add_all([more["route_id"], more["notification_id"]])
    seen = Observable(**mine, type="domain", value=f"{alert.id}.example")
    session.add(seen)
    await session.flush()
    incident, of_incident = incident_rows(tenant, owner, seen)
    more["incident_id"] = incident
    more["template_id"] = IncidentTemplate(**mine, name="x")
    more["handover_id"] = Handover(**mine, shift="x", outgoing_id=owner.id, snapshot=SNAPSHOT)
    session.add_all([incident, more["template_id"], more["handover_id"], *of_incident.values()])
    await session.commit()
    return Rows(
        {name: row.id for name, row in more.items()}
        | {"organization_id": tenant.id, "user_id": owner.id, "alert_id": alert.id, "sensor_id": sensor.id}
        | {"event_id": event.id, "record_id": record.id, "receipt_id": event.id},
        {name: row.id for name, row in of_incident.items()},
    )


def incident_rows(tenant: Tenant, owner: User, seen: Observable) -> tuple[Incident, dict[str, Any]]:
    """An incident, and one of everything that paths below it name."""
    incident = Incident(
        id=ids.uuid7(), organization_id=tenant.id, number=1, title="x", severity=3, received_at=clock.now()
    )
    of_it: dict[str, Any] = {"organization_id": tenant.id, "incident_id": incident.id}
    return incident, {
        "note_id": IncidentNote(**of_it, author_id=owner.id, author_name="x", body="x"),
        "task_id": IncidentTask(**of_it, title="x"),
        "incident_observable_id": IncidentObservable(**of_it, observable_id=seen.id),
        "copy_id": IncidentEvent(
            **of_it,
            event_id=ids.uuid7(),
            event_kind="alert",
            picked=True,
            time=clock.now(),
            received_at=clock.now(),
            sensor_id=ids.uuid7(),
            body=b"",
            sha256=bytes(32),
        ),
        "link_id": IncidentLink(**of_it, relation="related", other=_another(tenant)),
        "evidence_id": Evidence(**of_it, name="x", size=0, sha256=bytes(32), media_type="text/plain"),
        "entry_id": IncidentEntry(
            **of_it, kind="observed", occurred_at=clock.now(), message="x", author_id=owner.id, author_name="x"
        ),
    }


def _another(tenant: Tenant) -> Incident:
    return Incident(organization_id=tenant.id, number=2, title="x", severity=3, received_at=clock.now())


@pytest.fixture
async def pages(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[dict[Role, Page]]:
    """Somebody of each role."""
    yield {role: await page_of(api, await make_person(session, acme, role)) for role in Role}


def request_of(operation: str, rows: Rows) -> tuple[str, str, dict[str, Any]]:
    method, template = operation.split()
    more: dict[str, Any] = {"params": NEEDED.get(operation)}
    if method in {"POST", "PATCH", "PUT"}:
        more["json"] = BODIES.get(operation, {})
    return method, rows.path(template), {name: value for name, value in more.items() if value is not None}


async def test_the_table_knows_every_operation(api: Api) -> None:
    described = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, operations in api.application.openapi()["paths"].items()
        for method in operations
        if path.startswith("/api/")
    }
    assert described == {*WHO, *PERSONAL, *PUBLIC, *STREAMS}


async def test_every_cell(api: Api, acme: Tenant, session: AsyncSession, pages: dict[Role, Page]) -> None:
    """By nobody 401; by a role without the right 403 and nothing else; by one with it anything but these."""
    rows = await rows_of(session, acme)
    cells = 0
    for operation, roles in WHO.items():
        method, path, more = request_of(operation, rows)
        nobody = await api.as_(None).call(method, path, **more)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "no_token"), operation
        for role, page in pages.items():
            # What is done for good is tried by those who may not, and told by its 4xx for those who may.
            reply = await page.call(method, path, **more)
            told = f"{operation} by {role}: {reply.status_code} {reply.text[:200]}"
            if role in roles:
                assert reply.status_code not in {401, 405, 500}, told
                assert reply.status_code != 403 or operation in OWN, told
            else:
                assert (reply.status_code, reply.json()["code"]) == (403, "not_permitted"), told
            cells += 1
        cells += 1
    for operation in PERSONAL:
        method, path, more = request_of(operation, replace(rows, ids=rows.ids | {"session_id": rows.ids["user_id"]}))
        assert (await api.as_(None).call(method, path, **more)).status_code == 401, operation
        cells += 1
    print(f"{cells} cells")


async def test_the_other_organizations_rows_do_not_exist(
    api: Api, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    """To its administrator and to its token of all scopes, whatever they ask for."""
    rows = await rows_of(session, acme)
    stranger = await page_of(api, await make_person(session, other, "admin"))
    cells = 0
    for operation in WHO:
        method, path, more = request_of(operation, rows)
        for caller in (stranger, api.as_(other.token)):
            reply = await caller.call(method, path, **more)
            told = f"{operation}: {reply.status_code} {reply.text[:200]}"
            if operation.startswith("GET receipts"):
                # The broker is away, and may hold what nobody has seen.
                assert reply.json()["state"] == "queued_or_unknown", told
            elif "{" in operation:
                # 422: what was sent is looked at first, and says nothing of what is there.
                assert reply.status_code in {403, 404, 409, 422, 428}, told
            theirs = {str(one) for name, one in rows.ids.items()} - set(path.split("/"))
            assert not [one for one in theirs if one in reply.text], told
            cells += 1
    print(f"{cells} cells")


@pytest.mark.parametrize("permission", Permission)
async def test_a_token_needs_the_scope_itself(api: Api, session: AsyncSession, permission: Permission) -> None:
    """A token of all scopes but one is refused what the table says, and no more; as roles without that scope are."""
    tenant = await make_tenant(session, "Lesser")
    rows = await rows_of(session, tenant)
    lesser = api.as_(await make_token(session, tenant.id, *(set(Permission) - {permission})))
    refused = set()
    for operation in WHO:
        method, path, more = request_of(operation, rows)
        if (reply := await lesser.call(method, path, **more)).status_code == 403:
            assert reply.json()["code"] == "not_permitted"
            refused.add(operation)
    # Nobody gives a password to who may more: the person in the rows is an analyst.
    beyond = {"POST users/{user_id}/reset"} if permission in PERMISSIONS[Role.ANALYST] else set()
    assert refused | OWN == NEEDS[permission] | beyond | OWN
    assert refused >= NEEDS[permission]
    allowed = {role for role in Role if permission in PERMISSIONS[role]}
    assert all(WHO[one] == allowed for one in NEEDS[permission]), "roles and scopes ask for different things"
