"""The api's own connection to RabbitMQ: it asks what waits in the queues."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError

from shared.bus.connection import is_blocked, keep_connected
from shared.bus.management import Management, QueueDepth
from shared.bus.migrate import measure_queues
from shared.bus.parked import described, first_of
from shared.bus.topology import Queue
from shared.credentials import Url
from shared.errors import Unavailable

ASK_SECONDS, LOOK_SECONDS = 2.0, 10.0
MEASURE_SECONDS = 15.0
# The management API counts unacknowledged messages every five seconds; twice that is surely since.
COUNT_SECONDS = 10.0
MOST_REMEMBERED = 10_000


class Broker:
    """Connected while `run` runs. `management` is the broker's own API, where its URL is known."""

    def __init__(self, url: Url, management: Management | None) -> None:
        self._url = url
        self._management = management
        self._connection: AbstractConnection | None = None
        self._first_asked: OrderedDict[UUID, float] = OrderedDict()

    @property
    def connected(self) -> bool:
        """True while the broker can be asked."""
        return self._connection is not None

    async def run(self) -> None:
        """Keep connected for ever; cancel to end."""
        await keep_connected(self._url, name="api", session=self._serve)

    async def blocked(self) -> bool:
        """True while an alarm makes the broker refuse publishers, or it is away."""
        return self._connection is None or await is_blocked(self._connection)

    def asked_for(self, record_id: UUID) -> float:
        """Seconds since this was first asked for that id (of the last 10,000 asked for)."""
        now = time.monotonic()
        first = self._first_asked.setdefault(record_id, now)
        self._first_asked.move_to_end(record_id)
        if len(self._first_asked) > MOST_REMEMBERED:
            self._first_asked.popitem(last=False)
        return now - first

    async def holds_anything(self, queues: Iterable[Queue], *, asked_for: float) -> bool:
        """True when a message is in one of the queues, ready or handed out and not yet acknowledged.

        `asked_for` are the seconds since this was first of interest. Raises Unavailable when it cannot be known:
        the broker is away, or has consumers and no management API, which alone counts what they hold, or has
        perhaps not counted that since.
        """
        names = [queue.name for queue in queues]
        try:
            async with asyncio.timeout(ASK_SECONDS):
                ready, consumers = await self._ready(names)
                if ready or not consumers:
                    return ready > 0
                if await self._unacknowledged(names):
                    return True
                if asked_for < COUNT_SECONDS:
                    raise Unavailable("what the consumers hold may not be counted yet", code="not_counted")
                return False
        except (OSError, AMQPError, RuntimeError) as error:
            raise Unavailable("the message bus cannot be asked", code="broker_away") from error

    async def depths(self, queues: Iterable[Queue]) -> list[QueueDepth]:
        """What is in each of the queues; without a management API, what waits there.

        Raises Unavailable, and what AMQP raises.
        """
        if self._management is not None:
            return await asyncio.to_thread(self._management.depths)
        try:
            return [
                QueueDepth(queue.name, ready, None, consumers)
                for queue in queues
                for ready, consumers in [await self._ready([queue.name])]
            ]
        except RuntimeError as error:  # the connection ended under the question
            raise Unavailable("the message bus cannot be asked", code="broker_away") from error

    async def measure(self) -> None:
        """Set the gauges of how full the queues are, where there is a management API to tell.

        Here, for doors have no login there, and indexers are what is missing when a queue fills.
        """
        if self._management is not None:
            await measure_queues(self._management)

    async def parked(self, queue: str, limit: int) -> tuple[int, list[dict[str, Any]]]:
        """How many messages are in a parked queue, and what the first of them are; they stay there.

        Raises Unavailable when the broker is away.
        """
        if self._connection is None:
            raise Unavailable("the message bus is not connected", code="broker_away")
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._connection.channel() as channel:
                parked = await channel.get_queue(queue)
                found = [described(message) async for message in first_of(parked, limit)]
                return parked.declaration_result.message_count or 0, found
        except (OSError, AMQPError, RuntimeError) as error:
            raise Unavailable("the message bus cannot be asked", code="broker_away") from error

    async def version(self) -> str | None:
        """The server's, where there is a management API to tell."""
        return None if self._management is None else await asyncio.to_thread(self._management.version)

    async def _ready(self, names: list[str]) -> tuple[int, int]:
        """Ready messages and consumers of these queues together; exact, for the queue's leader answers."""
        if self._connection is None:
            raise Unavailable("the message bus is not connected", code="broker_away")
        async with self._connection.channel() as channel:
            found = [(await channel.declare_queue(name, passive=True)).declaration_result for name in names]
        return sum(one.message_count or 0 for one in found), sum(one.consumer_count or 0 for one in found)

    async def _unacknowledged(self, names: list[str]) -> bool:
        if self._management is None:
            raise Unavailable("nobody counts what the consumers hold", code="broker_away")
        for name in names:
            if await asyncio.to_thread(self._management.messages_in, name):
                return True
        return False

    async def _serve(self, connection: AbstractConnection) -> None:
        self._connection = connection
        try:
            await asyncio.Event().wait()
        finally:
            self._connection = None
