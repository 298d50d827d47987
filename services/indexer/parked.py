"""`python -m services.indexer.parked list|requeue|drop QUEUE`: the dead letters, and the way back for them.

A message is only taken off a parked queue once the broker has confirmed its copy on the work queue, so a
requeue may double a message (which is harmless) and never loses one. A drop keeps a copy in a file, unless
told that it is for good.
"""

import argparse
import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aio_pika
import msgspec
import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from services.indexer.settings import IndexerSettings
from shared import clock
from shared.bus import topology
from shared.bus.connection import close, connect
from shared.bus.messages import unpack
from shared.errors import Reject
from shared.lifecycle import to_stdout

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
        "at": deaths[0].get("time"),
        "attempt": _attempt(message),
        "schema": message.headers.get("x-schema"),
        "correlation_id": message.correlation_id,
        "bytes": len(message.body),
        "head": head.decode("utf-8", "replace"),
    }


def _attempt(message: AbstractIncomingMessage) -> int:
    return int(str(message.headers.get("x-attempt") or 1))


class Look(NamedTuple):
    """How many messages were there, how many of them were looked at, and how many of those the policy took."""

    there: int
    looked_at: int
    taken: int

    def words(self, queue: str) -> str:
        """For whoever asked."""
        if not self.looked_at:
            return f"nothing is in {queue}"
        return f"{self.taken or 'none'} of the first {self.looked_at} match; {self.there} were in {queue}"


async def carry_out(
    settings: IndexerSettings,
    action: str,
    queue: str,
    limit: int,
    *,
    tell: Callable[[dict[str, Any]], object],
    policy: Policy | None = None,
    rate: float | None = None,
    keep: Path | None = None,
) -> Look:
    """List, requeue or drop those of the first `limit` messages of a parked queue that the policy takes, oldest first.

    `tell` hears of each as soon as it is done; `rate` is how many a second at most; `keep` a file that gets a copy
    of each before it is dropped.
    """
    policy, now = policy or Policy(), clock.now()
    connection = await connect(settings.rabbitmq_url.get_secret_value(), name="eventsec parked")
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        parked = await channel.get_queue(queue)
        looked_at = taken = 0
        async for message in _messages(parked, limit):
            looked_at += 1
            told = described(message)
            if not policy.takes(told, now):
                continue
            if action == "requeue":
                await _requeue(channel, message)
            elif action == "drop" and keep is not None:
                await asyncio.to_thread(_keep, keep, message, told)
            if action != "list":
                await message.ack()
            taken += 1
            tell(told)
            if action != "list":
                await asyncio.sleep(1 / rate if rate else 0)
        # What was not taken goes back to the queue when the channel closes.
        return Look(parked.declaration_result.message_count or 0, looked_at, taken)
    finally:
        await close(connection)


async def _messages(queue: AbstractQueue, limit: int) -> AsyncIterator[AbstractIncomingMessage]:
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


def _keep(file: Path, message: AbstractIncomingMessage, told: dict[str, Any]) -> None:
    """Append the message, whole, and see it on the disk before it is given up."""
    line = orjson.dumps(told | {"body": base64.b64encode(message.body).decode()}, default=str)
    file.touch(mode=0o600, exist_ok=True)
    with file.open("ab") as out:
        out.write(line + b"\n")
        out.flush()
        os.fsync(out.fileno())


def main() -> int:
    """Parse the command line and print one JSON line per message; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.indexer.parked", description=__doc__)
    parser.add_argument("action", choices=["list", "requeue", "drop"])
    parser.add_argument("queue", choices=PARKED)
    parser.add_argument("--limit", type=int, default=100, help="most messages to look at (default 100)")
    parser.add_argument("--origin", help="only messages that came from this work queue")
    parser.add_argument("--reason", help="only messages parked for this reason (rejected, delivery_limit)")
    parser.add_argument("--schema", help="only messages of this schema, such as EventBatch.v1")
    parser.add_argument("--older-than", type=float, metavar="HOURS", help="only messages parked longer ago")
    parser.add_argument("--attempts", type=int, help="only messages that were tried at most so often")
    parser.add_argument("--rate", type=float, help="requeue, drop: most messages a second")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="drop: append a copy of each message to this file")
    parser.add_argument("--for-good", action="store_true", help="drop: keep no copy; what it held is lost")
    options = parser.parse_args()
    if options.action == "drop" and options.keep is None and not options.for_good:
        parser.error("a drop loses what was accepted: say --keep FILE, or --for-good")
    older = None if options.older_than is None else timedelta(hours=options.older_than)
    policy = Policy(options.origin, options.reason, options.schema, older, options.attempts)
    try:
        look = asyncio.run(
            carry_out(
                IndexerSettings(),
                options.action,
                options.queue,
                options.limit,
                tell=_print,
                policy=policy,
                rate=options.rate,
                keep=options.keep,
            )
        )
    except Reject as reject:
        sys.stderr.write(f"parked: {reject}\n")
        return 1
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
        where = "EVENTSEC_RABBITMQ_URL says where it is"
        sys.stderr.write(f"parked: RabbitMQ did not do it ({type(error).__name__}: {error}); {where}\n")
        return 1
    sys.stderr.write(f"{look.words(options.queue)}\n")
    return 0


def _print(told: dict[str, Any]) -> None:
    to_stdout(orjson.dumps(told, default=str) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
