"""`python -m services.indexer.parked list|requeue|drop QUEUE`: the dead letters, and the way back for them.

A message is only taken off a parked queue once the broker has confirmed its copy on the work queue, so a
requeue may double a message (which is harmless) and never loses one.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import aio_pika
import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from services.indexer.settings import IndexerSettings
from shared.bus import topology
from shared.bus.connection import close, connect
from shared.bus.messages import unpack
from shared.errors import Reject

PARKED = tuple(queue.name for queue in topology.QUEUES if queue.parked is None)
FIRST_BYTES = 120
CONFIRM_SECONDS = 10.0


def origin(message: AbstractIncomingMessage) -> str | None:
    """The work queue a parked message came from, as the broker noted it."""
    deaths: Any = message.headers.get("x-death")
    return str(deaths[0]["queue"]) if deaths else None


def described(message: AbstractIncomingMessage) -> dict[str, Any]:
    """What an operator wants to know of one parked message."""
    deaths: Any = message.headers.get("x-death") or [{}]
    try:
        head = unpack(message.body)[:FIRST_BYTES]
    except Reject as reject:
        head = f"<{reject.code}>".encode()
    return {
        "message_id": message.message_id,
        "queue": origin(message),
        "reason": deaths[0].get("reason"),
        "at": str(deaths[0].get("time")),
        "schema": message.headers.get("x-schema"),
        "correlation_id": message.correlation_id,
        "bytes": len(message.body),
        "head": head.decode("utf-8", "replace"),
    }


async def carry_out(settings: IndexerSettings, action: str, queue: str, limit: int) -> list[dict[str, Any]]:
    """List, requeue or drop up to `limit` messages of a parked queue, oldest first; returns what they were."""
    connection = await connect(settings.rabbitmq_url.get_secret_value(), name="eventsec parked")
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        done = []
        async for message in _messages(channel, queue, limit):
            done.append(described(message))
            if action == "requeue":
                await _requeue(channel, message)
            if action != "list":
                await message.ack()
        # What was only listed goes back to the queue when the channel closes.
        return done
    finally:
        await close(connection)


async def _messages(channel: AbstractChannel, name: str, limit: int) -> AsyncIterator[AbstractIncomingMessage]:
    queue = await channel.get_queue(name)
    for _ in range(limit):
        message = await queue.get(no_ack=False, fail=False, timeout=CONFIRM_SECONDS)
        if message is None:
            return
        yield message


async def _requeue(channel: AbstractChannel, message: AbstractIncomingMessage) -> None:
    """Publish a copy to the queue the message came from, and wait for the broker's confirm."""
    queue = origin(message)
    if queue is None:
        raise Reject(f"message {message.message_id} does not say which queue it came from")
    headers = {name: value for name, value in message.headers.items() if not name.startswith("x-")}
    headers["x-schema"] = message.headers.get("x-schema")
    headers["x-attempt"] = int(str(message.headers.get("x-attempt") or 1)) + 1
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


def main() -> int:
    """Parse the command line and print one JSON line per message; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.indexer.parked", description=__doc__)
    parser.add_argument("action", choices=["list", "requeue", "drop"])
    parser.add_argument("queue", choices=PARKED)
    parser.add_argument("--limit", type=int, default=100, help="most messages to look at (default 100)")
    options = parser.parse_args()
    try:
        done = asyncio.run(carry_out(IndexerSettings(), options.action, options.queue, options.limit))
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
        sys.stderr.write(f"parked: RabbitMQ did not do it ({type(error).__name__}: {error})\n")
        return 1
    for entry in done:
        sys.stdout.write(orjson.dumps(entry).decode() + "\n")
    if not done:
        sys.stderr.write(f"nothing is in {options.queue}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
