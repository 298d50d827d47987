"""Envelopes: when they close, who shares them, and that all of an envelope has the same fate."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from services.ingest.publisher import Item, Packer, quarantined_item
from shared import ids
from shared.bus import messages
from shared.bus.messages import EventItem, Quarantined, QuarantinedItem, Request
from shared.errors import Unavailable
from shared.normalise.event import Rejected

ORG, OTHER = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Broker:
    """Remembers what is published; `fail` are codes to refuse the next messages with."""

    def __init__(self) -> None:
        self.published: list[tuple[str, Quarantined]] = []
        self.fail: list[str] = []
        self.hold: asyncio.Event | None = None

    async def publish(self, body: bytes, *, routing_key: str, **_: Any) -> None:
        if self.hold is not None:
            await self.hold.wait()
        if self.fail:
            raise Unavailable(code=self.fail.pop(0))
        self.published.append((routing_key, messages.decode(body, Quarantined)))


class Timer:
    def __init__(self, callback: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self.callback, self.arguments, self.cancelled = callback, arguments, False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """`loop.call_later` that fires when told."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.delays: list[float] = []

    def later(self, delay: float, callback: Callable[..., object], *arguments: Any) -> asyncio.TimerHandle:
        self.delays.append(delay)
        self.timers.append(Timer(callback, arguments))
        return cast(asyncio.TimerHandle, self.timers[-1])

    def fire(self) -> None:
        timers, self.timers = self.timers, []
        for timer in timers:
            if not timer.cancelled:
                timer.callback(*timer.arguments)


def request(name: str = "c") -> Request:
    return Request(ids.uuid7(NOW), UUID(int=9), NOW, "/p", name, None, 1)


def items(count: int, size: int = 10, start: int = 0) -> list[Item]:
    rejected = Rejected("not_json", "expected")
    return [quarantined_item(start + n, 0, ids.uuid7(NOW), b"x" * size, rejected) for n in range(count)]


class Bench:
    """A packer on a clock and a broker of its own."""

    def __init__(self, *, linger: float = 0.003) -> None:
        self.broker, self.clock = Broker(), Clock()
        self.packer = Packer(self.broker.publish, linger=linger, timeout=1, later=self.clock.later)

    def send(self, given: list[Item], organization: UUID = ORG, name: str = "c") -> asyncio.Task[None]:
        return asyncio.create_task(self.packer.deliver(organization, request(name), events=[], quarantined=given))

    def sizes(self) -> list[int]:
        return [len(envelope.items) for _, envelope in self.broker.published]


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_small_requests_wait_for_each_other_and_share() -> None:
    bench = Bench()
    sent = [bench.send(items(2), name=f"c{number}") for number in range(3)]
    await settle()
    assert bench.broker.published == []
    assert bench.clock.delays == [0.003]
    bench.clock.fire()
    await asyncio.gather(*sent)
    [(key, envelope)] = bench.broker.published
    assert key == "events.quarantined"
    assert [item.request for item in envelope.items] == [0, 0, 1, 1, 2, 2]
    assert [one.correlation_id for one in envelope.requests] == ["c0", "c1", "c2"]


async def test_organizations_never_share() -> None:
    bench = Bench()
    sent = [bench.send(items(1), organization) for organization in (ORG, OTHER, ORG)]
    await settle()
    bench.clock.fire()
    await asyncio.gather(*sent)
    assert sorted((envelope.organization_id.int, len(envelope.items)) for _, envelope in bench.broker.published) == [
        (1, 2), (2, 1),
    ]  # fmt: skip


async def test_full_envelopes_do_not_wait() -> None:
    bench = Bench()
    sent = bench.send(items(450))
    await settle()
    assert bench.sizes() == [200, 200]
    assert not sent.done()
    bench.clock.fire()
    await sent
    assert bench.sizes() == [200, 200, 50]
    assert [item.index for _, envelope in bench.broker.published for item in envelope.items] == list(range(450))


async def test_an_envelope_that_is_worth_it_goes_at_once() -> None:
    bench = Bench()
    await bench.send(items(100))
    assert bench.sizes() == [100]
    await bench.send(items(2, size=70 << 10))
    assert bench.sizes() == [100, 2]


async def test_bytes_close_an_envelope_and_a_larger_item_goes_alone() -> None:
    bench = Bench()
    sent = bench.send([*items(1), *items(1, size=1 << 20), *items(3, size=100 << 10), *items(1)])
    await settle()
    bench.clock.fire()
    await sent
    sizes = [[len(item.record) for item in envelope.items] for _, envelope in bench.broker.published]
    assert [10] in sizes
    assert [1 << 20] in sizes
    assert all(len(envelope) == 1 or sum(envelope) <= messages.MAX_ENVELOPE_BYTES for envelope in sizes)
    assert sum(map(len, sizes)) == 6


async def test_a_failed_envelope_fails_every_request_in_it_and_no_other() -> None:
    bench = Bench()
    bench.broker.fail = ["queue_full"]
    sharing = [bench.send(items(1)) for _ in range(3)]
    other = bench.send(items(1), OTHER)
    await settle()
    bench.clock.fire()
    results = await asyncio.gather(*sharing, other, return_exceptions=True)
    assert [getattr(result, "code", None) for result in results] == ["queue_full"] * 3 + [None]


async def test_one_envelope_of_many_that_fails_is_the_requests_failure() -> None:
    bench = Bench()
    sent = bench.send(items(400))
    bench.broker.fail = ["unconfirmed"]
    with pytest.raises(Unavailable) as raised:
        await sent
    assert raised.value.code == "unconfirmed"
    assert bench.sizes() == [200]


async def test_a_request_that_is_cancelled_leaves_its_neighbours_alone() -> None:
    bench = Bench()
    first, second = bench.send(items(1)), bench.send(items(1))
    await settle()
    first.cancel()
    await settle()
    bench.clock.fire()
    await second
    assert bench.sizes() == [2]


async def test_draining_closes_what_is_open_and_waits_for_it() -> None:
    bench = Bench()
    bench.broker.hold = asyncio.Event()
    sent = bench.send(items(1))
    await settle()
    draining = asyncio.create_task(bench.packer.drain())
    await settle()
    assert not draining.done()
    bench.broker.hold.set()
    await draining
    await sent
    assert bench.sizes() == [1]


async def test_without_linger_every_request_goes_alone() -> None:
    bench = Bench(linger=0)
    await bench.send(items(1))
    await bench.send(items(1))
    assert bench.sizes() == [1, 1]


def test_the_items_fields_are_in_the_order_of_the_messages() -> None:
    item = items(1)[0]
    assert QuarantinedItem.__struct_fields__[0] == EventItem.__struct_fields__[0] == "request"
    built = QuarantinedItem(7, *item.fields)
    assert (built.request, built.index, built.record, built.reason) == (7, 0, b"x" * 10, "not_json")
