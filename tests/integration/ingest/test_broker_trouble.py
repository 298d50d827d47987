"""The broker away, blocked, full or not set up: 503 with Retry-After, quickly, and it heals by itself."""

import asyncio
import time
from pathlib import Path

import httpx
import orjson
import pytest

from shared.bus.messages import EventBatch
from shared.bus.topology import CHANGES_EXCHANGE
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import PrivateBroker, Rabbitmq
from tests.integration.ingest.doors import Client, Registered, accounted, alert, ndjson, running, settings, taken
from tests.waiting import until

GOOD = orjson.dumps(alert(1))


def assert_refused(reply: httpx.Response, *codes: str) -> None:
    assert reply.status_code == 503
    assert reply.json()["code"] in codes
    assert int(reply.headers["retry-after"]) >= 1
    assert reply.headers["content-type"] == "application/problem+json"


async def heals(door: Client, sensor: Registered) -> None:
    async def accepted() -> bool:
        return (await door.post(sensor, GOOD)).status_code == 202

    await until(accepted, within=30)


async def test_a_full_queue_refuses_the_whole_request_and_gives_the_budget_back(
    door: Client, sensor: Registered, rabbitmq: Rabbitmq
) -> None:
    await rabbitmq.policy("tiny", "events.received", **{"max-length": 1, "overflow": "reject-publish"})
    replies = []
    for number in range(30):
        replies.append(await door.post(sensor, ndjson(alert(number))))
        await asyncio.sleep(0.02)
    refused = [reply for reply in replies if reply.status_code != 202]
    assert refused
    for reply in refused:
        assert_refused(reply, "queue_full")
    assert len(await rabbitmq.take("events.received")) == 30 - len(refused)
    await rabbitmq.clear_policies()
    await heals(door, sensor)
    await door.app.parts.accounts.report()
    assert sum(row.unconfirmed for row in await accounted(rabbitmq)) == len(refused)


async def test_a_missing_queue_is_not_success(door: Client, sensor: Registered, rabbitmq: Rabbitmq) -> None:
    async with rabbitmq.channel() as channel:
        await channel.queue_delete("events.quarantined")
    mixed = await door.post(sensor, GOOD + b'\n{"broken":')
    assert_refused(mixed, "unroutable")
    assert (await door.post(sensor, GOOD)).status_code == 202

    async def down() -> bool:
        return (await door.http.get("/readyz")).status_code == 503

    await until(down)
    report = (await door.http.get("/readyz")).json()
    assert report["checks"]["rabbitmq"]["detail"] == "not set up: events.quarantined"
    await rabbitmq.declare()
    assert (await door.post(sensor, GOOD + b'\n{"broken":')).status_code == 207
    await door.ready()


async def test_a_door_starts_before_the_topology_is_there(
    bare_rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    async with running(settings(bare_rabbitmq, postgres.url("ingest"), tmp_path), ready=False) as door:
        await until(lambda: door.app.parts.registry.loaded)
        assert_refused(await door.post(sensor, GOOD), "broker_away")
        await bare_rabbitmq.declare()
        await heals(door, sensor)
        async with bare_rabbitmq.channel() as channel:
            await channel.exchange_delete(CHANGES_EXCHANGE)
        assert (await door.post(sensor, GOOD)).status_code == 202


async def test_without_policies_the_door_is_ready_and_says_so(door: Client) -> None:
    async def warned() -> bool:
        report = (await door.http.get("/readyz")).json()
        return "policies missing" in report["checks"]["rabbitmq"].get("detail", "")

    await until(warned)
    assert (await door.http.get("/readyz")).status_code == 200


@pytest.mark.stack
async def test_a_blocked_broker(
    own_rabbitmq: PrivateBroker, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    wanted = settings(own_rabbitmq.rabbitmq, postgres.url("ingest"), tmp_path, ingest_publish_seconds=30)
    async with running(wanted) as door:
        assert (await door.post(sensor, GOOD)).status_code == 202
        await asyncio.to_thread(own_rabbitmq.alarm, on=True)
        started = time.perf_counter()
        assert_refused(await door.post(sensor, ndjson(alert(2))), "broker_blocked")
        assert time.perf_counter() - started < 5
        started = time.perf_counter()
        assert_refused(await door.post(sensor, ndjson(alert(3))), "broker_blocked")
        assert time.perf_counter() - started < 0.2

        async def down() -> bool:
            return (await door.http.get("/readyz")).status_code == 503

        await until(down)
        assert (await door.http.get("/healthz")).status_code == 200
        await asyncio.to_thread(own_rabbitmq.alarm, on=False)
        await heals(door, sensor)
        await door.ready()


@pytest.mark.stack
async def test_a_killed_broker(
    own_rabbitmq: PrivateBroker, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    acknowledged: set[str] = set()
    refused: list[httpx.Response] = []

    async def send(door: Client, first: int) -> None:
        for number in range(first, 10**9):
            if door.app.parts.stop.requested:
                return
            reply = await door.post(sensor, ndjson(alert(number), alert(number + 500_000)))
            if reply.status_code == 202:
                acknowledged.update(item["event_id"] for item in reply.json()["items"])
            else:
                refused.append(reply)
                await asyncio.sleep(0.05)

    async with running(settings(own_rabbitmq.rabbitmq, postgres.url("ingest"), tmp_path)) as door:
        senders = [asyncio.create_task(send(door, 10_000 * lane)) for lane in range(8)]
        await asyncio.sleep(1)
        await asyncio.to_thread(own_rabbitmq.kill)
        before = len(acknowledged)
        await asyncio.to_thread(own_rabbitmq.start)
        await heals(door, sensor)
        await until(lambda: len(acknowledged) > before)
        door.app.parts.stop.set()
        await asyncio.gather(*senders)
    assert refused
    for reply in refused:
        assert_refused(reply, "broker_away", "unconfirmed", "stopping")
    envelopes = await taken(own_rabbitmq.rabbitmq, "events.received", EventBatch)
    stored = {str(item.event.id) for envelope in envelopes for item in envelope.items}
    assert before > 0
    assert acknowledged <= stored
