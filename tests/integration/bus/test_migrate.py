"""The topology on a real broker: declared whole, again, and by two at once."""

import asyncio

import pytest
from pydantic import SecretStr

from shared.bus.connection import close, connect
from shared.bus.management import Management
from shared.bus.migrate import BusMigrateSettings, TopologyProbe, migrate, missing_policies
from shared.bus.topology import CHANGES_EXCHANGE, EXCHANGE, QUEUES
from shared.errors import Invalid, Unavailable
from tests.fixtures.rabbitmq import Rabbitmq
from tests.waiting import until


def settings(rabbitmq: Rabbitmq, *, wait: float = 20.0) -> BusMigrateSettings:
    return BusMigrateSettings(
        rabbitmq_url=SecretStr(rabbitmq.url),
        rabbitmq_management_url=SecretStr(rabbitmq.management_url),
        migrate_wait_seconds=wait,
    )


async def policies_applied(rabbitmq: Rabbitmq) -> bool:
    queues = await rabbitmq.manage("GET", f"queues/{rabbitmq.vhost}")
    return {queue["name"]: queue["policy"] for queue in queues if queue.get("policy")} == {
        queue.name: f"eventsec-{queue.name}" for queue in QUEUES if queue.policy
    }


async def test_two_at_once_declare_all_queues_bindings_and_policies(bare_rabbitmq: Rabbitmq) -> None:
    await asyncio.gather(*(migrate(settings(bare_rabbitmq)) for _ in range(2)))
    await migrate(settings(bare_rabbitmq))

    queues = await bare_rabbitmq.manage("GET", f"queues/{bare_rabbitmq.vhost}")
    assert {queue["name"]: queue["type"] for queue in queues} == {queue.name: "quorum" for queue in QUEUES}
    await until(lambda: policies_applied(bare_rabbitmq))  # the management's view of queues lags by seconds
    bindings = await bare_rabbitmq.manage("GET", f"bindings/{bare_rabbitmq.vhost}")
    bound = {(b["source"], b["destination"], b["routing_key"]) for b in bindings if b["source"]}
    assert bound == {(EXCHANGE, queue.name, key) for queue in QUEUES for key in queue.binds} | {
        (EXCHANGE, CHANGES_EXCHANGE, "*.changed")
    }


async def test_a_queue_with_other_arguments_is_said_and_not_waited_for(bare_rabbitmq: Rabbitmq) -> None:
    async with bare_rabbitmq.channel() as channel:
        await channel.declare_queue("events.received", durable=True)
    with pytest.raises(Invalid, match=r"events\.received"):
        await migrate(settings(bare_rabbitmq))


async def test_it_waits_for_its_server_and_gives_up_in_time() -> None:
    nobody = Rabbitmq("amqp://a:b@127.0.0.1:9/x", "http://a:b@127.0.0.1:9")
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable, match="RabbitMQ did not come"):
            await migrate(settings(nobody, wait=1.0))


async def test_the_probe_names_what_is_missing(bare_rabbitmq: Rabbitmq) -> None:
    await migrate(settings(bare_rabbitmq))
    connection = await connect(bare_rabbitmq.url, name="tests")
    probe = TopologyProbe()
    try:
        assert await probe.missing(connection) == []
        async with bare_rabbitmq.channel() as channel:
            await channel.queue_delete("accounts")
            await channel.exchange_delete(CHANGES_EXCHANGE)
        assert await probe.missing(connection) == [CHANGES_EXCHANGE, "accounts"]
        await migrate(settings(bare_rabbitmq))
        assert await probe.missing(connection) == []
    finally:
        await close(connection)


async def test_missing_policies_are_a_warning(bare_rabbitmq: Rabbitmq) -> None:
    await migrate(settings(bare_rabbitmq))
    management = Management(bare_rabbitmq.management_url, bare_rabbitmq.url)
    assert await missing_policies(management) is None
    await bare_rabbitmq.manage("DELETE", f"policies/{bare_rabbitmq.vhost}/eventsec-accounts")
    assert await missing_policies(management) == "policies missing: eventsec-accounts"
    away = Management("http://a:b@127.0.0.1:9", bare_rabbitmq.url, timeout=1.0)
    warning = await missing_policies(away)
    assert warning is not None
    assert "could not be checked" in warning
