"""Compares the rows of one part of Postgres with the documents of one index, by ids and versions, page by page.

What differs is looked at twice: a row that is under a minute old, or waits in `projection_pending`, is on its way
and no difference. The young ones can be looked at again when they are older.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.indexer.projection import EVENT, OF_LINE
from services.indexer.stores.opened import Stores
from shared import ids
from shared.normalise.event import Kind
from shared.search import versions

PAGE = 1000
SUSPECTS = 5000
AGAIN_SECONDS = 1.0
COUNT_SECONDS = 300
YOUNG_SECONDS = 60

LAST = UUID(int=(1 << 128) - 1)
Step = Callable[[int], Awaitable[None]]
Suspects = Sequence[UUID | str]


class Difference(StrEnum):
    """How a document differs from its row: not there, older, newer than the truth, or without a row."""

    MISSING = "missing"
    STALE = "stale"
    AHEAD = "ahead"
    TOO_MANY = "too_many"


class Row(NamedTuple):
    """A row as far as comparing needs it; an event has no version. `age` is the seconds since it changed."""

    version: int | None
    age: float

    @property
    def settled(self) -> bool:
        """Whatever is written of it has been by now."""
        return self.age >= YOUNG_SECONDS


class Finding(NamedTuple):
    """One document that differs, twice seen; `version` is the document's, where there is one.

    An id that is no UUID is none of ours: somebody else put the document there.
    """

    id: UUID | str
    difference: Difference
    version: int | None


@dataclass(frozen=True)
class Part:
    """The rows of one line whose ids lie in a range, and the index (bare name) that should hold them.

    `kind` is the events'; None for alerts and incidents.
    """

    line: str
    index: str
    kind: Kind | None = None
    low: UUID = ids.NIL
    high: UUID = LAST

    @property
    def row_kind(self) -> str:
        """What its rows are, as `projection_pending` has it."""
        return OF_LINE.get(self.line, EVENT)

    @property
    def rows(self) -> str:
        """The part of a statement that selects its rows between $1 and $2."""
        table = f"{self.line} WHERE" if self.kind is None else f"events WHERE kind = '{self.kind}' AND"
        return f"FROM {table} id >= $1 AND id < $2"

    @property
    def columns(self) -> str:
        """Id, version and age."""
        version, changed_at = ("version", "updated_at") if self.kind is None else ("NULL::bigint", "created_at")
        return f"id, {version} AS version, extract(epoch FROM now() - {changed_at})::float8 AS age"


def judge(row: Row | None, found: int | None, *, pending: bool) -> Difference | None:
    """What is wrong with a document of that version (None: there is none) beside that row; nothing if on its way."""
    if pending:
        return None
    if row is None:
        return None if found is None else Difference.TOO_MANY
    if found is None:
        return Difference.MISSING
    if row.version is None or row.version == found:
        return None
    return Difference.STALE if found < row.version else Difference.AHEAD


class Comparison:
    """One look at one part. `rows` and `documents` are how many were seen, once it is through.

    `young` are the rows under a minute old whose documents differ, with when they changed, by the monotonic clock.
    """

    def __init__(self, stores: Stores, part: Part, step: Step) -> None:
        self.rows = 0
        self.documents = 0
        self.young: dict[UUID, float] = {}
        self._stores = stores
        self._part = part
        self._step = step
        self._absent = 0

    async def findings(self) -> AsyncIterator[list[Finding]]:
        """All differences, some thousands at a time."""
        async for found in self._confirmed(self._by_rows()):
            yield found
        async for found in self._surplus():
            yield found

    async def _has_documents_without_rows(self) -> bool:
        """More documents than rows that have one, also with the rows that came behind their page.

        A document is written behind its row: rows counted behind the documents are no fewer.
        """
        rows = await self._stores.patiently(lambda: count_rows(self._stores, self._part))
        return self.documents > rows - self._absent

    async def by_rows(self) -> AsyncIterator[list[Finding]]:
        """Differences of rows only, when the part is a mere slice of its index."""
        async for found in self._confirmed(self._by_rows()):
            yield found

    async def grown(self) -> AsyncIterator[list[Finding]]:
        """What still differs of the young, for whoever waited; what they were lacking may have hidden a surplus."""
        young, self.young = list(self.young), {}
        for start in range(0, len(young), SUSPECTS):
            yield await self._again(young[start : start + SUSPECTS])
            await self._step(0)
        async for found in self._surplus():
            yield found

    async def _surplus(self) -> AsyncIterator[list[Finding]]:
        """Documents without a row, where there are more documents than rows that have one."""
        self.documents = await self._stores.patiently(self._count_documents)
        if self.documents > self.rows - self._absent and await self._has_documents_without_rows():
            async for found in self._confirmed(self._by_documents()):
                yield found

    async def _by_rows(self) -> AsyncIterator[Suspects]:
        """Ids of rows whose documents look wrong at first sight."""
        low = self._part.low
        while True:
            rows = await self._stores.patiently(lambda low=low: self._page(low))  # type: ignore[misc]
            if rows:
                found = await self._versions(list(rows))
                self.rows += len(rows)
                # The document of one that is not settled may come before they are counted.
                self._absent += sum(row.settled for one, row in rows.items() if one not in found)
                yield [one for one, row in rows.items() if judge(row, found.get(one), pending=False)]
                await self._step(len(rows))
            if len(rows) < PAGE:
                return
            low = UUID(int=max(rows).int + 1)

    async def _by_documents(self) -> AsyncIterator[Suspects]:
        """Ids of documents that look as if they had no row, by the numbers of their writes.

        That keeps nothing open in OpenSearch, where a reader is forgotten who takes minutes over mending, and reads
        nothing twice.
        """
        last, shards = await self._stores.patiently(self._last_written)
        writes = max(1, versions.MOST_IDS // max(1, shards))
        for low in range(0, last + 1, writes):
            held = await self._stores.patiently(lambda low=low: self._written(low, low + writes))  # type: ignore[misc]
            ours = [one for one in held if isinstance(one, UUID)]
            yield [one for one in held if isinstance(one, str)]
            for start in range(0, len(ours), PAGE):
                page = ours[start : start + PAGE]
                rows = await self._stores.patiently(lambda page=page: self._look_up(page))  # type: ignore[misc]
                yield [one for one in page if one not in rows]
            await self._step(0)

    async def _confirmed(self, suspects: AsyncIterator[Suspects]) -> AsyncIterator[list[Finding]]:
        waiting: list[UUID | str] = []
        async for some in suspects:
            waiting += some
            if len(waiting) >= SUSPECTS:
                yield await self._again(waiting)
                waiting = []
        if waiting:
            yield await self._again(waiting)

    async def _again(self, suspects: Suspects) -> list[Finding]:
        """The second look. Documents first: a row read behind its document is never older than that.

        What is pending is asked for before and behind: the projector may write a document, or somebody commit a
        change to its row, in between.
        """
        await asyncio.sleep(AGAIN_SECONDS)
        # No row can come for an id that is none of ours.
        findings = [Finding(one, Difference.TOO_MANY, None) for one in suspects if isinstance(one, str)]
        ours = [one for one in suspects if isinstance(one, UUID)]
        for start in range(0, len(ours), PAGE):
            part = ours[start : start + PAGE]
            pending = await self._stores.patiently(lambda part=part: self._pending(part))  # type: ignore[misc]
            found = await self._versions(part)
            pending |= await self._stores.patiently(lambda part=part: self._pending(part))  # type: ignore[misc]
            looked = time.monotonic()
            rows = await self._stores.patiently(lambda part=part: self._look_up(part))  # type: ignore[misc]
            for one in part:
                row = rows.get(one)
                difference = judge(row, found.get(one), pending=one in pending)
                if difference is not None and row is not None and not row.settled:
                    self.young[one] = looked - row.age
                elif difference is not None:
                    findings.append(Finding(one, difference, found.get(one)))
        return findings

    async def _versions(self, wanted: Sequence[UUID]) -> dict[UUID, int]:
        index = self._stores.names.of(self._part.index)
        return await self._stores.patiently(lambda: versions.of(self._stores.client, index, wanted))

    async def _last_written(self) -> tuple[int, int]:
        return await versions.last_written(self._stores.client, self._stores.names.of(self._part.index))

    async def _written(self, low: int, high: int) -> list[UUID | str]:
        return await versions.written(self._stores.client, self._stores.names.of(self._part.index), low, high)

    async def _page(self, low: UUID) -> dict[UUID, Row]:
        part = self._part
        sql = f"SELECT {part.columns} {part.rows} ORDER BY id LIMIT {PAGE}"
        return _rows(await self._stores.pool.fetch(sql, low, part.high))

    async def _look_up(self, wanted: Sequence[UUID]) -> dict[UUID, Row]:
        part = self._part
        sql = f"SELECT {part.columns} {part.rows} AND id = ANY($3::uuid[])"
        return _rows(await self._stores.pool.fetch(sql, part.low, part.high, wanted))

    async def _pending(self, wanted: Sequence[UUID]) -> set[UUID]:
        sql = "SELECT id FROM projection_pending WHERE kind = $1 AND id = ANY($2::uuid[])"
        return {row["id"] for row in await self._stores.pool.fetch(sql, self._part.row_kind, wanted)}

    async def _count_documents(self) -> int:
        return await versions.count(self._stores.client, self._stores.names.of(self._part.index))


async def count_rows(stores: Stores, part: Part, *, within: int = COUNT_SECONDS) -> int:
    """Rows of a part; over millions this takes longer than other statements may. Raises what a time-out raises."""
    async with stores.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = '{within}s'")
        sql = f"SELECT count(*) {part.rows}"
        return int(await connection.fetchval(sql, part.low, part.high, timeout=within + 5))


def _rows(records: Sequence[object]) -> dict[UUID, Row]:
    return {record["id"]: Row(record["version"], record["age"]) for record in records}  # type: ignore[index]
