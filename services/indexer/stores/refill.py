"""Fills a fresh index from Postgres while everybody goes on, then lets the alias lead there, in one step.

The way to a new mapping, for alerts, incidents and one period of events alike, and the way back for an index that was
lost. From the moment the generation stands in Postgres as `building`, whoever writes a document writes both; the rows
committed before are read here. So the new index lacks nothing when it is switched to. See docs/adr/0026.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.indexer import projection
from services.indexer.generations import Target, next_of_line
from services.indexer.projection import CHANGING, EVENT, Item
from services.indexer.stores import drift
from services.indexer.stores.compare import PAGE, Comparison, Part, count_rows
from services.indexer.stores.job import Ended, Job
from services.indexer.stores.opened import Stores
from services.indexer.stores.parts import alias_of, read_items
from shared import crash, log
from shared.db.locks import CLASS, Lock
from shared.errors import Conflict, Unavailable
from shared.search import indices, versions
from shared.search.bulk import Ending
from shared.search.indices import TABLES

logger = log.get(__name__)

# How long writers that heard of a generation before it was retired may still be writing to it, mostly; one that
# comes later finds no index, and its rows wait in `projection_pending` for a moment.
GRACE_SECONDS = 5.0
# What is in a bulk request on its way is in both indices, or in none, after so long.
HUSHED_SECONDS = 2.0
PASSES = 5
LOSSES_TURNS = 60

START = """
    INSERT INTO search_generations (alias, generation, index_name, state) VALUES ($1, 1, $2, 'active')
    ON CONFLICT DO NOTHING
"""
BUILD = "INSERT INTO search_generations (alias, generation, index_name, state) VALUES ($1, $2, $3, 'building')"
STATE = "SELECT state FROM search_generations WHERE index_name = $1 FOR UPDATE"
ENTER = "UPDATE search_generations SET state = $2 WHERE index_name = $1"
RETIRE_BUILDING = "UPDATE search_generations SET state = 'retired' WHERE alias = $1 AND state = 'building'"
RETIRED = """
    SELECT index_name FROM search_generations
    WHERE state = 'retired' AND updated_at <= now() - $1::interval AND index_name = ANY($2::text[])
"""
# What a document has to have at most: events never change, and one whose alert is gone need not be there at all.
PENDING = {
    **{
        kind: f"SELECT p.id, r.version FROM projection_pending p JOIN {CHANGING[kind].line} r ON r.id = p.id "
        f"WHERE p.kind = '{kind}' AND p.id >= $1 AND p.id < $2 ORDER BY p.id LIMIT $3"
        for kind in CHANGING
    },
    EVENT: "SELECT p.id, 1 AS version FROM projection_pending p "
    "WHERE p.kind = 'event' AND p.id >= $1 AND p.id < $2 ORDER BY p.id LIMIT $3",
}
OURS = "SELECT index_name FROM search_generations WHERE index_name = ANY($1::text[])"
# What was refused may have been refused by the index that is given up.
ASK_AGAIN = "UPDATE projection_pending SET next_try_at = now() WHERE reason IS NOT NULL"


@dataclass(frozen=True)
class Source:
    """The rows of a line: `part` compares them with the index being filled."""

    part: Part
    shards: int = 1

    @property
    def line(self) -> str:
        """The line of indices these rows go to."""
        return self.part.line


async def run(stores: Stores, job: Job, source: Source) -> dict[str, Any]:
    """Fill, compare, switch and drop the old index; goes on where an earlier process ended.

    When it is cancelled the half-filled index goes, and all is as before. Raises Conflict when the new mapping
    refuses what the old one took; then the index stays as it is, until somebody cancels.
    """
    if not await stores.patiently(lambda: _is_switched(stores, job, source)):
        try:
            target = await stores.patiently(lambda: _begin(stores, job, source))
            await _fill(stores, job, source, target)
            await _compare(stores, job, source, target)
            await _lose_nothing(stores, job, source, target)
            await stores.patiently(lambda: _switch(stores, job, source, target))
        except Ended as ended:
            if ended.cancelled:
                await abandon(stores, source.line)
            raise
    await job.finish("switched")
    await stores.stop.sleep(GRACE_SECONDS)
    try:
        await stores.patiently(lambda: drop_retired(stores))
    except Unavailable as error:
        logger.warning("retired_index_stays", line=source.line, detail=str(error), hint="maintenance drops it later")
    return job.state


async def _is_switched(stores: Stores, job: Job, source: Source) -> bool:
    """True where an earlier process switched, and died before it could say that it was done."""
    active = (await stores.generations.of([source.line]))[source.line].active
    return job.unfinished and active is not None and job.state.get("index") == active


async def _begin(stores: Stores, job: Job, source: Source) -> Target:
    """The line's two indices, the new one made and entered in Postgres unless it is already."""
    target = (await stores.generations.of([source.line]))[source.line]
    if target.building is None:
        async with stores.pool.acquire() as connection:
            latest = await connection.fetchval(
                "SELECT max(generation) FROM search_generations WHERE alias = $1", source.line
            )
            number = (latest or 1) + 1
            building = next_of_line(source.line, number)
            # The index first: nobody may hear of a generation that cannot be written to.
            await indices.ensure_hidden(stores.client, stores.names, building, shards=source.shards)
            async with connection.transaction():
                await connection.execute(START, source.line, target.active)
                await connection.execute(BUILD, source.line, number, building)
        target = Target(target.active, building)
    if not job.unfinished or job.state.get("index") != target.building:
        total = await count_rows(stores, source.part)
        await job.begin(phase="filling", done=0, total=total, index=target.building, after=None)
    logger.info("refill_runs", line=source.line, **job.state)
    crash.point("refill_begun")
    return target


async def _fill(stores: Stores, job: Job, source: Source, target: Target) -> None:
    """Write every row's document to the new index, page by page, in the order of ids."""
    after = job.state.get("after")
    low = UUID(int=UUID(after).int + 1) if after else source.part.low
    done = int(job.state["done"])
    async for last, items in _pages(stores, source.part, low):
        await _write(stores, job, source, items, target)
        done += len(items)
        crash.point("refill_page")
        await job.save(done=done, after=str(last))


async def _pages(stores: Stores, part: Part, low: UUID) -> AsyncIterator[tuple[UUID, list[Item]]]:
    while True:
        last, items = await stores.patiently(lambda low=low: _page(stores, part, low))  # type: ignore[misc]
        if last is None:
            return
        yield last, items
        low = UUID(int=last.int + 1)


async def _page(stores: Stores, part: Part, low: UUID) -> tuple[UUID | None, list[Item]]:
    async with stores.pool.acquire() as connection:
        rows = await connection.fetch(f"SELECT id {part.rows} ORDER BY id LIMIT {PAGE}", low, part.high)
        found = [row["id"] for row in rows]
        return max(found, default=None), await read_items(stores, connection, part, found)


async def _write(stores: Stores, job: Job, source: Source, items: Sequence[Item], target: Target) -> None:
    """Write to the new index alone, until each is there or refused; the refused ones are remembered as ever."""
    only = {source.line: Target(None, target.building)}

    async def once() -> None:
        nonlocal items
        results = await stores.projection.write(items, only=only)
        pairs = list(zip(items, results, strict=True))
        refused = [pair for pair in pairs if pair[1].ending is Ending.REFUSED]
        if refused:
            async with stores.pool.acquire() as connection:
                await projection.remember(connection, refused, unless_waiting=True)
        items = [item for item, result in pairs if result.ending is Ending.RETRY]
        if items:
            await job.step()
            raise Unavailable(f"OpenSearch did not take {len(items)} documents")

    await stores.patiently(once)


async def _compare(stores: Stores, job: Job, source: Source, target: Target) -> None:
    """Look for what differs between rows and new index, and mend it, until nothing does."""
    assert target.building is not None
    part = replace(source.part, index=target.building)

    async def step(_: int) -> None:
        await job.step()

    for turn in range(PASSES):
        await job.save(phase="comparing", turn=turn)
        differing = 0
        async for findings in Comparison(stores, part, step).findings():
            differing += len(findings)
            await drift.mend(stores, part, findings)
        if not differing:
            return
        logger.warning("refill_mended", line=source.line, turn=turn, differing=differing)
    raise Conflict(f"{target.building} still differs after {PASSES} comparisons", code="still_differs")


async def _lose_nothing(stores: Stores, job: Job, source: Source, target: Target) -> None:
    """Wait until the new index has whatever the old one has of what is pending.

    Raises Conflict when that does not come true: the new mapping refuses those documents.
    """
    for turn in range(LOSSES_TURNS):
        lost = await stores.patiently(lambda: _losses(stores, source, target))
        if not lost:
            return
        await job.save(phase="waiting", turn=turn, waits_for=len(lost))
        await stores.stop.sleep(1.0)
    raise Conflict(
        f"{len(lost)} documents would be lost, such as {lost[0]}: see `reason` in projection_pending", code="refused"
    )


async def _losses(stores: Stores, source: Source, target: Target) -> list[UUID]:
    """Ids of what is pending and in the old index newer than in the new one; one page of them is enough to wait for.

    What the old one has ahead of its row is no loss: that is drift, which a new index gets rid of.
    """
    assert target.active is not None
    assert target.building is not None
    sql, low = PENDING[source.part.row_kind], source.part.low
    while rows := await stores.pool.fetch(sql, low, source.part.high, PAGE):
        pending = {row["id"]: row["version"] for row in rows}
        old = await versions.of(stores.client, stores.names.of(target.active), list(pending))
        new = await versions.of(stores.client, stores.names.of(target.building), list(pending))
        if lost := [one for one, version in pending.items() if min(old.get(one, 0), version) > new.get(one, 0)]:
            return lost
        low = UUID(int=max(pending).int + 1)
    return []


async def _switch(stores: Stores, job: Job, source: Source, target: Target) -> None:
    """Let the alias lead to the new index, then say so in Postgres. May be done twice.

    The old one is hushed first: what a reader has found there is in the new one, and found there, when it takes over.
    Between the switch and its note, and after a crash there, writers write both: nothing is missing in either.
    """
    assert target.active is not None
    assert target.building is not None
    # Whoever lost the lock meanwhile learns it here: another may have ended, or given up, what this one began.
    await job.save(phase="switching")
    await indices.hush(stores.client, stores.names, target.active, hushed=True)
    try:
        crash.point("refill_hushed")
        await asyncio.sleep(HUSHED_SECONDS)
        await versions.count(stores.client, stores.names.of(target.building), refresh=True)
        await _lead(stores, source.line, to=target.building, instead_of=target.active)
    finally:
        await indices.hush(stores.client, stores.names, target.active, hushed=False)
    crash.point("refill_switched")
    await _note(stores, target.active, target.building)
    logger.info("refill_switched", line=source.line, index=target.building)


async def _note(stores: Stores, old: str, new: str) -> None:
    """Say in Postgres that the new index is read and the old one is not: by their names, so that once more is no harm.

    Raises Conflict when the new one is no longer being filled.
    """
    async with stores.pool.acquire() as connection, connection.transaction():
        state = await connection.fetchval(STATE, new)
        if state == "building":
            await connection.execute(ENTER, old, "retired")
            await connection.execute(ENTER, new, "active")
        elif state != "active":
            raise Conflict(f"{new} was given up meanwhile", code="given_up")


async def _lead(stores: Stores, line: str, *, to: str, instead_of: str) -> None:
    """Let the line's alias lead to one of its indices instead of the other; one over a table to no third either."""
    alias = alias_of(line)
    others = await indices.behind(stores.client, stores.names, alias) if line in TABLES else [instead_of]
    await indices.switch(stores.client, stores.names, alias, to=to, away_from=others)


async def unhush(stores: Stores) -> None:
    """Let be found again what comes to an index that a killed process left hushed; not while a job is running."""
    async with stores.pool.acquire() as connection, connection.transaction():
        if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", CLASS, Lock.STORES):
            # Without a prefix, others on the same cluster may have indices of such names.
            hushed = await indices.hushed(stores.client, stores.names)
            for name in [row["index_name"] for row in await connection.fetch(OURS, hushed)]:
                logger.warning("index_unhushed", index=name)
                await indices.hush(stores.client, stores.names, name, hushed=False)


async def abandon(stores: Stores, line: str) -> None:
    """Give up the generation that is being filled: its index goes, and all is as before."""
    await stores.patiently(lambda: _return(stores, line))
    await stores.patiently(lambda: stores.pool.execute(RETIRE_BUILDING, line))
    await stores.patiently(lambda: stores.pool.execute(ASK_AGAIN))
    await asyncio.sleep(GRACE_SECONDS)
    await stores.patiently(lambda: drop_retired(stores))


async def _return(stores: Stores, line: str) -> None:
    """Let the alias lead to the old index, all of which is found there: nobody reads the one that goes.

    It may lead to the new one, when a process died between the switch and its note; or to neither, when the old one
    was lost and writers made it again. One that is not there gets its alias from whoever writes to it next.
    """
    target = (await stores.generations.of([line]))[line]
    assert target.active is not None
    if target.building and target.active in await indices.mappings_in_cluster(stores.client, stores.names):
        await indices.hush(stores.client, stores.names, target.active, hushed=False)
        await versions.count(stores.client, stores.names.of(target.active), refresh=True)
        await _lead(stores, line, to=target.active, instead_of=target.building)


async def drop_retired(stores: Stores, *, older_than: float = 0) -> list[str]:
    """Drop the indices of generations that were retired that many seconds ago; which they were.

    Also one that came back: a cluster that makes indices in passing does so for a writer that comes late.
    """
    there = await indices.mappings_in_cluster(stores.client, stores.names)
    rows = await stores.pool.fetch(RETIRED, timedelta(seconds=older_than), list(there))
    return await indices.drop(stores.client, stores.names, [row["index_name"] for row in rows])
