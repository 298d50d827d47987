"""What tells others of changes: the outbox's relay, the coalesced news of folded alerts, and who hears them."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aio_pika.abc import AbstractQueue

from services.indexer.changes import MAX_IDS, Changes
from services.indexer.relay import CHUNK, Relay
from shared import ids
from shared.bus.messages import Changed, decode, encode
from shared.bus.publisher import Publisher, publishing
from shared.bus.topology import CHANGES_EXCHANGE
from shared.errors import Unavailable
from shared.lifecycle import Stop
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.indexer.conftest import Bench, eve
from tests.waiting import until

QUEUE = "records.changed"


@pytest.fixture
async def publisher(rabbitmq: Rabbitmq) -> AsyncIterator[Publisher]:
    async with publishing(rabbitmq.url, name="tests") as one:
        await until(lambda: one.connected)
        yield one


async def owe(bench: Bench, rows: int) -> list[UUID]:
    """Rows of the outbox, each naming an id."""
    named = [ids.uuid7() for _ in range(rows)]
    await bench.pool.executemany(
        "INSERT INTO outbox (id, organization_id, routing_key, kind, ids, correlation_id) "
        "VALUES ($1, $2, 'alert.changed', 'alert', ARRAY[$3::uuid], 'c-9')",
        [(ids.uuid7(), bench.organization_id, one) for one in named],
    )
    return named


async def told(rabbitmq: Rabbitmq) -> list[UUID]:
    return sorted(one for message in await rabbitmq.take(QUEUE) for one in decode(message.body, Changed).ids)


async def test_the_relay_publishes_and_then_forgets(bench: Bench, rabbitmq: Rabbitmq, publisher: Publisher) -> None:
    named = await owe(bench, CHUNK + 5)
    relay = Relay(bench.pool, publisher)
    assert [await relay.move(), await relay.move(), await relay.move()] == [CHUNK, 5, 0]
    assert await bench.count("outbox") == 0
    messages = await rabbitmq.take(QUEUE)
    assert {message.correlation_id for message in messages} == {"c-9"}
    assert sorted(one for message in messages for one in decode(message.body, Changed).ids) == sorted(named)


async def test_what_the_broker_refuses_stays_owed(bench: Bench, rabbitmq: Rabbitmq, publisher: Publisher) -> None:
    named = await owe(bench, 4)
    await bench.pool.execute("UPDATE outbox SET routing_key = 'nowhere' WHERE ids = ARRAY[$1::uuid]", named[2])
    with pytest.raises(Unavailable) as raised:
        await Relay(bench.pool, publisher).move()
    assert raised.value.code == "unroutable"
    assert await told(rabbitmq) == sorted({*named} - {named[2]})
    (left,) = await bench.rows("SELECT ids FROM outbox")
    assert left["ids"] == [named[2]]


async def test_without_a_broker_everything_stays_owed(bench: Bench) -> None:
    await owe(bench, 3)
    async with publishing("amqp://a:b@127.0.0.1:9/x", name="tests") as nobody:
        with pytest.raises(Unavailable):
            await Relay(bench.pool, nobody).move()
    assert await bench.count("outbox") == 3


async def test_two_relays_share_the_rows(bench: Bench, rabbitmq: Rabbitmq, publisher: Publisher) -> None:
    named = await owe(bench, 350)
    stop = Stop()
    relays = [asyncio.create_task(Relay(bench.pool, publisher).run(stop)) for _ in range(2)]

    async def empty() -> bool:
        return await bench.count("outbox") == 0

    await until(empty)
    stop.set()
    await asyncio.gather(*relays)
    assert await told(rabbitmq) == sorted(named)


@pytest.fixture
async def heard(rabbitmq: Rabbitmq) -> AsyncIterator[AbstractQueue]:
    """A queue of all changes, as an api process has one."""
    async with rabbitmq.channel() as channel:
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(CHANGES_EXCHANGE, "#")
        yield queue


async def all_of(queue: AbstractQueue) -> list[Changed]:
    messages = []
    while (message := await queue.get(no_ack=True, fail=False)) is not None:
        messages.append(decode(message.body, Changed))
    return messages


async def test_changes_are_told_once_a_second_by_organization(
    heard: AbstractQueue, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indexer.changes.EVERY_SECONDS", 0.1)
    changes, stop = Changes(publisher), Stop()
    few, many = UUID(int=1), UUID(int=2)
    alerts = [ids.uuid7() for _ in range(MAX_IDS + 1)]
    for _ in range(3):
        changes.add(few, alerts[:2])
    changes.add(many, alerts)
    running = asyncio.create_task(changes.run(stop))
    found: list[Changed] = []

    async def both() -> bool:
        found.extend(await all_of(heard))
        return len(found) >= 2

    await until(both)
    await asyncio.sleep(0.3)
    found += await all_of(heard)
    stop.set()
    await running
    assert sorted((one.organization_id, one.kind, sorted(one.ids)) for one in found) == [
        (few, "alert", sorted(alerts[:2])),
        (many, "alert", []),
    ]


async def test_a_broker_that_is_away_does_not_end_the_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.indexer.changes.EVERY_SECONDS", 0.01)
    stop = Stop()
    async with publishing("amqp://a:b@127.0.0.1:9/x", name="tests") as nobody:
        changes = Changes(nobody)
        running = asyncio.create_task(changes.run(stop))
        changes.add(UUID(int=1), [ids.uuid7()])
        await asyncio.sleep(0.1)
        assert not running.done()
        stop.set()
        await running


async def test_what_changed_is_projected_anew(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1), eve(2, signature=2)]))
    alerts = [row["id"] for row in await bench.rows("SELECT id FROM alerts ORDER BY id")]
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE alerts SET status = 'closed', verdict = 'false_positive'")
    message = encode(Changed(bench.organization_id, "alert", [alerts[0], ids.uuid7()]))
    endings = await bench.projector.settle_changed([message, message, b"no message"])
    assert endings[:2] == [None, None]
    assert endings[2] is not None
    found = await bench.found("alerts")
    assert [found[str(one)]["status"] for one in alerts] == ["closed", "new"]


async def test_changes_while_search_is_away_are_remembered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.send(bench.envelope([eve(1)]))
    (row,) = await bench.rows("SELECT id, version FROM alerts")

    async def away(*_: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr("services.indexer.projection.bulk.write_with_reduction", away)
    message = encode(Changed(bench.organization_id, "alert", [row["id"]]))
    assert await bench.projector.settle_changed([message]) == [None]
    pending = await bench.rows("SELECT kind, id, version FROM projection_pending")
    assert pending == [{"kind": "alert", "id": row["id"], "version": row["version"]}]
