"""Postgres and OpenSearch: killed, frozen, sessions ended, writes refused as a whole or item by item."""

import asyncio
import contextlib
import random

import asyncpg
import httpx

from tests.faults.nemeses.nemesis import OPENSEARCH, POSTGRES, Field, Nemesis
from tests.faults.nemeses.servers import frozen, killed
from tests.waiting import until

SEEN_SECONDS = 60.0
KEEP_SECONDS = 2.0
TERMINATE = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = $1 AND application_name LIKE 'eventsec%'
"""


async def _backends_terminated(field: Field, chance: random.Random, seconds: float) -> int:
    """An administrator ends all sessions, every second or so, in the middle of whatever they do."""
    deadline = asyncio.get_running_loop().time() + seconds
    ended = 0
    admin = await asyncpg.connect(field.system.admin_url)
    try:
        while ended == 0 or asyncio.get_running_loop().time() < deadline:
            ended += await admin.fetchval(TERMINATE, field.system.name)
            await asyncio.sleep(chance.uniform(0.2, 1.5))
    finally:
        await admin.close()
    return ended


async def _index_blocked(field: Field, _: random.Random, seconds: float) -> int:
    """What OpenSearch does when its disk is full: reading and deleting only."""
    url, indices = field.system.environment["EVENTSEC_OPENSEARCH_URL"], f"{field.system.name}-*"
    block = "index.blocks.read_only_allow_delete"
    async with field.searching_through_http() as search, httpx.AsyncClient(base_url=url, timeout=30) as client:
        before = _refused_by_server(search.seen)
        over = asyncio.Event()
        blocking = asyncio.create_task(_kept_blocked(client, indices, block, over))
        try:
            await until(lambda: _refused_by_server(search.seen) > before, within=SEEN_SECONDS)
            await asyncio.sleep(seconds)
        finally:
            over.set()
            (failed,) = await asyncio.gather(blocking, return_exceptions=True)
            (await client.put(f"/{indices}/_settings", json={block: None})).raise_for_status()
            if isinstance(failed, Exception):
                raise failed
        return _refused_by_server(search.seen) - before


async def _kept_blocked(client: httpx.AsyncClient, indices: str, block: str, over: asyncio.Event) -> None:
    """OpenSearch takes this block off by itself, twice a minute, for as long as its disk has room.

    Asked to end, not cancelled: a request given up half-way might be done behind the one that lifts the block.
    """
    while not over.is_set():
        (await client.put(f"/{indices}/_settings", json={block: True})).raise_for_status()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), KEEP_SECONDS)


def _refused_by_server(seen: dict[str, int]) -> int:
    return sum(count for name, count in seen.items() if name in ("their_403", "their_429"))


async def _items_refused(field: Field, chance: random.Random, seconds: float) -> int:
    """Some items of each bulk request are answered 429, or 503, and not written."""
    return await _refusing(field, chance, seconds, chance.choice((429, 503)))


async def _bodies_refused(field: Field, chance: random.Random, seconds: float) -> int:
    """Bulk requests over 24 KiB are answered 413."""
    return await _refusing(field, chance, seconds, 413)


async def _refusing(field: Field, chance: random.Random, seconds: float, status: int) -> int:
    async with field.searching_through_http() as search:
        before = search.seen[str(status)]
        search.chance, search.refusing = random.Random(chance.random()), status
        try:
            await until(lambda: search.seen[str(status)] > before, within=SEEN_SECONDS)
            await asyncio.sleep(seconds)
        finally:
            search.refusing = None
        return search.seen[str(status)] - before


NEMESES = (
    killed(POSTGRES),
    frozen(POSTGRES),
    Nemesis("postgres_backends_terminated", frozenset({POSTGRES}), _backends_terminated),
    killed(OPENSEARCH),
    frozen(OPENSEARCH),
    Nemesis("opensearch_blocked", frozenset({OPENSEARCH}), _index_blocked),
    Nemesis("opensearch_items_refused", frozenset({OPENSEARCH}), _items_refused),
    Nemesis("opensearch_bodies_refused", frozenset({OPENSEARCH}), _bodies_refused),
)
