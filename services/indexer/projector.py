"""Brings OpenSearch up to what Postgres holds: rows that were left pending, and rows that people changed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.indexer import projection
from services.indexer.folding import Connection
from services.indexer.periods import PeriodBook
from services.indexer.projection import CHANGING, EVENT, Gone, Item, Projection
from services.indexer.receipts import mark_searchable
from services.indexer.store import Stored
from services.indexer.transient import infrastructure
from shared import crash, log, metrics
from shared.bus.consumer import Ending
from shared.bus.messages import Changed, decode
from shared.errors import Reject
from shared.lifecycle import Stop

logger = log.get(__name__)

CHUNK = 1000
MOST_READ = 500
"""Alerts or incidents at once, with their notes; a message of a bulk action names 200."""
IDLE_SECONDS = 1.0
LEASE = timedelta(seconds=60)

# Taking a row moves its next try a minute on, so that two projectors share the work and a dead one's comes back.
LEASE_DUE = """
    UPDATE projection_pending p SET next_try_at = now() + $2
    FROM (SELECT kind, id FROM projection_pending WHERE next_try_at <= now()
          ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
    WHERE p.kind = due.kind AND p.id = due.id
    RETURNING p.kind, p.id, p.organization_id, p.event_kind, p.version, p.batch_id, p.attempts
"""

FORGET = """
    DELETE FROM projection_pending p USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS d (kind, id, version)
    WHERE p.kind = d.kind AND p.id = d.id AND p.version <= d.version
"""


class Projector:
    """Drains `projection_pending` and handles `records.changed`."""

    def __init__(self, pool: asyncpg.Pool, periods: PeriodBook, to_search: Projection) -> None:
        self._pool = pool
        self._periods = periods
        self._projection = to_search

    async def run(self, stop: Stop) -> None:
        """Catch up for ever: at once while there is something due, else once a second."""
        while not stop.requested:
            done = 0
            try:
                done = await self.catch_up()
            except Exception:  # the loop outlives any failure, the rows are still there
                metrics.BACKGROUND_FAILURES.labels("projector").inc()
                logger.exception("projector_failed")
            if not done and await stop.sleep(IDLE_SECONDS):
                return

    async def catch_up(self) -> int:
        """Project up to 1,000 due rows; returns how many reached OpenSearch."""
        if self._projection.resting:
            return 0
        async with self._pool.acquire() as connection:
            due = await connection.fetch(LEASE_DUE, CHUNK, LEASE)
            await self._periods.know(connection, [row["id"] for row in due if row["kind"] == EVENT])
            items = await self._read(connection, due)
        if not due:
            return 0
        results = await self._projection.write(items)
        pairs = list(zip(items, results, strict=True))
        done = [item for item, result in pairs if result.done]
        waiting = [pair for pair in pairs if not pair[1].done]
        crash.point("projector_before_forget")
        gone = await self._remove(_gone(due, items))
        batches = {item.batch_id for item in done if item.batch_id}
        async with self._pool.acquire() as connection, connection.transaction():
            await forget(connection, [(item.kind, item.id, item.version) for item in done] + gone)
            if waiting:
                await projection.remember(connection, waiting)
            await mark_searchable(connection, batches)
        # Once more: of two projectors that finish a batch at once neither sees what the other has just forgotten.
        async with self._pool.acquire() as connection:
            await mark_searchable(connection, batches)
        for _, result in pairs:
            metrics.PROJECTED.labels(result.ending).inc()
        logger.info("projection_caught_up", done=len(done), waiting=len(waiting), gone=len(gone))
        return len(done) + len(gone)

    async def settle_changed(self, bodies: list[bytes]) -> list[Ending]:
        """Project the rows that these messages name; ids only, so a hundred changes of a row are one write."""
        endings: list[Ending] = []
        changed: dict[str, set[UUID]] = {kind: set() for kind in CHANGING}
        for body in bodies:
            try:
                message = decode(body, Changed)
                endings.append(None)
            except Reject as reject:
                endings.append(reject)
                continue
            if message.kind in changed:
                changed[message.kind].update(message.ids)
        with infrastructure():
            for kind, wanted in changed.items():
                await self._project(kind, sorted(wanted))
        return endings

    async def _project(self, kind: str, wanted: Sequence[UUID]) -> None:
        for at in range(0, len(wanted), MOST_READ):
            async with self._pool.acquire() as connection:
                items = await projection.read_changing(connection, kind, wanted[at : at + MOST_READ])
            await projection.project(self._pool, self._projection, items)

    async def _remove(self, gone: Sequence[Gone]) -> list[tuple[str, object, int]]:
        """Take the documents of rows that are gone out of search; what is done of that, and can be forgotten."""
        removed = await self._projection.remove(gone) if gone else []
        return [(one.kind, one.id, one.version) for one, done in zip(gone, removed, strict=True) if done]

    async def _read(self, connection: Connection, due: Sequence[asyncpg.Record]) -> list[Item]:
        events = [Stored(row["event_kind"], row["id"], b"", None) for row in due if row["kind"] == EVENT]
        items = await projection.read_events(connection, events, self._periods)
        for kind in CHANGING:
            wanted = [row["id"] for row in due if row["kind"] == kind]
            items += await projection.read_changing(connection, kind, wanted)
        attempts = {(row["kind"], row["id"]): row["attempts"] for row in due}
        return [item.after(attempts[item.kind, item.id]) for item in items]


async def forget(connection: Connection, done: Sequence[tuple[str, object, int]]) -> None:
    """Delete pending rows that are projected at their version or a later one."""
    if done:
        await connection.execute(FORGET, *zip(*sorted(done, key=lambda row: row[:2]), strict=True))


def _gone(due: Sequence[asyncpg.Record], items: Sequence[Item]) -> list[Gone]:
    """Pending rows whose row is no longer in Postgres: retention took it."""
    found = {(item.kind, item.id) for item in items}
    return [
        Gone(row["kind"], row["id"], row["version"], row["event_kind"])
        for row in due
        if (row["kind"], row["id"]) not in found
    ]
