"""Maintenance's own look at drift: one part a turn, by counts, and a few thousand rows that change by version.

Cheap enough for a loop that does other things as well. What it finds is for `drift` to look into.
"""

from collections import Counter
from uuid import UUID

from services.indexer.stores import parts
from services.indexer.stores.compare import LAST, Comparison, Difference, Part, count_rows
from services.indexer.stores.opened import Stores
from shared import ids, log, metrics
from shared.search import versions

logger = log.get(__name__)

# What is stored can be found after so long, unless it is pending.
LAG_SECONDS = 3.0
SLICE = 5000
# What cannot be counted within that is left for `drift`: maintenance has other things to do.
COUNT_SECONDS = 20

PENDING = "SELECT count(*) FROM projection_pending WHERE kind = $1 AND id >= $2 AND id < $3"
SLICE_ENDS = f"SELECT id FROM {{table}} WHERE id >= $1 ORDER BY id OFFSET {SLICE} LIMIT 1"


class DriftWatch:
    """Looks at one part after another; remembers what it saw of each."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._latest = ""
        self._suspected: dict[str, int] = {}
        # Slices by their number: where they begin moves as rows come and go.
        self._found: dict[tuple[str, int | None], dict[Difference, int]] = {}
        self._next_slice: dict[str, tuple[int, UUID]] = {}

    async def look(self) -> None:
        """Look at the next part, and set the gauges."""
        around = await parts.look_around(self._stores)
        by_index = {part.index: part for part in around.parts}
        before = self._latest
        index = next((name for name in sorted(by_index) if name > before), min(by_index))
        # At once: one that cannot be looked at must not keep the others from their turn.
        self._latest = index
        self._found = {key: found for key, found in self._found.items() if key[0] in by_index}
        await self._count(by_index[index])
        if by_index[index].kind is None:
            await self._stale(by_index[index])
        if index in self._suspected:
            self._latest = before
        metrics.DRIFT_LOOKS.inc()
        for sort in Difference:
            metrics.DRIFT.labels(sort).set(sum(found.get(sort, 0) for found in self._found.values()))
        metrics.DRIFT.labels("hidden").set(len(around.hidden))
        metrics.DRIFT.labels("orphan").set(len(around.orphans))
        for name, alias in (around.hidden | around.orphans).items():
            logger.warning("drift_suspected", index=name, alias=alias, hint=_hint(name))

    async def _count(self, part: Part) -> None:
        """A surplus counts when the next turn sees it as well: a batch that took its time is no drift."""
        surplus = await self._surplus(part)
        before = self._suspected.pop(part.index, 0)
        if surplus and not before:
            self._suspected[part.index] = surplus
        elif surplus * before > 0:
            self._note((part.index, None), {Difference.TOO_MANY if surplus > 0 else Difference.MISSING: abs(surplus)})
        else:
            self._note((part.index, None), {})

    def _note(self, key: tuple[str, int | None], found: dict[Difference, int]) -> None:
        self._found[key] = found
        if found:
            logger.warning("drift_suspected", index=key[0], **found, hint=_hint(key[0]))

    async def _surplus(self, part: Part) -> int:
        """Documents too many, or below zero too few; 0 when the counts fit.

        A document is written behind its row. So documents counted first are never more than rows counted later,
        and rows counted first are never more than documents counted a while later and what is pending.
        """
        client, index = self._stores.client, self._stores.names.of(part.index)
        before = await versions.count(client, index, refresh=False)
        rows = await count_rows(self._stores, part, within=COUNT_SECONDS)
        if before > rows:
            return before - rows
        await self._stores.stop.sleep(LAG_SECONDS)
        pending = await self._stores.pool.fetchval(PENDING, part.row_kind, part.low, part.high)
        after = await versions.count(client, index)
        return min(0, after + int(pending) - rows)

    async def _stale(self, part: Part) -> None:
        """The next slice of alerts or of incidents, by version."""
        number, low = self._next_slice.get(part.line, (0, ids.NIL))
        high: UUID | None = await self._stores.pool.fetchval(SLICE_ENDS.format(table=part.line), low)
        self._next_slice[part.line] = (number + 1, high) if high else (0, ids.NIL)
        comparison = Comparison(self._stores, Part(part.line, part.index, None, low, high or LAST), _no_step)
        found: Counter[Difference] = Counter()
        async for findings in comparison.by_rows():
            found.update(finding.difference for finding in findings)
        # What is missing was counted already.
        del found[Difference.MISSING]
        self._note((part.index, number), dict(found))
        if high is None:
            self._found = {
                key: found for key, found in self._found.items() if key[0] != part.index or (key[1] or 0) <= number
            }


async def _no_step(_: int) -> None:
    """Nothing to be told: a slice is small."""


def _hint(index: str) -> str:
    return f"python -m services.indexer.stores drift --index {index}"
