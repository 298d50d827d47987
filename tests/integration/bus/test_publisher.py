"""The publisher on a real broker: confirmed, or refused with the reason, and never waiting without end."""

import asyncio
import time

import pytest

from shared.bus.migrate import declare
from shared.bus.publisher import Publisher, publishing
from shared.bus.topology import CHANGES_EXCHANGE
from shared.errors import Unavailable
from tests.fixtures.rabbitmq import PrivateBroker, Rabbitmq
from tests.waiting import until

QUEUE = "events.quarantined"


async def publish(publisher: Publisher, body: bytes = b"body", *, key: str = QUEUE, timeout: float = 5.0) -> None:
    await publisher.publish(body, routing_key=key, schema="Test.v1", correlation_id="c-1", timeout=timeout)


async def connected(publisher: Publisher) -> None:
    await until(lambda: publisher.connected)


async def test_a_confirmed_message_is_in_the_queue_with_its_properties(rabbitmq: Rabbitmq) -> None:
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await connected(publisher)
        await asyncio.gather(*(publish(publisher, b"%d" % number) for number in range(300)))
    taken = await rabbitmq.take(QUEUE)
    assert sorted(int(message.body) for message in taken) == list(range(300))
    assert len({message.message_id for message in taken}) == 300
    message = taken[0]
    assert message.correlation_id == message.headers["correlation_id"] == "c-1"
    assert message.headers["x-schema"] == "Test.v1"
    assert message.headers["x-attempt"] == 1
    assert message.content_encoding == "zstd"
    assert message.delivery_mode == 2


async def test_a_message_without_a_queue_is_refused_even_next_to_good_ones(rabbitmq: Rabbitmq) -> None:
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await connected(publisher)
        keys = [QUEUE if number % 2 else "nowhere" for number in range(40)]
        results = await asyncio.gather(*(publish(publisher, key=key) for key in keys), return_exceptions=True)
        assert [getattr(result, "code", None) for result in results] == [
            None if key == QUEUE else "unroutable" for key in keys
        ]
        await publisher.publish(
            b"", routing_key="alert.changed", exchange=CHANGES_EXCHANGE,
            schema="Changed.v1", correlation_id="c", timeout=5, mandatory=False,
        )  # fmt: skip
    assert len(await rabbitmq.take(QUEUE)) == 20


async def test_a_full_queue_is_refused_and_heals(rabbitmq: Rabbitmq) -> None:
    await rabbitmq.policy("tiny", QUEUE, **{"max-length": 3, "overflow": "reject-publish"})
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await connected(publisher)
        codes = []
        for _ in range(20):
            try:
                await publish(publisher)
            except Unavailable as error:
                codes.append(error.code)
            await asyncio.sleep(0.02)
        assert codes
        assert set(codes) == {"queue_full"}
        assert len(await rabbitmq.take(QUEUE)) == 20 - len(codes)
        await rabbitmq.clear_policies()
        await publish(publisher)


async def test_without_a_broker_it_says_so_at_once() -> None:
    async with publishing("amqp://a:b@127.0.0.1:9/x", name="tests") as publisher:
        await asyncio.sleep(0.1)
        started = time.perf_counter()
        with pytest.raises(Unavailable) as raised:
            await publish(publisher)
        assert raised.value.code == "broker_away"
        assert time.perf_counter() - started < 0.1


async def test_it_is_not_connected_until_the_exchanges_are_there(bare_rabbitmq: Rabbitmq) -> None:
    async with publishing(bare_rabbitmq.url, name="tests") as publisher:
        await asyncio.sleep(0.5)
        assert not publisher.connected
        async with bare_rabbitmq.channel() as channel:
            await declare(channel)
        await connected(publisher)
        await publish(publisher)


@pytest.mark.stack
async def test_a_blocked_broker_ends_waiting_publishes_early_and_heals(own_rabbitmq: PrivateBroker) -> None:
    rabbitmq = own_rabbitmq.rabbitmq
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await connected(publisher)
        await publish(publisher)
        await asyncio.to_thread(own_rabbitmq.alarm, on=True)
        started = time.perf_counter()
        with pytest.raises(Unavailable) as raised:
            await publish(publisher, timeout=30)  # the one by which we learn of it
        assert raised.value.code == "broker_blocked"
        assert time.perf_counter() - started < 5
        started = time.perf_counter()
        with pytest.raises(Unavailable) as raised:
            await publish(publisher, timeout=30)
        assert raised.value.code == "broker_blocked"
        assert time.perf_counter() - started < 0.1
        await asyncio.to_thread(own_rabbitmq.alarm, on=False)
        await until(lambda: not publisher.blocked, within=10)
        await publish(publisher)


@pytest.mark.stack
async def test_a_killed_broker_loses_nothing_confirmed_and_hangs_nobody(own_rabbitmq: PrivateBroker) -> None:
    rabbitmq = own_rabbitmq.rabbitmq
    confirmed: set[int] = set()
    codes: set[str] = set()
    sent = 0

    async def keep_publishing(publisher: Publisher, until: asyncio.Event) -> None:
        nonlocal sent
        while not until.is_set():
            sent += 1
            number = sent
            try:
                async with asyncio.timeout(8):
                    await publish(publisher, b"%d" % number, timeout=5)
            except Unavailable as error:
                codes.add(error.code)
                await asyncio.sleep(0.05)
            else:
                confirmed.add(number)

    async with publishing(rabbitmq.url, name="tests") as publisher:
        await connected(publisher)
        until = asyncio.Event()
        workers = [asyncio.create_task(keep_publishing(publisher, until)) for _ in range(50)]
        await asyncio.sleep(1)
        await asyncio.to_thread(own_rabbitmq.kill)
        before = len(confirmed)
        await asyncio.to_thread(own_rabbitmq.start)
        await connected(publisher)
        await asyncio.sleep(1)
        until.set()
        await asyncio.gather(*workers)
    assert codes
    assert codes <= {"broker_away", "unconfirmed"}
    assert len(confirmed) > before > 0
    assert confirmed <= {int(message.body) for message in await rabbitmq.take(QUEUE)}
