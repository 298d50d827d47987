"""Maintenance's look at drift: one part a turn, told by metrics; and the disks of real servers."""

import dataclasses
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import orjson
import pytest
from pydantic import SecretStr

from services.indexer import projection
from services.indexer.periods import PeriodBook, plans_of
from services.indexer.settings import IndexerSettings
from services.indexer.stores import compare, disk, watch
from services.indexer.stores import drift as drifting
from services.indexer.stores.compare import Part
from services.indexer.stores.disk import Disk
from services.indexer.stores.job import alone
from services.indexer.stores.opened import Stores
from services.indexer.stores.watch import DriftWatch
from shared import clock, ids, metrics
from shared.db.engine import create_pool
from shared.search.client import create_client
from shared.search.indices import Names, first_generation
from shared.settings import OpensearchSettings
from tests.fixtures.postgres import Postgres
from tests.integration.indexer.conftest import Bench, eve
from tests.integration.indexer.incident_rows import open_incident

ALERTS = first_generation("alerts")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(watch, "LAG_SECONDS", 0.05)


@pytest.fixture
async def stores(bench: Bench) -> AsyncIterator[Stores]:
    await bench.send(bench.envelope([eve(number, signature=number % 4) for number in range(8)]))
    await bench.settle()
    await bench.search.refresh()
    yield bench.stores()


def drift() -> dict[str, float]:
    """The gauge, as a scrape reads it."""
    samples = [sample for metric in metrics.DRIFT.collect() for sample in metric.samples]
    return {sample.labels["difference"]: sample.value for sample in samples if sample.value}


async def turns(watching: DriftWatch, number: int = 12) -> None:
    """Enough for each part to be seen twice."""
    for _ in range(number):
        await watching.look()


async def test_what_agrees_is_told_so(stores: Stores) -> None:
    await turns(DriftWatch(stores))
    assert drift() == {}


async def test_each_sort_is_suspected_in_turn(bench: Bench, stores: Stores) -> None:
    client, names = bench.search.client, bench.search.names
    events, alerts = await bench.found("events"), sorted(await bench.found("alerts"))
    period = next(iter(events.values()))["_index"]
    await client.delete(index=period, id=min(events))
    for _ in range(2):
        await client.index(index=names.of("events-alert-v1-unclocked"), id=str(ids.uuid7()), body={})
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}' WHERE id = $1", alerts[0])
    await bench.settle()
    await bench.search.refresh()
    watching = DriftWatch(stores)
    await turns(watching)
    assert drift() == {"missing": 1, "too_many": 2, "stale": 1}

    async with alone(stores, "repair") as job:
        await drifting.run(stores, job, repair=True)
    await bench.search.refresh()
    await turns(watching)
    assert drift() == {}


async def test_incidents_are_watched_as_alerts_are(bench: Bench, stores: Stores) -> None:
    stale, lost = [await open_incident(bench) for _ in range(2)]
    async with bench.pool.acquire() as connection:
        items = await projection.read_changing(connection, "incident", [stale])
    await bench.projection.write(items)
    await bench.pool.execute("UPDATE incidents SET tags = '{changed}' WHERE id = $1", stale)
    await bench.settle()
    await bench.search.refresh()
    watching = DriftWatch(stores)
    await turns(watching, 14)
    assert drift() == {"missing": 1, "stale": 1}
    await bench.pool.execute(
        "INSERT INTO projection_pending (kind, id, organization_id, version) VALUES ('incident', $1, $2, 1)",
        lost,
        bench.organization_id,
    )
    await turns(watching, 14)
    assert drift() == {"stale": 1}, "what is pending is on its way"


async def test_an_index_that_its_alias_misses_and_one_that_is_nobodys_are_told(bench: Bench, stores: Stores) -> None:
    client, names = bench.search.client, bench.search.names
    await client.indices.delete_alias(index=names.of(ALERTS), name=names.alerts)
    await client.indices.create(
        index=names.of("events-alert-v1-2001.01.01"),
        body={"aliases": {names.events: {}}, "settings": {"index.blocks.write": False}},
    )
    watching = DriftWatch(stores)
    await watching.look()
    assert drift() == {"hidden": 1, "orphan": 1}

    async with alone(stores, "repair") as job:
        await drifting.run(stores, job, repair=True)
    await watching.look()
    assert drift() == {}


async def test_what_a_slice_held_is_forgotten_when_slices_move(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SLICE_ENDS", "SELECT id FROM {table} WHERE id >= $1 ORDER BY id OFFSET 2 LIMIT 1")
    first, second, _, last = sorted(await bench.found("alerts"))
    await bench.pool.execute("UPDATE alerts SET tags = '{changed}' WHERE id = $1", last)
    await bench.settle()
    watching = DriftWatch(stores)
    while drift() != {"stale": 1}:
        await watching.look()
    async with bench.postgres.connect() as owner:
        await owner.execute("DELETE FROM alerts WHERE id IN ($1, $2)", first, second)
    async with alone(stores, "repair") as job:
        await drifting.run(stores, job, repair=True)
    await bench.search.refresh()
    await turns(watching, 18)
    assert drift() == {}


async def test_one_turn_is_not_enough(bench: Bench, stores: Stores) -> None:
    """What was slow in one turn is there in the next."""
    (event, *_) = sorted(await bench.found("events"))
    document = (await bench.found("events"))[event]
    await bench.search.client.delete(index=document["_index"], id=event)
    watching = DriftWatch(stores)
    for _ in range(6):
        await watching.look()
        if watching._suspected:
            break
    assert list(watching._suspected.values()) == [-1]
    assert drift() == {}
    await bench.search.client.index(index=document["_index"], id=event, body={}, params={"refresh": "true"})
    await turns(watching)
    assert drift() == {}


async def test_counting_gives_up_in_time(postgres: Postgres) -> None:
    async with (
        await create_pool(postgres.url("indexer"), application_name="test", max_size=1) as pool,
        postgres.connect() as owner,
        owner.transaction(),
    ):
        await owner.execute("LOCK TABLE alerts")
        stores: Any = SimpleNamespace(pool=pool)
        with pytest.raises(asyncpg.QueryCanceledError):
            await compare.count_rows(stores, Part("alerts", ALERTS), within=1)


async def _installed(postgres: Postgres, ago: str) -> None:
    async with postgres.connect() as owner:
        await owner.execute(
            """UPDATE process_controls SET value = value || jsonb_build_object('at', now() - $1::text::interval)
            WHERE key = 'installed_at'""",
            ago,
        )


async def test_growth_is_unknown_until_it_could_be_measured_and_where_nobody_answers(postgres: Postgres) -> None:
    settings = IndexerSettings(postgres_budget_bytes=1 << 40)
    client = create_client(OpensearchSettings(opensearch_url=SecretStr("http://127.0.0.1:1")))
    async with await create_pool(postgres.url("indexer"), application_name="test", max_size=1) as pool:
        periods = PeriodBook(plans_of(settings))
        await periods.ensure(pool, [("telemetry", ids.first_of(clock.milliseconds(clock.now())))])
        stores: Any = SimpleNamespace(pool=pool, client=client, names=Names("test-"), periods=periods)
        await _installed(postgres, "0 s")
        fresh = (await disk.measure(stores, settings)).as_dict()
        await _installed(postgres, "6 hours")
        later = (await disk.measure(stores, settings)).as_dict()
        sized = sum(row["size"] or 0 for row in await pool.fetch(disk.PARTITIONS))
    await client.close()
    unknown = {"alert": None, "telemetry": None}
    assert fresh["measured_over_seconds"] is None
    assert fresh["bytes_per_day"] == {"opensearch": unknown, "postgres": unknown}
    assert later["measured_over_seconds"] == pytest.approx(6 * 3600, abs=60)
    assert later["bytes_per_day"]["opensearch"] == unknown
    assert later["bytes_per_day"]["postgres"]["alert"] == 0
    # At midnight the period is younger than the installation.
    assert later["bytes_per_day"]["postgres"]["telemetry"] >= sized * 4 * 0.99


async def test_the_disks_of_real_servers(bench: Bench, stores: Stores) -> None:
    await _installed(bench.postgres, "1 day")
    settings = IndexerSettings(postgres_budget_bytes=1 << 40)
    measured = await disk.measure(stores, settings)
    by_store = {one.store: one for one in measured.disks}
    asked = {"rabbitmq"} if settings.rabbitmq_management_url else set()
    assert set(by_store) == {"opensearch", "postgres"} | asked
    for store in asked:
        broker = by_store.pop(store)
        assert broker.free is not None
        assert broker.free > 0
        assert not broker.nearly_full
    for one in by_store.values():
        assert one.used > 0
        assert one.capacity is not None
        assert one.free is not None
        assert 0 < one.free < one.capacity
        assert one.left is not None
        assert 0 < one.left <= 1
    assert measured.bytes_per_event["opensearch"]["alert"] > 100
    assert measured.bytes_per_event["postgres"]["alert"] > 100
    assert (measured.bytes_per_day["postgres"]["alert"] or 0) > 0
    assert measured.bytes_per_day["postgres"]["telemetry"] == 0
    tight = IndexerSettings(postgres_budget_bytes=int(by_store["postgres"].used * 1.05))
    tightly = await disk.measure(stores, tight)
    (postgres,) = (one for one in tightly.disks if one.store == "postgres")
    assert postgres.nearly_full
    assert postgres.full_at is not None
    (first, *_) = disk.advice(postgres, tightly, tight)
    assert first.startswith("EVENTSEC_RETENTION_ALERT_DAYS=400: a day less frees")
    disk.tell(tightly, tight)
    assert metrics.DISK_LEFT.labels("postgres")._value.get() < disk.NEARLY_FULL


async def test_what_was_measured_last_is_kept_for_the_api(postgres: Postgres) -> None:
    full = disk.Disks([Disk("postgres", 91, 9, 100)], {}, {"postgres": {"alert": 3.0}})
    async with await create_pool(postgres.url("indexer"), application_name="test", max_size=1) as pool:
        await disk.keep(full, pool, IndexerSettings())
        await disk.keep(disk.Disks([Disk("postgres", 80, 20, 100)], {}, {}), pool, IndexerSettings())
        before = orjson.loads(await pool.fetchval("SELECT value FROM process_controls WHERE key = 'disks'"))
        await disk.keep(full, pool, IndexerSettings())
        kept = orjson.loads(await pool.fetchval("SELECT value FROM process_controls WHERE key = 'disks'"))
    assert before["helps"] == {}
    assert kept["disks"][0]["nearly_full"]
    assert kept["helps"]["postgres"][0].startswith("EVENTSEC_RETENTION_ALERT_DAYS")
    assert before["measured_at"] <= kept["measured_at"]


async def test_a_broker_that_does_not_answer_is_left_out(stores: Stores) -> None:
    settings = IndexerSettings(rabbitmq_management_url=SecretStr("http://guest:guest@127.0.0.1:1"))
    measured = await disk.measure(stores, settings)
    assert [one.store for one in measured.disks] == ["opensearch", "postgres"]


async def test_a_search_that_does_not_answer_is_left_out(bench: Bench, stores: Stores) -> None:
    away = OpensearchSettings(opensearch_url=SecretStr("http://127.0.0.1:1"))
    client = create_client(away)
    measured = await disk.measure(dataclasses.replace(stores, client=client), IndexerSettings())
    await client.close()
    assert "opensearch" not in [one.store for one in measured.disks]
    assert "postgres" in [one.store for one in measured.disks]


def test_nearly_full() -> None:
    assert not Disk("x", 80, 20, 100).nearly_full
    assert Disk("x", 91, 9, 100).nearly_full
    assert Disk("x", 0, 100, None, alarm=True).nearly_full
    assert not Disk("x", 0, 0, None).nearly_full, "nobody told how much there is"
