"""Leaves the demo's shifts handed over as they would be: the night's is accepted, the day's waits for who comes."""

from collections.abc import Mapping
from typing import Any

from deploy.demo.people import Page

NIGHT = "A quiet night. The supplier's port on shop-02 is closed; nothing came through it since."

DAY = """\
Busy from nine on: **one account after another fails to log on**, from two addresses.

- The identity team is told, and answers on their own line.
- No alert of the shop is without an owner.
"""

NEXT = {
    "open": "Take it up: the alerts in it are new, and nobody has looked.",
    "investigating": "Find the host the logons come from, then call the people whose accounts were locked.",
    "on_hold": "Ask the provider of the guest network on the next working day whose telephone it is.",
    "resolved": "Review it: its closing waits for somebody who did not work on it.",
}


def hand_over(url: str, people: Mapping[str, Mapping[str, str]]) -> bool:
    """Hand two shifts over, once an installation; False when somebody has done so. Raises StackError."""
    with Page(url, people["analyst"]) as analyst, Page(url, people["admin"]) as admin:
        if analyst.ask("GET", "/handovers?limit=1")["items"]:
            return False
        night = _signed(admin, "Night", NIGHT, analyst, [])
        _act(analyst, night, "accept", {"move_work": False})
        asked = "&".join(f"status={status}" for status in NEXT)
        _signed(analyst, "Day", DAY, admin, analyst.ask("GET", f"/incidents?{asked}&sort=-severity&limit=10")["items"])
    return True


def _signed(outgoing: Page, shift: str, notes: str, incoming: Page, incidents: list[dict[str, Any]]) -> dict[str, Any]:
    takes_over = incoming.ask("GET", "/auth/session")["user"]["id"]
    draft = outgoing.ask("POST", "/handovers", {"shift": shift, "notes": notes, "incoming_id": takes_over})
    items = [{"incident_id": one["id"], "next_step": NEXT[one["status"]]} for one in incidents]
    written = outgoing.ask("PUT", f"/handovers/{draft['id']}/items", {"items": items}, **_seen(draft))
    return _act(outgoing, written, "sign", None)


def _act(page: Page, handover: Mapping[str, Any], action: str, body: Any) -> dict[str, Any]:
    acted: dict[str, Any] = page.ask("POST", f"/handovers/{handover['id']}/{action}", body, **_seen(handover))
    return acted


def _seen(handover: Mapping[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{handover["revision"]}"'}
