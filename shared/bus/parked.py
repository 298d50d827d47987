"""The dead letters: what an operator is told of a parked message, which ones an action is for, and the way back.

A message that was looked at and not acknowledged is in its queue again when the channel closes.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import aio_pika
import msgspec
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from shared.bus import topology
from shared.bus.messages import unpack
from shared.errors import Reject

PARKED = tuple(queue.name for queue in topology.QUEUES if queue.parked is None)
FIRST_BYTES = 120
CONFIRM_SECONDS = 10.0


class Policy(msgspec.Struct, frozen=True):
    """Which parked messages an action is for; all of them where nothing is said.

    `origin` is the work queue they came from, `reason` the broker's word (`rejected`, `delivery_limit`); `attempts`
    is how often a message may have been tried at most, so that one that always fails is not requeued for ever.
    """

    origin: str | None = None
    reason: str | None = None
    schema: str | None = None
    older_than: timedelta | None = None
    attempts: int | None = None

    def takes(self, told: dict[str, Any], now: datetime) -> bool:
        """True for a message described like this, at this moment."""
        return (
            self.origin in {None, told["queue"]}
            and self.reason in {None, told["reason"]}
            and self.schema in {None, told["schema"]}
            and (self.older_than is None or (told["at"] is not None and told["at"] <= now - self.older_than))
            and (self.attempts is None or told["attempt"] <= self.attempts)
        )


def described(message: AbstractIncomingMessage) -> dict[str, Any]:
    """What an operator wants to know of one parked message."""
    deaths: Any = message.headers.get("x-death") or [{}]
    try:
        head = unpack(message.body)[:FIRST_BYTES]
    except Reject as reject:
        head = f"<{reject.code}>".encode()
    return {
        "message_id": message.message_id,
        "queue": _origin(message),
        "reason": deaths[0].get("reason"),
        "at": deaths[0].get("time"),
        "attempt": _attempt(message),
        "schema": _schema(message),
        "correlation_id": message.correlation_id,
        "bytes": len(message.body),
        "head": head.decode("utf-8", "replace"),
    }


async def first_of(queue: AbstractQueue, limit: int) -> AsyncIterator[AbstractIncomingMessage]:
    """The first messages of a queue, the oldest first, each to be acknowledged by whoever takes it."""
    for _ in range(limit):
        message = await queue.get(no_ack=False, fail=False, timeout=CONFIRM_SECONDS)
        if message is None:
            return
        yield message


async def requeue(channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
    """Publish a copy to the queue the message came from, and wait for the broker's confirm."""
    queue = _origin(message)
    if queue is None:
        raise Reject(f"message {message.message_id} does not say which queue it came from")
    headers = {name: value for name, value in message.headers.items() if not name.startswith("x-")}
    headers["x-schema"] = message.headers.get("x-schema")
    headers["x-attempt"] = _attempt(message) + 1
    copy = aio_pika.Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        correlation_id=message.correlation_id,
        message_id=message.message_id,
    )
    await channel.default_exchange.publish(copy, queue, timeout=CONFIRM_SECONDS)


def _origin(message: AbstractIncomingMessage) -> str | None:
    """The work queue a parked message came from, as the broker noted it."""
    deaths: Any = message.headers.get("x-death")
    return str(deaths[0]["queue"]) if deaths else None


def _schema(message: AbstractIncomingMessage) -> str | None:
    schema = message.headers.get("x-schema")
    return None if schema is None else str(schema)


def _attempt(message: AbstractIncomingMessage) -> int:
    return int(str(message.headers.get("x-attempt") or 1))
