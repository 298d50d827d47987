"""What the fuzzer meets of incidents: one in every state with all that hangs on it, and what names it."""

from typing import Any

from tests.load.ground import HARMLESS, Found, Ground, Own, Person
from tests.waiting import until

STATES = ("open", "open", "open", "restricted", "on_hold", "merging", "closed", "in_review")
SEVERE = 5
AT = "/api/v1/incidents/{incident_id}"


class Incidents:
    """Prepares the ground by the hands of a colleague, and by those of the person who fuzzes what has to be theirs."""

    def __init__(self, colleague: Person, fuzzer: Person) -> None:
        self._colleague, self._fuzzer = colleague, fuzzer

    async def ground(self, number: int, alert_ids: list[str]) -> Ground:
        """An incident of two alerts, in the state that is its number's turn; the other alerts are for what is asked."""
        state = STATES[number % len(STATES)]
        linked, (jobs_alert, split_alert, *free) = alert_ids[:2], alert_ids[2:]
        opened: Found = {"title": f"Ground {number}", "summary": "known", "alert_ids": linked}
        opened |= {"severity": SEVERE} if state == "in_review" else {}
        incident = await self._colleague.ask("POST", "incidents", opened)
        other_id = await self._open("Beside", number)
        base = f"incidents/{incident['id']}"
        known = {"incident_id": incident["id"], "user_id": self._fuzzer.id}
        known["link_id"] = await self._colleague.made(f"{base}/links", {"other_id": other_id, "relation": "related"})
        known |= await self._parts(base) | await self._beside(number, jobs_alert)
        await self._colleague.ask("POST", f"{base}/members", {"user_id": self._fuzzer.id})
        copies = await self._copies(base)
        own = await self._own(number, base, split_alert, free) | await self._spare(number)
        own[f"DELETE {AT}/events/{{copy_id}}"] = Own({"copy_id": await self._picked(base, free[0])})
        await self._bring(state, base, other_id)
        there = {"incident_id": other_id, "incident_ids": [other_id], "other_id": other_id}
        there |= dict.fromkeys(("assignee_id", "user_id", "incoming_id"), self._fuzzer.id)
        there |= {"alert_ids": free, "event_ids": [one["event_id"] for one in copies]}
        known |= {"copy_id": copies[0]["id"], "event_id": copies[0]["event_id"]}
        return Ground(known, there | {"number": incident["number"], "template_id": known["template_id"]}, own)

    async def _picked(self, base: str, alert_id: str) -> str:
        event = (await self._colleague.items(f"alerts/{alert_id}/events"))[0]
        await self._colleague.ask("POST", f"{base}/events", {"event_ids": [event["id"]]})
        copies = await self._colleague.items(f"{base}/events")
        return str(next(one["id"] for one in copies if one["event_id"] == event["id"]))

    async def _open(self, name: str, number: int, **more: Any) -> str:
        return await self._colleague.made("incidents", {"title": f"{name} {number}", "summary": "known"} | more)

    async def _parts(self, base: str) -> dict[str, str]:
        values = [{"type": "ip", "value": "203.0.113.5"}, {"type": "domain", "value": "bad.example.org"}]
        await self._colleague.ask("POST", f"{base}/observables", {"observables": values})
        mail = b"From: nobody\r\n\r\n"
        sent = await self._colleague.client.post(f"{base}/evidence", params={"name": "mail.eml"}, content=mail)
        assert sent.status_code == 201, sent.text
        return {
            "task_id": await self._colleague.made(f"{base}/tasks", {"title": "Look"}),
            "note_id": await self._colleague.made(f"{base}/notes", {"body": "Seen"}),
            "entry_id": await self._colleague.made(f"{base}/timeline", {"message": "Seen"}),
            "incident_observable_id": (await self._colleague.items(f"{base}/observables"))[0]["id"],
            "evidence_id": sent.json()["id"],
        }

    async def _beside(self, number: int, alert_id: str) -> dict[str, str]:
        template = {"name": f"Ground {number}", "title": "A title", "tasks": [{"title": "Look"}]}
        handover_id = await self._handover(self._colleague, f"night {number}", to=self._fuzzer)
        await self._colleague.ask("POST", f"handovers/{handover_id}/sign")
        linking = {"ids": [alert_id], "open": {"title": f"Of many {number}"}, "start": True}
        return {
            "template_id": await self._colleague.made("incident-templates", template),
            "handover_id": handover_id,
            "job_id": await self._colleague.finished(await self._colleague.made("incidents/bulk", linking)),
        }

    async def _handover(self, outgoing: Person, shift: str, *, to: Person) -> str:
        return await outgoing.made("handovers", {"shift": shift, "incoming_id": to.id})

    async def _own(self, number: int, base: str, alert_id: str, free: list[str]) -> dict[str, Own]:
        handover, note = "/api/v1/handovers/{handover_id}", f"{AT}/notes/{{note_id}}"
        draft, to_sign = [
            await self._handover(self._fuzzer, f"{shift} {number}", to=self._colleague) for shift in ("late", "early")
        ]
        mine, mine_too = [await self._fuzzer.made(f"{base}/notes", {"body": body}) for body in ("Mine", "Mine too")]
        severe, *asked = [await self._open("Severe", number, severity=SEVERE) for _ in range(3)]
        for incident_id in asked:
            await self._colleague.ask("POST", f"incidents/{incident_id}/review", HARMLESS)
        return {
            f"PATCH {handover}": Own({"handover_id": draft}, {"incoming_id": self._colleague.id}),
            f"PUT {handover}/items": Own({"handover_id": draft}),
            f"POST {handover}/sign": Own({"handover_id": to_sign}),
            f"PUT {note}": Own({"note_id": mine}),
            f"DELETE {note}": Own({"note_id": mine_too}),
            f"POST {AT}/review": Own({"incident_id": severe}, {"reviewer_id": self._colleague.id}),
            f"POST {AT}/review/decide": Own({"incident_id": asked[0]}),
            f"POST {AT}/review/withdraw": Own({"incident_id": asked[1]}),
            f"POST {AT}/split": await self._divisible(number, alert_id),
            # The organization is that of the alerts, or of the incident.
            "POST /api/v1/incidents/bulk": Own(bodies={"ids": free, "query": "status:new", "organization_id": None}),
        }

    async def _spare(self, number: int) -> dict[str, Own]:
        """What would end or hold an incident that others are to be asked of."""
        one = {act: await self._open("Spare", number) for act in ("close", "transition", "legal-hold", "restrict")}
        closed, whole, part = [await self._open("Spare", number) for _ in range(3)]
        await self._colleague.ask("POST", f"incidents/{closed}/close", HARMLESS)
        await self._colleague.ask("POST", f"incidents/{whole}/merge", {"incident_ids": [part]})
        return {f"POST {AT}/{act}": Own({"incident_id": incident_id}) for act, incident_id in one.items()} | {
            f"POST {AT}/reopen": Own({"incident_id": closed}),
            f"POST {AT}/unmerge": Own({"incident_id": whole}, {"incident_id": part}),
        }

    async def _divisible(self, number: int, alert_id: str) -> Own:
        incident_id = await self._open("Whole", number, alert_ids=[alert_id])
        parts = await self._parts(f"incidents/{incident_id}")
        named = {
            "alert_ids": [alert_id],
            "task_ids": [parts["task_id"]],
            "note_ids": [parts["note_id"]],
            "observable_ids": [parts["incident_observable_id"]],
            "evidence_ids": [parts["evidence_id"]],
        }
        return Own({"incident_id": incident_id}, named)

    async def _copies(self, base: str) -> Any:
        """Copies of events, which the follower makes within seconds."""
        found: list[Any] = []

        async def there() -> bool:
            found[:] = await self._colleague.items(f"{base}/events")
            return bool(found)

        await until(there, within=60)
        return found

    async def _bring(self, state: str, base: str, other_id: str) -> None:
        match state:
            case "restricted":
                await self._colleague.ask("POST", f"{base}/restrict", {"restricted": True})
            case "on_hold":
                await self._colleague.ask("POST", f"{base}/transition", {"to": "on_hold", "reason": "waiting"})
            case "merging":
                await self._colleague.ask("POST", f"{base}/merge", {"incident_ids": [other_id]})
            case "closed":
                await self._colleague.ask("POST", f"{base}/close", HARMLESS)
            case "in_review":
                await self._colleague.ask("POST", f"{base}/review", HARMLESS)
