"""Drift: where OpenSearch differs from Postgres, period by period; and its repair, through the projector's own path."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.indexer import projection
from services.indexer.projection import Gone
from services.indexer.stores import compare, parts
from services.indexer.stores.compare import PAGE, Comparison, Difference, Finding, Part
from services.indexer.stores.job import KEY, Job
from services.indexer.stores.opened import Stores
from services.indexer.stores.parts import Surroundings
from shared import clock, log
from shared.errors import NotFound
from shared.search import bulk, indices, versions
from shared.search.bulk import Operation

logger = log.get(__name__)

EXAMPLES = 10
# What was seen longer ago says little about now.
REMEMBERED = timedelta(hours=1)
# What a comparison left half done had seen is no more, once documents are mended.
OVERTAKE = f"""
    UPDATE process_controls SET value = value || jsonb_build_object('finished_at', $2::text, 'outcome', 'cancelled')
    WHERE key = '{KEY}drift' AND key <> $1 AND value ->> 'finished_at' IS NULL
"""
COMPARING, WAITING = "comparing", "waiting for young rows"


@dataclass
class Report:
    """What one look at one index found. `repaired` of the differences were mended; `ahead` never are.

    `young` rows are no differences yet: their documents are on their way as a rule.
    """

    index: str
    rows: int = 0
    documents: int = 0
    differences: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, Difference), 0))
    examples: dict[str, list[str]] = field(default_factory=dict)
    hidden: bool = False
    orphan: bool = False
    outdated: bool = False
    young: int = 0
    repaired: int = 0
    seconds: float = 0.0

    @property
    def drifted(self) -> int:
        """Differences that are left, an index that cannot be read or has no business counting as one more."""
        return sum(self.differences.values()) + self.hidden + self.orphan - self.repaired

    def add(self, findings: Sequence[Finding]) -> None:
        """Count differences, and keep the first few of each sort by name."""
        for sort, number in Counter(finding.difference.value for finding in findings).items():
            self.differences[sort] += number
        for finding in findings:
            named = self.examples.setdefault(finding.difference.value, [])
            if len(named) < EXAMPLES:
                named.append(str(finding.id))


async def run(stores: Stores, job: Job, *, repair: bool, only: str | None = None) -> dict[str, Any]:
    """Look at all parts, or the index `only`, and repair them if asked to; what was found, for `--json`.

    A repair waits for rows that were young when it began, and looks at them again. Goes on behind the parts that a
    process killed within the last hour was through with. Raises NotFound for an unknown index.
    """
    began = time.monotonic()
    around = await stores.patiently(lambda: parts.look_around(stores))
    wanted = [part for part in around.parts if only in (None, part.index, part.line)]
    orphans = [index for index in around.orphans if only in (None, index)]
    if not wanted and not orphans:
        raise NotFound(f"no index {only}")
    if repair:
        await stores.pool.execute(OVERTAKE, KEY + job.name, clock.isoformat(clock.now()))
    if _goes_on(job, only):
        # Which rows were young then, nobody knows any more.
        known = {index: one for index, one in job.state["reports"].items() if not (repair and one.get("young"))}
        await job.save(phase=COMPARING, done=len(known), reports=known)
    else:
        await job.begin(phase=COMPARING, done=0, total=len(wanted) + len(orphans), only=only, reports={})
    reports: dict[str, Any] = job.state["reports"]
    looks = []
    for part in wanted:
        if part.index not in reports:
            look = Look(stores, part, job, repair=repair)
            reports[part.index] = asdict(await look.first(around))
            await job.save(reports=reports, done=len(reports))
            looks.append(look)
    for index in orphans:
        if index not in reports and (report := await look_at_orphan(stores, index, repair=repair)):
            reports[index] = asdict(report)
            await job.save(reports=reports, done=len(reports))
    for look in looks:
        if repair and look.report.young:
            if (changed := look.changed_before(began)) is not None:
                await _settle(stores, job, until=changed + compare.YOUNG_SECONDS + 1)
                await job.save(phase=COMPARING)
            reports[look.report.index] = asdict(await look.again())
            await job.save(reports=reports)
    result = summary(reports.values())
    await job.finish("drift" if result["drift"] else "equal")
    return result


def _goes_on(job: Job, only: str | None) -> bool:
    """Whether an earlier process was lately at the same."""
    return job.unfinished and job.state.get("only") == only and job.is_recent(REMEMBERED)


async def _settle(stores: Stores, job: Job, *, until: float) -> None:
    """Wait until that moment of the monotonic clock; a job that is to end is heard meanwhile."""
    while (left := until - time.monotonic()) > 0:
        await job.save(phase=WAITING)
        await stores.stop.sleep(min(left, 1.0))


def summary(reports: Any) -> dict[str, Any]:
    """The reports with their totals, by what people ask first."""
    listed = [Report(**report) for report in reports]
    totals = {sort.value: sum(report.differences[sort] for report in listed) for sort in Difference}
    return {
        "checked_at": clock.isoformat(clock.now()),
        "drift": any(report.drifted for report in listed),
        **totals,
        "young": sum(report.young for report in listed),
        "repaired": sum(report.repaired for report in listed),
        "parts": [asdict(report) for report in listed],
    }


class Look:
    """One look at one part, by ids and versions, mending what differs if asked to; and another at what was young."""

    def __init__(self, stores: Stores, part: Part, job: Job, *, repair: bool) -> None:
        self.report = Report(part.index)
        self._stores, self._part, self._job, self._repair = stores, part, job, repair
        self._comparison = Comparison(stores, part, self._step)

    def changed_before(self, moment: float) -> float | None:
        """When the last of the young changed that did so before that moment; None if there is none."""
        return max((changed for changed in self._comparison.young.values() if changed <= moment), default=None)

    async def first(self, around: Surroundings) -> Report:
        """All of it, with what its index is like."""
        began = time.monotonic()
        self.report.outdated = self._part.index in around.outdated
        await self._lead_to_it(around)
        await self._take(self._comparison.findings())
        return self._told(began)

    async def again(self) -> Report:
        """What was young."""
        began = time.monotonic()
        await self._take(self._comparison.grown())
        return self._told(began)

    async def _take(self, some: AsyncIterator[list[Finding]]) -> None:
        before = self.report.repaired
        async for findings in some:
            self.report.add(findings)
            if self._repair:
                self.report.repaired += await mend(self._stores, self._part, findings)
        if self.report.repaired > before:
            # Written to, an index that was gone is there again, maybe without its alias.
            await self._lead_to_it(await self._stores.patiently(lambda: parts.look_around(self._stores)))

    async def _lead_to_it(self, around: Surroundings) -> None:
        """Note an index that its alias does not lead to, and let it."""
        if self.report.hidden or self._part.index not in around.hidden:
            return
        self.report.hidden = True
        if self._repair:
            await parts.show(self._stores, self._part)
            self.report.repaired += 1

    def _told(self, began: float) -> Report:
        report, comparison = self.report, self._comparison
        report.rows, report.documents, report.young = comparison.rows, comparison.documents, len(comparison.young)
        report.seconds = round(report.seconds + time.monotonic() - began, 1)
        if report.drifted or report.repaired:
            logger.warning("drift_found", index=report.index, repaired=report.repaired, **report.differences)
        return report

    async def _step(self, _: int) -> None:
        await self._job.step()


async def look_at_orphan(stores: Stores, index: str, *, repair: bool) -> Report | None:
    """Every document of an index that belongs to no rows is one too many.

    A second look first: None when a period, or a generation, has claimed it meanwhile.
    """
    around = await stores.patiently(lambda: parts.look_around(stores))
    if index not in around.orphans:
        return None
    documents = await stores.patiently(lambda: versions.count(stores.client, stores.names.of(index)))
    report = Report(index, documents=documents, orphan=True)
    report.differences[Difference.TOO_MANY.value] = documents
    if repair:
        await indices.drop(stores.client, stores.names, [index])
        report.repaired = report.drifted
    logger.warning("drift_found", index=index, orphan=True, repaired=report.repaired, **report.differences)
    return report


async def mend(stores: Stores, part: Part, findings: Sequence[Finding]) -> int:
    """Write what is missing or stale, delete what is too many; how many were mended.

    A document ahead of its row is left: its version would win over ours, and it takes a new generation to get rid of
    it. One that was deleted less than a minute ago cannot be written yet: the deletion's version wins.
    """
    mendable = (Difference.MISSING, Difference.STALE)
    wrong = [one.id for one in findings if one.difference in mendable and isinstance(one.id, UUID)]
    extra = [one for one in findings if one.difference == Difference.TOO_MANY]
    return await _write(stores, part, wrong) + await _delete(stores, part, extra)


async def _write(stores: Stores, part: Part, wanted: Sequence[UUID]) -> int:
    mended = 0
    for start in range(0, len(wanted), PAGE):
        async with stores.pool.acquire() as connection:
            items = await parts.read_items(stores, connection, part, wanted[start : start + PAGE])
        await projection.project(stores.pool, stores.projection, items)
        found = await versions.of(stores.client, stores.names.of(part.index), [item.id for item in items])
        mended += sum(found.get(item.id, -1) >= item.version for item in items)
    return mended


async def _delete(stores: Stores, part: Part, extra: Sequence[Finding]) -> int:
    gone = [Gone(part.row_kind, one.id, one.version or 0, part.kind) for one in extra if isinstance(one.id, UUID)]
    index = stores.names.of(part.index)
    strangers = [Operation("delete", index, one.id, None, b"") for one in extra if isinstance(one.id, str)]
    deleted = await stores.patiently(lambda: stores.projection.remove(gone, index=part.index))
    results = await stores.patiently(lambda: bulk.write(stores.client, strangers))
    return sum(deleted) + sum(result.done for result in results)
