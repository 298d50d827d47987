"""The batch consumer on a real broker: what is acknowledged, parked, kept, or given back, and when."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import aio_pika

from shared import metrics
from shared.bus.connection import connect
from shared.bus.consumer import MAX_DEFECTS, BatchConsumer, Ending, Limits
from shared.errors import Reject, Retry
from shared.lifecycle import Stop
from shared.retry import Backoff
from tests.fixtures.rabbitmq import Rabbitmq
from tests.waiting import until

QUEUE, PARKED = "events.quarantined", "events.parked"
FAST = Backoff(first=0.01, most=0.05)


class Handler:
    """Says of each batch what the test wants, and remembers it."""

    def __init__(self, answer: Callable[[list[bytes]], list[Ending]] | None = None) -> None:
        self.batches: list[list[bytes]] = []
        self.answer = answer or (lambda bodies: [None] * len(bodies))

    async def __call__(self, bodies: list[bytes]) -> list[Ending]:
        self.batches.append(bodies)
        return self.answer(bodies)

    @property
    def seen(self) -> list[bytes]:
        return [body for batch in self.batches for body in batch]


class Held(Handler):
    """Keeps each batch until it is let go."""

    def __init__(self, release: asyncio.Event) -> None:
        super().__init__()
        self._release = release

    async def __call__(self, bodies: list[bytes]) -> list[Ending]:
        endings = await super().__call__(bodies)
        await self._release.wait()
        return endings


async def always() -> bool:
    return True


@contextlib.asynccontextmanager
async def consuming(
    rabbitmq: Rabbitmq,
    handler: Handler,
    limits: Limits | None = None,
    usable: Callable[[], Awaitable[bool]] = always,
) -> AsyncIterator[BatchConsumer]:
    consumer = BatchConsumer(
        rabbitmq.url, QUEUE, handler, usable=usable, limits=limits or Limits(messages=10, age=0.05), backoff=FAST
    )
    stop = Stop()
    running = asyncio.create_task(consumer.run(stop))
    try:
        yield consumer
    finally:
        stop.set()
        await asyncio.wait_for(running, 15)


async def put(rabbitmq: Rabbitmq, *bodies: bytes) -> None:
    async with rabbitmq.channel() as channel:
        for body in bodies:
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, QUEUE)


async def left(rabbitmq: Rabbitmq, queue: str = QUEUE) -> list[bytes]:
    """Sorted, for a message that was given back may come later than one that was not."""
    return sorted(message.body for message in await rabbitmq.take(queue))


def numbered(count: int) -> list[bytes]:
    return [b"%03d" % number for number in range(count)]


async def test_all_is_handled_in_batches_and_acknowledged(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(35))
    handler = Handler()
    async with consuming(rabbitmq, handler):
        await until(lambda: len(handler.seen) == 35)
    assert handler.seen == numbered(35)
    assert max(map(len, handler.batches)) == 10
    assert await left(rabbitmq) == []


async def test_a_batch_is_closed_by_its_bytes(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *[bytes(1000)] * 10)
    handler = Handler()
    async with consuming(rabbitmq, handler, Limits(messages=10, bytes=3000, age=1)):
        await until(lambda: len(handler.seen) == 10)
    assert max(map(len, handler.batches)) == 3


async def test_the_rejected_are_parked_and_acknowledging_the_rest_does_not_take_them_along(rabbitmq: Rabbitmq) -> None:
    bad = {b"000", b"004", b"009"}
    await put(rabbitmq, *numbered(10))
    handler = Handler(lambda bodies: [Reject("bad", code="bad") if body in bad else None for body in bodies])
    async with consuming(rabbitmq, handler):
        await until(lambda: len(handler.seen) == 10)
    assert await left(rabbitmq) == []
    assert set(await left(rabbitmq, PARKED)) == bad


async def test_while_the_handler_asks_to_retry_the_batch_is_kept_and_no_delivery_is_counted(
    rabbitmq: Rabbitmq,
) -> None:
    await put(rabbitmq, *numbered(3))
    away = True

    def answer(bodies: list[bytes]) -> list[Ending]:
        if away:
            raise Retry("away", code="away")
        return [None] * len(bodies)

    handler = Handler(answer)
    async with consuming(rabbitmq, handler):
        await until(lambda: len(handler.batches) >= 150)
        assert {tuple(batch) for batch in handler.batches} == {tuple(numbered(3))}
        away = False
        await until(lambda: handler.batches[-1] == numbered(3) and not away)
    assert await left(rabbitmq) == []
    assert await left(rabbitmq, PARKED) == [], "more retries than the delivery limit of 100"


async def test_stopping_in_an_outage_gives_everything_back(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(30))

    def answer(bodies: list[bytes]) -> list[Ending]:
        raise Retry("away", code="away")

    handler = Handler(answer)
    async with consuming(rabbitmq, handler):
        await until(lambda: len(handler.batches) >= 3)
    assert await left(rabbitmq) == numbered(30)


async def test_after_a_long_outage_the_window_goes_back_and_nothing_is_taken_until_usable(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(30))
    asked = 0
    away = True

    async def usable() -> bool:
        nonlocal asked
        asked += 1
        return not away

    def answer(bodies: list[bytes]) -> list[Ending]:
        if away:
            raise Retry("away", code="away")
        return [None] * len(bodies)

    handler = Handler(answer)
    async with consuming(rabbitmq, handler, Limits(messages=10, age=0.05, outage=0.2), usable) as consumer:
        await until(lambda: asked > 0)
        tried = len(handler.batches)
        async with rabbitmq.channel() as channel:
            queue = await channel.declare_queue(QUEUE, passive=True)
            assert (queue.declaration_result.message_count, queue.declaration_result.consumer_count) == (30, 0)
        assert consumer.idle_seconds == float("inf"), "readiness says so"
        assert len(handler.batches) == tried
        away = False
        await until(lambda: len(set(handler.seen)) == 30 and len(handler.batches) > tried)
    assert await left(rabbitmq) == []


async def test_a_defect_parks_the_one_message_that_fails_alone(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(10))

    def answer(bodies: list[bytes]) -> list[Ending]:
        if b"004" in bodies:
            raise ValueError("a defect")
        return [None] * len(bodies)

    handler = Handler(answer)
    async with consuming(rabbitmq, handler):
        await until(lambda: [b"009"] in handler.batches)
    assert await left(rabbitmq) == []
    assert await left(rabbitmq, PARKED) == [b"004"]


async def test_after_five_defects_without_a_success_everything_waits(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(20))
    broken = True

    def answer(bodies: list[bytes]) -> list[Ending]:
        if broken:
            raise ValueError("a bad deploy")
        return [None] * len(bodies)

    handler = Handler(answer)
    async with consuming(rabbitmq, handler):
        await until(lambda: handler.seen.count(b"005") > 5)
        broken = False
        await until(lambda: b"019" in handler.seen)
    assert await left(rabbitmq) == []
    assert await left(rabbitmq, PARKED) == numbered(MAX_DEFECTS)


async def test_a_version_that_cannot_read_what_comes_parks_five_and_waits(rabbitmq: Rabbitmq) -> None:
    """The other half of a bad deploy: nothing fails, everything is rejected."""
    await put(rabbitmq, *numbered(20))
    broken = True

    def answer(bodies: list[bytes]) -> list[Ending]:
        return [Reject("unknown field", code="envelope_undecodable") if broken else None for _ in bodies]

    handler = Handler(answer)
    async with consuming(rabbitmq, handler):
        await until(lambda: handler.seen.count(b"005") > 5)
        broken = False
        await until(lambda: b"019" in handler.seen[20:])
    assert await left(rabbitmq) == []
    assert await left(rabbitmq, PARKED) == numbered(MAX_DEFECTS)


async def test_an_outage_after_a_defect_lasts_no_longer_than_any(rabbitmq: Rabbitmq) -> None:
    away, done = True, list[bytes]()

    def answer(bodies: list[bytes]) -> list[Ending]:
        if bodies == [b"unreadable"]:
            raise ValueError("a defect")
        if away:
            raise Retry("away", code="away")
        done.extend(bodies)
        return [None] * len(bodies)

    async def usable() -> bool:
        nonlocal away
        away = False
        return True

    handler = Handler(answer)
    async with consuming(rabbitmq, handler, Limits(messages=10, age=0.05, outage=0.1), usable):
        await put(rabbitmq, b"unreadable")
        await until(lambda: handler.seen == [b"unreadable"])
        await put(rabbitmq, b"good")
        await until(lambda: done == [b"good"])
    assert await left(rabbitmq) == []
    assert await left(rabbitmq, PARKED) == [b"unreadable"]


async def test_a_usable_that_fails_is_not_usable_and_ends_nothing(rabbitmq: Rabbitmq) -> None:
    await put(rabbitmq, *numbered(3))
    asked, done = 0, list[bytes]()

    async def usable() -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ValueError("a password that was changed, say")
        return True

    def answer(bodies: list[bytes]) -> list[Ending]:
        if asked < 2:
            raise Retry("away", code="away")
        done.extend(bodies)
        return [None] * len(bodies)

    handler = Handler(answer)
    async with consuming(rabbitmq, handler, Limits(messages=10, age=0.05, outage=0.1), usable):
        await until(lambda: sorted(done) == numbered(3))
    assert await left(rabbitmq) == []


async def test_a_subscription_the_broker_cancelled_is_made_again(rabbitmq: Rabbitmq) -> None:
    handler = Handler()
    async with consuming(rabbitmq, handler) as consumer:
        await put(rabbitmq, b"before")
        await until(lambda: handler.seen == [b"before"])
        connection = await connect(rabbitmq.url, name="tests")
        async with connection, connection.channel() as channel:
            await channel.queue_delete(QUEUE)
        await until(lambda: consumer.idle_seconds == float("inf"))
        await rabbitmq.declare()
        await put(rabbitmq, b"after")
        await until(lambda: handler.seen == [b"before", b"after"])


async def test_the_connection_is_made_again(rabbitmq: Rabbitmq) -> None:
    handler = Handler()
    async with consuming(rabbitmq, handler):
        await put(rabbitmq, b"before")
        await until(lambda: handler.seen == [b"before"])

        async def closed() -> bool:
            found = [one for one in await rabbitmq.manage("GET", "connections") if one.get("vhost") == rabbitmq.vhost]
            for one in found:
                await rabbitmq.manage("DELETE", f"connections/{one['name'].replace(' ', '%20').replace('>', '%3E')}")
            return bool(found)

        await until(closed)
        await put(rabbitmq, b"after")
        await until(lambda: handler.seen == [b"before", b"after"])


async def test_two_lanes_share_a_queue_and_count_together_what_they_hold(rabbitmq: Rabbitmq) -> None:
    gauge = metrics.IN_HAND.labels(QUEUE)
    before = gauge._value.get()
    release = asyncio.Event()
    first, second = Held(release), Held(release)
    limits = Limits(messages=2, age=0.01)
    async with consuming(rabbitmq, first, limits), consuming(rabbitmq, second, limits):
        await put(rabbitmq, *numbered(20))
        await until(lambda: gauge._value.get() - before == 2 * limits.prefetch)
        assert first.batches and second.batches
        release.set()
        await until(lambda: len(first.seen) + len(second.seen) == 20)
        await until(lambda: gauge._value.get() == before)
    assert sorted(first.seen + second.seen) == numbered(20)
    assert await left(rabbitmq) == []


async def test_what_a_stopped_lane_held_is_no_longer_counted(rabbitmq: Rabbitmq) -> None:
    gauge = metrics.IN_HAND.labels(QUEUE)
    before = gauge._value.get()
    await put(rabbitmq, *numbered(5))

    def away(bodies: list[bytes]) -> list[Ending]:
        raise Retry("away", code="away")

    async with consuming(rabbitmq, Handler(away)):
        await until(lambda: gauge._value.get() - before == 5)
    assert gauge._value.get() == before
    assert await left(rabbitmq) == numbered(5)
