"""Makes RabbitMQ ready: declares the topology and sets the policies. May run at any time, and twice at once."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

import uvloop
from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity, ChannelPreconditionFailed
from pydantic import Field

from shared import log, metrics, starting
from shared.bus.connection import close, connect
from shared.bus.management import Management
from shared.bus.topology import CHANGES_EXCHANGE, EXCHANGE, QUEUES, Queue
from shared.credentials import Url
from shared.errors import EventSecError, Invalid, Unavailable
from shared.retry import Backoff
from shared.settings import RabbitmqSettings

logger = log.get(__name__)

CHANGES_BINDING = "*.changed"


class BusMigrateSettings(RabbitmqSettings):
    """For the run that declares the topology."""

    migrate_wait_seconds: float = Field(
        default=120.0, gt=0, description="How long a migration waits for its server before it gives up."
    )


async def migrate(settings: BusMigrateSettings) -> None:
    """Declare everything and set the policies; may run twice, and twice at once.

    Raises Unavailable when the server did not come in time, Invalid where what is there contradicts us.
    """

    async def step() -> None:
        await _declare_once(settings.rabbitmq_address)
        await _set_policies(settings)

    await patiently(step, settings.migrate_wait_seconds)


async def patiently(step: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Take a step that may be taken twice, again and again until the server is there.

    Raises Unavailable when it did not come for so many seconds.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    backoff, attempt = Backoff(first=0.2, most=3.0), 0
    while True:
        try:
            return await step()
        except (AMQPError, OSError, TimeoutError, RuntimeError, Unavailable) as error:
            pause = backoff.pause(attempt)
            if loop.time() + pause > deadline:
                raise Unavailable(f"RabbitMQ did not come: {type(error).__name__}: {error}") from error
            logger.info("waiting_for_server", server="rabbitmq", error=type(error).__name__)
            await asyncio.sleep(pause)
            attempt += 1


async def _declare_once(url: Url) -> None:
    connection = await connect(url, name="eventsec migrate")
    try:
        async with connection.channel() as channel:
            await declare(channel)
    except ChannelPreconditionFailed as error:
        raise Invalid(f"a queue or exchange is there with other arguments: {error}") from error
    finally:
        await close(connection)


async def declare(channel: AbstractChannel) -> None:
    """Declare exchanges, queues and bindings of `shared.bus.topology`; what is there already stays."""
    exchange = await channel.declare_exchange(EXCHANGE, ExchangeType.TOPIC, durable=True)
    changes = await channel.declare_exchange(CHANGES_EXCHANGE, ExchangeType.FANOUT, durable=True)
    await changes.bind(exchange, routing_key=CHANGES_BINDING)
    for queue in QUEUES:
        declared = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        for key in queue.binds:
            await declared.bind(exchange, routing_key=key)
    logger.info("topology_declared", queues=[queue.name for queue in QUEUES])


async def _set_policies(settings: BusMigrateSettings) -> None:
    management = management_of(settings)
    if management is None:
        logger.warning(
            "policies_not_set",
            reason="EVENTSEC_RABBITMQ_MANAGEMENT_URL is not given; queues have no size limits",
        )
        return
    logger.info("policies_set", policies=await asyncio.to_thread(management.set_policies))


def management_of(settings: RabbitmqSettings, *, timeout: float = 5.0) -> Management | None:
    """The management API these settings name, or None."""
    if settings.rabbitmq_management_url is None:
        return None
    return Management(
        settings.rabbitmq_management_address,
        settings.rabbitmq_url.get_secret_value(),
        timeout=timeout,
        ca_file=settings.stores_ca_file,
    )


async def missing_policies(management: Management) -> str | None:
    """A warning naming the policies that are not set, for `/readyz`; None when all are."""
    try:
        missing = await asyncio.to_thread(management.missing_policies)
    except EventSecError as error:
        return f"policies could not be checked: {error}"
    return f"policies missing: {', '.join(missing)}" if missing else None


async def measure_queues(management: Management) -> None:
    """Set the gauges of how full the queues are; of what the broker does not tell, none."""
    try:
        sizes = await asyncio.to_thread(management.sizes)
    except EventSecError:
        sizes = []
    metrics.QUEUE_BYTES.clear()
    metrics.QUEUE_LIMIT.clear()
    for size in sizes:
        metrics.QUEUE_BYTES.labels(size.name).set(size.bytes)
        if size.limit is not None:
            metrics.QUEUE_LIMIT.labels(size.name).set(size.limit)


class TopologyProbe:
    """Asks whether exchanges and queues are there, on one plain channel kept open for it; counts what waits in them.

    Passive declares on a robust channel answer from memory, so this needs a connection of
    `shared.bus.connection`. Not for a blocked connection: there the question would wait.
    """

    def __init__(self, queues: tuple[Queue, ...] = QUEUES) -> None:
        self._queues = queues
        self._channel: AbstractChannel | None = None
        self._connection: AbstractConnection | None = None

    async def missing(self, connection: AbstractConnection) -> list[str]:
        """Names of exchanges and queues that are not there. Raises AMQPError when it cannot ask."""
        names = [queue.name for queue in self._queues]
        absent = [name for name in (EXCHANGE, CHANGES_EXCHANGE) if not await self._there(connection, name, "x")]
        return absent + [name for name in names if not await self._there(connection, name, "q")]

    async def _there(self, connection: AbstractConnection, name: str, kind: str) -> bool:
        channel = await self._open(connection)
        try:
            if kind == "x":
                await channel.get_exchange(name, ensure=True)
            else:
                found = (await channel.declare_queue(name, passive=True)).declaration_result
                metrics.QUEUE_DEPTH.labels(name).set(found.message_count or 0)
                metrics.QUEUE_CONSUMERS.labels(name).set(found.consumer_count or 0)
        except ChannelNotFoundEntity:  # the broker closes the channel with it
            return False
        return True

    async def _open(self, connection: AbstractConnection) -> AbstractChannel:
        if self._channel is None or self._channel.is_closed or self._connection is not connection:
            self._channel = await connection.channel()
            self._connection = connection
        return self._channel


def main(arguments: list[str] | None = None) -> int:
    """Run once; 0 when everything is declared."""
    argparse.ArgumentParser(prog="python -m shared.bus.migrate", description=__doc__).parse_args(arguments)
    settings = starting.read(BusMigrateSettings)
    log.configure("bus-migrate", log_format=settings.log_format, level=settings.log_level)
    try:
        uvloop.run(migrate(settings))
    except EventSecError as error:
        logger.error("bus_migrate_failed", code=error.code, reason=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
