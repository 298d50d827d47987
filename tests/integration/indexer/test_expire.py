"""Retention in both stores: what is too old goes from Postgres and from OpenSearch, whenever the process dies."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.indexer.folding import Connection
from services.indexer.locks import lock_writing
from services.indexer.periods import PeriodBook
from services.indexer.projector import forget
from services.indexer.settings import IndexerSettings
from services.indexer.stores import expire, unfollowed
from services.indexer.stores.opened import Stores
from shared import clock, ids
from shared.search import indices
from tests.integration.indexer.conftest import NOW, PLANS, Bench, eve, no_step
from tests.integration.indexer.incident_rows import open_incident

DAY = timedelta(days=1)
SHORT = IndexerSettings(retention_alert_days=20, retention_telemetry_days=20)
OLD = NOW - 100 * DAY
MANY_UNCLOCKED = """
    INSERT INTO events (id, organization_id, sensor_id, batch_id, time, received_at, severity, kind, digest, body)
    SELECT ('00000000-0000-8000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, $1, $1, now(), now(), 1, 'alert', '', ''
    FROM generate_series(1, 5000) n
"""


@pytest.fixture
async def stores(bench: Bench) -> AsyncIterator[Stores]:
    """Two events of long ago in their periods, one without a time of its own, one of now."""
    records = [eve(1, time=OLD), eve(2, time=OLD + DAY, signature=2), eve(3, signature=3)]
    await bench.send(bench.envelope(records))
    await bench.send(bench.envelope([_unclocked(4)], received_at=OLD))
    await bench.send(bench.envelope([_unclocked(5)], received_at=NOW))
    assert len(await bench.found("events")) == 5
    yield bench.stores()


def _unclocked(flow: int) -> bytes:
    """An alert of a sensor whose clock is far off."""
    return eve(flow, signature=flow).replace(str(NOW.year).encode() + b"-", b"1999-", 1)


async def expire_all(stores: Stores, settings: IndexerSettings = SHORT) -> dict[str, Any]:
    await expire.raise_floors(stores, settings)
    return await expire.run(stores, no_step)


async def caught_up(bench: Bench) -> None:
    while await bench.projector.catch_up():
        pass


async def test_periods_go_whole_and_unclocked_events_by_their_receipt(bench: Bench, stores: Stores) -> None:
    await expire.raise_floors(stores, SHORT)
    planned = await expire.plan(stores)
    result = await expire_all(stores)
    assert result["periods"] == planned["periods"] == result["indices"]
    assert 1 <= len(result["periods"]) <= 2
    assert result["unclocked_alert"] == 1
    await caught_up(bench)
    left = {str(row["id"]) for row in await bench.rows("SELECT id FROM events")}
    assert len(left) == 2
    assert set(await bench.found("events")) == left
    assert await bench.count("projection_pending") == 0
    assert (await expire_all(stores))["periods"] == []


async def test_unclocked_events_are_searched_for_while_others_write(
    bench: Bench, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    await expire.raise_floors(stores, SHORT)
    async with bench.postgres.connect() as owner:
        await owner.execute(MANY_UNCLOCKED, bench.organization_id)
        await owner.execute("ANALYZE events_alert_unclocked")
        given = "alert", ids.first_of(1), NOW - 20 * DAY, 1000, unfollowed.PATIENCE
        plan = await owner.fetch(f"EXPLAIN {expire.UNCLOCKED}", *given)
    assert "ix_events_alert_unclocked_time" in str(plan)
    held: list[int] = []

    async def nothing_held(connection: Connection) -> None:
        sql = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE relname LIKE $1 AND pid = $2"
        held.append(await connection.fetchval(sql, "%unclocked%", connection.get_server_pid()))
        await lock_writing(connection)

    monkeypatch.setattr(expire, "lock_writing", nothing_held)
    assert await expire.delete_unclocked(stores, "alert", no_step) == 1
    assert held == [0]
    held.clear()
    assert await expire.delete_unclocked(stores, "alert", no_step) == 0
    assert held == [], "where nothing is old, writers wait for nothing"


async def test_a_repeat_of_what_went_is_older_than_retention(bench: Bench, stores: Stores) -> None:
    await expire_all(stores)
    await bench.send(bench.envelope([eve(1, time=OLD)]))
    (row,) = await bench.rows("SELECT reason FROM quarantine")
    assert row["reason"] == "older_than_retention"
    assert (
        await bench.rows("SELECT FROM event_periods WHERE dropped_at IS NULL AND ends_at < now() - interval '50 days'")
        == []
    )


async def test_with_the_floor_lowered_again_a_dropped_period_comes_back(bench: Bench, stores: Stores) -> None:
    """Also in a process that knew the period before it was dropped."""
    newcomer = stores_of_another(bench)
    await expire_all(newcomer)
    await expire_all(newcomer, IndexerSettings(retention_alert_days=0))
    assert await bench.send(bench.envelope([eve(1, time=OLD)])) == [None]
    assert len(await bench.rows("SELECT FROM events WHERE time = $1", OLD)) == 1
    assert len(await bench.found("events")) == 3


def stores_of_another(bench: Bench) -> Stores:
    """Another process, with its own book of periods."""
    own = bench.stores()
    return Stores(own.pool, own.client, own.names, PeriodBook(PLANS), own.generations, own.projection)


async def test_killed_between_the_stores_the_index_goes_next_time(bench: Bench, stores: Stores) -> None:
    await expire.raise_floors(stores, SHORT)
    dropped = await expire.drop_periods(stores, no_step)
    (line, *_) = dropped
    # It had been rebuilt, and another rebuild was under way.
    await bench.pool.execute(
        "INSERT INTO search_generations (alias, generation, index_name, state) VALUES "
        "($1, 1, $1, 'retired'), ($1, 2, $1 || '-000002', 'active'), ($1, 3, $1 || '-000003', 'building')",
        line,
    )
    await indices.ensure_event_index(stores.client, stores.names, f"{line}-000002", kind="alert")
    await indices.ensure_hidden(stores.client, stores.names, f"{line}-000003")
    result = await expire_all(bench.stores())
    assert result["periods"] == []
    assert sorted(result["indices"]) == sorted([*dropped, f"{line}-000002", f"{line}-000003"])
    assert await bench.count("search_generations") == 0
    assert not set(await indices.mappings_in_cluster(stores.client, stores.names)) & {*dropped, f"{line}-000002"}


async def test_a_period_that_is_being_read_stays_for_the_next_time(bench: Bench, stores: Stores) -> None:
    await expire.raise_floors(stores, SHORT)
    async with bench.postgres.connect("indexer") as reader, reader.transaction():
        await reader.fetch("SELECT id FROM events WHERE time < now()")
        assert await expire.drop_periods(stores, no_step) == []
        assert await expire.drop_indices(stores) == []
    assert await expire.drop_periods(stores, no_step) != []


async def closed(bench: Bench, alert_id: UUID, days: int, **more: Any) -> None:
    sets = "".join(f", {name} = ${number}" for number, name in enumerate(more, 3))
    await bench.pool.execute(
        f"UPDATE alerts SET status = 'closed', closed_at = $2{sets} WHERE id = $1",
        alert_id, clock.now() - days * DAY, *more.values(),
    )  # fmt: skip


async def test_what_was_in_an_incident_once_holds_up_no_other(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(number, signature=number) for number in range(3)]))
    linked, picked, gone = sorted(row["id"] for row in await bench.rows("SELECT id FROM alerts ORDER BY id"))
    for alert in (linked, picked, gone):
        await closed(bench, alert, 800)
    of_it = (ids.uuid7(), bench.organization_id, await open_incident(bench))
    async with bench.postgres.connect() as owner:
        await owner.execute(
            "INSERT INTO incident_alerts (id, organization_id, incident_id, alert_id, linked_by_name, unlinked_at)"
            " VALUES ($1, $2, $3, $4, 'Ann', now())", *of_it, linked,
        )  # fmt: skip
        await owner.execute(
            "INSERT INTO incident_events (id, organization_id, incident_id, alert_id, event_id, event_kind, time,"
            " received_at, sensor_id, body, sha256, picked)"
            " VALUES ($1, $2, $3, $4, $1, 'alert', now(), now(), $1, '', sha256(''), true)", *of_it, picked,
        )  # fmt: skip
    assert await expire.delete_closed(bench.stores(), IndexerSettings(), no_step) == 1
    assert {row["id"] for row in await bench.rows("SELECT id FROM alerts")} == {linked, picked}


async def test_alerts_closed_long_ago_go_and_their_successors_forget_them(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(number, signature=number) for number in range(5)]))
    old, recent, linked, opened, chained = sorted(
        row["id"] for row in await bench.rows("SELECT id FROM alerts ORDER BY id")
    )
    await closed(bench, old, 800)
    await closed(bench, recent, 700)
    await closed(bench, linked, 800, incident_id=await open_incident(bench))
    # One that follows what goes, and goes with it; and one that stays.
    await closed(bench, chained, 790, previous_alert_id=old)
    await bench.pool.execute("UPDATE alerts SET previous_alert_id = $1 WHERE id = $2", chained, opened)
    stores = bench.stores()
    assert await expire.delete_closed(stores, IndexerSettings(), no_step) == 2
    rows = await bench.rows("SELECT id, previous_alert_id FROM alerts")
    assert {row["id"]: row["previous_alert_id"] for row in rows} == {recent: None, linked: None, opened: None}
    (told,) = await bench.rows("SELECT ids, kind FROM outbox")
    assert told["ids"] == [opened]
    await caught_up(bench)
    assert set(await bench.found("alerts")) == {str(row["id"]) for row in rows}
    assert await bench.count("projection_pending") == 0


async def test_a_projection_on_its_way_does_not_take_a_deletion_for_done(bench: Bench) -> None:
    await bench.send(bench.envelope([_unclocked(1)], received_at=OLD))
    (alert,) = await bench.rows("SELECT id, version FROM alerts")
    (event,) = await bench.rows("SELECT id FROM events")
    await closed(bench, alert["id"], 800)
    (last,) = await bench.rows("SELECT version FROM alerts")
    stores = bench.stores()
    await expire.raise_floors(stores, SHORT)
    assert await expire.delete_closed(stores, IndexerSettings(), no_step) == 1
    assert await expire.delete_unclocked(stores, "alert", no_step) == 1
    async with bench.pool.acquire() as connection:
        await forget(connection, [("alert", alert["id"], last["version"]), ("event", event["id"], 0)])
    assert await bench.count("projection_pending") == 2
    await caught_up(bench)
    assert (await bench.found("alerts"), await bench.found("events")) == ({}, {})
    assert await bench.count("projection_pending") == 0


async def test_a_chunk_that_met_another_crosswise_starts_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.send(bench.envelope([eve(1)]))
    await closed(bench, (await bench.rows("SELECT id FROM alerts"))[0]["id"], 800)
    told: list[int] = []

    async def crosswise_once(*_: Any) -> None:
        told.append(1)
        if len(told) == 1:
            raise asyncpg.DeadlockDetectedError

    monkeypatch.setattr(expire, "alerts_changed", crosswise_once)
    assert await expire.delete_closed(bench.stores(), IndexerSettings(), no_step) == 1
    assert len(told) == 2


async def test_zero_days_keep_closed_alerts_for_ever(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1)]))
    await closed(bench, (await bench.rows("SELECT id FROM alerts"))[0]["id"], 5000)
    settings = IndexerSettings(retention_closed_alerts_days=0)
    assert await expire.delete_closed(bench.stores(), settings, no_step) == 0
    assert await bench.count("alerts") == 1
