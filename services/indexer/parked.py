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
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import aio_pika
import asyncpg
import orjson
from aio_pika.abc import AbstractIncomingMessage

from services.indexer.jobs import Task
from services.indexer.settings import IndexerSettings
from shared import clock, ids, starting
from shared.bus.connection import close, connect
from shared.bus.parked import PARKED, Policy, described, first_of, requeue
from shared.db.failures import is_transient
from shared.errors import Reject, Unavailable
from shared.jobs import PARKED_DROP
from shared.lifecycle import Stop, to_stdout

# One that was kept before a kill, and is still in the queue, is there already.
KEEP = """
    INSERT INTO job_items (job_id, ordinal, target_id, status, reason, before)
    SELECT $1, coalesce(max(ordinal) + 1, 0), $2, 'done', $3, $4::text::jsonb FROM job_items WHERE job_id = $1
    ON CONFLICT (job_id, target_id) DO NOTHING
"""

Before = Callable[[AbstractIncomingMessage, dict[str, Any]], Awaitable[None]]


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
    before: Before | None = None,
    stop: Stop | None = None,
) -> Look:
    """List, requeue or drop those of the first `limit` messages of a parked queue that the policy takes, oldest first.

    `before` is done with each before it is requeued or dropped, which keeps a copy, and `tell` hears of it as soon as
    that is done; `rate` is how many a second at most. `stop` ends it between two messages.
    """
    policy, now = policy or Policy(), clock.now()
    connection = await connect(settings.rabbitmq_address, name="eventsec parked")
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        parked = await channel.get_queue(queue)
        looked_at = taken = 0
        async for message in first_of(parked, limit):
            if stop is not None and stop.requested:
                break
            looked_at += 1
            told = described(message)
            if not policy.takes(told, now):
                continue
            if action != "list" and before is not None:
                await before(message, told)
            if action == "requeue":
                await requeue(channel, message)
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


async def do(settings: IndexerSettings, pool: asyncpg.Pool, task: Task) -> dict[str, Any] | None:
    """What maintenance does of a job somebody asked for; None where it was stopped. Raises LeaseLost, EventSecError.

    What is dropped is kept with the job, for as long as that is, before it is given up. A job that a kill left half
    done goes on with what is left of its limit; the message it was at may be requeued twice, and is kept once.
    """
    wanted = task.parameters
    hours = wanted["older_than_hours"]
    older = None if hours is None else timedelta(hours=hours)
    policy = Policy(wanted["origin"], wanted["reason"], wanted["schema"], older, wanted["attempts"])
    drops = task.kind == PARKED_DROP

    async def before(message: AbstractIncomingMessage, told: dict[str, Any]) -> None:
        try:
            async with pool.acquire() as connection, connection.transaction():
                await task.hold(connection)
                if drops:
                    copy = _as_jsonb(message, told)
                    await connection.execute(KEEP, task.id, _content_id(message), told["reason"], copy)
        except Exception as error:
            if is_transient(error):
                raise Unavailable("the database is away", code="database_unavailable") from error
            raise

    def tell(_: dict[str, Any]) -> None:
        task.done += 1

    try:
        look = await carry_out(
            settings,
            "drop" if drops else "requeue",
            wanted["queue"],
            wanted["limit"] - task.done,
            tell=tell,
            policy=policy,
            rate=wanted["rate"],
            before=before,
            stop=task.stop,
        )
    except (aio_pika.exceptions.AMQPError, OSError, TimeoutError) as error:
        raise Unavailable(f"RabbitMQ did not do it: {type(error).__name__}", code="broker_away") from error
    if task.stop.requested:
        return None
    task.skipped = look.looked_at - look.taken
    return {"were_there": look.there, "matched": task.done}


def _content_id(message: AbstractIncomingMessage) -> UUID:
    """The same for the same message whenever it comes."""
    return ids.content_id(0, blake2b(f"{message.message_id}\0".encode() + message.body).digest())


def _as_jsonb(message: AbstractIncomingMessage, told: dict[str, Any]) -> str:
    """As `whole`; what only describes loses its NULs, which jsonb does not take."""
    return whole(message, told).decode().replace("\\u0000", "\\ufffd")


def to_file(file: Path) -> Before:
    """Append each message, whole, to the file, and see it on the disk before it is given up."""

    def write(line: bytes) -> None:
        file.touch(mode=0o600, exist_ok=True)
        with file.open("ab") as out:
            out.write(line + b"\n")
            out.flush()
            os.fsync(out.fileno())

    async def before(message: AbstractIncomingMessage, told: dict[str, Any]) -> None:
        await asyncio.to_thread(write, whole(message, told))

    return before


def whole(message: AbstractIncomingMessage, told: dict[str, Any]) -> bytes:
    """A message with its body, as JSON: what is kept of one that is dropped."""
    return orjson.dumps(told | {"body": base64.b64encode(message.body).decode()}, default=str)


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
                starting.read(IndexerSettings),
                options.action,
                options.queue,
                options.limit,
                tell=_print,
                policy=policy,
                rate=options.rate,
                before=to_file(options.keep) if options.action == "drop" and options.keep else None,
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
