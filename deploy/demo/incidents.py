"""Leaves the demo's incidents as a week's work would: in five states, one of them closed by another person."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from deploy.demo.people import Page

TEMPLATE = "Phishing"
ASK_SECONDS = 5

MAIL = b"""\
From: "Alderbrook IT" <it-desk@mail.example.org>
To: m.tolland@alderbrook.example.com
Subject: Your mailbox is full
Message-ID: <3f0c7a@mail.example.org>

Renew it within the hour: https://login.example.org/renew
"""

ACCOUNTS = b"account,failures\nk.murabe,23\nr.achterberg,21\nb.lindqvister,18\n"

FOUND = """\
The mail came from it-desk@mail.example[.]org through 192.0.2.77. Its link goes to hxxps://login.example[.]org/renew,
and what is typed there is posted to collect.example[.]net.
"""


class Case:
    """An incident, and a page on which somebody works on it, however it is by now: nobody else changes it."""

    def __init__(self, page: Page, incident_id: str) -> None:
        self.page, self.id = page, incident_id

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.page.ask(method, f"/incidents/{self.id}{path}", body, **{"If-Match": "*"})

    def act(self, action: str, **body: Any) -> None:
        self.ask("POST", f"/{action}", body)

    def change(self, **values: Any) -> None:
        self.ask("PATCH", "", values)

    def hand_in(self, name: str, content: bytes, description: str) -> None:
        named = {"name": name, "description": description}
        self.page.hand_in(f"/incidents/{self.id}/evidence", content, named)

    def task(self, title: str, **values: Any) -> str:
        return str(self.ask("POST", "/tasks", {"title": title, **values})["id"])

    def set_task(self, task_id: str, status: str) -> None:
        self.ask("PATCH", f"/tasks/{task_id}", {"status": status})


def work(url: str, people: Mapping[str, Mapping[str, str]]) -> bool:
    """Open and work them, once an installation behind triage; False when there is nothing to do. Raises StackError."""
    with Page(url, people["analyst"]) as analyst, Page(url, people["admin"]) as admin:
        if analyst.ask("GET", f"/incidents?updated_since={_since(days=36500)}&limit=1")["items"]:
            return False
        # Linking takes alerts up, which would look like triage that was done.
        if not analyst.ask("GET", "/alerts?status=acknowledged&limit=1")["items"]:
            return False
        # The one with most to see comes first: who interrupts the start still has it.
        _closed(analyst, admin)
        _in_review(analyst)
        _on_hold(analyst)
        _investigating(analyst, admin, people["admin"]["email"])
        _open(analyst)
    return True


def closed(url: str, token: str) -> str:
    """The first one that is closed; empty where there is none, or nobody answers."""
    asked = {"status": "closed", "sort": "number", "limit": "1"}
    headers = {"Authorization": f"Bearer {token}"}
    try:
        reply = httpx.get(f"{url}/api/v1/incidents", params=asked, headers=headers, timeout=ASK_SECONDS)
        found = reply.raise_for_status().json()["items"]
    except (httpx.HTTPError, ValueError):
        return ""
    return str(found[0]["id"]) if found else ""


def _closed(analyst: Page, admin: Page) -> None:
    alert = _alert(
        analyst, "Phishing mail reported by finance", 5, hours=20, techniques=["T1566.002"],
        observables=[{"type": "user", "value": "m.tolland"}], note="Mira Tolland called: she has typed her password.",
    )  # fmt: skip
    case = _opened(
        analyst, title="A mailbox in finance was taken over after a phishing mail", template_id=_template(admin),
        alert_ids=[alert], tags=["phishing", "finance"], occurred_at=_since(hours=22),
    )  # fmt: skip
    case.act("transition", to="investigating")
    case.act("timeline", message="The mail reaches three mailboxes of finance.", occurred_at=_since(hours=22))
    case.act("timeline", message="m.tolland types her password.", occurred_at=_since(hours=21))
    case.act("observables", text=FOUND, ioc=True, tags=["phishing"], note="From the mail as it was reported.")
    case.hand_in("mail.eml", MAIL, "The mail as it came, from the mailbox of m.tolland.")
    case.act("notes", body="All sessions of **m.tolland** are ended, the password is a new one.")
    case.act("transition", to="contained")
    for task in case.ask("GET", "/tasks")["items"]:
        case.set_task(task["id"], "done")
    contained = case.ask("GET", "")["contained_at"]
    case.change(eradicated_at=contained, recovered_at=contained, fields={"mailboxes": 1}, summary=(
        "Three people of finance got a mail that asks for their password; one typed it. The mailbox was open to "
        "strangers for an hour. Sessions and password were ended, the mail was taken out of all mailboxes."
    ))  # fmt: skip
    case.act("transition", to="resolved")
    ending = {"verdict": "true_positive", "reason": "attack"}
    case.act("review", **ending, comment="Nothing more was seen since.")
    reviewer = Case(admin, case.id)
    reviewer.act("review/decide", decision="sent_back", comment="Does the mailbox forward anything to outside?")
    case.set_task(case.task("Look for rules that forward mail", phase="Eradicate"), "done")
    case.act("notes", body="One rule forwarded mail to an address at `example.net`; it is gone, and nothing was sent.")
    case.act("review", **ending, comment="The rule that forwarded mail was found and is gone.")
    reviewer.act("review/decide", decision="approved", comment="Well done, thank you.")


def _in_review(analyst: Page) -> None:
    alert = _alert(
        analyst, "Remote access to shop-02 was left open by a supplier", 5, hours=30, techniques=["T1133"],
        observables=[{"type": "ip", "value": "198.51.100.40"}, {"type": "host", "value": "shop-02"}],
    )  # fmt: skip
    case = _opened(analyst, alert_ids=[alert], tags=["supplier"], summary=(
        "A supplier's port 3389 on shop-02 stood open to the world for nine days. Two addresses tried it, neither got "
        "in. The port is closed, and the supplier comes through the bastion from now on."
    ))  # fmt: skip
    case.set_task(case.task("Read the logons of shop-02 of nine days", required=True, phase="Analyse"), "done")
    case.act("transition", to="contained")
    case.act("transition", to="resolved")
    case.act("review", verdict="true_positive", reason="policy_violation", comment="No logon of a stranger in 9 days.")


def _on_hold(analyst: Page) -> None:
    alert = _alert(
        analyst, "A guest's device calls one address every minute", 2, hours=3, techniques=["T1071.001"],
        observables=[{"type": "ip", "value": "198.51.100.77"}],
    )  # fmt: skip
    case = _opened(analyst, alert_ids=[alert], tags=["guest-network"], tlp="green")
    case.act("transition", to="investigating")
    case.act("notes", body="Not ours: a guest's telephone. The provider of the guest network knows whose it is.")
    case.act("transition", to="on_hold", reason="The provider of the guest network answers on working days.")


def _investigating(analyst: Page, admin: Page, lead: str) -> None:
    """Of the feed's own alerts, as many as have come: their events are copied into it."""
    alerts = analyst.ask("GET", "/alerts?rule_id=60122&status=new&limit=5")["items"]
    case = _opened(
        analyst, title="One account after another fails to log on", severity=4, tags=["password-spraying"],
        alert_ids=[alert["id"] for alert in alerts], summary="Somebody tries the same passwords on many accounts.",
    )  # fmt: skip
    me = analyst.ask("GET", "/auth/session")["user"]["id"]
    Case(admin, case.id).act("assign", assignee_id=me)
    case.act("transition", to="investigating")
    case.set_task(case.task("List the accounts that were tried", phase="Analyse", assignee_id=me), "done")
    case.set_task(case.task("Find the host they are tried from", phase="Analyse", assignee_id=me), "in_progress")
    later = (datetime.now(UTC) + timedelta(hours=6)).isoformat()
    case.task("Ask the people whose accounts were locked", phase="Contain", required=True, due_at=later)
    case.act("notes", body=f"Same hour as on Monday; @{lead}, is somebody testing?")
    case.act("observables", text="Tried from 192.0.2.130 and 192.0.2.131, as k.murabe and r.achterberg.")
    case.hand_in("accounts.csv", ACCOUNTS, "Counted by us, from the events of this morning.")


def _open(analyst: Page) -> None:
    """What an alert or two of the feed gives by itself: title, severity and times."""
    alerts = analyst.ask("GET", "/alerts?status=new&sort=-severity&limit=2")["items"]
    given = {"alert_ids": [alert["id"] for alert in alerts]} if alerts else {"title": "Something on the perimeter"}
    _opened(analyst, **given)


def _opened(page: Page, **given: Any) -> Case:
    return Case(page, page.ask("POST", "/incidents", given)["id"])


def _alert(page: Page, title: str, severity: int, *, hours: float, **given: Any) -> str:
    seen = {"title": title, "severity": severity, "first_seen": _since(hours=hours)}
    return str(page.ask("POST", "/alerts", seen | given)["id"])


def _template(admin: Page) -> str:
    known = [one["id"] for one in admin.ask("GET", "/incident-templates")["items"] if one["name"] == TEMPLATE]
    made = {
        "name": TEMPLATE,
        "description": "A mail that wants to be believed.",
        "severity": 5,
        "tasks": [
            {"title": "Find who else got the mail, and who followed it", "phase": "Analyse", "required": True},
            {"title": "End their sessions and change their passwords", "phase": "Contain", "required": True},
            {"title": "Take the mail out of all mailboxes", "phase": "Eradicate"},
        ],
        "fields": [{"name": "mailboxes", "label": "Mailboxes taken over", "kind": "number", "required": True}],
    }  # fmt: skip
    return str(known[0] if known else admin.ask("POST", "/incident-templates", made)["id"])


def _since(**ago: float) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
