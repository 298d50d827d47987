"""Each process does its work as its own user of a real broker, and is refused everything else."""

import asyncio
import secrets
import urllib.error
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelClosed, ProbableAuthenticationError
from pydantic import SecretStr

from services.api.broker import Broker
from services.api.principal import Principal
from services.api.stream.hub import Hub
from services.indexer.parked import carry_out
from services.indexer.settings import IndexerSettings
from shared import metrics
from shared.bus import topology
from shared.bus.connection import close, connect
from shared.bus.consumer import BatchConsumer
from shared.bus.management import Management
from shared.bus.messages import Changed, encode
from shared.bus.migrate import TopologyProbe
from shared.bus.parked import PARKED
from shared.bus.publisher import publishing
from shared.bus.users import PROCESSES, BusUsersSettings, main, set_users, user_name
from shared.errors import Invalid, Reject, Unavailable
from shared.lifecycle import Stop
from tests.fixtures.rabbitmq import Rabbitmq, manage
from tests.waiting import until

WORK = (topology.EVENTS_RECEIVED, topology.EVENTS_QUARANTINED, topology.ACCOUNTS, topology.RECORDS_CHANGED)


class Users:
    """The users of this file's virtual host, by process."""

    def __init__(self, rabbitmq: Rabbitmq, prefix: str) -> None:
        self.rabbitmq = rabbitmq
        self.passwords = {process: secrets.token_hex(8) for process in PROCESSES}
        self.prefix = prefix

    def settings(self, **passwords: str) -> BusUsersSettings:
        given = {f"{process}_rabbitmq_password": password for process, password in (self.passwords | passwords).items()}
        return BusUsersSettings.model_validate(
            {
                "rabbitmq_url": self.rabbitmq.url,
                "rabbitmq_management_url": self.rabbitmq.management_url,
                "rabbitmq_users": self.prefix,
                "migrate_wait_seconds": 5,
                **given,
            }
        )

    def name(self, process: str) -> str:
        return user_name(self.settings(), process)

    def url(self, process: str) -> str:
        return self._as(process, self.rabbitmq.url)

    def management(self, process: str) -> Management:
        return Management(self.management_url(process), self.rabbitmq.url)

    def management_url(self, process: str) -> str:
        return self._as(process, self.rabbitmq.management_url)

    def _as(self, process: str, url: str) -> str:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{self.name(process)}:{self.passwords[process]}@{host}"))

    @asynccontextmanager
    async def channel(self, process: str) -> AsyncIterator[AbstractChannel]:
        connection = await connect(self.url(process), name="tests")
        try:
            yield await connection.channel()
        finally:
            await close(connection)


@pytest.fixture
def _users(rabbitmq_vhost: Rabbitmq) -> Iterator[Users]:
    users = Users(rabbitmq_vhost, f"test-{secrets.token_hex(4)}")
    yield users
    for process in PROCESSES:
        manage(rabbitmq_vhost.management_url, "DELETE", f"users/{users.name(process)}")


@pytest.fixture
async def users(rabbitmq: Rabbitmq, _users: Users) -> Users:
    await set_users(_users.settings())
    return _users


def refused() -> "pytest.RaisesExc[ChannelClosed]":
    """The broker closes a channel that asked for more than its user may."""
    return pytest.raises(ChannelClosed, match="ACCESS_REFUSED")


async def put(rabbitmq: Rabbitmq, queue: str, *bodies: bytes) -> None:
    async with rabbitmq.channel() as channel:
        for body in bodies:
            await channel.default_exchange.publish(aio_pika.Message(body), queue)


async def depth(rabbitmq: Rabbitmq, queue: str) -> int:
    async with rabbitmq.channel() as channel:
        return (await channel.declare_queue(queue, passive=True)).declaration_result.message_count or 0


async def test_the_door_puts_in_what_came_and_sees_that_all_is_set_up(rabbitmq: Rabbitmq, users: Users) -> None:
    keys = [topology.received_key(uuid4()), topology.QUARANTINED_KEY, topology.ACCOUNTS_KEY]
    async with publishing(users.url("ingest"), name="tests") as publisher:
        await until(lambda: publisher.connected)
        for key in keys:
            await publisher.publish(b"body", routing_key=key, schema="Test.v1", correlation_id="c", timeout=5)
        connection = publisher.connection
        assert connection is not None
        assert await TopologyProbe().missing(connection) == []
    assert [len(await rabbitmq.take(queue.name)) for queue in WORK] == [1, 1, 1, 0]


async def test_a_stolen_login_of_the_door_reads_nothing_and_empties_nothing(rabbitmq: Rabbitmq, users: Users) -> None:
    for queue in topology.QUEUES:
        await put(rabbitmq, queue.name, b"body")
        for act in ("get", "consume", "purge", "delete", "unbind"):
            async with users.channel("ingest") as channel:
                found = await channel.get_queue(queue.name, ensure=False)
                with refused():
                    match act:
                        case "get":
                            await found.get()
                        case "consume":
                            await found.consume(_heard_nothing)
                        case "purge":
                            await found.purge()
                        case "delete":
                            await channel.queue_delete(queue.name)
                        case _:
                            await found.unbind(topology.EXCHANGE, routing_key="#")
        assert await depth(rabbitmq, queue.name) == 1


@pytest.mark.parametrize("process", PROCESSES)
async def test_no_process_declares_or_deletes_what_is_the_operators(users: Users, process: str) -> None:
    async with users.channel(process) as channel:
        with refused():
            await channel.declare_queue("mine", durable=True)
    for exchange in (topology.EXCHANGE, topology.CHANGES_EXCHANGE):
        async with users.channel(process) as channel:
            with refused():
                await channel.exchange_delete(exchange)
    for queue in topology.QUEUES:
        async with users.channel(process) as channel:
            with refused():
                await channel.queue_delete(queue.name)


@pytest.mark.parametrize(
    ("process", "exchange", "key"),
    [
        ("ingest", topology.EXCHANGE, "alert.changed"),
        ("ingest", topology.CHANGES_EXCHANGE, "alert.changed"),
        ("ingest", "", "events.received"),
        ("indexer", topology.EXCHANGE, "events.received.x"),
        ("api", topology.EXCHANGE, "alert.changed"),
        ("api", topology.CHANGES_EXCHANGE, "alert.changed"),
        ("api", "", "events.received"),
    ],
)
async def test_no_process_says_what_is_anothers_to_say(users: Users, process: str, exchange: str, key: str) -> None:
    async with users.channel(process) as channel:
        to = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
        with pytest.raises((ChannelClosed, asyncio.CancelledError)):
            await to.publish(aio_pika.Message(b"forged"), key)
    assert all([await depth(users.rabbitmq, queue.name) == 0 for queue in topology.QUEUES])


async def test_the_indexer_takes_out_parks_and_puts_back(rabbitmq: Rabbitmq, users: Users) -> None:
    for queue in WORK:
        await put(rabbitmq, queue.name, b"body")
    stop, seen = Stop(), set[str]()

    def consumer(queue: str) -> BatchConsumer:
        async def handler(bodies: list[bytes]) -> list[Reject | None]:
            seen.add(queue)
            return [Reject("not ours") for _ in bodies]

        return BatchConsumer(users.url("indexer"), queue, handler, usable=_always)

    running = [asyncio.create_task(consumer(queue.name).run(stop)) for queue in WORK]
    await until(lambda: len(seen) == len(WORK))
    stop.set()
    await asyncio.gather(*running)

    async def all_parked() -> bool:
        return [await depth(rabbitmq, name) for name in PARKED] == [3, 1]

    await until(all_parked)
    settings = IndexerSettings(rabbitmq_url=SecretStr(users.url("indexer")))
    heard: list[object] = []
    assert (await carry_out(settings, "list", "events.parked", 9, tell=heard.append)).taken == 3
    assert (await carry_out(settings, "requeue", "events.parked", 3, tell=heard.append)).taken == 3
    assert (await carry_out(settings, "drop", "changes.parked", 9, tell=heard.append)).taken == 1
    assert [await depth(rabbitmq, queue.name) for queue in WORK] == [1, 1, 1, 0]


async def test_the_indexer_tells_of_changes_and_sees_the_brokers_disk(rabbitmq: Rabbitmq, users: Users) -> None:
    async with publishing(users.url("indexer"), name="tests") as publisher:
        await until(lambda: publisher.connected)
        for exchange in (topology.EXCHANGE, topology.CHANGES_EXCHANGE):
            await publisher.publish(
                b"body",
                exchange=exchange,
                routing_key=topology.changed_key("alert"),
                schema="Changed.v1",
                correlation_id="c",
                timeout=5,
                mandatory=exchange == topology.EXCHANGE,
            )
    assert len(await rabbitmq.take(topology.RECORDS_CHANGED.name)) == 1
    assert users.management("indexer").disks()


async def test_the_api_hears_of_changes_and_looks_into_the_queues(rabbitmq: Rabbitmq, users: Users) -> None:
    await put(rabbitmq, "events.parked", b"body")
    hub, broker = Hub(users.url("api"), _no_database), Broker(users.url("api"), users.management("api"))  # type: ignore[arg-type]
    running = [asyncio.create_task(hub.run()), asyncio.create_task(broker.run())]
    told: list[object] = []
    hub.take_in = told.append  # type: ignore[method-assign, assignment]
    try:
        await until(lambda: broker.connected)
        await until(lambda: _heard(rabbitmq, told))
        assert not await broker.blocked()
        assert not await broker.holds_anything([topology.EVENTS_RECEIVED], asked_for=60)
        there, found = await broker.parked("events.parked", 5)
        assert (there, len(found)) == (1, 1)
        assert {one.name for one in await broker.depths(topology.QUEUES)} == {queue.name for queue in topology.QUEUES}
        assert await broker.version()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_the_api_tells_how_full_the_queues_are_and_may_be(users: Users) -> None:
    operator = Management(users.rabbitmq.management_url, users.rabbitmq.url)
    await asyncio.to_thread(operator.set_policies)
    broker = Broker(users.url("api"), users.management("api"))

    async def told() -> bool:
        await broker.measure()
        limits = {sample.labels["queue"] for family in metrics.QUEUE_LIMIT.collect() for sample in family.samples}
        return {queue.name for queue in WORK} <= limits

    await until(told)
    sizes = {sample.labels["queue"] for family in metrics.QUEUE_BYTES.collect() for sample in family.samples}
    assert sizes == {queue.name for queue in topology.QUEUES}


async def test_the_api_takes_nothing_that_waits_for_the_indexer(rabbitmq: Rabbitmq, users: Users) -> None:
    for queue in WORK:
        await put(rabbitmq, queue.name, b"body")
        async with users.channel("api") as channel:
            with refused():
                await (await channel.get_queue(queue.name, ensure=False)).get()


async def test_only_who_needs_the_management_api_gets_in(users: Users) -> None:
    with pytest.raises(Invalid, match="401"):
        users.management("ingest").depths()
    with pytest.raises(Invalid, match=r"40[13]"):
        users.management("api").disks()
    for process in PROCESSES:
        with pytest.raises(urllib.error.HTTPError, match=r"40[13]"):
            manage(users.management_url(process), "PUT", f"users/{users.name(process)}", {"tags": "administrator"})


async def test_a_changed_password_is_set_and_the_old_one_ends(users: Users) -> None:
    old = users.url("ingest")
    before = await connect(old, name="tests")
    try:
        users.passwords["ingest"] = "other"
        await asyncio.gather(set_users(users.settings()), set_users(users.settings()))
        with pytest.raises(ProbableAuthenticationError):
            await connect(old, name="tests")
        await close(await connect(users.url("ingest"), name="tests"))
        assert not before.is_closed
    finally:
        await close(before)


async def test_rights_that_somebody_widened_are_narrowed_again(rabbitmq: Rabbitmq, users: Users) -> None:
    name = users.name("ingest")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    await rabbitmq.manage("PUT", f"permissions/{rabbitmq.vhost}/{name}", everything)
    await rabbitmq.manage("PUT", f"users/{name}", {"password": "x", "tags": "administrator"})
    await set_users(users.settings())
    found = await rabbitmq.manage("GET", f"permissions/{rabbitmq.vhost}/{name}")
    assert (found["configure"], found["read"]) == ("^$", "^$")
    assert not (await rabbitmq.manage("GET", f"users/{name}"))["tags"]


async def test_what_does_not_suffice_is_said(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="EVENTSEC_API_RABBITMQ_PASSWORD: not set"):
        await set_users(users.settings(api=""))
    with pytest.raises(Invalid, match="EVENTSEC_RABBITMQ_MANAGEMENT_URL"):
        await set_users(users.settings().model_copy(update={"rabbitmq_management_url": None}))
    as_ingest = {"rabbitmq_management_url": SecretStr(users.management_url("ingest"))}
    with pytest.raises(Invalid, match="401"):
        await set_users(users.settings().model_copy(update=as_ingest))
    nobody = {"rabbitmq_management_url": SecretStr("http://a:b@127.0.0.1:9"), "migrate_wait_seconds": 0.5}
    with pytest.raises(Unavailable, match="did not come"):
        await set_users(users.settings().model_copy(update=nobody))


async def test_the_program(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_RABBITMQ_URL", users.rabbitmq.url)
    monkeypatch.setenv("EVENTSEC_RABBITMQ_MANAGEMENT_URL", users.rabbitmq.management_url)
    monkeypatch.setenv("EVENTSEC_RABBITMQ_USERS", users.prefix)
    assert await asyncio.to_thread(main, []) == 1
    for process in PROCESSES:
        users.passwords[process] = f"new-{process}"
        monkeypatch.setenv(f"EVENTSEC_{process.upper()}_RABBITMQ_PASSWORD", users.passwords[process])
    assert await asyncio.to_thread(main, []) == 0
    for process in PROCESSES:
        await close(await connect(users.url(process), name="tests"))


async def _heard_nothing(_: AbstractIncomingMessage) -> None:
    raise AssertionError


async def _always() -> bool:
    return True


def _no_database() -> Principal:
    raise AssertionError


async def _heard(rabbitmq: Rabbitmq, told: list[object]) -> bool:
    """Tell of a change until it is heard: who listens later does not hear what was told before."""
    async with rabbitmq.channel() as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
        message = aio_pika.Message(encode(Changed(uuid4(), "alert", [])), message_id=str(uuid4()))
        await exchange.publish(message, topology.changed_key("alert"))
    await asyncio.sleep(0.1)
    return bool(told)
