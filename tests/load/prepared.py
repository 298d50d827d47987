"""Prepares the ground for the fuzzer: so much of each kind that its callers do not take it from each other."""

import asyncio

import asyncpg
import httpx

from shared import ids
from tests.faults.system import System
from tests.load.good import EMAIL_ADDRESS
from tests.load.ground import Ground, Person
from tests.load.ground_beside import Beside
from tests.load.ground_incidents import STATES, Incidents

CALLERS, AT_ONCE = 2, 4
# Each caller of the api has an incident in every state.
GROUNDS = CALLERS * len(STATES)
ALERTS_FOR_INCIDENTS, ALERTS_BESIDE = 6, 5
ALERTS = GROUNDS * (ALERTS_FOR_INCIDENTS + ALERTS_BESIDE)
FAILED = """
    INSERT INTO notifications
        (id, organization_id, kind, dedupe_key, subject, content, user_id, status, due_at, last_error, reached)
    SELECT $1, $2, 'job.done', $3, 'Done', '{}', id, 'failed', now(), 'refused', '{}' FROM users WHERE email = $4
"""


async def prepare(system: System, colleague: dict[str, str], fuzzer: dict[str, str]) -> list[list[Ground]]:
    """All of it by caller, made of the alerts and records that are there, by two who the headers say."""
    url = f"{system.apis[0].url}/api/v1/"
    async with (
        httpx.AsyncClient(base_url=url, headers=colleague, timeout=60) as theirs,
        httpx.AsyncClient(base_url=url, headers=fuzzer, timeout=60) as own,
    ):
        people = await _person(theirs), await _person(own)
        incidents, beside = Incidents(*people), Beside(*people, system.organization_id)
        alert_ids, record_ids = await _all_of(people[0], "alerts"), await _all_of(people[0], "quarantine")
        assert len(alert_ids) >= ALERTS, f"{len(alert_ids)} alerts are too few"
        few = asyncio.Semaphore(AT_ONCE)

        async def ground(number: int) -> Ground:
            of_incidents, others = [[alert_ids.pop() for _ in range(n)] for n in (ALERTS_FOR_INCIDENTS, ALERTS_BESIDE)]
            async with few:
                one = await incidents.ground(number, of_incidents)
                other = await beside.ground(number, others, record_ids.pop())
                told = {"notification_id": await _failed_notification(system, number)}
            hook = {"key": system.key, "format": "suricata_eve"}
            return Ground(one.ids | other.ids | told | hook, one.bodies | other.bodies, one.own | other.own)

        grounds = await asyncio.gather(*map(ground, range(GROUNDS)))
        return [grounds[start : start + len(STATES)] for start in range(0, GROUNDS, len(STATES))]


async def _person(client: httpx.AsyncClient) -> Person:
    reply = await client.get("auth/session")
    reply.raise_for_status()
    return Person(client, reply.json()["user"]["id"])


async def _all_of(person: Person, path: str) -> list[str]:
    found, after = list[str](), ""
    while True:
        page = await person.ask("GET", f"{path}?limit=200{after}")
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return found
        after = f"&cursor={page['next_cursor']}"


async def _failed_notification(system: System, number: int) -> str:
    """One that was tried for as long as the notifier tries, which is longer than a run."""
    notification_id = ids.uuid7()
    connection = await asyncpg.connect(system.owner_url)
    await connection.execute(FAILED, notification_id, system.organization_id, f"ground {number}", EMAIL_ADDRESS)
    await connection.close()
    return str(notification_id)
