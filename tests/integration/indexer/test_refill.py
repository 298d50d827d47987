"""A new generation is filled while everybody goes on: nobody reads half of it, and it lacks nothing."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.indexer import projection
from services.indexer.generations import Target
from services.indexer.stores import compare, drift, job, parts, refill
from services.indexer.stores.job import Ended, alone
from services.indexer.stores.opened import Stores
from services.indexer.stores.refill import Source
from shared.bus.messages import Changed, encode
from shared.errors import Conflict
from shared.lifecycle import Stop
from shared.search import indices
from shared.search.bulk import Ending, Result
from shared.search.indices import ALERTS, INCIDENTS, first_generation
from shared.search.migrate import migrate
from tests.integration.indexer import programs
from tests.integration.indexer.conftest import Bench, eve
from tests.integration.indexer.incident_rows import open_incident

OLD, NEW = first_generation(ALERTS), "alerts-v2-000001"
NAME = "reindex:alerts"
PAGE = 100

# Their documents come by way of `repair`, as after a loss of the index.
MANY = """
    INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, first_seen,
                        last_seen, updated_at)
    SELECT gen_random_uuid(), $1, decode(md5(n::text), 'hex'), 1, 'alert ' || n, 3, 3, now(), now(),
           now() - interval '1 hour'
    FROM generate_series(1, $2) AS n
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(refill, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(refill, "PAGE", PAGE)
    monkeypatch.setattr(refill, "HUSHED_SECONDS", 1.0)
    monkeypatch.setattr(job, "SAVE_SECONDS", 0.0)


@pytest.fixture
async def stores(bench: Bench) -> AsyncIterator[Stores]:
    """Forty events in twenty alerts, and 1,500 alerts more, in both stores."""
    await bench.send(bench.envelope([eve(number, signature=number % 20) for number in range(40)]))
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY, bench.organization_id, 1500)
    stores = bench.stores()
    async with alone(stores, "repair") as running:
        await drift.run(stores, running, repair=True, only=ALERTS)
    yield stores


async def alerts_of(stores: Stores) -> Source:
    return Source(parts.changing_part(ALERTS, (await stores.generations.of([ALERTS]))[ALERTS]))


async def period_of(stores: Stores) -> Source:
    await stores.periods.load(stores.pool)
    kind, place = stores.periods.places()[1]
    target = (await stores.generations.of([place.index_name]))[place.index_name]
    return Source(parts.events_part(kind, place, target), place.shards)


async def run(stores: Stores, source: Source, name: str = NAME) -> dict[str, Any]:
    async with alone(stores, name) as running:
        return await refill.run(stores, running, source)


async def states(bench: Bench) -> dict[str, str]:
    return {row["index_name"]: row["state"] for row in await bench.rows("SELECT * FROM search_generations")}


async def exists(bench: Bench, name: str) -> bool:
    return bool(await bench.search.client.indices.exists(index=bench.search.names.of(name)))


async def versions_agree(bench: Bench) -> None:
    """Every alert is in the index that is read exactly once, at its row's version, and nothing else is."""
    await bench.search.refresh()
    found: list[tuple[str, int]] = []
    after: list[Any] = []
    while True:
        body = {"size": 1000, "version": True, "_source": False, "sort": ["id"], "query": {"match_all": {}}}
        answer = await bench.search.client.search(
            index=bench.search.names.alerts, body=body | ({"search_after": after} if after else {})
        )
        hits = answer["hits"]["hits"]
        if not hits:
            break
        found += [(hit["_id"], hit["_version"]) for hit in hits]
        after = hits[-1]["sort"]
    assert sorted(found) == sorted(
        (str(row["id"]), row["version"]) for row in await bench.rows("SELECT id, version FROM alerts")
    )


@contextlib.asynccontextmanager
async def folding(bench: Bench) -> AsyncIterator[list[int]]:
    """Some hundred events a second: half fold into alerts that are there, half open new ones."""
    sent: list[int] = []
    stop = Stop()

    async def load() -> None:
        while not stop.requested:
            number = 1000 + len(sent) * 40
            records = [eve(number + n, signature=n if n < 20 else number + n) for n in range(40)]
            assert await bench.send(bench.envelope(records)) == [None]
            sent.append(len(records))
            await stop.sleep(0.05)

    task = asyncio.create_task(load())
    try:
        yield sent
    finally:
        stop.set()
        await task


@contextlib.asynccontextmanager
async def reading(bench: Bench, alias: str) -> AsyncIterator[list[int]]:
    """Somebody who counts the documents behind an alias all the time, and never sees fewer."""
    counts: list[int] = []
    stop = Stop()

    async def read() -> None:
        while not stop.requested:
            answer = await bench.search.client.count(index=bench.search.names.of(alias))
            counts.append(answer["count"])
            await asyncio.sleep(0.01)

    await bench.search.refresh()
    task = asyncio.create_task(read())
    try:
        yield counts
    finally:
        stop.set()
        await task
    assert len(counts) > 20
    assert counts == sorted(counts), "a reader saw less than before"


async def test_alerts_move_to_a_new_generation_while_they_fold(bench: Bench, stores: Stores) -> None:
    async with folding(bench) as sent, reading(bench, ALERTS) as counts:
        result = await run(stores, await alerts_of(stores))
        await asyncio.sleep(1.5)
    assert len(sent) > 5
    assert result["outcome"] == "switched"
    assert result["done"] >= result["total"] >= 1520
    assert counts[-1] > counts[0]
    assert await bench.behind(ALERTS) == {NEW}
    assert await states(bench) == {OLD: "retired", NEW: "active"}
    assert not await exists(bench, OLD)
    await bench.pool.execute("UPDATE projection_pending SET next_try_at = now()")
    while await bench.projector.catch_up():
        pass
    await versions_agree(bench)
    await bench.send(bench.envelope([eve(1), eve(99_999_999, signature=3)]))
    await versions_agree(bench)


async def test_incidents_move_to_a_new_generation_while_they_change(bench: Bench, stores: Stores) -> None:
    incidents = [await open_incident(bench) for _ in range(150)]
    stop = Stop()
    changed = 0

    async def change() -> None:
        nonlocal changed
        while not stop.requested:
            wanted = [incidents[changed % 150], await open_incident(bench)]
            await bench.pool.execute("UPDATE incidents SET tags = tags || 'more'::text WHERE id = $1", wanted[0])
            message = encode(Changed(bench.organization_id, "incident", wanted))
            assert await bench.projector.settle_changed([message]) == [None]
            changed += 1
            await stop.sleep(0.02)

    task = asyncio.create_task(change())
    source = Source(parts.changing_part(INCIDENTS, (await stores.generations.of([INCIDENTS]))[INCIDENTS]))
    result = await run(stores, source, "reindex:incidents")
    stop.set()
    await task
    assert changed > 5
    assert result["index"] == "incidents-v2-000001"
    assert await bench.behind(INCIDENTS) == {"incidents-v2-000001"}
    assert not await exists(bench, first_generation(INCIDENTS))
    await bench.pool.execute("UPDATE projection_pending SET next_try_at = now()")
    while await bench.projector.catch_up():
        pass
    rows = {str(row["id"]): row["version"] for row in await bench.rows("SELECT id, version FROM incidents")}
    assert {key: one["_version"] for key, one in (await bench.found("incidents")).items()} == rows


async def test_a_period_is_rebuilt_while_it_is_read_and_written(bench: Bench, stores: Stores) -> None:
    source = await period_of(stores)
    async with folding(bench), reading(bench, "events"):
        result = await run(stores, source, f"rebuild:{source.line}")
        await asyncio.sleep(1.5)
    assert await bench.behind("events") == {
        "events-alert-v1-unclocked",
        "events-telemetry-v1-unclocked",
        f"{source.line}-000002",
    }
    assert result["index"] == f"{source.line}-000002"
    await bench.search.refresh()
    found = await bench.search.client.count(index=bench.search.names.events)
    assert found["count"] == await bench.count("events")
    again = await run(stores, await period_of(stores), f"rebuild:{source.line}")
    assert again["index"] == f"{source.line}-000003"
    assert again["done"] == await bench.count("events")


async def test_cancelled_it_leaves_no_trace(bench: Bench, stores: Stores) -> None:
    source = await alerts_of(stores)
    async with alone(stores, NAME) as running:
        task = asyncio.create_task(refill.run(stores, running, source))
        while (await states(bench)).get(NEW) != "building" or not (await job.read(stores, NAME)).get("after"):
            await asyncio.sleep(0.01)
        await job.cancel(stores, NAME)
        with pytest.raises(Ended, match="cancelled"):
            await task
    assert await bench.behind(ALERTS) == {OLD}
    assert not await exists(bench, NEW)
    assert await states(bench) == {OLD: "active", NEW: "retired"}
    await bench.send(bench.envelope([eve(5000)]))
    await versions_agree(bench)
    # The number is not used again: somebody may still be writing to that name.
    assert (await run(stores, await alerts_of(stores), "again"))["index"] == "alerts-v3-000001"


async def test_stopped_it_goes_on_from_there(bench: Bench, stores: Stores) -> None:
    stop = Stop()
    stopping = bench.stores(stop=stop)
    async with alone(stopping, NAME) as running:
        task = asyncio.create_task(refill.run(stopping, running, await alerts_of(stores)))
        while not (await job.read(stores, NAME)).get("after"):
            await asyncio.sleep(0.01)
        stop.set()
        with pytest.raises(Ended, match="stopped"):
            await task
    before = await job.read(stores, NAME)
    assert 0 < before["done"] < before["total"]
    assert await bench.behind(ALERTS) == {OLD}
    await bench.send(bench.envelope([eve(7000 + n, signature=n) for n in range(30)]))
    result = await run(stores, await alerts_of(stores))
    assert result["started_at"] == before["started_at"]
    assert result["done"] >= before["total"], "each row was counted once"
    await versions_agree(bench)


@pytest.mark.parametrize("point", ["refill_begun", "refill_page", "refill_hushed", "refill_switched"])
async def test_killed_it_goes_on_from_there(bench: Bench, stores: Stores, point: str) -> None:
    assert (await programs.run(bench, "reindex", "alerts", crash_at=point))[0] == 137
    assert await bench.behind(ALERTS) == ({NEW} if point == "refill_switched" else {OLD})
    assert await states(bench) == {OLD: "active", NEW: "building"}
    await bench.send(bench.envelope([eve(7000 + n, signature=n) for n in range(30)]))
    newcomer = bench.second_writer()
    await newcomer.settle_events([bench.envelope([eve(8000 + n, signature=n) for n in range(30)])])
    assert (await programs.run(bench, "reindex", "alerts"))[0] == 0
    assert await bench.behind(ALERTS) == {NEW}
    assert not await exists(bench, OLD)
    await versions_agree(bench)


async def test_a_period_killed_behind_its_switch_is_read_once(bench: Bench, stores: Stores) -> None:
    source = await period_of(stores)
    period = f"alert/{source.line[-10:].replace('.', '-')}"
    assert (await programs.run(bench, "rebuild", "events", "--period", period, crash_at="refill_switched"))[0] == 137
    newcomer = bench.second_writer()
    await newcomer.settle_events([bench.envelope([eve(8000 + n, signature=n) for n in range(30)])])
    assert f"{source.line}-000002" in await bench.behind("events")
    assert source.line not in await bench.behind("events"), "a process that is new does not bring the old one back"
    assert (await programs.run(bench, "rebuild", "events", "--period", period))[0] == 0
    await bench.search.refresh()
    found = await bench.search.client.count(index=bench.search.names.events)
    assert found["count"] == await bench.count("events")


async def test_a_switch_that_was_noted_but_not_heard_of_is_noted_again_without_harm(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, calls = refill._note, []

    async def deaf(*given: Any) -> None:
        await note(*given)
        calls.append(given)
        if len(calls) == 1:
            raise ConnectionResetError

    monkeypatch.setattr(refill, "_note", deaf)
    patient = dataclasses.replace(stores, attempts=3)
    await run(patient, await alerts_of(patient))
    assert len(calls) == 2
    assert await states(bench) == {OLD: "retired", NEW: "active"}
    assert await exists(bench, NEW)
    assert await bench.behind(ALERTS) == {NEW}
    await versions_agree(bench)


async def test_who_lost_the_lock_before_the_switch_does_not_switch(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_nothing = refill._lose_nothing

    async def and_lose_the_lock(stores: Stores, running: job.Job, *given: Any) -> None:
        await lose_nothing(stores, running, *given)
        running._alone.terminate()

    monkeypatch.setattr(refill, "_lose_nothing", and_lose_the_lock)
    source = await alerts_of(stores)
    with pytest.raises(asyncpg.InterfaceError):
        await run(stores, source)
    assert await states(bench) == {OLD: "active", NEW: "building"}
    assert await bench.behind(ALERTS) == {OLD}


async def test_given_up_meanwhile_a_generation_is_not_noted_as_read(bench: Bench, stores: Stores) -> None:
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_page"))[0] == 137
    await refill.abandon(stores, ALERTS)
    with pytest.raises(Conflict, match="given up"):
        await refill._note(stores, OLD, NEW)
    assert await states(bench) == {OLD: "active", NEW: "retired"}


async def test_killed_before_it_could_say_that_it_was_done_it_does_not_start_over(bench: Bench, stores: Stores) -> None:
    source = await alerts_of(stores)
    await run(stores, source)
    await bench.pool.execute(job.SAVE, f"job:{NAME}", '{"finished_at": null, "outcome": null}')
    assert (await run(stores, await alerts_of(stores)))["outcome"] == "switched"
    assert await states(bench) == {OLD: "retired", NEW: "active"}


async def test_a_refusal_by_the_new_index_does_not_put_off_what_is_due(bench: Bench, stores: Stores) -> None:
    (row, *_) = await bench.rows("SELECT * FROM alerts LIMIT 1")
    async with bench.pool.acquire() as connection:
        (item,) = await projection.read_changing(connection, "alert", [row["id"]])
        away, refused = Result(Ending.RETRY, "opensearch_away"), Result(Ending.REFUSED, "a mapping")
        await projection.remember(connection, [(item, away)])
        before = await bench.rows("SELECT * FROM projection_pending")
        await projection.remember(connection, [(item, refused)], unless_waiting=True)
        assert await bench.rows("SELECT * FROM projection_pending") == before
        await projection.remember(connection, [(item, refused)])
        await refill.abandon(stores, ALERTS)
    (after,) = await bench.rows("SELECT next_try_at <= now() AS due FROM projection_pending")
    assert after["due"], "it may have been refused by the index that was given up"


async def test_cancelled_behind_its_switch_the_old_index_is_read_again(bench: Bench, stores: Stores) -> None:
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_switched"))[0] == 137
    assert await bench.behind(ALERTS) == {NEW}
    assert (await programs.run(bench, "cancel", NAME))[0] == 0
    assert await bench.behind(ALERTS) == {OLD}
    assert not await exists(bench, NEW)
    assert await states(bench) == {OLD: "active", NEW: "retired"}
    await bench.send(bench.envelope([eve(9000 + n, signature=n) for n in range(30)]))
    await versions_agree(bench)


@pytest.mark.parametrize("point", ["refill_page", "refill_switched"])
async def test_a_lost_period_is_read_again_when_its_rebuild_is_cancelled(
    bench: Bench, stores: Stores, point: str
) -> None:
    source = await period_of(stores)
    period, building = f"alert/{source.line[-10:].replace('.', '-')}", f"{source.line}-000002"
    await bench.search.client.indices.delete(index=bench.search.names.of(source.line))
    assert (await programs.run(bench, "rebuild", "events", "--period", period, crash_at=point))[0] == 137
    newcomer = bench.second_writer()
    await newcomer.settle_events([bench.envelope([eve(8000 + n, signature=n) for n in range(30)])])
    assert source.line not in await bench.behind("events"), "while there are two, only the filling touches the alias"
    assert (await programs.run(bench, "cancel", f"rebuild:{source.line}"))[0] == 0
    behind = await bench.behind("events")
    assert source.line in behind
    assert building not in behind
    await bench.search.refresh()
    found = await bench.search.client.count(index=bench.search.names.events)
    assert found["count"] == 30


async def test_nothing_is_switched_while_the_new_mapping_refuses_what_the_old_one_took(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refill, "LOSSES_TURNS", 2)
    await bench.search.client.indices.create(
        index=bench.search.names.of(NEW),
        body={
            "mappings": {"properties": {"severity": {"type": "ip"}}},
            "settings": {"index": {"mapping.ignore_malformed": False, "blocks.write": False}},
        },
    )
    source = await alerts_of(stores)
    with pytest.raises(Conflict, match="would be lost"):
        await run(stores, source)
    assert await bench.behind(ALERTS) == {OLD}
    assert (await states(bench))[NEW] == "building"
    await job.cancel(stores, NAME)
    with pytest.raises(Ended, match="cancelled"):
        await run(stores, source)
    assert not await exists(bench, NEW)


async def test_all_that_is_pending_is_looked_at_before_the_switch(bench: Bench, stores: Stores) -> None:
    await bench.pool.execute(
        "INSERT INTO projection_pending (kind, id, organization_id, version) "
        "SELECT 'alert', id, organization_id, version FROM alerts"
    )
    await indices.ensure_hidden(stores.client, stores.names, NEW)
    source, target = await alerts_of(stores), Target(OLD, NEW)
    assert len(await refill._losses(stores, source, target)) == PAGE, "the first page of them will do"

    ahead = await bench.pool.fetchval("SELECT id FROM alerts ORDER BY id DESC LIMIT 1")
    others = {"query": {"bool": {"must_not": {"ids": {"values": [str(ahead)]}}}}}
    await stores.client.delete_by_query(index=stores.names.of(OLD), body=others, params={"refresh": "true"})
    assert await refill._losses(stores, source, target) == [ahead]
    await bench.pool.execute("DELETE FROM projection_pending WHERE id <> $1", ahead)
    version = await bench.pool.fetchval("SELECT version FROM alerts WHERE id = $1", ahead)
    for name, found in ((OLD, version + 10), (NEW, version)):
        params = {"version": found, "version_type": "external"}
        await stores.client.index(index=stores.names.of(name), id=str(ahead), body={}, params=params)
    assert await refill._losses(stores, source, target) == [], "its row is not as far"


async def test_a_cluster_that_was_lost_after_a_reindex_comes_back(bench: Bench, stores: Stores) -> None:
    await run(stores, await alerts_of(stores))
    await bench.settle()
    client, names = bench.search.client, bench.search.names
    await client.indices.delete(index=",".join(await indices_there(bench)))
    await migrate(client, names)
    assert await bench.behind(ALERTS) == {OLD}, "all that `migrate` can know"
    fresh = bench.stores()
    async with alone(fresh, "repair") as running:
        await drift.run(fresh, running, repair=True)
    assert await bench.behind(ALERTS) == {NEW}
    async with alone(fresh, "drift") as running:
        assert not (await drift.run(fresh, running, repair=False))["drift"]
    await versions_agree(bench)


async def test_an_index_left_hushed_is_read_again(bench: Bench, stores: Stores) -> None:
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_hushed"))[0] == 137
    assert await indices.hushed(stores.client, stores.names) == [OLD]
    async with alone(stores, "drift"):
        await refill.unhush(bench.stores())
        assert await indices.hushed(stores.client, stores.names) == [OLD], "whoever runs a job may have done so"
    foreign = {"settings": {"index.refresh_interval": "-1", "index.blocks.write": False}}
    await stores.client.indices.create(index=stores.names.of("alerts-of-others"), body=foreign)
    await refill.unhush(stores)
    assert await indices.hushed(stores.client, stores.names) == ["alerts-of-others"]
    await stores.client.indices.delete(index=stores.names.of("alerts-of-others"))
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_hushed"))[0] == 137
    assert (await programs.run(bench, "cancel", NAME))[0] == 0
    assert await indices.hushed(stores.client, stores.names) == []


async def test_a_switch_that_was_not_noted_is_no_drift(bench: Bench, stores: Stores) -> None:
    """Repaired, its alias would lead to both."""
    assert (await programs.run(bench, "reindex", "alerts", crash_at="refill_switched"))[0] == 137
    fresh = bench.stores()
    async with alone(fresh, "repair") as running:
        result = await drift.run(fresh, running, repair=True)
    assert not any(part["hidden"] or part["orphan"] for part in result["parts"])
    assert await bench.behind(ALERTS) == {NEW}


async def indices_there(bench: Bench) -> list[str]:
    prefix = bench.search.names.prefix
    return list(await bench.search.client.indices.get(index=f"{prefix}*", params={"filter_path": "*.aliases"}))
