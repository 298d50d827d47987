"""Leaves the demo's alerts as a morning's work would: in every state, by two people, one suppression over them."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.demo.people import Page

LEAST = 10
WAIT_SECONDS = 20.0


def triage(url: str, people: Mapping[str, Mapping[str, str]], pause: Callable[[float], None]) -> bool:
    """Do it, once an installation; False when that was done, or too few alerts have come. Raises StackError."""
    with Page(url, people["analyst"]) as analyst, Page(url, people["admin"]) as admin:
        if analyst.ask("GET", "/alerts?status=acknowledged&limit=1")["items"]:
            return False
        alerts = _new(analyst, pause)
        if len(alerts) < LEAST:
            return False
        _work(analyst, admin, alerts, people["admin"]["email"])
    return True


def _new(analyst: Page, pause: Callable[[float], None]) -> list[dict[str, Any]]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        found: list[dict[str, Any]] = analyst.ask("GET", f"/alerts?status=new&limit={LEAST}")["items"]
        if len(found) >= LEAST or time.monotonic() > deadline:
            return found
        pause(0.5)


def _work(analyst: Page, admin: Page, alerts: list[dict[str, Any]], lead: str) -> None:
    taken, begun, true, false, benign, later, given, tagged, _, noisy = [alert["id"] for alert in alerts]
    _act(analyst, taken, "acknowledge")
    _act(analyst, begun, "acknowledge")
    _act(analyst, begun, "start")
    analyst.ask("POST", f"/alerts/{begun}/notes", {"body": f"The host was rebuilt on Monday; @{lead}, is this known?"})
    _act(analyst, true, "close", {"verdict": "true_positive", "reason": _reason(analyst, alerts[2], "true_positive")})
    _act(
        analyst, false, "close", {"verdict": "false_positive", "reason": _reason(analyst, alerts[3], "false_positive")}
    )
    _act(admin, benign, "close", {"verdict": "benign_positive", "reason": _reason(admin, alerts[4], "benign_positive")})
    tomorrow = datetime.now(UTC) + timedelta(hours=16)
    analyst.ask("PUT", f"/alerts/{later}/snooze", {"until": tomorrow.isoformat(), "until_event": True})
    _act(admin, given, "assign", {"assignee_id": analyst.ask("GET", "/auth/session")["user"]["id"]})
    _act(analyst, tagged, "tags", {"add": ["perimeter", "ask-network"]})
    admin.ask(
        "POST",
        "/suppressions",
        {
            "name": "Known noise",
            "query": f'rule.name:"{_quoted(_title(alerts, noisy))}" AND severity:<=high',
            "reason": "The vulnerability scanner, every night until it has moved.",
            "ends_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
        },
    )


def _act(page: Page, alert_id: str, action: str, body: Any = None) -> None:
    # However it is by now: the feed goes on folding into it.
    page.ask("POST", f"/alerts/{alert_id}/{action}", body, **{"If-Match": "*"})


def _reason(page: Page, alert: Mapping[str, Any], verdict: str) -> str:
    reasons = page.ask("GET", f"/organizations/{alert['organization_id']}/close-reasons")
    return str(next(one["name"] for one in reasons if one["verdict"] == verdict))


def _title(alerts: list[dict[str, Any]], alert_id: str) -> str:
    return str(next(alert["title"] for alert in alerts if alert["id"] == alert_id))


def _quoted(text: str) -> str:
    return "".join(f"\\{letter}" if letter in '"\\*?' else letter for letter in text)
