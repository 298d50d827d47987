"""Publishing with the broker's confirm: it returns when the broker has the message, or says why not."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aio_pika.exceptions import DeliveryError, PublishError

from shared import ids, log, metrics
from shared.bus.connection import BLOCKED_SECONDS, CONNECT_SECONDS, is_blocked, keep_connected
from shared.bus.topology import CHANGES_EXCHANGE, EXCHANGE
from shared.credentials import Url
from shared.errors import Unavailable

logger = log.get(__name__)

# Each confirm may scan all that are outstanding: past a few hundred a wider window is slower.
WINDOW = 256

_MESSAGES = {
    "broker_away": "the message bus is not connected",
    "broker_blocked": "the message bus takes no messages at the moment",
    "queue_full": "the queue is full",
    "unconfirmed": "the message bus did not confirm in time",
    "unroutable": "no queue takes this message",
}


class Publisher:
    """One connection and one channel for publishing; lives while `run` does.

    It neither queues nor repeats: a message that was not confirmed is the caller's to send again, under
    a fresh message id. A failed attempt may still have reached the queue.
    """

    def __init__(self, url: Url, *, name: str, window: int = WINDOW) -> None:
        self._url, self._name = url, name
        self._window = asyncio.Semaphore(window)
        self._exchanges: dict[str, AbstractExchange] = {}
        self._deadlines: set[asyncio.Timeout] = set()
        self._blocked = False
        self.connection: AbstractConnection | None = None

    @property
    def connected(self) -> bool:
        """True while there is a channel to publish on and the exchanges were there when it opened."""
        return bool(self._exchanges)

    @property
    def blocked(self) -> bool:
        """True while the broker takes no messages (memory or disk alarm)."""
        return self._blocked

    async def run(self) -> None:
        """Keep the channel open for ever; cancel to end."""
        await keep_connected(self._url, name=self._name, session=self._serve)

    async def publish(
        self,
        body: bytes,
        *,
        routing_key: str,
        schema: str,
        correlation_id: str,
        timeout: float,
        exchange: str = EXCHANGE,
        traceparent: str | None = None,
        attempt: int = 1,
        mandatory: bool = True,
    ) -> None:
        """Return once the broker has confirmed the message as stored.

        `schema` is the message's name with its version, `timeout` the most seconds to wait for everything.
        `mandatory=False` lets a message without any queue vanish (the fan-out to nobody).
        Raises Unavailable: `broker_away`, `broker_blocked`, `queue_full`, `unconfirmed`, `unroutable`.
        """
        message = _message(body, schema, correlation_id, traceparent, attempt)
        started = time.perf_counter()
        try:
            await self._send(message, exchange, routing_key, timeout, mandatory=mandatory)
        except Unavailable as error:
            metrics.PUBLISH_FAILURES.labels(error.code).inc()
            raise
        metrics.PUBLISH_SECONDS.observe(time.perf_counter() - started)

    async def _send(
        self, message: aio_pika.Message, exchange: str, routing_key: str, timeout: float, *, mandatory: bool
    ) -> None:
        target = self._exchanges.get(exchange)
        if target is None:
            raise _unavailable("broker_away")
        if self.blocked:
            raise _unavailable("broker_blocked")
        try:
            async with self._deadline(timeout), self._window:
                await target.publish(message, routing_key, mandatory=mandatory)
        except TimeoutError:
            raise self._late() from None
        except PublishError:
            raise _unavailable("unroutable") from None
        except DeliveryError:
            raise _unavailable("queue_full") from None
        except asyncio.CancelledError:
            if _asked_to_stop():
                raise
            # A channel that closes ends its waiting publishes with a CancelledError of its own.
            raise _unavailable("broker_away") from None
        except Exception as error:  # AMQPError, OSError, RuntimeError "closed", bare Exception: all one to us
            raise _unavailable("broker_away") from error

    def _late(self) -> Unavailable:
        return _unavailable("broker_blocked" if self._blocked else "unconfirmed")

    @contextlib.asynccontextmanager
    async def _deadline(self, seconds: float) -> AsyncIterator[None]:
        """A timeout that the watcher can bring forward when the broker blocks."""
        async with asyncio.timeout(seconds) as deadline:
            self._deadlines.add(deadline)
            try:
                yield
            finally:
                self._deadlines.discard(deadline)

    async def _serve(self, connection: AbstractConnection) -> None:
        """The session of one connection: open, then watch until it ends."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                # Passive: publishing to an exchange that is not there closes the whole connection.
                found = {name: await _existing(channel, name) for name in (EXCHANGE, CHANGES_EXCHANGE)}
            self.connection, self._exchanges = connection, found
            logger.info("publisher_ready", connection=self._name)
            await self._watch(connection, channel)
        finally:
            self.connection, self._exchanges = None, {}
            self._turn_blocked(blocked=False)

    async def _watch(self, connection: AbstractConnection, channel: AbstractChannel) -> None:
        while not channel.is_closed:
            self._turn_blocked(blocked=await is_blocked(connection))
            if not self._blocked:
                await asyncio.sleep(BLOCKED_SECONDS)

    def _turn_blocked(self, *, blocked: bool) -> None:
        self._blocked = blocked
        metrics.BUS_BLOCKED.set(blocked)
        if blocked:
            now = asyncio.get_running_loop().time()
            for deadline in self._deadlines:
                if not deadline.expired():  # one that is ending anyway cannot be moved
                    deadline.reschedule(now)


def _message(body: bytes, schema: str, correlation_id: str, traceparent: str | None, attempt: int) -> aio_pika.Message:
    headers: dict[str, str | int] = {
        "correlation_id": correlation_id,
        "x-attempt": attempt,
        "x-schema": schema,
    }
    if traceparent is not None:
        headers["traceparent"] = traceparent
    return aio_pika.Message(
        body,
        headers=headers,  # type: ignore[arg-type]
        content_type="application/msgpack",
        content_encoding="zstd",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        correlation_id=correlation_id,
        # Unique per attempt: two in flight with the same id, unroutable, would be confirmed as stored.
        message_id=str(ids.uuid7()),
    )


async def _existing(channel: AbstractChannel, name: str) -> AbstractExchange:
    await channel.get_exchange(name, ensure=True)
    return await channel.get_exchange(name, ensure=False)


def _unavailable(code: str) -> Unavailable:
    return Unavailable(_MESSAGES[code], code=code)


def _asked_to_stop() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextlib.asynccontextmanager
async def publishing(url: Url, *, name: str, window: int = WINDOW) -> AsyncIterator[Publisher]:
    """A Publisher that runs in the background for as long as the block lasts."""
    publisher = Publisher(url, name=name, window=window)
    running = asyncio.create_task(publisher.run(), name=f"publisher {name}")
    try:
        yield publisher
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
