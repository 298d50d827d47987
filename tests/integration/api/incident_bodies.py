"""A body for every operation on incidents that takes one, with all its members, such as it acts on."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared import clock, ids
from shared.domain.sla import DEFAULT
from tests.integration.api.calling import Api
from tests.integration.api.rows import Tenant

PAST = (clock.now() - timedelta(days=2)).isoformat()
SOME = [str(ids.NIL)]
CONTENT = {
    "name": "t {n}", "description": "d", "title": "A title", "summary": "What happened", "severity": 3, "tlp": "green",
    "pap": "green", "tags": ["a"],
    "tasks": [{"title": "Look", "description": "d", "phase": "p", "required": True}],
    "fields": [{"name": "team", "label": "Team", "kind": "choice", "required": True, "choices": ["blue", "red"]}],
}  # fmt: skip
WRITTEN = {
    "title": "A break-in", "severity": 3, "summary": "What happened", "tlp": "amber", "pap": "green",
    "fields": {"team": "blue"}, "occurred_at": PAST, "detected_at": PAST,
}  # fmt: skip
OPENED = WRITTEN | {"restricted": False, "tags": ["a"], "alert_ids": [], "event_ids": []}
TASK = {
    "title": "Look", "description": "d", "phase": "p", "required": True, "position": 3, "due_at": PAST,
}  # fmt: skip
SAID = {"ioc": True, "tags": ["a"], "tlp": "green", "note": "n"}
POLICY = {
    "review": {"from_severity": 5, "false_positive_from": 4},
    "sla": DEFAULT.as_json() | {"high": {"acknowledge": 15, "contain": 60, "resolve": 600, "around_the_clock": True}},
    "calendar": {
        "zone": "Europe/Vienna", "hours": {"monday": [["09:00", "17:00"]]},
        "holidays": {"country": "AT", "subdivision": "9"}, "days_off": ["2026-12-24"],
        "days_on": {"2026-12-31": [["09:00", "12:00"]]},
    },
}  # fmt: skip


async def incident_bodies(api: Api, acme: Tenant, user_id: UUID) -> tuple[dict[str, str], list[tuple[str, str, Any]]]:
    """Ids of what is acted on, by the names that paths have for them; methods, paths and bodies."""
    here, user = {"organization_id": str(acme.id)}, {"assignee_id": str(user_id)}
    template = (await api.post("incident-templates", CONTENT | {"name": "Of all bodies"})).json()
    of_it = {"template_id": template["id"]}
    one, other, over = [(await api.post("incidents", OPENED | of_it)).json() for _ in range(3)]
    base = f"incidents/{one['id']}"
    task = (await api.post(f"{base}/tasks", TASK)).json()
    entry = (await api.post(f"{base}/timeline", {"message": "x"})).json()
    await api.post(f"{base}/observables", {"observables": [{"type": "ip", "value": "203.0.113.5"}]})
    seen = (await api.get(f"{base}/observables")).json()["items"][0]
    known = {
        "incident_id": one["id"], "over_id": over["id"], "template_id": template["id"], "task_id": task["id"],
        "entry_id": entry["id"], "incident_observable_id": seen["id"], "handover_id": str(ids.NIL),
        "evidence_id": str(ids.NIL),
    }  # fmt: skip
    at, end = "/incidents/{incident_id}", "/incidents/{over_id}"
    return known, [
        ("POST", "/incident-templates", CONTENT | here),
        ("PUT", "/incident-templates/{template_id}", CONTENT),
        ("PUT", "/organizations/{organization_id}/incident-policy", POLICY),
        ("POST", "/incidents", OPENED | of_it | user | here),
        ("PATCH", at, WRITTEN | {"contained_at": PAST, "eradicated_at": PAST, "recovered_at": PAST}),
        ("POST", "/incidents/break-glass", {"number": 1, "reason": "On call"} | here),
        ("POST", "/incidents/bulk", {
            "query": "a", "status": ["new"], "snoozed": True, "open": OPENED | of_it | user, "reason": "r",
            "start": True,
        } | here),
        ("POST", "/incidents/bulk", {"ids": SOME, "incident_id": one["id"], "reason": "r", "start": True} | here),
        ("POST", f"{at}/alerts", {"alert_ids": SOME, "reason": "r"}),
        ("POST", f"{at}/alerts/unlink", {"alert_ids": SOME, "reason": "r"}),
        ("POST", f"{at}/assign", user),
        ("POST", f"{at}/events", {"event_ids": SOME, "note": "n"}),
        ("POST", f"{at}/legal-hold", {"legal_hold": True}),
        ("POST", f"{at}/links", {"other_id": other["id"], "relation": "related"}),
        ("POST", f"{at}/members", {"user_id": str(user_id)}),
        ("POST", f"{at}/notes", {"body": "Seen."}),
        ("PUT", f"{at}/notes/{{note_id}}", {"body": "Seen again."}),
        ("POST", f"{at}/observables", {
            "observables": [{"type": "ip", "value": "203.0.113.6"}], "text": "evil.example.com", "dry_run": False,
        } | SAID),
        ("PATCH", f"{at}/observables/{{incident_observable_id}}", SAID | {"verdict": "malicious"}),
        ("POST", f"{at}/tasks", TASK | user),
        ("PATCH", f"{at}/tasks/{{task_id}}", TASK | user | {"status": "done"}),
        ("POST", f"{at}/timeline", {"message": "It began", "occurred_at": PAST}),
        ("PUT", f"{at}/timeline/{{entry_id}}", {"message": "It began", "occurred_at": PAST}),
        ("PATCH", f"{at}/evidence/{{evidence_id}}", {"description": "d"}),
        ("POST", f"{at}/tags", {"add": ["a"], "remove": ["b"]}),
        ("POST", f"{at}/restrict", {"restricted": False}),
        ("POST", f"{at}/split", {
            "title": "x", "alert_ids": SOME, "task_ids": SOME, "note_ids": SOME, "observable_ids": SOME,
            "evidence_ids": SOME, "reason": "r",
        }),
        ("POST", f"{at}/transition", {"to": "investigating", "reason": "r"}),
        ("POST", f"{end}/review", {
            "verdict": "true_positive", "reason": "attack", "comment": "c", "reviewer_id": SOME[0],
        }),
        ("POST", f"{end}/review/decide", {"decision": "sent_back", "comment": "c"}),
        ("POST", f"{end}/merge", {"incident_ids": SOME, "reason": "r"}),
        ("POST", f"{end}/unmerge", {"incident_id": one["id"]}),
        ("POST", f"{end}/close", {"verdict": "true_positive", "reason": "attack"}),
        ("POST", f"{end}/reopen", {"reason": "r", "reopen_alerts": True}),
        ("POST", "/handovers", {"shift": "Night {n}", "notes": "n", "incoming_id": str(user_id)} | here),
        ("PATCH", "/handovers/{handover_id}", {"shift": "Night", "notes": "n", "incoming_id": str(user_id)}),
        ("PUT", "/handovers/{handover_id}/items", {"items": [{"incident_id": one["id"], "next_step": "Look"}]}),
        ("POST", "/handovers/{handover_id}/accept", {"move_work": True}),
        ("POST", "/system/jobs", {"kind": "reindex", "what": "incidents"} | here),
    ]  # fmt: skip
