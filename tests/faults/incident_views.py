"""Holds what the api shows and finds of incidents, and their files, against what is stored."""

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from tests.faults.analysts import make_token
from tests.faults.incident_books import FILES, INCIDENTS, REPEATED, STORED, Kept, Rows
from tests.faults.incident_workers import bytes_of
from tests.faults.system import System

# The list of an incident that shows the texts which a change left, and the name that these have there.
LISTED = {
    "incident.alerts_linked": ("alerts", "reason"),
    "incident.noted": ("notes", "body"),
    "incident.task_added": ("tasks", "title"),
    "incident.observables_added": ("observables", "note"),
    "incident.evidence_added": ("evidence", "name"),
    "incident.changed": ("summary/versions", "body"),
    "incident.review_asked_for": ("reviews", "comment"),
}
TOLD = ("incident.moved", "incident.reopened", "incident.merged")
"""Changes that leave a text in the timeline, as the reason of an entry."""
FINDABLE = ("incident.created", "incident.tagged", "incident.noted", "incident.changed")
"""Changes whose texts a query without a field looks in."""

# Each word is looked for in some seven fields, and a query has at most a hundred conditions.
WORDS_AT_ONCE, AT_ONCE = 10, 4
REQUEST_SECONDS = 30.0


async def audit_views(connection: asyncpg.Connection, system: System) -> list[str]:
    """What people would not see, in words, of a system at rest whose search is refreshed."""
    names = {row["id"]: row["name"] for row in await connection.fetch(FILES)}
    kept = [Kept(**row) for row in await connection.fetch(STORED)]
    rows = {row["id"]: dict(row) for row in await connection.fetch(INCIDENTS)}
    headers = {"Authorization": f"Bearer {await make_token(system)}"}
    url = f"{system.apis[0].url}/api/v1"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=REQUEST_SECONDS) as client:
        return [*damaged(system.evidence, names), *await unseen(client, kept, rows)]


def damaged(folder: Path, names: Mapping[UUID, str]) -> list[str]:
    """Files of evidence that are not, whole, what was handed in under their names."""
    held = {file.name: hashlib.sha256(file.read_bytes()).digest() for file in folder.glob("*/*/*")}
    return [f"the file {name} is not what was handed in" for key, name in names.items()
            if held.get(str(key)) != hashlib.sha256(bytes_of(name)).digest()]  # fmt: skip


async def unseen(client: httpx.AsyncClient, kept: Iterable[Kept], rows: Rows) -> list[str]:
    """The rows that are shown otherwise, and the texts that are not shown, or not found, in their incident."""
    texts: defaultdict[UUID, list[Kept]] = defaultdict(list)
    for one in kept:
        texts[one.incident_id].append(one)
    room = asyncio.Semaphore(AT_ONCE)

    async def look(key: UUID) -> list[str]:
        async with room:
            return [*await _shown(client, rows[key]), *await _listed(client, key, texts[key]),
                    *await _found(client, rows[key], texts[key])]  # fmt: skip

    return [told for some in await asyncio.gather(*map(look, rows)) for told in some]


async def _shown(client: httpx.AsyncClient, row: Mapping[str, Any]) -> list[str]:
    detail = await _get(client, f"/incidents/{row['id']}")
    differ = {name: (row[name], detail[name]) for name in REPEATED if detail[name] != row[name]}
    return [f"incident {row['id']} is shown otherwise than stored: {differ}"] if differ else []


async def _listed(client: httpx.AsyncClient, key: UUID, texts: Sequence[Kept]) -> list[str]:
    """Texts of the lists and of the timeline: each as often as it is stored."""
    shown: Counter[tuple[str, str]] = Counter()
    stored = Counter((one.action, one.word) for one in texts if one.action in LISTED or one.action in TOLD)
    for action in {action for action, _ in stored} & LISTED.keys():
        part, name = LISTED[action]
        shown.update([(action, item[name]) async for item in _items(client, f"/incidents/{key}/{part}", {})])
    if {action for action, _ in stored} & set(TOLD):
        kinds = [action.partition(".")[2] for action in TOLD]
        entries = _items(client, f"/incidents/{key}/timeline", {"kind": kinds})
        shown.update([(f"incident.{item['kind']}", item["details"].get("reason")) async for item in entries])
    return [
        f"{action} {word} is stored {times} times in {key} and shown {shown[action, word]} times"
        for (action, word), times in stored.items()
        if shown[action, word] != times
    ]


async def _found(client: httpx.AsyncClient, row: Mapping[str, Any], texts: Sequence[Kept]) -> list[str]:
    """A query for all of its words at once finds the incident."""
    words = sorted({one.word for one in texts if one.action in FINDABLE})
    told = []
    for at in range(0, len(words), WORDS_AT_ONCE):
        some = [f'"{word}"' for word in words[at : at + WORDS_AT_ONCE]]
        query = " AND ".join([f"number:{row['number']}", *some])
        page = await _get(client, "/incidents", {"query": query})
        if page["degraded"] is not None or [one["id"] for one in page["items"]] != [str(row["id"])]:
            told.append(f"incident {row['id']} is not found by {query}")
    return told


async def _items(client: httpx.AsyncClient, path: str, params: Mapping[str, Any]) -> Any:
    page = await _get(client, path, {**params, "limit": 100})
    while True:
        for item in page["items"]:
            yield item
        if page["next_cursor"] is None:
            return
        page = await _get(client, path, {**params, "limit": 100, "cursor": page["next_cursor"]})


async def _get(client: httpx.AsyncClient, path: str, params: Mapping[str, Any] | None = None) -> Any:
    reply = await client.get(path, params=params or {})
    reply.raise_for_status()
    return reply.json()
