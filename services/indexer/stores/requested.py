"""The jobs on both stores by what somebody asks for, at a command line or over the API."""

from functools import partial
from typing import Any

from services.indexer.jobs import Busy, Task
from services.indexer.settings import IndexerSettings
from services.indexer.stores import drift, job, parts, refill
from services.indexer.stores.job import Action, Ended, Job, Running
from services.indexer.stores.opened import Stores, opened
from shared import clock, ids
from shared.errors import NotFound
from shared.jobs import DRIFT, REBUILD, REINDEX, REPAIR, period
from shared.lifecycle import Stop
from shared.normalise.event import Kind
from shared.search.indices import ALERTS

MOST_PARTS = 20


async def do(settings: IndexerSettings, task: Task) -> dict[str, Any] | None:
    """What maintenance does of a job somebody asked for; None where it was stopped. Raises Busy, and EventSecError."""
    async with opened(settings, task.stop) as stores:
        name, action = await stores.patiently(lambda: _named(stores, task))
        try:
            return _shown(await job.carry_out(stores, name, action, partial(_show, task)))
        except Ended as ended:
            task.cancelled |= ended.cancelled
            return None
        except Running:
            raise Busy from None


async def give_up(settings: IndexerSettings, task: Task) -> None:
    """End a job that was cancelled, and may be half done. Raises Busy, and EventSecError."""
    # Patient: it was asked for, and `task.stop` is set already.
    async with opened(settings, Stop()) as stores:
        name, _ = await stores.patiently(lambda: _named(stores, task))
        try:
            await end(stores, name)
        except Running:
            raise Busy from None


async def end(stores: Stores, name: str) -> None:
    """End a job that nobody runs: a half-filled index goes. Raises Running when somebody runs one."""
    async with job.alone(stores, name) as running:
        if running.unfinished:
            kind, _, line = name.partition(":")
            if kind in (REINDEX, REBUILD):
                await refill.abandon(stores, line)
            await running.finish("cancelled")


def comparison(kind: str, only: str | None) -> Action:
    """`drift` and `repair`, of one index or of all."""

    async def action(stores: Stores, running: Job) -> dict[str, Any]:
        return await drift.run(stores, running, repair=kind == REPAIR, only=only)

    return action


async def refilling(stores: Stores, kind: str, of: str | tuple[Kind, int]) -> tuple[str, Action]:
    """`reindex` of a table and `rebuild` of a period of events, with the job's name. Raises NotFound."""
    source = await _source(stores, of)
    return f"{kind}:{source.line}", lambda stores, running: refill.run(stores, running, source)


async def _named(stores: Stores, task: Task) -> tuple[str, Action]:
    if task.kind in (DRIFT, REPAIR):
        return task.kind, comparison(task.kind, task.parameters["index"])
    if task.kind == REBUILD:
        return await refilling(stores, task.kind, period(task.parameters["period"]))
    # An API of an older version names none, and means alerts.
    return await refilling(stores, task.kind, task.parameters.get("what", ALERTS))


async def _source(stores: Stores, of: str | tuple[Kind, int]) -> refill.Source:
    if isinstance(of, str):
        target = await stores.generations.of([of])
        return refill.Source(parts.changing_part(of, target[of]))
    await stores.periods.load(stores.pool)
    kind, moment = of
    try:
        place = stores.periods.of(kind, ids.first_of(moment))
    except LookupError:
        raise NotFound(f"no period of {kind} events holds {clock.from_milliseconds(moment).date()}") from None
    target = await stores.generations.of([place.index_name])
    return refill.Source(parts.events_part(kind, place, target[place.index_name]), place.shards)


def _show(task: Task, state: dict[str, Any]) -> None:
    task.done, task.total = state.get("done", 0), state.get("total", 0)


def _shown(result: dict[str, Any]) -> dict[str, Any]:
    """A result without its long lists: of a comparison the totals, and the first indices that differ."""
    if "parts" not in result:
        return {name: result[name] for name in ("outcome", "index")}
    differ = [one for one in result["parts"] if any(one["differences"].values()) or one["hidden"] or one["orphan"]]
    return {name: value for name, value in result.items() if name != "parts"} | {
        "parts": len(result["parts"]),
        "differ": [{name: value for name, value in one.items() if name != "examples"} for one in differ[:MOST_PARTS]],
    }
