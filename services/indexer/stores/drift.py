"""Drift: where OpenSearch differs from Postgres, period by period; and its repair, through the projector's own path."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.indexer import projection
from services.indexer.projection import Gone
from services.indexer.stores import compare, parts
from services.indexer.stores.compare import PAGE, Comparison, Difference, Finding, Part
from services.indexer.stores.job import Job
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
WAITING = "waiting for young rows"


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

    Goes on behind the parts that a process killed within the last hour was through with. Raises NotFound for an
    unknown index.
    """
    around = await stores.patiently(lambda: parts.look_around(stores))
    wanted = [part for part in around.parts if only in (None, part.index, part.line)]
    orphans = [index for index in around.orphans if only in (None, index)]
    if not wanted and not orphans:
        raise NotFound(f"no index {only}")
    if not job.unfinished or job.state.get("only") != only or not job.is_recent(REMEMBERED):
        await job.begin(phase="comparing", done=0, total=len(wanted) + len(orphans), only=only, reports={})
    reports: dict[str, Any] = job.state["reports"]
    for part in wanted:
        if part.index not in reports:
            reports[part.index] = asdict(await look_at(stores, part, around, job, repair=repair))
            await job.save(reports=reports, done=len(reports))
    for index in orphans:
        if index not in reports and (report := await look_at_orphan(stores, index, repair=repair)):
            reports[index] = asdict(report)
            await job.save(reports=reports, done=len(reports))
    result = summary(reports.values())
    await job.finish("drift" if result["drift"] else "equal")
    return result


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


async def look_at(stores: Stores, part: Part, around: Surroundings, job: Job, *, repair: bool) -> Report:
    """Compare one part by ids and versions, and mend what differs if asked to.

    A repair leaves no row that was there when its job began: it waits for the young ones, and looks at them again.
    """
    began = time.monotonic()
    report = Report(part.index, hidden=part.index in around.hidden, outdated=part.index in around.outdated)

    async def step(_: int) -> None:
        await job.step()

    async def take(some: AsyncIterator[list[Finding]]) -> None:
        async for findings in some:
            report.add(findings)
            if repair:
                report.repaired += await mend(stores, part, findings)

    comparison = Comparison(stores, part, step)
    await take(comparison.findings())
    if repair and comparison.young:
        await _grown(stores, job)
        await take(comparison.grown())
    report.young = len(comparison.young)
    if repair and report.repaired:
        # Written to, an index that was gone is there again, maybe without its alias.
        around = await stores.patiently(lambda: parts.look_around(stores))
        report.hidden |= part.index in around.hidden
    if report.hidden and repair:
        await parts.show(stores, part)
        report.repaired += 1
    report.rows, report.documents = comparison.rows, comparison.documents
    report.seconds = round(time.monotonic() - began, 1)
    if report.drifted or report.repaired:
        logger.warning("drift_found", index=part.index, repaired=report.repaired, **report.differences)
    return report


async def _grown(stores: Stores, job: Job) -> None:
    """Wait until the rows that were there when the job began are young no more; a second for clocks that differ."""
    until = datetime.fromisoformat(job.state["started_at"]) + timedelta(seconds=compare.YOUNG_SECONDS + 1)
    while clock.now() < until:
        await job.save(phase=WAITING)
        await stores.stop.sleep(1.0)
    await job.save(phase="comparing")


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
