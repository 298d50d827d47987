"""What the fuzzer meets beside incidents: alerts, records in quarantine, sensors, people, and what is set up."""

from uuid import UUID

from tests.integration.api.bodies import CLOSING, EMAIL, ROUTE, SOON, SUPPRESSION, VIEW
from tests.load.good import PASSWORD, numbered
from tests.load.ground import Ground, Own, Person

AT, PERSON = "/api/v1/alerts/{alert_id}", "/api/v1/users/{user_id}"
OF_PEOPLE = (f"GET {PERSON}", f"PATCH {PERSON}", f"POST {PERSON}/reset")
OF_RECORDS = ("redrive", "cancel", "discard")


class Beside:
    """Prepares the ground by the hands of a colleague, and by those of the person who fuzzes what has to be theirs."""

    def __init__(self, colleague: Person, fuzzer: Person, organization_id: UUID) -> None:
        self._colleague, self._fuzzer, self._organization_id = colleague, fuzzer, str(organization_id)

    async def ground(self, number: int, alert_ids: list[str], record_id: str) -> Ground:
        """One of each, and of what an operation uses up one of its own."""
        alert_id, *others, of_job = alert_ids
        known = {"organization_id": self._organization_id, "alert_id": alert_id, "record_id": record_id}
        known |= await self._set_up(number) | await self._accounts(number) | {"queue": "events.parked"}
        bodies = {name: known[name] for name in ("organization_id", "channel_id")} | {"owner_id": self._fuzzer.id}
        newcomer_id, leaving_id = known.pop("newcomer_id"), known.pop("leaving_id")
        own = await self._of_alerts(alert_id, *others) | await self._of_jobs(number, alert_id, of_job)
        own |= {label: Own({"user_id": newcomer_id}) for label in OF_PEOPLE}
        own |= {f"DELETE {PERSON}": Own({"user_id": leaving_id})} | await self._of_suppressions(number)
        own |= {f"POST /api/v1/quarantine/{act}": Own(bodies={"ids": [record_id]}) for act in OF_RECORDS}
        return Ground(known, bodies, own)

    async def _of_suppressions(self, number: int) -> dict[str, Own]:
        """One that could hide something critical, and so waits for somebody else, and one to be ended."""
        at, hiding = "POST /api/v1/suppressions/{suppression_id}", {"query": "rule.name:scan", "mode": "active"}
        waiting = await self._colleague.made("suppressions", numbered(SUPPRESSION, number) | hiding)
        ending = await self._colleague.made("suppressions", numbered(SUPPRESSION, number))
        return {f"{at}/approve": Own({"suppression_id": waiting}), f"{at}/end": Own({"suppression_id": ending})}

    async def _of_jobs(self, number: int, alert_id: str, of_job: str) -> dict[str, Own]:
        content = "/api/v1/exports/{job_id}/content"
        tagging = {"ids": [of_job], "action": {"type": "tags", "add": ["ground"]}, "start": True}
        done = await self._fuzzer.finished(await self._fuzzer.made("alerts/bulk", tagging))
        export = await self._fuzzer.made("exports", {"of": "alerts", "format": "csv"})
        exported = await self._fuzzer.finished(export)
        acknowledging = {"ids": [alert_id], "action": {"type": "acknowledge"}}
        draft = await self._colleague.made("alerts/bulk", acknowledging)
        # An organization has so many jobs that have not ended, and what is made up needs room for its own.
        either = "start" if number % 2 else "cancel"
        return {
            "POST /api/v1/alerts/bulk": Own(bodies={"ids": [alert_id]}),
            "POST /api/v1/alerts/bulk/{job_id}/undo": Own({"job_id": done}),
            f"GET {content}": Own({"job_id": exported}),
            f"DELETE {content}": Own({"job_id": exported}),
            f"POST /api/v1/jobs/{{job_id}}/{either}": Own({"job_id": draft}),
        }

    async def _set_up(self, number: int) -> dict[str, str]:
        sensor_id = await self._colleague.made("sensors", {"name": f"Ground {number}"})
        channel_id = await self._colleague.made("notification-channels", numbered(EMAIL, number) | {"kind": "email"})
        reason = {"verdict": "benign_positive", "name": f"Ground {number}"}
        return {
            "sensor_id": sensor_id,
            "key_id": await self._colleague.made(f"sensors/{sensor_id}/keys"),
            "channel_id": channel_id,
            "route_id": await self._colleague.made("notification-routes", ROUTE | {"channel_id": channel_id}),
            "suppression_id": await self._colleague.made("suppressions", numbered(SUPPRESSION, number)),
            "reason_id": await self._colleague.made(f"organizations/{self._organization_id}/close-reasons", reason),
            "view_id": await self._fuzzer.made("views", numbered(VIEW, number) | {"kind": "alert"}),
        }

    async def _accounts(self, number: int) -> dict[str, str]:
        newcomer = {"email": f"new{number}@example.org", "name": "Newcomer", "role": "viewer"}
        invited = {"email": f"invited{number}@example.org", "role": "viewer"}
        token = {"name": f"Ground {number}", "scopes": ["alerts:read"], "password": PASSWORD}
        return {
            "newcomer_id": await self._colleague.made("users", newcomer),
            "leaving_id": await self._colleague.made("users", newcomer | {"email": f"leaving{number}@example.org"}),
            "invitation_id": await self._colleague.made("invitations", invited),
            "token_id": await self._fuzzer.made("tokens", token),
        }

    async def _of_alerts(self, alert_id: str, noisy: str, harmless: str, closed: str) -> dict[str, Own]:
        notes = f"alerts/{alert_id}/notes"
        seen, mine, mine_too = [await self._fuzzer.made(notes, {"body": body}) for body in ("Seen", "Mine", "Mine too")]
        await self._fuzzer.ask("PUT", f"alerts/{noisy}/snooze", {"until": SOON})
        for one in (harmless, closed):
            await self._colleague.ask("POST", f"alerts/{one}/close", CLOSING)
        return {
            f"GET {AT}/notes/{{note_id}}": Own({"note_id": seen}),
            f"PUT {AT}/notes/{{note_id}}": Own({"note_id": mine}),
            f"DELETE {AT}/notes/{{note_id}}": Own({"note_id": mine_too}),
            f"DELETE {AT}/snooze": Own({"alert_id": noisy}),
            f"GET {AT}/suppression-proposal": Own({"alert_id": harmless}),
            f"POST {AT}/reopen": Own({"alert_id": closed}),
            f"POST {AT}/close": Own({"alert_id": noisy}),
        }
