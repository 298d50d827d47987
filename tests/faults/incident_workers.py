"""People working incidents through the api meanwhile: from opening to closing and back, merged and taken out again.

Each change has a word of its own: it is the request's id, which the audit keeps, and where the change leaves a text of
somebody's it is that too. What is in the database in the end tells which changes came to be.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from services.api.auth import credentials
from shared.domain.incident import MOVES, Status
from shared.domain.triage import REASONS, Verdict
from tests.faults.analysts import REQUEST_SECONDS, Outcome, answer_to, make_person, outcome_of
from tests.faults.system import System
from tests.waiting import until

WORKERS, AT_WORK = 3, 6
PAUSE_SECONDS, AGAIN_SECONDS = 0.25, (0.2, 1.0)
CLOSED_AS = {"verdict": Verdict.TRUE_POSITIVE, "reason": REASONS[Verdict.TRUE_POSITIVE][0]}
SHARE_OF_SEVERE, SEVERE, SHARE_OF_JOBS = 0.3, 5, 0.2
FILE_TIMES = 10_000
LEAST_DONE, DONE_SECONDS = 20, 60.0

Json = dict[str, Any]


class Change(NamedTuple):
    """What was to be done, as the audit calls it, to which incident, if it was there already."""

    action: str
    incident_id: UUID | None


@dataclass
class Worked:
    """The changes that were tried, by word; what came of each; how many alerts each reopening said it opened."""

    tried: dict[str, Change] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    reopened: dict[str, int] = field(default_factory=dict)
    incident_ids: list[str] = field(default_factory=list)
    replies: Counter[str] = field(default_factory=Counter)

    def words(self, outcome: Outcome) -> set[str]:
        """Of the changes that ended so."""
        return {word for word, one in self.outcomes.items() if one is outcome}

    @property
    def done(self) -> Counter[str]:
        """How many changes of each kind were answered with success."""
        return Counter(self.tried[word].action for word in self.words(Outcome.HELD))


async def hire(system: System) -> list[Json]:
    """The headers of several people: nobody reviews work of their own. Before any fault, for they sign in."""
    # Of several at once, each under a name of its own.
    return [await make_person(system, f"worker-{credentials.make('').prefix}-{n}") for n in range(WORKERS)]


async def keep_incidents(
    system: System, worked: Worked, seed: int, people: list[Json], *, patience: float = REQUEST_SECONDS
) -> None:
    """Those people at work, each at an api process, who wait for a reply so long; for ever."""
    async with asyncio.TaskGroup() as group:
        for number, headers in enumerate(people):
            url = f"{system.api_urls[number % len(system.api_urls)]}/api/v1"
            chance = random.Random(f"{seed} incidents {number}")
            group.create_task(Worker(url, worked, chance, f"work-{number}", headers, patience=patience).work())


@contextlib.asynccontextmanager
async def at_work(system: System, seed: int, *, patience: float = REQUEST_SECONDS) -> AsyncIterator[Worked]:
    """People at work, who have begun, until the block is done with and some things are done.

    Raises what ended their work.
    """
    worked, people = Worked(), await hire(system)
    working = asyncio.create_task(keep_incidents(system, worked, seed, people, patience=patience))
    try:
        await until(lambda: working.done() or worked.done.total() > 0, within=DONE_SECONDS)
        yield worked
        await until(lambda: working.done() or worked.done.total() >= LEAST_DONE, within=DONE_SECONDS)
    finally:
        working.cancel()
        (ended,) = await asyncio.gather(working, return_exceptions=True)
        print("changes of incidents:", dict(Counter(worked.outcomes.values())))
    if isinstance(ended, Exception):
        raise ended


class Worker:
    """One of them, who remembers each change with what came of it."""

    def __init__(
        self,
        url: str,
        worked: Worked,
        chance: random.Random,
        name: str,
        headers: Json,
        *,
        patience: float = REQUEST_SECONDS,
    ) -> None:
        self._worked, self._chance, self._name, self._count = worked, chance, name, 0
        self.client = httpx.AsyncClient(base_url=url, headers=headers, timeout=patience)

    async def work(self) -> None:
        """One thing after the other; for ever."""
        async with self.client:
            while True:
                await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_SECONDS))
                known = self._worked.incident_ids
                if len(known) < AT_WORK or self._chance.random() < 0.05:
                    await (self._open_by_job() if self._chance.random() < SHARE_OF_JOBS else self._open())
                elif incident := await self._look(f"/incidents/{self._chance.choice(known[-AT_WORK:])}"):
                    await self._go_on(incident)

    async def _look(self, path: str, **params: Any) -> Any:
        """What a GET gives, or nothing."""
        reply = await answer_to(self.client, self._worked.replies, "GET", path, params=params)
        return reply.json() if reply is not None and reply.status_code == 200 else None

    async def _new_alerts(self, most: int) -> list[str]:
        page = await self._look("/alerts", status="new", limit=50) or {"items": []}
        return [one["id"] for one in self._chance.sample(page["items"], min(most, len(page["items"])))]

    async def change(self, action: str, path: str, body: Json, of: Json | None = None, **more: Any) -> Any:
        """Try a change once, or under its key until it is answered; the reply where it says that it was made.

        `body` has a word where it says WORD; a `file` has its own in place of a body.
        """
        self._count += 1
        word = f"{self._name}-{self._count}"
        self._worked.tried[word] = Change(f"incident.{action}", UUID(of["id"]) if of else None)
        self._worked.outcomes[word] = Outcome.UNKNOWN
        headers = {"X-Request-ID": word} | ({"Idempotency-Key": word} if more.get("keyed") else {})
        if more.get("seen"):
            headers["If-Match"] = f'"{more["seen"]["revision"]}"'
        filled = _filled(body, word)
        sent: Json = {"params": filled, "content": bytes_of(word)} if more.get("file") else {"json": filled}
        method = more.get("method", "POST")
        while True:
            reply = await answer_to(self.client, self._worked.replies, method, path, headers=headers, **sent)
            outcome = Outcome.UNKNOWN if reply is None else outcome_of(reply.status_code)
            if outcome is not Outcome.UNKNOWN or not more.get("keyed"):
                break
            await asyncio.sleep(self._chance.uniform(*AGAIN_SECONDS))
        said = reply.json() if reply is not None and outcome is Outcome.HELD else None
        # What was so already is answered with success, and is no change.
        if said is not None and 0 in (said.get("changed"), said.get("added")):
            outcome = Outcome.REFUSED
        # What is only to be done, of that its job tells.
        self._worked.outcomes[word] = Outcome.UNKNOWN if said is not None and more.get("later") else outcome
        if said is not None and "alerts_reopened" in said:
            self._worked.reopened[word] = said["alerts_reopened"]
        return said

    async def _open(self) -> None:
        body: Json = {"title": WORD, "alert_ids": await self._new_alerts(3)}
        if self._chance.random() < SHARE_OF_SEVERE:
            body["severity"] = SEVERE
        if made := await self.change("created", "/incidents", body, keyed=True):
            self._worked.incident_ids.append(made["id"])

    async def _open_by_job(self) -> None:
        """An incident once the job has ended: none, where all of its alerts were taken meanwhile."""
        if not (alert_ids := await self._new_alerts(3)):
            return
        body = {"ids": alert_ids, "open": {"title": WORD}, "start": True}
        job = await self.change("created", "/incidents/bulk", body, keyed=True, later=True)
        while job and job["status"] in ("pending", "running"):
            await asyncio.sleep(self._chance.uniform(*AGAIN_SECONDS))
            job = await self._look(f"/jobs/{job['id']}") or job
        if job and (made := job["result"].get("incident_id")):
            self._worked.outcomes[f"{self._name}-{self._count}"] = Outcome.HELD
            self._worked.incident_ids.append(made)

    async def _go_on(self, incident: Json) -> None:
        """One thing that can be done with an incident as it is."""
        match incident["status"]:
            case Status.MERGED:
                await self._take_out(incident)
            case Status.CLOSED:
                await self._reopen(incident)
            case _ if incident["review"] is not None:
                body = {"decision": "approved", "comment": WORD}
                await self.change("closed", f"/incidents/{incident['id']}/review/decide", body, incident, seen=incident)
            case _:
                weights = {self._add: 4, self._link: 2, self._move: 3, self._end: 3, self._merge: 1}
                (way,) = self._chance.choices(list(weights), list(weights.values()))
                await way(incident)

    async def _add(self, incident: Json) -> None:
        """A text of somebody's, of one kind or another, or a file."""
        at = f"/incidents/{incident['id']}"
        match self._chance.randrange(5):
            case 0:
                await self.change("noted", f"{at}/notes", {"body": WORD}, incident, keyed=True)
            case 1:
                await self.change("task_added", f"{at}/tasks", {"title": WORD}, incident, keyed=True)
            case 2:
                await self.change("evidence_added", f"{at}/evidence", {"name": WORD}, incident, keyed=True, file=True)
            case 3:
                value = {"type": "domain", "value": f"{self._name}-{self._count}.example.org"}
                body = {"observables": [value], "note": WORD}
                await self.change("observables_added", f"{at}/observables", body, incident)
            case _:
                await self.change("tagged", f"{at}/tags", {"add": [WORD]}, incident, seen=incident)

    async def _link(self, incident: Json) -> None:
        if alert_ids := await self._new_alerts(1):
            body = {"alert_ids": alert_ids, "reason": WORD}
            await self.change("alerts_linked", f"/incidents/{incident['id']}/alerts", body, incident)

    async def _move(self, incident: Json) -> None:
        """To another state, which may be a pause or its end."""
        to = self._chance.choice(sorted(MOVES[Status(incident["status"])]))
        body = {"to": to, "reason": WORD}
        await self.change("moved", f"/incidents/{incident['id']}/transition", body, incident, seen=incident)

    async def _end(self, incident: Json) -> None:
        at = f"/incidents/{incident['id']}"
        if incident["missing"]:
            await self.change("changed", at, {"summary": WORD}, incident, seen=incident, method="PATCH")
        elif incident["needs_review"]:
            body = CLOSED_AS | {"comment": WORD}
            await self.change("review_asked_for", f"{at}/review", body, incident, seen=incident)
        else:
            await self.change("closed", f"{at}/close", CLOSED_AS, incident, seen=incident)

    async def _reopen(self, incident: Json) -> None:
        body = {"reason": WORD, "reopen_alerts": self._chance.random() < 0.7}
        await self.change("reopened", f"/incidents/{incident['id']}/reopen", body, incident, seen=incident)

    async def _merge(self, incident: Json) -> None:
        others = [one for one in self._worked.incident_ids[-AT_WORK:] if one != incident["id"]]
        body = {"incident_ids": [self._chance.choice(others)], "reason": WORD}
        await self.change("merged", f"/incidents/{incident['id']}/merge", body, incident, seen=incident)

    async def _take_out(self, incident: Json) -> None:
        if target := await self._look(f"/incidents/{incident['merged_into_id']}"):
            body = {"incident_id": incident["id"]}
            await self.change("unmerged", f"/incidents/{target['id']}/unmerge", body, target, seen=target)


WORD = "{word}"


def bytes_of(word: str) -> bytes:
    """What the file of that name is."""
    return word.encode() * FILE_TIMES


def _filled(value: Any, word: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, word) for name, one in value.items()}
    return [word] if value == [WORD] else word if value == WORD else value
