"""The native door around the intake: where a body is opened, and for how long its request takes room."""

import asyncio
import threading
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import zstandard
from starlette.types import Message, Scope

from services.ingest import routes, split
from services.ingest.accounts import Minute
from services.ingest.body import Limits
from services.ingest.intake import Kept, Result
from services.ingest.limits import InFlight
from services.ingest.routes import Door, NativeDoor
from services.ingest.snapshot import Sensor
from shared.normalise.event import SensorProfile

SENSOR = Sensor(SensorProfile(id=UUID(int=7), organization_id=UUID(int=1)), rate=None, disabled=False)
LINES = b"some words\n" * 10_000


class Intake:
    """Keeps every record."""

    max_records = 10_000

    def check_budget(self, _: Sensor) -> None:
        """There is no budget."""

    def count(self, *_: Any) -> Minute:
        return Minute()

    async def take_in(self, records: list[bytes], *_: Any, **__: Any) -> Result:
        return Result(UUID(int=1), [Kept(UUID(int=2))] * len(records), Counter({Kept: len(records)}))


def door(in_flight: InFlight) -> NativeDoor:
    async def identify(*_: Any) -> tuple[Sensor, UUID]:
        return SENSOR, UUID(int=3)

    parts = Door(
        registry=cast("Any", None),
        intake=cast("Any", Intake()),
        in_flight=in_flight,
        publisher=cast("Any", SimpleNamespace(connected=True, blocked=False)),
        limits=Limits(wire_bytes=1 << 20, decoded_bytes=1 << 20, seconds=1),
        stop=cast("Any", SimpleNamespace(requested=False)),
        refusals=cast("Any", SimpleNamespace(refused=lambda *_, **__: None)),
    )
    return NativeDoor(parts, "/x", identify)


class Sender:
    """Sends one body; reads what it is told to of the reply."""

    def __init__(self, body: bytes, **headers: str) -> None:
        self.body, self.sent = body, list[Message]()
        self.reads = asyncio.Event()
        encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.scope: Scope = {
            "type": "http", "path": "/x", "method": "POST", "query_string": b"", "headers": encoded,
            "state": {"correlation_id": "c", "traceparent": None},
        }  # fmt: skip

    async def receive(self) -> Message:
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: Message) -> None:
        # As uvicorn: a piece is written, and the next one waits until the sender has read it.
        if any(sent.get("body") for sent in self.sent):
            await self.reads.wait()
        self.sent.append(message)


async def test_a_reply_that_is_not_read_takes_room() -> None:
    in_flight = InFlight(max_bytes=1 << 20, max_requests=2)
    sender = Sender(LINES)
    answering = asyncio.create_task(door(in_flight)(sender.scope, sender.receive, sender.send))
    async with asyncio.timeout(5):
        while len(sender.sent) < 2:
            await asyncio.sleep(0.001)
    assert (in_flight.requests, in_flight.bytes) == (1, len(LINES))
    sender.reads.set()
    await answering
    assert (in_flight.requests, in_flight.bytes) == (0, 0)
    assert [message.get("more_body", False) for message in sender.sent] == [False, True, False]


@pytest.mark.parametrize("headers", [{}, {"content_encoding": "zstd"}])
async def test_a_compressed_body_leaves_the_loop_whatever_its_header_says(
    headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def watched(*given: Any) -> list[bytes]:
        threads.append(threading.current_thread())
        return split.split(*given)

    monkeypatch.setattr(routes, "split", watched)
    sender = Sender(zstandard.compress(bytes(range(32, 127)) * 20 + b"\n", level=1), **headers)
    monkeypatch.setattr(routes, "COMPRESSED_THREAD_BYTES", len(sender.body) - 1)
    await door(InFlight(max_bytes=1 << 20, max_requests=2))(sender.scope, sender.receive, sender.send)
    assert sender.sent[0]["status"] == 202
    assert threads[0] is not threading.main_thread()
