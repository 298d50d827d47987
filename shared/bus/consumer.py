"""Batches of messages from one queue: acknowledged only when the handler says that all is safe."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from prometheus_client import Gauge

from shared import log, metrics
from shared.bus.connection import close, connect
from shared.credentials import Url
from shared.errors import Reject, Retry
from shared.lifecycle import Stop
from shared.retry import Backoff

logger = log.get(__name__)

CONNECT_SECONDS = 10.0
MAX_DEFECTS = 5
PROBE_SECONDS = 5.0
DEFECT_SECONDS = 2 * 60 * 60.0


@dataclass(frozen=True)
class Limits:
    """When a batch is closed: by messages, bytes or age in seconds; and how long an outage is waited for.

    The window of unacknowledged messages is two batches: that is the back-pressure towards the broker.
    """

    messages: int = 16
    bytes: int = 4 << 20
    age: float = 0.02
    outage: float = 600.0

    @property
    def prefetch(self) -> int:
        """Messages the broker may hand out ahead of acknowledgement."""
        return 2 * self.messages


Ending = Reject | None
Handler = Callable[[list[bytes]], Awaitable[list[Ending]]]
Usable = Callable[[], Awaitable[bool]]


class _Lost(Exception):
    """The channel is gone; whatever was not acknowledged comes again."""


@dataclass
class _Lane:
    """One subscription on one channel, and what it has received and not yet handled."""

    channel: AbstractChannel
    in_hand: Gauge
    buffer: deque[AbstractIncomingMessage] = field(default_factory=deque)
    bytes: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    lost: bool = False
    held: int = 0

    async def receive(self, message: AbstractIncomingMessage) -> None:
        """The broker's callback: only remembers the message; one for a lost lane comes again elsewhere."""
        if self.lost:
            return
        self.hold(1)
        self.buffer.append(message)
        self.bytes += len(message.body)
        self.changed.set()

    def hold(self, messages: int) -> None:
        """Count so many more in hand; other lanes of the process count on the same gauge."""
        self.held += messages
        self.in_hand.inc(messages)

    def lose(self, *_: object) -> None:
        """The callback of a closed channel or connection, and of a subscription that the broker ended."""
        self.lost = True
        self.changed.set()


class BatchConsumer:
    """Consumes one queue for ever; see `Limits`.

    The handler gets the bodies of a batch and returns one ending for each: None (safe, acknowledge) or a
    Reject (to the parked queue). When it raises Retry, the batch is kept and tried again without going
    back to the broker, so that no delivery count is burned. After `limits.outage` seconds of that, the
    window is returned once and nothing is consumed until `usable` answers True.

    Any other exception is a defect of ours: the batch is handled message by message, and the one that
    fails alone is parked. After five messages parked without a success in between, failed or rejected, it is
    not the messages' fault, and everything waits like in an outage: a bad deploy cannot park a whole queue.
    """

    def __init__(
        self,
        url: Url,
        queue: str,
        handler: Handler,
        *,
        usable: Usable,
        limits: Limits | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self.queue = queue
        self._url = url
        self._handler = handler
        self._usable = usable
        self._limits = limits or Limits()
        self._backoff = backoff or Backoff()
        self._progress = time.monotonic()
        self._consuming = False
        self._defects = 0

    @property
    def idle_seconds(self) -> float:
        """Seconds since this consumer last made progress or found its queue empty; infinite while away."""
        return time.monotonic() - self._progress if self._consuming else float("inf")

    async def run(self, stop: Stop) -> None:
        """Consume until `stop`, then handle what was already handed out, and close."""
        attempt = 0
        while not stop.requested:
            try:
                connection = await connect(self._url, name=f"consumer {self.queue}", within=CONNECT_SECONDS)
                attempt = 0
                try:
                    await self._consume(connection, stop)
                finally:
                    await close(connection)
            except (aio_pika.exceptions.AMQPError, OSError, TimeoutError, RuntimeError, _Lost) as error:
                logger.warning("consumer_lost", queue=self.queue, error=type(error).__name__)
                await stop.sleep(self._backoff.pause(attempt))
                attempt += 1
            finally:
                self._consuming = False

    async def _consume(self, connection: AbstractConnection, stop: Stop) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            channel = await connection.channel(publisher_confirms=False)
            await channel.set_qos(prefetch_count=self._limits.prefetch)
            queue = await channel.get_queue(self.queue, ensure=True)
        lane = _Lane(channel, metrics.IN_HAND.labels(self.queue))
        channel.close_callbacks.add(lane.lose)
        connection.close_callbacks.add(lane.lose)
        # A queue that was deleted, say. (RabbitMQ 3.10 tells nobody when it is made anew within the same moment.)
        (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(lane.lose)
        tag = await queue.consume(lane.receive)
        self._consuming, self._progress = True, time.monotonic()
        logger.info("consumer_started", queue=self.queue)
        watcher = asyncio.create_task(self._watch(lane))
        canceller = asyncio.create_task(self._cancel_on_stop(queue, tag, lane, stop))
        try:
            while batch := await self._collect(lane, stop):
                await self._settle(lane, batch, stop)
                self._progress = time.monotonic()
        finally:
            for task in (watcher, canceller):
                task.cancel()
            await asyncio.gather(watcher, canceller, return_exceptions=True)
            lane.lose()
            lane.hold(-lane.held)
        logger.info("consumer_stopped", queue=self.queue)

    async def _cancel_on_stop(self, queue: aio_pika.abc.AbstractQueue, tag: str, lane: _Lane, stop: Stop) -> None:
        await stop.wait()
        with contextlib.suppress(aio_pika.exceptions.AMQPError, TimeoutError, RuntimeError):
            await queue.cancel(tag, timeout=2.0)
        lane.changed.set()

    async def _watch(self, lane: _Lane) -> None:
        """Find out what no callback tells: a broker that no longer answers, and the queue's depth."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    queue = await lane.channel.declare_queue(self.queue, passive=True)
                count = queue.declaration_result
            except (aio_pika.exceptions.AMQPError, TimeoutError, RuntimeError, OSError):
                lane.lose()
                return
            metrics.QUEUE_DEPTH.labels(self.queue).set(count.message_count or 0)

    async def _collect(self, lane: _Lane, stop: Stop) -> list[AbstractIncomingMessage]:
        """The next batch; empty when stopping and nothing is left. Raises _Lost when the channel went."""
        limits = self._limits
        while not lane.buffer:
            if lane.lost:
                raise _Lost
            if stop.requested:
                return []
            lane.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lane.changed.wait(), PROBE_SECONDS)
            self._progress = time.monotonic()
        deadline = time.monotonic() + limits.age
        while len(lane.buffer) < limits.messages and lane.bytes < limits.bytes and not stop.requested:
            left = deadline - time.monotonic()
            if left <= 0 or lane.lost:
                break
            lane.changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lane.changed.wait(), left)
        return self._take(lane)

    def _take(self, lane: _Lane) -> list[AbstractIncomingMessage]:
        batch: list[AbstractIncomingMessage] = []
        size = 0
        while lane.buffer and len(batch) < self._limits.messages and size < self._limits.bytes:
            message = lane.buffer.popleft()
            size += len(message.body)
            batch.append(message)
        lane.bytes -= size
        return batch

    async def _settle(self, lane: _Lane, batch: list[AbstractIncomingMessage], stop: Stop) -> None:
        endings = await self._handle(lane, [message.body for message in batch], stop)
        parked = [(message, ending) for message, ending in zip(batch, endings, strict=True) if ending]
        for message, ending in parked:
            logger.error(
                "message_parked",
                queue=self.queue,
                reason=ending.code,
                detail=str(ending),
                correlation_id=message.correlation_id,
            )
            await message.reject(requeue=False)
        done = [message for message, ending in zip(batch, endings, strict=True) if ending is None]
        if done:
            await done[-1].ack(multiple=True)
        lane.hold(-len(batch))
        metrics.CONSUMED.labels(self.queue, "done").inc(len(done))
        metrics.CONSUMED.labels(self.queue, "parked").inc(len(parked))

    async def _handle(self, lane: _Lane, bodies: list[bytes], stop: Stop) -> list[Ending]:
        started, attempt = time.monotonic(), 0
        while True:
            try:
                endings = await self._handler(bodies)
            except Retry as error:
                reason, is_defect = error.code, False
            except Exception as error:
                logger.exception("handler_failed", queue=self.queue, messages=len(bodies))
                if len(bodies) > 1:
                    return [(await self._handle(lane, [body], stop))[0] for body in bodies]
                if self._defects < MAX_DEFECTS:
                    self._defects += 1
                    return [Reject(f"{type(error).__name__} in the handler", code="handler_failed")]
                reason, is_defect = "handler_failed", True
            else:
                if None in endings:
                    self._defects = 0
                    return endings
                if self._defects + len(endings) <= MAX_DEFECTS:
                    self._defects += len(endings)
                    return endings
                if len(bodies) > 1:
                    return [(await self._handle(lane, [body], stop))[0] for body in bodies]
                reason, is_defect = str(endings[0].code) if endings[0] else "", True
            metrics.CONSUMED.labels(self.queue, "retried").inc(len(bodies))
            logger.warning("batch_waits", queue=self.queue, reason=reason, attempt=attempt)
            if lane.lost or stop.requested:
                raise _Lost
            if time.monotonic() - started > self._limits.outage:
                await self._stand_aside(lane, stop, at_least=DEFECT_SECONDS if is_defect else 0.0)
            await stop.sleep(self._backoff.pause(attempt))
            attempt += 1

    async def _stand_aside(self, lane: _Lane, stop: Stop, *, at_least: float) -> None:
        """Give the whole window back and wait until the work can be done again. Always raises _Lost.

        Each time costs its messages one of the deliveries the broker allows them, so where only a new deploy can
        help it is done seldom enough for those to last over a week.
        """
        logger.error("consumer_stands_aside", queue=self.queue)
        self._consuming = False
        with contextlib.suppress(aio_pika.exceptions.AMQPError, RuntimeError, OSError, TimeoutError):
            await asyncio.wait_for(lane.channel.close(), CONNECT_SECONDS)
        await stop.sleep(at_least)
        while not stop.requested and not await self._safely_usable():
            await stop.sleep(PROBE_SECONDS)
        raise _Lost

    async def _safely_usable(self) -> bool:
        try:
            return await self._usable()
        except Exception as error:  # whatever it is, the work cannot be done now
            logger.warning("not_usable", queue=self.queue, error=type(error).__name__)
            return False
