"""Planted differences of each sort are found, told and mended; what is on its way is none."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from opensearchpy.exceptions import ConnectionError as NoConnection

from services.indexer import projection
from services.indexer.stores import compare, drift
from services.indexer.stores.compare import Comparison
from services.indexer.stores.job import Ended, Job, alone, cancel
from services.indexer.stores.opened import Stores
from shared import ids
from shared.errors import Conflict
from shared.search import versions
from shared.search.indices import first_generation
from tests.integration.indexer.conftest import Bench, eve
from tests.integration.indexer.incident_rows import open_incident

ALERTS = first_generation("alerts")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "AGAIN_SECONDS", 0.05)


@pytest.fixture
async def stores(bench: Bench) -> AsyncIterator[Stores]:
    """Eight events in four alerts, all in both stores, all settled."""
    await bench.send(bench.envelope([eve(number, signature=number % 4) for number in range(8)]))
    await bench.settle()
    yield bench.stores()


async def look(stores: Stores, *, repair: bool = False, only: str | None = None) -> dict[str, Any]:
    async with alone(stores, "drift") as job:
        return await drift.run(stores, job, repair=repair, only=only)


def sorts(result: dict[str, Any]) -> dict[str, int]:
    return {sort: result[sort] for sort in ("missing", "stale", "ahead", "too_many") if result[sort]}


async def plant(bench: Bench) -> dict[str, int]:
    """One difference of each sort that can be mended, in events and in alerts."""
    client, names = bench.search.client, bench.search.names
    events, alerts = await bench.found("events"), await bench.found("alerts")
    (lost, *_), (gone, stale, *_) = sorted(events), sorted(alerts)
    document = {key: value for key, value in events[lost].items() if not key.startswith("_")}
    index = events[lost]["_index"]
    await client.delete(index=index, id=lost)
    await client.index(index=index, id=str(ids.uuid7()), body=document)
    # A document of an event that has a row, in an index that is not the event's.
    await client.index(index=names.of("events-alert-v1-unclocked"), id=sorted(events)[1], body=document)
    # Without this its tombstone would refuse an older version for a minute.
    await client.indices.put_settings(index=names.of(ALERTS), body={"index.gc_deletes": "0s"})
    await client.delete(index=names.of(ALERTS), id=gone)
    await client.index(index=names.of(ALERTS), id=str(ids.uuid7()), body={"title": "nobody's"})
    for some in (index, names.of(ALERTS)):
        await client.index(index=some, id="by hand", body={})
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}' WHERE id = $1", stale)
    await bench.settle()
    return {"missing": 2, "stale": 1, "too_many": 5}


async def test_stores_that_agree_have_no_drift(stores: Stores) -> None:
    result = await look(stores)
    assert not result["drift"]
    assert {part["index"]: (part["rows"], part["documents"]) for part in result["parts"] if part["rows"]} == {
        ALERTS: (4, 4),
        stores.periods.places()[1][1].index_name: (8, 8),
    }


async def test_each_sort_is_found_and_mended(bench: Bench, stores: Stores) -> None:
    planted = await plant(bench)
    result = await look(stores)
    assert result["drift"]
    assert sorts(result) == planted
    assert all(len(part["examples"]) == len([n for n in part["differences"].values() if n]) for part in result["parts"])
    assert sorts(await look(stores)) == planted, "looking changes nothing"

    mended = await look(stores, repair=True)

    assert mended["repaired"] == sum(planted.values())
    assert not mended["drift"]
    assert not sorts(await look(stores))
    rows = {str(row["id"]): row["version"] for row in await bench.rows("SELECT id, version FROM alerts")}
    assert {key: document["_version"] for key, document in (await bench.found("alerts")).items()} == rows
    assert set(await bench.found("events")) == {str(row["id"]) for row in await bench.rows("SELECT id FROM events")}


async def test_incidents_are_compared_and_mended_as_alerts_are(bench: Bench, stores: Stores) -> None:
    client, index = bench.search.client, bench.search.names.of(first_generation("incidents"))
    lost, stale, sound = [await open_incident(bench) for _ in range(3)]
    async with bench.pool.acquire() as connection:
        items = await projection.read_changing(connection, "incident", [stale, sound])
    await bench.projection.write(items)
    await client.index(index=index, id=str(ids.uuid7()), body={"title": "nobody's"})
    await bench.pool.execute("UPDATE incidents SET tags = '{changed}' WHERE id = $1", stale)
    await bench.settle()
    assert sorts(await look(stores, only="incidents")) == {"missing": 1, "stale": 1, "too_many": 1}
    assert not (await look(stores, repair=True))["drift"]
    rows = {str(row["id"]): row["version"] for row in await bench.rows("SELECT id, version FROM incidents")}
    assert rows.keys() == {str(lost), str(stale), str(sound)}
    assert {key: one["_version"] for key, one in (await bench.found("incidents")).items()} == rows
    assert not sorts(await look(stores))


async def test_only_the_index_that_was_asked_for(bench: Bench, stores: Stores) -> None:
    await plant(bench)
    result = await look(stores, only="alerts")
    assert [part["index"] for part in result["parts"]] == [ALERTS]
    assert sorts(result) == {"missing": 1, "stale": 1, "too_many": 2}


async def test_what_is_young_or_pending_is_on_its_way(bench: Bench, stores: Stores) -> None:
    events = await bench.rows("SELECT id FROM events ORDER BY id")
    found = await bench.found("events")
    for row in events[:2]:
        await bench.search.client.delete(index=found[str(row["id"])]["_index"], id=str(row["id"]))
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE events SET created_at = now() WHERE id = $1", events[0]["id"])
    await bench.pool.execute(
        "INSERT INTO projection_pending (kind, id, organization_id, event_kind, version) "
        "VALUES ('event', $1, $2, 'alert', 0)",
        events[1]["id"],
        bench.organization_id,
    )
    both = await look(stores)
    assert (sorts(both), both["young"], both["drift"]) == ({}, 1, False)
    await bench.pool.execute("DELETE FROM projection_pending")
    assert sorts(await look(stores)) == {"missing": 1}


async def lose_young(bench: Bench) -> str:
    """A document is deleted whose row was stored just now."""
    lost, document = sorted((await bench.found("events")).items())[0]
    await bench.search.client.delete(index=document["_index"], id=lost)
    async with bench.postgres.connect() as owner:
        await owner.execute("UPDATE events SET created_at = now() WHERE id = $1", UUID(lost))
    return lost


@pytest.fixture
def phases(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each phase that a job is in, as it comes."""
    told: list[str] = []
    save = Job.save

    async def and_told(self: Job, **members: Any) -> None:
        if "phase" in members:
            told.append(members["phase"])
        await save(self, **members)

    monkeypatch.setattr(Job, "save", and_told)
    return told


async def test_a_repair_waits_for_what_was_young_when_it_began(
    bench: Bench, stores: Stores, phases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def a_minute_passes(*_: Any, until: float) -> None:
        assert 0 < until - time.monotonic() <= compare.YOUNG_SECONDS + 1
        phases.append(drift.WAITING)
        await bench.settle()

    monkeypatch.setattr(drift, "_settle", a_minute_passes)
    lost = await lose_young(bench)
    client, index = bench.search.client, bench.search.names.of(stores.periods.places()[1][1].index_name)
    # As many too many as are young and lack theirs: the counts agree.
    await client.index(index=index, id=str(ids.uuid7()), body={}, refresh="true")

    result = await look(stores, repair=True)

    assert drift.WAITING in phases
    assert (sorts(result), result["repaired"]) == ({"missing": 1, "too_many": 1}, 2)
    assert (result["young"], result["drift"]) == (0, False)
    assert lost in await bench.found("events")
    assert not sorts(await look(stores))


async def test_a_repair_waits_for_no_change_made_since_it_began(
    bench: Bench, stores: Stores, phases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = Comparison._pending

    async def just_then(self: Comparison, wanted: Sequence[UUID]) -> set[UUID]:
        await bench.pool.execute("UPDATE alerts SET tags = '{changed}'")
        return await pending(self, wanted)

    await bench.pool.execute("UPDATE alerts SET tags = '{early}'")
    await bench.settle()
    monkeypatch.setattr(Comparison, "_pending", just_then)
    result = await look(stores, repair=True, only="alerts")
    assert (result["young"], result["drift"], drift.WAITING in phases) == (4, False, False)


@pytest.mark.parametrize("how", ["cancelled", "stopped"])
async def test_a_repair_that_waits_can_be_ended(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await lose_young(bench)
    save = Job.save

    async def then_ended(self: Job, **members: Any) -> None:
        await save(self, **members)
        if members.get("phase") == drift.WAITING and how == "cancelled":
            await cancel(stores, self.name)
        elif members.get("phase") == drift.WAITING:
            stores.stop.set()

    with monkeypatch.context() as patched, pytest.raises(Ended) as caught:
        patched.setattr(Job, "save", then_ended)
        await look(stores, repair=True)
    assert caught.value.cancelled == (how == "cancelled")


async def test_a_repair_that_goes_on_looks_again_where_rows_were_young(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = await lose_young(bench)
    save = Job.save

    async def then_stopped(self: Job, **members: Any) -> None:
        await save(self, **members)
        if members.get("phase") == drift.WAITING:
            raise Ended(cancelled=False)

    with monkeypatch.context() as patched, pytest.raises(Ended):
        patched.setattr(Job, "save", then_stopped)
        await look(stores, repair=True)
    await bench.settle()
    result = await look(stores, repair=True)
    assert (sorts(result), result["repaired"]) == ({"missing": 1}, 1)
    assert lost in await bench.found("events")


async def test_a_difference_counts_only_when_seen_again(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}'")
    await bench.settle()
    sleep = asyncio.sleep

    async def somebody_writes_meanwhile(seconds: float) -> None:
        async with bench.pool.acquire() as connection:
            ids = [row["id"] for row in await bench.rows("SELECT id FROM alerts")]
            items = await projection.read_changing(connection, "alert", ids)
        await bench.projection.write(items)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", somebody_writes_meanwhile)
    assert not sorts(await look(stores, only="alerts"))


async def test_what_the_projector_writes_during_the_second_look_is_no_difference(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = "UPDATE alerts SET tags = '{changed}' RETURNING id, organization_id, version"
    await bench.pool.execute(
        f"WITH a AS ({changed}) INSERT INTO projection_pending (kind, id, organization_id, version, next_try_at) "
        "SELECT 'alert', id, organization_id, version, now() FROM a"
    )
    await bench.settle()
    versions_of, looks = Comparison._versions, 0

    async def and_then_it_drains(self: Comparison, wanted: Sequence[UUID]) -> dict[UUID, int]:
        nonlocal looks
        looks += 1
        found = await versions_of(self, wanted)
        if looks == 2:
            while await bench.projector.catch_up():
                pass
        return found

    monkeypatch.setattr(Comparison, "_versions", and_then_it_drains)
    assert not sorts(await look(stores, only="alerts"))
    assert looks == 2
    assert await bench.count("projection_pending") == 0


async def test_documents_are_looked_for_part_by_part(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hiccup costs one part."""
    planted = await plant(bench)
    client, searches = bench.search.client, 0
    search = client.search

    async def once_away(**options: Any) -> Any:
        nonlocal searches
        searches += 1
        if searches == 3:
            raise NoConnection("N/A", "gone", OSError())
        return await search(**options)

    monkeypatch.setattr(versions, "MOST_IDS", 2)
    monkeypatch.setattr(client, "search", once_away)
    assert sorts(await look(dataclasses.replace(stores, attempts=2))) == planted
    assert searches > 10, "it went on"


@pytest.mark.parametrize("nobodys", [0, 1])
async def test_documents_of_rows_that_came_behind_their_page_are_no_reason_to_read_all_ids(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch, nobodys: int
) -> None:
    count, written, scans = Comparison._count_documents, versions.written, 0
    index = bench.search.names.of(ALERTS)
    for _ in range(nobodys):
        await bench.search.client.index(index=index, id=str(ids.uuid7()), body={"title": "nobody's"})

    async def behind_more_rows(self: Comparison) -> int:
        await bench.send(bench.envelope([eve(number, signature=number) for number in range(100, 103)]))
        return await count(self)

    async def counted(*arguments: Any) -> list[UUID | str]:
        nonlocal scans
        scans += 1
        return await written(*arguments)

    monkeypatch.setattr(Comparison, "_count_documents", behind_more_rows)
    monkeypatch.setattr(versions, "written", counted)
    assert sorts(await look(stores, only="alerts")) == ({"too_many": 1} if nobodys else {})
    assert scans == nobodys


async def test_a_document_that_was_on_its_way_is_no_reason_to_read_all_ids(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = Comparison._count_documents
    document = (await bench.found("alerts")).popitem()
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}'")
    await bench.search.client.delete(index=bench.search.names.of(ALERTS), id=document[0])

    async def behind_it(self: Comparison) -> int:
        await bench.search.client.index(index=bench.search.names.of(ALERTS), id=document[0], body={})
        return await count(self)

    async def nobody_asks(*_: Any) -> list[UUID]:
        raise AssertionError

    monkeypatch.setattr(Comparison, "_count_documents", behind_it)
    monkeypatch.setattr(versions, "written", nobody_asks)
    assert not sorts(await look(stores, only="alerts"))


async def test_a_document_ahead_of_its_row_is_told_and_left(bench: Bench, stores: Stores) -> None:
    ahead = min(await bench.found("alerts"))
    await bench.search.client.index(
        index=bench.search.names.of(ALERTS), id=ahead, body={}, params={"version": 99, "version_type": "external"}
    )
    result = await look(stores, repair=True)
    assert sorts(result) == {"ahead": 1}
    assert result["drift"], "its version would win over ours"


async def test_what_a_tombstone_refuses_is_not_told_as_mended(bench: Bench, stores: Stores) -> None:
    gone = min(await bench.found("alerts"))
    await bench.search.client.delete(index=bench.search.names.of(ALERTS), id=gone)
    result = await look(stores, repair=True)
    assert (result["missing"], result["repaired"], result["drift"]) == (1, 0, True)


async def test_an_index_without_rows_goes_and_one_without_alias_comes_back(bench: Bench, stores: Stores) -> None:
    client, names = bench.search.client, bench.search.names
    period = stores.periods.places()[1][1].index_name
    await client.indices.delete_alias(index=names.of(period), name=names.events)
    await client.indices.create(
        index=names.of("events-alert-v1-2001.01.01"),
        body={"aliases": {names.events: {}}, "settings": {"index.blocks.write": False}},
    )
    await client.index(index=names.of("events-alert-v1-2001.01.01"), id=str(ids.uuid7()), body={})
    assert await bench.found("events") != {}
    result = await look(stores)
    assert {part["index"] for part in result["parts"] if part["hidden"]} == {period}
    assert {part["index"]: part["documents"] for part in result["parts"] if part["orphan"]} == {
        "events-alert-v1-2001.01.01": 1
    }
    assert not (await look(stores, repair=True))["drift"]
    assert "events-alert-v1-2001.01.01" not in await bench.behind("events")
    assert len(await bench.found("events")) == 8
    assert not (await look(stores))["drift"]


async def test_a_lost_index_comes_back(bench: Bench, stores: Stores) -> None:
    period = stores.periods.places()[1][1].index_name
    await bench.search.client.indices.delete(index=bench.search.names.of(period))
    assert sorts(await look(stores)) == {"missing": 8}
    await look(stores, repair=True)
    assert len(await bench.found("events")) == 8


async def test_what_was_looked_at_before_a_kill_is_not_looked_at_again(bench: Bench, stores: Stores) -> None:
    await plant(bench)
    async with alone(stores, "drift") as job:
        await drift.run(stores, job, repair=False)
        first = dict(list(job.state["reports"].items())[:1])
        await job.begin(phase="comparing", done=1, total=9, only=None, reports=first)
    await bench.search.client.indices.delete(index=bench.search.names.of(ALERTS))
    result = await look(stores)
    assert result["parts"][0] == first[ALERTS]
    assert len(result["parts"]) > 1
    async with alone(stores, "drift") as job:
        await job.begin(phase="comparing", done=1, total=9, only=None, reports=first)
    old = '{"updated_at": "2026-01-01T00:00:00.000Z"}'
    await bench.pool.execute("UPDATE process_controls SET value = value || $1 WHERE key = 'job:drift'", old)
    assert (await look(stores))["parts"][0] != first[ALERTS], "what was seen long ago says little"


async def test_a_repair_overtakes_a_comparison_that_was_left(stores: Stores) -> None:
    async with alone(stores, "drift") as job:
        await job.begin(phase=drift.COMPARING, done=0, total=9, only=None, reports={ALERTS: {"index": ALERTS}})
    async with alone(stores, "repair") as job:
        await drift.run(stores, job, repair=True)
    async with alone(stores, "drift") as job:
        assert (job.unfinished, job.state["outcome"]) == (False, "cancelled")


async def test_one_job_at_a_time(stores: Stores) -> None:
    async with alone(stores, "drift"):
        with pytest.raises(Conflict, match="another job"):
            await look(stores)
