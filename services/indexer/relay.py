"""Publishes what transactions left in the outbox, and deletes each row only after the broker's confirm."""

import asyncio

import asyncpg

from shared import crash, ids, log, metrics
from shared.bus.messages import Changed, encode
from shared.bus.publisher import Publisher
from shared.errors import Unavailable
from shared.lifecycle import Stop

logger = log.get(__name__)

CHUNK = 200
IDLE_SECONDS = 0.25
CONFIRM_SECONDS = 5.0

# The rows stay locked until they are published and deleted, so that two relays share the work. Not by
# "id greater than the last": ids are not handed out in the order of commits.
TAKE = """
    SELECT id, organization_id, routing_key, kind, ids, correlation_id, traceparent FROM outbox
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""


class Relay:
    """Moves rows of `outbox` to the bus; a crash in between publishes a row twice, never not at all."""

    def __init__(self, pool: asyncpg.Pool, publisher: Publisher) -> None:
        self._pool = pool
        self._publisher = publisher

    async def run(self, stop: Stop) -> None:
        """Relay for ever: at once while there are rows, else four times a second."""
        while not stop.requested:
            moved = 0
            try:
                moved = await self.move()
            except Unavailable as error:
                logger.warning("relay_waits", reason=error.code)
            except Exception:  # the loop outlives any failure, the rows are still there
                metrics.BACKGROUND_FAILURES.labels("relay").inc()
                logger.exception("relay_failed")
            if moved < CHUNK and await stop.sleep(IDLE_SECONDS):
                return

    async def move(self) -> int:
        """Publish and delete up to 200 rows; returns how many. Raises Unavailable when the broker is away."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(TAKE, CHUNK)
            if not rows:
                return 0
            async with asyncio.timeout(CONFIRM_SECONDS * 2):
                results = await asyncio.gather(*map(self._publish, rows), return_exceptions=True)
            crash.point("relay_after_publish")
            moved = [row["id"] for row, result in zip(rows, results, strict=True) if result is None]
            await connection.execute("DELETE FROM outbox WHERE id = ANY($1::uuid[])", moved)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(moved)

    async def _publish(self, row: asyncpg.Record) -> None:
        await self._publisher.publish(
            encode(Changed(row["organization_id"], row["kind"], list(row["ids"]))),
            routing_key=row["routing_key"],
            schema="Changed.v1",
            correlation_id=row["correlation_id"] or str(ids.uuid7()),
            traceparent=row["traceparent"],
            timeout=CONFIRM_SECONDS,
        )
