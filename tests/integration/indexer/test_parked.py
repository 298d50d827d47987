"""Dead letters on a real broker: looked at, put back, dropped; never lost in between."""

import asyncio
import base64
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import aio_pika
import orjson
import pytest
from pydantic import SecretStr

from services.indexer import parked
from services.indexer.parked import Look, carry_out
from services.indexer.settings import IndexerSettings
from shared.bus.connection import close, connect
from shared.bus.parked import Policy, requeue
from shared.bus.publisher import publishing
from shared.errors import EventSecError
from tests.fixtures.rabbitmq import Rabbitmq
from tests.waiting import until

QUEUE, PARKED = "events.received", "events.parked"


async def park_three(rabbitmq: Rabbitmq) -> None:
    """Three messages in the parked queue, rejected from the work queue as a consumer does."""
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await until(lambda: publisher.connected)
        for number in range(3):
            await publisher.publish(
                b"body %d" % number,
                routing_key=f"events.received.{number}",
                schema="EventBatch.v1",
                correlation_id=f"c-{number}",
                timeout=5,
            )
    connection = await connect(rabbitmq.url, name="tests")
    channel = await connection.channel()
    queue = await channel.get_queue(QUEUE)
    for _ in range(3):
        message = await queue.get()
        await message.reject(requeue=False)
    await close(connection)

    async def all_parked() -> bool:
        return await depth(rabbitmq, PARKED) == 3

    await until(all_parked)


@pytest.fixture
async def settings(rabbitmq: Rabbitmq) -> IndexerSettings:
    """With three messages in the parked queue."""
    await park_three(rabbitmq)
    return IndexerSettings(rabbitmq_url=SecretStr(rabbitmq.url))


def nobody(_: dict[str, Any]) -> None:
    """Listens to what was done."""


async def depth(rabbitmq: Rabbitmq, name: str) -> int:
    async with rabbitmq.channel() as channel:
        return (await channel.declare_queue(name, passive=True)).declaration_result.message_count or 0


async def test_a_list_says_what_they_are_and_leaves_them(rabbitmq: Rabbitmq, settings: IndexerSettings) -> None:
    found: list[dict[str, Any]] = []
    assert await carry_out(settings, "list", PARKED, 2, tell=found.append) == Look(there=3, looked_at=2, taken=2)
    assert [(one["queue"], one["reason"], one["schema"], one["correlation_id"]) for one in found] == [
        (QUEUE, "rejected", "EventBatch.v1", "c-0"),
        (QUEUE, "rejected", "EventBatch.v1", "c-1"),
    ]

    async def all_there() -> bool:
        return await depth(rabbitmq, PARKED) == 3

    await until(all_there)


async def test_requeued_they_are_the_same_messages_at_their_next_attempt(
    rabbitmq: Rabbitmq, settings: IndexerSettings
) -> None:
    assert await carry_out(settings, "requeue", PARKED, 100, tell=nobody) == Look(3, 3, 3)
    assert await depth(rabbitmq, PARKED) == 0
    taken = await rabbitmq.take(QUEUE)
    assert [message.body for message in taken] == [b"body 0", b"body 1", b"body 2"]
    assert {message.headers["x-attempt"] for message in taken} == {2}
    assert {message.headers["x-schema"] for message in taken} == {"EventBatch.v1"}
    assert [message.correlation_id for message in taken] == ["c-0", "c-1", "c-2"]
    assert all(message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT for message in taken)
    assert all("x-death" not in message.headers for message in taken)


async def test_a_work_queue_that_takes_nothing_leaves_them_parked(
    rabbitmq: Rabbitmq, settings: IndexerSettings
) -> None:
    await rabbitmq.policy("full", QUEUE, **{"max-length": 1, "overflow": "reject-publish"})
    async with publishing(rabbitmq.url, name="tests") as publisher:
        await until(lambda: publisher.connected)

        async def refuses() -> bool:
            try:
                await publisher.publish(b"x", routing_key=f"{QUEUE}.x", schema="s", correlation_id="c", timeout=5)
            except EventSecError:
                return True
            return False

        await until(refuses)
    with pytest.raises(aio_pika.exceptions.AMQPError):
        await carry_out(settings, "requeue", PARKED, 100, tell=nobody)

    async def all_there() -> bool:
        return await depth(rabbitmq, PARKED) == 3

    await until(all_there)


async def test_what_was_done_before_a_failure_is_told(
    rabbitmq: Rabbitmq, settings: IndexerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    async def once(*arguments: Any) -> None:
        if told:
            raise TimeoutError
        await requeue(*arguments)

    monkeypatch.setattr(parked, "requeue", once)
    with pytest.raises(TimeoutError):
        await carry_out(settings, "requeue", PARKED, 100, tell=told.append)
    assert [one["correlation_id"] for one in told] == ["c-0"]


async def test_a_message_that_came_from_no_queue_is_told_in_words(
    rabbitmq: Rabbitmq, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with rabbitmq.channel() as channel:
        await channel.default_exchange.publish(aio_pika.Message(b"by hand", message_id="m-1"), PARKED)
    monkeypatch.setenv("EVENTSEC_RABBITMQ_URL", rabbitmq.url)
    monkeypatch.setattr(sys, "argv", ["parked", "requeue", PARKED])
    assert await asyncio.to_thread(parked.main) == 1
    assert "m-1 does not say which queue it came from" in capsys.readouterr().err


def test_words_tell_none_that_match_from_none_that_are_there() -> None:
    assert Look(0, 0, 0).words(PARKED) == "nothing is in events.parked"
    assert Look(5000, 100, 0).words(PARKED) == "none of the first 100 match; 5000 were in events.parked"
    assert Look(3, 3, 2).words(PARKED) == "2 of the first 3 match; 3 were in events.parked"


async def test_dropped_they_are_gone(rabbitmq: Rabbitmq, settings: IndexerSettings) -> None:
    assert await carry_out(settings, "drop", PARKED, 2, tell=nobody) == Look(3, 2, 2)
    assert (await depth(rabbitmq, PARKED), await depth(rabbitmq, QUEUE)) == (1, 0)


@pytest.mark.parametrize(
    ("policy", "taken"),
    [
        (Policy(), 3),
        (Policy(origin=QUEUE, reason="rejected", schema="EventBatch.v1", attempts=1), 3),
        (Policy(origin="records.changed"), 0),
        (Policy(reason="delivery_limit"), 0),
        (Policy(schema="Changed.v1"), 0),
        (Policy(older_than=timedelta(hours=1)), 0),
        (Policy(older_than=timedelta(seconds=-60)), 3),
        (Policy(attempts=0), 0),
    ],
)
async def test_a_policy_says_which(rabbitmq: Rabbitmq, settings: IndexerSettings, policy: Policy, taken: int) -> None:
    look = await carry_out(settings, "requeue", PARKED, 100, tell=nobody, policy=policy, rate=1000)
    assert look == Look(3, 3, taken)

    async def the_rest_is_there() -> bool:
        return await depth(rabbitmq, PARKED) == 3 - taken

    await until(the_rest_is_there)


async def test_what_is_dropped_is_kept_in_a_file(rabbitmq: Rabbitmq, settings: IndexerSettings, tmp_path: Path) -> None:
    file = tmp_path / "dropped.ndjson"
    await carry_out(settings, "drop", PARKED, 100, tell=nobody, before=parked.to_file(file))
    kept = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert [base64.b64decode(one["body"]) for one in kept] == [b"body 0", b"body 1", b"body 2"]
    assert {one["queue"] for one in kept} == {QUEUE}
    assert await depth(rabbitmq, PARKED) == 0
