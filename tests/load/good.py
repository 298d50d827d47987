"""Bodies that are accepted as they are, by operation: of a request that nothing is wrong with but one thing."""

from typing import Any

from tests.integration.api.bodies import (
    BEFORE,
    CLOSING,
    EMAIL,
    RECURRENCE,
    ROUTE,
    SENSOR,
    SOON,
    SUPPRESSION,
    VIEW,
)
from tests.integration.api.incident_bodies import CONTENT, OPENED, TASK, WRITTEN

Found = dict[str, Any]

EMAIL_ADDRESS, PASSWORD, NEW_PASSWORD = "fuzz@example.org", "correct horse battery", "battery horse correct"
# Without a template there are no fields.
FREE: Found = {"fields": {}}
IN, SOME = "/api/v1/incidents/{incident_id}", [""]

GOOD: dict[str, Found] = {
    "POST /api/v1/auth/login": {"email": EMAIL_ADDRESS, "password": PASSWORD, "code": None},
    "POST /api/v1/auth/password": {"current": PASSWORD, "new": NEW_PASSWORD, "end_tokens": False},
    "POST /api/v1/auth/totp/remove": {"password": PASSWORD},
    "POST /api/v1/tokens": {"name": "t {n}", "scopes": ["alerts:read"], "expires_days": 9, "password": PASSWORD},
    "POST /api/v1/invitations": {"email": "i{n}@example.org", "role": "viewer"},
    "POST /api/v1/quarantine/redrive": {"ids": SOME, "format": "suricata_eve"},
    "POST /api/v1/quarantine/cancel": {"ids": SOME},
    "POST /api/v1/quarantine/discard": {"ids": SOME},
    "POST /api/v1/users": {"email": "a{n}@example.org", "name": "Ann", "role": "viewer"},
    "PATCH /api/v1/users/{user_id}": {"role": "analyst", "name": "Ann", "disabled": False},
    "POST /api/v1/sensors": SENSOR,
    "PATCH /api/v1/sensors/{sensor_id}": SENSOR | {"status": "active"},
    "PATCH /api/v1/quarantine/{record_id}": {"text": "{}", "format": "suricata_eve"},
    "POST /api/v1/views": VIEW | {"kind": "alert"},
    "PATCH /api/v1/views/{view_id}": VIEW,
    "POST /api/v1/suppressions": SUPPRESSION,
    "PATCH /api/v1/suppressions/{suppression_id}": SUPPRESSION,
    "POST /api/v1/suppressions/dry-run": {"query": "severity:>=high", "recurrence": RECURRENCE, "days": 3},
    "POST /api/v1/notification-channels": EMAIL | {"kind": "email"},
    "PATCH /api/v1/notification-channels/{channel_id}": EMAIL | {"disabled": False},
    "POST /api/v1/notification-routes": ROUTE | {"channel_id": ""},
    "PATCH /api/v1/notification-routes/{route_id}": ROUTE | {"disabled": False},
    "POST /api/v1/exports": {"of": "alerts", "format": "csv", "query": "severity:>=high", "status": ["new"]},
    "POST /api/v1/alerts/bulk": {"action": {"type": "tags", "add": ["a"]}, "ids": SOME, "query": None, "start": True},
    "POST /api/v1/alerts/{alert_id}/close": CLOSING,
    "PUT /api/v1/alerts/{alert_id}/snooze": {"until": SOON, "until_event": False},
    "POST /api/v1/incident-templates": CONTENT | {"name": "t {n}"},
    "PUT /api/v1/incident-templates/{template_id}": CONTENT | {"name": "t {n}"},
    "POST /api/v1/incidents": OPENED | FREE,
    f"PATCH {IN}": WRITTEN | FREE,
    "POST /api/v1/incidents/bulk": {"ids": SOME, "open": OPENED | FREE, "reason": "r", "start": True, "status": []},
    f"POST {IN}/links": {"other_id": "", "relation": "caused_by"},
    f"POST {IN}/members": {"user_id": ""},
    f"POST {IN}/split": {
        "title": "x", "alert_ids": SOME, "task_ids": SOME, "note_ids": SOME, "observable_ids": SOME,
        "evidence_ids": SOME, "reason": "r",
    },
    f"POST {IN}/observables": {"observables": [{"type": "ip", "value": "192.0.2.7"}], "text": "evil.example"},
    f"POST {IN}/tasks": TASK,
    f"PATCH {IN}/tasks/{{task_id}}": TASK | {"status": "done"},
    f"POST {IN}/review": {"verdict": "true_positive", "reason": "attack", "comment": "c", "reviewer_id": ""},
    f"POST {IN}/review/decide": {"decision": "sent_back", "comment": "c"},
    f"POST {IN}/merge": {"incident_ids": SOME, "reason": "r"},
    f"POST {IN}/unmerge": {"incident_id": ""},
    f"POST {IN}/close": {"verdict": "true_positive", "reason": "attack"},
    f"POST {IN}/reopen": {"reason": "r", "reopen_alerts": True},
    f"POST {IN}/transition": {"to": "investigating", "reason": "r"},
    f"POST {IN}/tags": {"add": ["a"], "remove": ["b"]},
    "POST /api/v1/handovers": {"shift": "Night {n}", "notes": "n", "incoming_id": None},
    "PATCH /api/v1/handovers/{handover_id}": {"shift": "Night", "notes": "n", "incoming_id": ""},
    "PUT /api/v1/handovers/{handover_id}/items": {"items": [{"incident_id": "", "next_step": "Look"}]},
}  # fmt: skip
"""Where ids are to stand, something stands: the guide puts those of its ground there."""

QUERIES: dict[str, Found] = {
    f"GET /api/v1/{noun}/histogram": {"from": BEFORE, "to": SOON} for noun in ("alerts", "events")
}
"""What a query has to say, of operations where what is made up seldom means anything."""


def numbered(body: Found, number: int) -> Found:
    """The body with a number in the names that may not be there twice."""
    return {
        name: value.replace("{n}", str(number)) if isinstance(value, str) else value for name, value in body.items()
    }
