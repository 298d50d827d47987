"""What the fuzzer meets from the start: incidents in every state with all that hangs on them, and what names them.

Ids cannot be made up. A request that fits the description is asked of one of these, with bodies that name what is
there: so operations are reached with success, and not only told that there is nothing.
"""

import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from schemathesis.generation.meta import TestPhase

from shared.domain.triage import REASONS, Verdict
from tests.faults.system import System
from tests.waiting import until

INCIDENTS, ALERTS_OF_EACH, SEVERE = 40, 2, 5
STATES = ("open", "open", "open", "restricted", "on_hold", "merging", "closed", "in_review")
AS_MADE_UP = 0.2
HARMLESS = {"verdict": Verdict.TRUE_POSITIVE, "reason": REASONS[Verdict.TRUE_POSITIVE][0]}

Found = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """Ids that belong together, by the names that paths have for them, and values of bodies by the names of theirs."""

    ids: dict[str, str]
    bodies: Found


class Maker:
    """Somebody who prepares the ground, signed in; `other_id` is the person who fuzzes."""

    def __init__(self, client: httpx.AsyncClient, organization_id: UUID, other_id: UUID) -> None:
        self._client, self._organization_id, self._other_id = client, str(organization_id), str(other_id)

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """What it made or did. Raises AssertionError when it is refused."""
        reply = await self._client.post(path, json=body, headers={"If-Match": "*"}, **more)
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()

    async def items(self, path: str) -> Any:
        """A page of a list."""
        reply = await self._client.get(path)
        reply.raise_for_status()
        return reply.json()["items"]

    async def ground(self, number: int, alert_ids: list[str], free_ids: list[str]) -> Ground:
        """One incident and what hangs on it, in the state that is its number's turn."""
        state = STATES[number % len(STATES)]
        opened = {"title": f"Ground {number}", "summary": "known", "alert_ids": alert_ids}
        incident = await self.post("incidents", opened | ({"severity": SEVERE} if state == "in_review" else {}))
        other = await self.post("incidents", {"title": f"Beside {number}", "summary": "known"})
        base = f"incidents/{incident['id']}"
        known = {"incident_id": incident["id"], "organization_id": self._organization_id, "user_id": self._other_id}
        known |= await self._parts(base, other["id"])
        known |= await self._beside(number, free_ids.pop())
        copies = await self._copies(base)
        known["copy_id"] = copies[0]["id"]
        await self._bring(state, base, other["id"])
        there = {"incident_id": other["id"], "incident_ids": [other["id"]], "other_id": other["id"]}
        people = dict.fromkeys(("assignee_id", "user_id", "incoming_id"), self._other_id)
        bodies = there | people | {"alert_ids": free_ids, "event_ids": [one["event_id"] for one in copies]}
        bodies |= {"number": incident["number"], "template_id": known["template_id"]}
        return Ground(known, bodies | {"organization_id": self._organization_id})

    async def _parts(self, base: str, other_id: str) -> dict[str, str]:
        values = [{"type": "ip", "value": "203.0.113.5"}, {"type": "domain", "value": "bad.example.org"}]
        await self.post(f"{base}/observables", {"observables": values})
        sent = await self._client.post(f"{base}/evidence", params={"name": "mail.eml"}, content=b"From: nobody\r\n\r\n")
        assert sent.status_code == 201, sent.text
        return {
            "task_id": (await self.post(f"{base}/tasks", {"title": "Look"}))["id"],
            "note_id": (await self.post(f"{base}/notes", {"body": "Seen"}))["id"],
            "entry_id": (await self.post(f"{base}/timeline", {"message": "Seen"}))["id"],
            "link_id": (await self.post(f"{base}/links", {"other_id": other_id, "relation": "related"}))["id"],
            "incident_observable_id": (await self.items(f"{base}/observables"))[0]["id"],
            "evidence_id": sent.json()["id"],
        }

    async def _beside(self, number: int, alert_id: str) -> dict[str, str]:
        template = {"name": f"Ground {number}", "title": "A title", "tasks": [{"title": "Look"}]}
        handover = await self.post("handovers", {"shift": f"night {number}", "incoming_id": self._other_id})
        await self.post(f"handovers/{handover['id']}/sign")
        linking = {"ids": [alert_id], "open": {"title": f"Of many {number}"}, "start": number % 2 == 0}
        return {
            "template_id": (await self.post("incident-templates", template))["id"],
            "handover_id": handover["id"],
            "job_id": (await self.post("incidents/bulk", linking))["id"],
        }

    async def _copies(self, base: str) -> Any:
        """Copies of events, which the follower makes within seconds."""
        found: list[Any] = []

        async def there() -> bool:
            found[:] = await self.items(f"{base}/events")
            return bool(found)

        await until(there, within=60)
        return found

    async def _bring(self, state: str, base: str, other_id: str) -> None:
        match state:
            case "restricted":
                await self.post(f"{base}/restrict", {"restricted": True})
                await self.post(f"{base}/members", {"user_id": self._other_id})
            case "on_hold":
                await self.post(f"{base}/transition", {"to": "on_hold", "reason": "waiting"})
            case "merging":
                await self.post(f"{base}/merge", {"incident_ids": [other_id]})
            case "closed":
                await self.post(f"{base}/close", HARMLESS)
            case "in_review":
                await self.post(f"{base}/review", HARMLESS)


async def prepare(system: System, headers: dict[str, str], other_id: UUID) -> list[Ground]:
    """All of it, made by who the headers say, of the alerts that are there."""
    url = f"{system.apis[0].url}/api/v1/"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        maker = Maker(client, system.organization_id, other_id)
        alert_ids = [one["id"] for one in await maker.items("alerts?limit=200")]
        share = len(alert_ids) // INCIDENTS
        assert share > ALERTS_OF_EACH + 1, f"{len(alert_ids)} alerts are too few"
        return [
            await maker.ground(number, mine[:ALERTS_OF_EACH], mine[ALERTS_OF_EACH:])
            for number in range(INCIDENTS)
            if (mine := alert_ids[number * share : (number + 1) * share])
        ]


class Guide:
    """Leads requests that fit the description to the ground; those that break it stay as they were made up."""

    def __init__(self, grounds: list[Ground], seed: int) -> None:
        self._grounds, self._chance = grounds, random.Random(seed)

    def lead(self, case: Any) -> None:
        """Have a case name what is there, but for some that go on asking for nothing that is."""
        fits = case.meta is not None and case.meta.generation.mode.is_positive
        if not fits or case.meta.phase.name is TestPhase.STATEFUL or self._chance.random() < AS_MADE_UP:
            return
        ground = self._chance.choice(self._grounds)
        for name in ground.ids.keys() & (case.path_parameters or {}).keys():
            case.path_parameters[name] = ground.ids[name]
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"
        if isinstance(case.body, dict):
            case.body = led(case.body, ground.bodies)


def led(body: Any, known: Found) -> Any:
    """The body with what is known in the place of what was made up, as far as it names any of it."""
    if isinstance(body, list):
        return [led(one, known) for one in body]
    if not isinstance(body, dict):
        return body
    found = {
        name: led(value, known) if value is None or name not in known else known[name] for name, value in body.items()
    }
    return found | HARMLESS if {"verdict", "reason"} <= found.keys() else found
