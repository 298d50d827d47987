"""A sensor that sends the oracle's batches and does not give up: every refusal is sent again, as it stands."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import httpx

from tests.faults.installation import Reached
from tests.faults.oracle import Kind, Oracle, Record, State

REQUEST_SECONDS = 15.0
MOST_REMEMBERED = 200


@dataclass(frozen=True)
class Habits:
    """What a sender does beside sending: shares of its batches, and seconds. Without any it only sends."""

    pause: float = 0.0  # between two batches of a lane
    resends: float = 0.0  # sends what was acknowledged again, some of it with other neighbours
    twins: float = 0.0  # sends to two doors at the same time
    gives_up: float = 0.0  # is not there any more when it should send again
    strange: float = 0.0  # has a wrong key
    patience: float = REQUEST_SECONDS
    attempts: int = 400  # for a batch, before it is said that it was never acknowledged


@dataclass(frozen=True)
class Attempt:
    """One request: so many records of a sensor, received by a door between two moments; `until` None is not known."""

    sensor: str
    records: int
    since: datetime
    until: datetime | None
    acknowledged: bool


@dataclass
class Sender:
    """Sends over `lanes` connections; `replies` counts what came back, `reasons` the problems' codes."""

    system: Reached
    oracle: Oracle
    lanes: int = 4
    batch: int = 50
    habits: Habits = field(default_factory=Habits)
    replies: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    worst_seconds: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)
    receipts: dict[UUID, int] = field(default_factory=dict)
    _acknowledged: list[list[Record]] = field(default_factory=list)

    async def send(self, batches: int) -> None:
        """Send that many batches, each until it is acknowledged."""
        waiting = iter(range(batches))
        async with httpx.AsyncClient(timeout=self.habits.patience) as client:
            await asyncio.gather(*(self._lane(client, waiting) for _ in range(self.lanes)))

    async def keep_sending(self, enough: asyncio.Event) -> None:
        """Send by habit until told, and what was begun until it is acknowledged."""
        async with httpx.AsyncClient(timeout=self.habits.patience) as client:
            await asyncio.gather(*(self._habitual(client, enough, number) for number in range(self.lanes)))

    async def _lane(self, client: httpx.AsyncClient, waiting: Iterator[int]) -> None:
        for _ in waiting:
            await self.until_acknowledged(client, self.oracle.batch(self.batch))

    async def _habitual(self, client: httpx.AsyncClient, enough: asyncio.Event, lane: int) -> None:
        chance, habits = random.Random(f"{self.oracle.seed}/{lane}"), self.habits
        while not enough.is_set():
            batch = self.oracle.batch(chance.randint(1, self.batch))
            if chance.random() < habits.strange:
                await self._once(client, batch, key="evs_of-nobody")
                continue
            senders = 2 if chance.random() < habits.twins else 1
            most = 1 if chance.random() < habits.gives_up else None
            await asyncio.gather(*(self.until_acknowledged(client, batch, most=most) for _ in range(senders)))
            if self._acknowledged and chance.random() < habits.resends:
                again = chance.choice(self._acknowledged)
                await self.until_acknowledged(client, again[: chance.randint(1, len(again))])
            await asyncio.sleep(habits.pause * chance.uniform(0.5, 1.5))

    async def until_acknowledged(
        self, client: httpx.AsyncClient, batch: Sequence[Record], *, most: int | None = None
    ) -> None:
        """One batch, byte for byte the same each time. Gives up after `most`; else raises RuntimeError in the end."""
        for _ in range(most or self.habits.attempts):
            state, pause = await self._once(client, batch)
            if state is State.ACKNOWLEDGED:
                self._acknowledged = [*self._acknowledged[1 - MOST_REMEMBERED :], list(batch)]
                return
            await asyncio.sleep(pause * random.uniform(0.5, 1))
        if most is None:
            raise RuntimeError("a batch was never acknowledged")

    async def _once(
        self, client: httpx.AsyncClient, batch: Sequence[Record], *, key: str | None = None
    ) -> tuple[State, float]:
        since, started, reply = datetime.now(UTC), time.monotonic(), None
        try:
            reply = await self._post(client, batch, key)
        except httpx.HTTPError as error:
            self.replies[type(error).__name__] += 1
            state, pause = State.INDETERMINATE, 0.2
        else:
            self.replies[str(reply.status_code)] += 1
            state, pause = self._judge(reply, batch, strange=key is not None)
        self.worst_seconds = max(self.worst_seconds, time.monotonic() - started)
        until = datetime.now(UTC) if reply is not None else None
        if key is None:
            acknowledged = state is State.ACKNOWLEDGED
            self.attempts.append(Attempt(batch[0].sensor, len(batch), since, until, acknowledged))
        self.oracle.mark(batch, state)
        return state, pause

    async def _post(self, client: httpx.AsyncClient, batch: Sequence[Record], key: str | None) -> httpx.Response:
        door = random.choice(self.system.door_urls)
        sensor = batch[0].sensor
        return await client.post(
            f"{door}/ingest/v1/events/{sensor}",
            content=b"\n".join(record.line for record in batch),
            headers={
                "authorization": f"Bearer {key or self.system.sensors[sensor].key}",
                "content-type": "application/x-ndjson",
            },
            params={"items": "none"},
        )

    def _judge(self, reply: httpx.Response, batch: Sequence[Record], *, strange: bool) -> tuple[State, float]:
        """What a reply means. Raises RuntimeError for one that no sender should get."""
        told = reply.json()
        if reply.status_code in (202, 207):
            unreadable = sum(record.kind is Kind.UNREADABLE for record in batch)
            if (told["accepted"], told["rejected"]) != (len(batch) - unreadable, unreadable) or strange:
                raise RuntimeError(f"{len(batch)} records, {unreadable} of them unreadable, were answered {told}")
            if len(batch) > 1:
                self.receipts[UUID(told["batch_id"])] = len(batch)
            return State.ACKNOWLEDGED, 0.0
        self.reasons[told["code"]] += 1
        if reply.status_code in (429, 503):
            assert int(reply.headers["retry-after"]) > 0
            # A sensor would wait as long as it is told; a test shows the same in less time.
            return State.INDETERMINATE, 0.3
        if strange and reply.status_code == 401:
            return State.REJECTED, 0.0
        raise RuntimeError(f"{reply.status_code}: {reply.text[:500]}")
