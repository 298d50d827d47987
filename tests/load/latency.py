"""How long after its 202 an event is a row, and how long after it can be found, at a steady rate."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import httpx
import orjson

from tests.faults.system import System
from tests.load.http import Lane, post

PER_REQUEST = 10
LOOK_SECONDS = 0.01
SEARCH_SECONDS = 0.1
SETTLE_SECONDS = 30.0
MOST_ASKED = 5000


@dataclass
class Watch:
    """What was answered 202 and has not been seen yet, and how long each took."""

    look: Callable[[Sequence[UUID]], Awaitable[Iterable[UUID]]]
    every: float
    waiting: dict[UUID, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Look for what is waiting, for ever; the time of looking counts as the product's."""
        while True:
            if self.waiting:
                asked = list(self.waiting)[:MOST_ASKED]
                for found in await self.look(asked):
                    self.seconds.append(time.perf_counter() - self.waiting.pop(found))
            await asyncio.sleep(self.every)


async def measure(system: System, records: Sequence[bytes], *, rate: int) -> tuple[list[float], list[float]]:
    """Seconds until stored and until found, of each record sent at `rate` events a second. Raises TimeoutError."""
    connection = await asyncpg.connect(system.owner_url)
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=10) as client:

        async def stored(wanted: Sequence[UUID]) -> list[UUID]:
            rows = await connection.fetch("SELECT id FROM events WHERE kind = 'alert' AND id = ANY($1)", wanted)
            return [UUID(int=row["id"].int) for row in rows]

        async def found(wanted: Sequence[UUID]) -> list[UUID]:
            query = {"size": MOST_ASKED, "_source": False, "query": {"ids": {"values": list(map(str, wanted))}}}
            answer = await client.post(
                f"/{system.name}-events/_search",
                content=orjson.dumps(query),
                headers={"content-type": "application/json"},
            )
            return [UUID(hit["_id"]) for hit in answer.json()["hits"]["hits"]]

        watches = Watch(stored, LOOK_SECONDS), Watch(found, SEARCH_SECONDS)
        running = [asyncio.create_task(watch.run()) for watch in watches]
        try:
            await _send(system, records, rate, watches)
            async with asyncio.timeout(SETTLE_SECONDS):
                while any(watch.waiting for watch in watches):
                    await asyncio.sleep(0.05)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await connection.close()
    return watches[0].seconds, watches[1].seconds


async def _send(system: System, records: Sequence[bytes], rate: int, watches: Sequence[Watch]) -> None:
    """Requests of ten records, each at its time, over one connection."""
    lane = await Lane.connect(system.ingest.port)
    began = time.perf_counter()
    for number in range(0, len(records), PER_REQUEST):
        await asyncio.sleep(began + number / rate - time.perf_counter())
        body = b"\n".join(records[number : number + PER_REQUEST])
        reply = await lane.send(post("/ingest/v1/events", system.key, body))
        if reply.status != 202:
            raise RuntimeError(f"{reply.status}: {reply.body[:300]!r}")
        moment = time.perf_counter()
        for item in orjson.loads(reply.body)["items"]:
            for watch in watches:
                watch.waiting[UUID(item["event_id"])] = moment
    await lane.close()


def percentile(seconds: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
