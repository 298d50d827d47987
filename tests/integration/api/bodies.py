"""A body for every operation that takes one, with all its members, such as it acts on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, ids
from tests.integration.api.calling import Api
from tests.integration.api.incident_bodies import incident_bodies
from tests.integration.api.rows import Tenant, make_alert, make_person, make_quarantined, make_sensor
from tests.integration.api.signed_in import page_of

NOW = clock.now()
SOON = (NOW + timedelta(hours=2)).isoformat()
BEFORE = (NOW - timedelta(hours=2)).isoformat()
RECURRENCE = {"rule": "FREQ=DAILY", "duration_seconds": 3600, "zone": "Europe/Vienna"}
QUIET = {"from": "22:00", "to": "06:00", "zone": "Europe/Vienna", "days": [0, 1]}
SENSOR = {
    "name": "s {n}", "format": "suricata_eve", "zone": "Europe/Vienna", "rate_per_second": 10,
    "ignored_types": ["suricata_eve:stats"], "severity_overrides": {"9000022": 3}, "expected_interval": "PT5M",
}  # fmt: skip
RECORD = {"record": '{"event_type": "alert"}', "format": "suricata_eve"}
SELECTION = {"reason": "bad_json", "sensor_id": str(ids.NIL), "received_from": BEFORE, "received_to": SOON, "all": True}
SELECTION |= {"ids": [str(ids.NIL)]}
VIEW = {"name": "v {n}", "query": "severity:>=high", "sort": "-risk", "columns": ["title"], "shared": False}
SUPPRESSION = {
    "name": "x {n}", "query": "severity:<=high AND rule.name:scan", "reason": "our own scanner", "mode": "monitor",
    "starts_at": SOON, "ends_at": (NOW + timedelta(days=9)).isoformat(), "recurrence": RECURRENCE,
}  # fmt: skip
ROUTE = {"kinds": ["alert.critical"], "min_severity": 3, "quiet_hours": QUIET, "coalesce_seconds": 60}
EMAIL = {"name": "e {n}", "to": ["soc@example.org"]}
WEBHOOK = {"name": "w {n}", "url": "https://chat.example.org/hook", "format": "slack", "key": "k" * 32}
CLOSING = {"verdict": "false_positive", "reason": "known_good", "quiet_seconds": 60, "note": "Known."}
PASSWORD = "not the password {n}"


async def bodies(api: Api, acme: Tenant, session: AsyncSession) -> tuple[dict[str, str], list[tuple[str, str, Any]]]:
    """Ids of a thing of each kind by the names that paths have for them; methods, paths and bodies."""
    home, user = str(acme.id), await make_person(session, acme)
    known = {
        "sensor_id": (await make_sensor(session, acme)).id,
        "alert_id": (await make_alert(session, acme)).id,
        "record_id": (await make_quarantined(session, acme)).id,
        "user_id": user.id,
        "organization_id": acme.id,
    }
    note = await api.post(f"alerts/{known['alert_id']}/notes", {"body": "Seen."})
    email = await api.post("notification-channels", EMAIL | {"kind": "email"})
    webhook = await api.post("notification-channels", WEBHOOK | {"kind": "webhook"})
    route = await api.post("notification-routes", ROUTE | {"channel_id": email.json()["id"]})
    suppression = await api.post("suppressions", SUPPRESSION)
    view = await (await page_of(api, user)).post("views", VIEW | {"kind": "alert"})
    for one in (note, email, webhook, route, suppression, view):
        assert one.status_code == 201, one.text
    known |= {
        "view_id": UUID(view.json()["id"]),
        "noted_id": known["alert_id"],
        "note_id": UUID(note.json()["id"]),
        "channel_id": UUID(email.json()["id"]),
        "webhook_id": UUID(webhook.json()["id"]),
        "route_id": UUID(route.json()["id"]),
        "suppression_id": UUID(suppression.json()["id"]),
    }
    of_incidents, theirs = await incident_bodies(api, acme, user.id)
    owner, here = {"owner_id": str(user.id)}, {"organization_id": home}
    found = {"snoozed": True, "start": True} | here
    return {name: str(one) for name, one in known.items()} | of_incidents, [
        *theirs,
        ("POST", "/auth/login", {"email": "ann@example.org", "password": PASSWORD, "code": "123456"}),
        ("PATCH", "/auth/profile", {"name": "Ann", "preferences": {"theme": "dark", "zone": "utc", "shortcuts": True}}),
        ("POST", "/auth/password", {"current": PASSWORD, "new": PASSWORD, "end_tokens": False}),
        ("POST", "/auth/totp/confirm", {"code": "123456", "password": PASSWORD}),
        ("POST", "/auth/totp/remove", {"password": PASSWORD}),
        ("POST", "/sensors", SENSOR | here),
        ("PATCH", "/sensors/{sensor_id}", SENSOR | {"status": "active"}),
        ("POST", "/sensors/{sensor_id}/keys", {"overlap_seconds": 60}),
        ("POST", "/sensors/test", RECORD | {"zone": "UTC"} | here),
        ("POST", "/sensors/{sensor_id}/test", RECORD),
        ("POST", "/system/jobs", {"kind": "drift", "index": "alerts"} | here),
        ("POST", "/system/jobs", {"kind": "rebuild", "period": "alert/2026-11-23"} | here),
        ("POST", "/system/jobs", {
            "kind": "parked_requeue", "queue": "events.parked", "limit": 10, "origin": "x", "reason": "x",
            "schema": "x", "older_than_hours": 1.5, "attempts": 3, "rate": 10.0,
        } | here),
        ("POST", "/quarantine/redrive", SELECTION | {"format": "suricata_eve"}),
        ("POST", "/quarantine/discard", SELECTION),
        ("POST", "/quarantine/cancel", SELECTION),
        ("PATCH", "/quarantine/{record_id}", {"text": "{}", "format": "suricata_eve"}),
        ("PATCH", "/quarantine/{record_id}", {"base64": "e30="}),
        ("POST", "/quarantine/{record_id}/try", {"text": "{}", "format": "suricata_eve"}),
        ("POST", "/quarantine/{record_id}/try", {"base64": "e30="}),
        ("POST", "/organizations/{organization_id}/close-reasons", {"verdict": "benign_positive", "name": "r {n}"}),
        ("POST", "/users", {"email": "a{n}@example.org", "name": "Ann", "role": "viewer"} | here),
        ("PATCH", "/users/{user_id}", {"role": "analyst", "name": "Ann", "disabled": False}),
        ("POST", "/invitations", {"email": "i{n}@example.org", "role": "viewer"} | here),
        ("POST", "/invitations/accept", {"code": "none of ours"}),
        ("POST", "/tokens", {
            "name": "t {n}", "scopes": ["alerts:read"], "expires_days": 9, "password": PASSWORD,
        } | here),
        ("POST", "/views", VIEW | {"kind": "alert"} | here),
        ("PATCH", "/views/{view_id}", VIEW),
        ("POST", "/suppressions", SUPPRESSION | owner | here | {"proposed_by_alert_id": str(known["alert_id"])}),
        ("PATCH", "/suppressions/{suppression_id}", SUPPRESSION | owner),
        ("POST", "/suppressions/dry-run", {
            "query": "severity:>=high", "starts_at": BEFORE, "recurrence": RECURRENCE, "days": 3,
        } | here),
        ("POST", "/notification-channels", EMAIL | {"kind": "email"} | here),
        ("POST", "/notification-channels", WEBHOOK | {"kind": "webhook"} | here),
        ("PATCH", "/notification-channels/{channel_id}", EMAIL | {"disabled": False}),
        ("PATCH", "/notification-channels/{webhook_id}", WEBHOOK | {"disabled": False}),
        ("POST", "/notification-routes", ROUTE | here | {"channel_id": str(known["channel_id"])}),
        ("PATCH", "/notification-routes/{route_id}", ROUTE | {"disabled": False}),
        ("POST", "/exports", {
            "of": "events", "format": "ndjson", "query": "severity:>=high", "start": BEFORE, "end": SOON,
            "kind": "alert", "with_documents": True,
        } | here),
        ("POST", "/exports", {"of": "incidents", "format": "csv", "query": "severity:>=high", "status": ["on_hold"]}),
        ("POST", "/exports", {"of": "alerts", "format": "csv", "query": "severity:>=high", "status": ["new"]}),
        ("POST", "/alerts", {
            "title": "Badge used twice", "severity": 4, "first_seen": BEFORE, "last_seen": BEFORE, "tags": ["a"],
            "techniques": ["T1078.002"], "observables": [{"type": "user", "value": "ada"}], "note": "Seen.",
        } | here),
        ("POST", "/alerts/{alert_id}/assign", {"assignee_id": str(user.id)}),
        ("POST", "/alerts/{alert_id}/severity", {"severity": 4}),
        ("POST", "/alerts/{alert_id}/tags", {"add": ["a"], "remove": ["b"]}),
        ("POST", "/alerts/{alert_id}/notes", {"body": "Seen."}),
        ("PUT", "/alerts/{noted_id}/notes/{note_id}", {"body": "Seen again."}),
        ("PUT", "/alerts/{alert_id}/snooze", {"until": SOON, "until_event": True}),
        ("POST", "/alerts/{alert_id}/close", CLOSING),
        ("POST", "/alerts/bulk", {"action": CLOSING | {"type": "close"}, "query": "a", "status": ["new"]} | found),
        ("POST", "/alerts/bulk", {"action": {"type": "tags", "add": ["a"]}, "ids": [str(known["alert_id"])]} | found),
    ]  # fmt: skip
