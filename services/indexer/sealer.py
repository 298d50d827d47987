"""Puts the audit's new entries into their organizations' chains, within a second of their commit.

Not in the transaction that writes an entry: the end of a chain would be a row that everybody waits for. Entries are
sealed in the order of their ids, those of one run; one that was committed later stands later, whatever its id.
"""

import json
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import asyncpg

from shared import log, metrics
from shared.db.locks import CLASS, Lock
from shared.domain.audit import FIRST, sealed
from shared.lifecycle import Stop, repeat

logger = log.get(__name__)

EVERY_SECONDS = 0.5
CHUNK = 1000

WAITING = """
    SELECT a.* FROM audit_pending p JOIN audit_log a ON a.id = p.audit_id
    ORDER BY a.organization_id, a.id LIMIT $1
"""

HEADS = """
    SELECT DISTINCT ON (organization_id) organization_id, sequence, hash FROM audit_seals
    WHERE organization_id = ANY($1::uuid[]) ORDER BY organization_id, sequence DESC
"""

SEAL = """
    INSERT INTO audit_seals (organization_id, sequence, audit_id, hash)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bytea[])
"""

FORGET = "DELETE FROM audit_pending WHERE audit_id = ANY($1::uuid[])"


class Sealer:
    """One at a time, whichever process it is."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def run(self, stop: Stop) -> None:
        """Seal twice a second until `stop`."""
        await repeat("sealer", partial(self.seal_all, stop), every=EVERY_SECONDS, stop=stop)

    async def seal_all(self, stop: Stop) -> None:
        """Seal all that waits now."""
        while await self.seal() == CHUNK and not stop.requested:
            pass

    async def seal(self) -> int:
        """Seal up to 1,000 entries; how many. 0 too when another process is at it."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", CLASS, Lock.SEAL):
                return 0
            rows = await connection.fetch(WAITING, CHUNK)
            if not rows:
                return 0
            seals = _chained([entry(row) for row in rows], await _heads(connection, rows))
            await connection.execute(SEAL, *zip(*seals, strict=True))
            await connection.execute(FORGET, [row["id"] for row in rows])
        metrics.AUDIT_SEALED.inc(len(rows))
        return len(rows)


def entry(row: asyncpg.Record) -> dict[str, Any]:
    """A row of `audit_log` as what is hashed: its JSON columns as values."""
    return dict(row) | {name: json.loads(row[name]) for name in ("changes", "details")}


def _chained(
    entries: list[dict[str, Any]], heads: dict[UUID, tuple[int, bytes]]
) -> list[tuple[UUID, int, UUID, bytes]]:
    seals = []
    for organization_id, some in groupby(entries, key=itemgetter("organization_id")):
        sequence, before = heads.get(organization_id, (0, FIRST))
        for one in some:
            sequence, before = sequence + 1, sealed(before, one)
            seals.append((organization_id, sequence, one["id"], before))
    return seals


async def _heads(connection: Any, rows: list[asyncpg.Record]) -> dict[UUID, tuple[int, bytes]]:
    found = await connection.fetch(HEADS, list({row["organization_id"] for row in rows}))
    return {row["organization_id"]: (row["sequence"], row["hash"]) for row in found}
