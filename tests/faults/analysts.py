"""Analysts at work through the api meanwhile: they tag and note alerts, look at others, and write down the replies.

Each change has a word of its own that is put there once, as a tag or as a note, and never taken off: what is in the
database in the end tells which changes came to be.
"""

import asyncio
import contextlib
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import httpx
import orjson
from argon2 import PasswordHasher

from services.api.auth import credentials
from shared import ids
from shared.domain.audit import Chain, Link
from tests.faults.system import System

ANALYSTS = 3
PAUSE_SECONDS, REQUEST_SECONDS, SEALED_SECONDS = 0.3, 6.0, 30.0
SHARE_OF_NOTES = 0.3
ENTRIES = """
    SELECT l.*, s.sequence, s.hash FROM audit_log l LEFT JOIN audit_seals s ON s.audit_id = l.id
    ORDER BY s.sequence NULLS LAST
"""


class Outcome(StrEnum):
    """What an analyst knows of a change: answered with success, refused, or neither came."""

    HELD = "held"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Change(NamedTuple):
    """A word put on an alert, as a note or as a tag."""

    alert_id: UUID
    is_note: bool


@dataclass
class Noted:
    """The changes that were tried, by word; what came of each; and the tags that were seen on alerts."""

    tried: dict[str, Change] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seen: defaultdict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    replies: Counter[str] = field(default_factory=Counter)

    def words(self, outcome: Outcome) -> set[str]:
        """Of the changes that ended so."""
        return {word for word, one in self.outcomes.items() if one is outcome}


def outcome_of(status: int) -> Outcome:
    """What a reply says of its change; of a server's trouble nobody knows whether it was before or after the commit."""
    if status < 400:
        return Outcome.HELD
    return Outcome.REFUSED if status < 500 and status != 408 else Outcome.UNKNOWN


def answered(change: str, outcome: Outcome, count: float, place: str = "there") -> list[str]:
    """What does not hold of a change that is so often in a place where it leaves something, by what was said of it."""
    found = []
    if outcome is Outcome.HELD and not count:
        found.append(f"{change} was answered and is not {place}")
    if outcome is Outcome.REFUSED and count:
        found.append(f"{change} was refused and is {place}")
    if count > 1:
        found.append(f"{change} is {place} {count:g} times")
    return found


async def answer_to(
    client: httpx.AsyncClient, replies: Counter[str], method: str, path: str, **more: Any
) -> httpx.Response | None:
    """The reply to a request, counted; nothing when none came."""
    try:
        reply = await client.request(method, path, **more)
    except httpx.HTTPError as error:
        replies[f"{method} {type(error).__name__}"] += 1
        return None
    lacks = " without Retry-After" if reply.status_code == 503 and "retry-after" not in reply.headers else ""
    replies[f"{method} {reply.status_code}{lacks}"] += 1
    return reply


async def make_token(system: System, name: str = "") -> str:
    """A token that may do everything in the system's organization, or in a new one of that name."""
    organization = ids.uuid7() if name else system.organization_id
    credential = credentials.make(credentials.TOKEN)
    connection = await asyncpg.connect(system.owner_url)
    if name:
        await connection.execute("INSERT INTO organizations (id, name) VALUES ($1, $2)", organization, name)
    await connection.execute(
        "INSERT INTO api_tokens (id, organization_id, name, token_hash, scopes) VALUES ($1, $2, 'tests', $3, '{*}')",
        ids.uuid7(), organization, credential.digest,
    )  # fmt: skip
    await connection.close()
    return credential.secret


async def make_person(system: System, name: str) -> dict[str, str]:
    """The headers of somebody who has signed in at the first api, and may do everything in the organization."""
    email, password, user_id = f"{name}@example.org", credentials.make("").secret, ids.uuid7()
    connection = await asyncpg.connect(system.owner_url)
    await connection.execute(
        "INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, $3, $4)",
        user_id, email, name, PasswordHasher().hash(password),
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO memberships (id, user_id, organization_id, role) VALUES ($1, $2, $3, 'admin')",
        ids.uuid7(), user_id, system.organization_id,
    )  # fmt: skip
    await connection.close()
    async with httpx.AsyncClient(base_url=system.api_urls[0], timeout=30) as client:
        reply = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
    reply.raise_for_status()
    cookie = reply.headers["set-cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": reply.json()["csrf_token"]}


async def keep_working(
    system: System, noted: Noted, seed: int, token: str, *, patience: float = REQUEST_SECONDS
) -> None:
    """Several analysts, each at an api process, who wait for a reply so long; for ever."""
    async with asyncio.TaskGroup() as group:
        for number in range(ANALYSTS):
            url = system.api_urls[number % len(system.api_urls)]
            analyst = _Analyst(url, noted, random.Random(f"{seed} {number}"), f"{number}", token)
            group.create_task(analyst.work(patience))


class _Analyst:
    def __init__(self, url: str, noted: Noted, chance: random.Random, name: str, token: str) -> None:
        self._url, self._noted, self._chance, self._name = f"{url}/api/v1", noted, chance, name
        self._headers = {"Authorization": f"Bearer {token}"}

    async def work(self, patience: float) -> None:
        async with httpx.AsyncClient(base_url=self._url, headers=self._headers, timeout=patience) as client:
            number = 0
            while True:
                await asyncio.sleep(self._chance.uniform(0, 2 * PAUSE_SECONDS))
                for alert in await self._look(client):
                    number += 1
                    await self._change(client, alert, f"word-{self._name}-{number}")

    async def _look(self, client: httpx.AsyncClient) -> Sequence[Any]:
        """Two alerts of a page of the list, by query as often as not; none when there is no answer."""
        query = {"query": "status:new"} if self._chance.random() < 0.5 else {"status": "new"}
        reply = await answer_to(client, self._noted.replies, "GET", "/alerts", params={**query, "limit": 50})
        if reply is None or reply.status_code != 200:
            return ()
        alerts = reply.json()["items"]
        for alert in alerts:
            self._noted.seen[UUID(alert["id"])] |= set(alert["tags"])
        return self._chance.sample(alerts, min(2, len(alerts)))

    async def _change(self, client: httpx.AsyncClient, alert: Any, word: str) -> None:
        is_note = self._chance.random() < SHARE_OF_NOTES
        self._noted.tried[word] = Change(UUID(alert["id"]), is_note)
        self._noted.outcomes[word] = Outcome.UNKNOWN
        # A note that nobody answered for is sent again under its key, as a browser would; a tag is tried once.
        while (outcome := await self._send(client, alert, word, is_note=is_note)) is Outcome.UNKNOWN and is_note:
            await asyncio.sleep(self._chance.uniform(0.2, 1.0))
        self._noted.outcomes[word] = outcome

    async def _send(self, client: httpx.AsyncClient, alert: Any, word: str, *, is_note: bool) -> Outcome:
        if is_note:
            part, headers = "notes", {"Idempotency-Key": word}
        else:
            part, headers = "tags", {"If-Match": f'"{alert["revision"]}"'}
        path, body = f"/alerts/{alert['id']}/{part}", {"body": word} if is_note else {"add": [word]}
        reply = await answer_to(client, self._noted.replies, "POST", path, json=body, headers=headers)
        return Outcome.UNKNOWN if reply is None else outcome_of(reply.status_code)


async def audit_changes(connection: asyncpg.Connection, noted: Noted) -> list[str]:
    """What does not hold of the changes that people made, in words; nothing when all was kept as it was answered."""
    stored: Counter[tuple[str, Change]] = Counter()
    for row in await connection.fetch("SELECT id, tags FROM alerts WHERE tags <> '{}'"):
        stored.update((tag, Change(row["id"], False)) for tag in row["tags"])
    for row in await connection.fetch("SELECT alert_id, body FROM alert_notes"):
        stored[row["body"], Change(row["alert_id"], True)] += 1
    entries = await entries_of(connection)
    return [
        *compared(noted, stored),
        *_told(stored, entries),
        *_histories(entries),
        *_chain(entries),
    ]


def compared(noted: Noted, stored: Counter[tuple[str, Change]]) -> list[str]:
    """Answers and sightings against what is stored."""
    found: list[str] = []
    tried = set(noted.tried.items())
    for word, change in tried:
        found += answered(f"change {word}", noted.outcomes[word], stored[word, change])
    found += [f"nobody made the change {word}" for word, change in stored if (word, change) not in tried]
    for alert_id, words in noted.seen.items():
        found += [f"{word} was seen on {alert_id} and is not stored" for word in words
                  if not stored[word, Change(alert_id, False)]]  # fmt: skip
    return found


async def entries_of(connection: asyncpg.Connection) -> list[dict[str, Any]]:
    """The whole audit once all of it is sealed, or after a while as it is."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SEALED_SECONDS):
            while await connection.fetchval("SELECT count(*) FROM audit_log") > await connection.fetchval(
                "SELECT count(*) FROM audit_seals"
            ):
                await asyncio.sleep(0.3)
    rows = await connection.fetch(ENTRIES)
    return [{**row, "changes": orjson.loads(row["changes"]), "details": orjson.loads(row["details"])} for row in rows]


def _told(stored: Counter[tuple[str, Change]], entries: Sequence[dict[str, Any]]) -> list[str]:
    """Each change has its entry, and each entry its change."""
    actions = Counter(row["action"] for row in entries)
    tags = sum(count for (_, change), count in stored.items() if not change.is_note)
    notes = sum(stored.values()) - tags
    return [
        f"{made} {action} are stored and {actions[action]} told of"
        for action, made in (("alert.tagged", tags), ("alert.noted", notes))
        if actions[action] != made
    ]


def _histories(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The tags of each alert changed in one line."""
    changes: defaultdict[UUID, list[list[list[str]]]] = defaultdict(list)
    for row in entries:
        if row["action"] == "alert.tagged":
            changes[row["object_id"]].append(row["changes"]["tags"])
    return [f"alert {key} has no one history" for key, told in changes.items() if not one_history(told)]


def one_history(changes: Sequence[Sequence[Sequence[str]]]) -> bool:
    """True when each change began where another ended: no two of them saw the same alert and both went through."""
    before = Counter(",".join(sorted(first)) for first, _ in changes)
    before.subtract(Counter(",".join(sorted(last)) for _, last in changes))
    # A walk through states: each as often left as entered, but for its first and its last.
    return sorted(count for count in before.values() if count) in ([], [-1, 1])


def _chain(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The audit's own proof, without the api."""
    chain = Chain()
    chain.follow(Link(row, row["sequence"], row["hash"]) for row in entries)
    return [f"the audit breaks: {chain.broken.reason}"] if chain.broken else []
