"""A sensor that sends the oracle's batches and does not give up: every refusal is sent again, as it stands."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from tests.faults.oracle import Oracle, Record, State
from tests.faults.system import System

REQUEST_SECONDS = 15.0
MOST_ATTEMPTS = 400


@dataclass
class Sender:
    """Sends over `lanes` connections; `replies` counts what came back."""

    system: System
    oracle: Oracle
    lanes: int = 4
    batch: int = 50
    replies: Counter[str] = field(default_factory=Counter)
    worst_seconds: float = 0.0

    async def send(self, batches: int) -> None:
        """Send that many batches, each until it is acknowledged."""
        waiting = iter(range(batches))
        async with httpx.AsyncClient(base_url=self.system.door, timeout=REQUEST_SECONDS) as client:
            await asyncio.gather(*(self._lane(client, waiting) for _ in range(self.lanes)))

    async def _lane(self, client: httpx.AsyncClient, waiting: Iterator[int]) -> None:
        for _ in waiting:
            await self.until_acknowledged(client, self.oracle.batch(self.batch))

    async def until_acknowledged(self, client: httpx.AsyncClient, batch: list[Record]) -> None:
        """One batch, byte for byte the same each time. Raises RuntimeError after 400 attempts."""
        body = b"\n".join(record.line for record in batch)
        for _ in range(MOST_ATTEMPTS):
            state, pause = await self._once(client, body)
            self.oracle.mark(batch, state)
            if state is State.ACKNOWLEDGED:
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1))
        raise RuntimeError("a batch was never acknowledged")

    async def _once(self, client: httpx.AsyncClient, body: bytes) -> tuple[State, float]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            reply = await client.post(
                "/ingest/v1/events/suricata_eve",
                content=body,
                headers={"authorization": f"Bearer {self.system.key}", "content-type": "application/x-ndjson"},
                params={"items": "none"},
            )
        except httpx.HTTPError as error:
            self.replies[type(error).__name__] += 1
            return State.INDETERMINATE, 0.2
        finally:
            self.worst_seconds = max(self.worst_seconds, loop.time() - started)
        self.replies[str(reply.status_code)] += 1
        if reply.status_code == 202:
            return State.ACKNOWLEDGED, 0.0
        if reply.status_code in (429, 503):
            assert int(reply.headers["retry-after"]) > 0
            # A sensor would wait as long as it is told; a test shows the same in less time.
            return State.INDETERMINATE, 0.3
        raise RuntimeError(f"{reply.status_code}: {reply.text[:500]}")
