"""What one process does on a clock: closings by the source, periods ahead, floors, purging; one process at a time."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import Gauge

from services.indexer.maintenance import AHEAD, CLOSE_RESOLVED, Maintenance
from services.indexer.retention import read_floors
from services.indexer.settings import IndexerSettings
from services.indexer.stores import expire
from services.indexer.stores.job import alone
from services.indexer.stores.opened import opened
from shared import clock, ids, metrics
from shared.db.engine import Limits, create_pool
from shared.db.locks import CLASS, Lock
from shared.domain import alert as rules
from shared.domain.alert import Alert
from shared.lifecycle import Stop
from tests.fixtures.postgres import Postgres
from tests.integration.indexer.conftest import Bench, no_step
from tests.integration.indexer.incident_rows import open_incident
from tests.waiting import until

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
async def maintenance(bench: Bench) -> AsyncIterator[Maintenance]:
    yield Maintenance(bench.stores(), IndexerSettings())


async def test_who_holds_a_lock_while_work_goes_on_elsewhere_is_not_ended_for_idling(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indexer.maintenance.EVERY_SECONDS", 0.6)
    monkeypatch.setattr(Maintenance, "_tasks", lambda *_: [])
    stop, settings = Stop(), IndexerSettings()
    async with (
        await create_pool(postgres.url("indexer"), application_name="test", limits=Limits(idle=0.2)) as pool,
        opened(settings, stop) as at_work,
    ):
        stores = replace(at_work, pool=pool)
        leading = asyncio.create_task(Maintenance(stores, settings).lead(stop))
        async with alone(stores, "drift") as job:
            await asyncio.sleep(1)
            await job.save()
        stop.set()
        assert await leading


def every_state(organization_id: UUID, now: datetime, incident_id: UUID | None = None) -> list[Alert]:
    """An alert for each combination of what the closing rule looks at."""
    ago = [None, now - 4 * MINUTE, now - 6 * MINUTE, now - 60 * MINUTE]
    set_or_not = [None, now - 30 * MINUTE]
    combinations = itertools.product(rules.STATUSES, ago, ago, set_or_not, set_or_not, {None, incident_id})
    return [
        Alert(
            id=ids.uuid7(),
            organization_id=organization_id,
            fingerprint=number.to_bytes(16, "big"),
            fold_window=rules.fold_window(now),
            title="a title",
            severity=3,
            sensor_severity=3,
            first_seen=now - DAY,
            last_seen=now - DAY,
            latest_time=now - DAY,
            latest_id=ids.uuid7(),
            module="m",
            dataset="m.d",
            status=status,
            resolved_at=resolved_at,
            last_fired_at=last_fired_at,
            acknowledged_at=acknowledged_at,
            closed_at=closed_at,
            incident_id=incident_id,
        )
        for number, (status, resolved_at, last_fired_at, acknowledged_at, closed_at, incident_id) in enumerate(
            combinations
        )
    ]


async def insert(bench: Bench, alerts: list[Alert]) -> None:
    names = (
        "id", "organization_id", "fingerprint", "fold_window", "title", "severity", "sensor_severity", "first_seen",
        "last_seen", "latest_time", "latest_id", "status", "resolved_at", "last_fired_at", "acknowledged_at",
        "closed_at", "incident_id",
    )  # fmt: skip
    async with bench.postgres.connect() as owner:
        await owner.copy_records_to_table(
            "alerts", records=[[getattr(alert, name) for name in names] for alert in alerts], columns=names
        )


async def test_the_statement_closes_exactly_what_the_rule_says(bench: Bench, maintenance: Maintenance) -> None:
    now = clock.now()
    alerts = every_state(bench.organization_id, now, await open_incident(bench))
    expected = {alert.id for alert in alerts if rules.closes_at_source(alert, now)}
    assert 0 < len(expected) < len(alerts) / 5
    await insert(bench, alerts)

    assert await maintenance.close_resolved(no_step) == len(expected)

    rows = await bench.rows("SELECT id FROM alerts WHERE status = 'closed' AND reason = 'resolved_at_source'")
    assert {row["id"] for row in rows} == expected
    told = await bench.rows("SELECT unnest(ids) AS id FROM outbox WHERE routing_key = 'alert.changed'")
    assert {row["id"] for row in told} == expected
    assert await maintenance.close_resolved(no_step) == 0


async def test_closings_are_found_by_an_index(bench: Bench) -> None:
    async with bench.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan: list[Any] = await connection.fetch(
            "EXPLAIN SELECT id FROM alerts WHERE resolved_at <= now() - interval '5 minutes' "
            "AND (last_fired_at IS NULL OR resolved_at >= last_fired_at) AND acknowledged_at IS NULL "
            "AND incident_id IS NULL AND closed_at IS NULL AND status IN ('new', 'closed')"
        )
    assert any("ix_alerts_resolved_at" in row[0] for row in plan), plan


async def test_periods_are_made_ahead(bench: Bench, maintenance: Maintenance) -> None:
    await maintenance.make_periods_ahead()
    for kind in ("alert", "telemetry"):
        held = await bench.pool.fetchval(
            "SELECT count(*) FROM event_periods p, unnest($2::timestamptz[]) AS m (moment) "
            "WHERE p.kind = $1 AND m.moment >= p.starts_at AND m.moment < p.ends_at",
            kind,
            [clock.now(), clock.now() + AHEAD / 2, clock.now() + AHEAD],
        )
        assert held == 3, kind


async def test_floors_are_those_of_the_settings(bench: Bench) -> None:
    settings = IndexerSettings(retention_alert_days=10, retention_telemetry_days=0)
    await expire.raise_floors(bench.stores(), settings)
    async with bench.pool.acquire() as connection:
        floors = await read_floors(connection)
    assert set(floors.before) == {"alert"}
    assert timedelta(days=10) <= clock.now() - floors.before["alert"] < timedelta(days=11)


async def test_what_outlived_its_days_goes_and_the_rest_stays(bench: Bench) -> None:
    async with bench.postgres.connect() as owner:
        for days in (1, 400):
            await owner.execute(
                "INSERT INTO envelopes (envelope_id, settled_at) VALUES ($1, $2)", ids.uuid7(), clock.now() - days * DAY
            )
            await owner.execute(
                "INSERT INTO batches (batch_id, organization_id, sensor_id, received_at, correlation_id, items) "
                "VALUES ($1, $2, $3, $4, 'c', 1)",
                ids.uuid7(), bench.organization_id, bench.sensors[0], clock.now() - days * DAY,
            )  # fmt: skip
            await owner.execute(
                "INSERT INTO sensor_accounts (sensor_id, minute, source, organization_id) "
                "VALUES ($1, $2, 'writer', $3)",
                bench.sensors[0], (clock.now() - days * DAY).replace(second=0, microsecond=0), bench.organization_id,
            )  # fmt: skip
            for status in ("open", "discarded"):
                await owner.execute(
                    "INSERT INTO quarantine (id, organization_id, sensor_id, batch_id, received_at, record_index, "
                    "reason, detail, path, record, status, created_at, updated_at) "
                    "VALUES ($1, $2, $3, $4, now(), 0, 'r', 'd', '/p', 'x', $5, $6, $6)",
                    ids.uuid7(), bench.organization_id, bench.sensors[0], ids.uuid7(), status,
                    clock.now() - days * DAY,
                )  # fmt: skip
    for name in expire.PURGES:
        await expire.purge(bench.stores(), IndexerSettings(), name, no_step)
    for table, rows in {"envelopes": 1, "batches": 1, "sensor_accounts": 1, "quarantine": 3}.items():
        assert await bench.count(table) == rows, table
    statuses = await bench.rows("SELECT status FROM quarantine ORDER BY status")
    assert [row["status"] for row in statuses] == ["discarded", "open", "open"], "what is open never goes"


@contextlib.asynccontextmanager
async def leading(maintenance: Maintenance, stop: Stop) -> AsyncIterator[asyncio.Task[bool]]:
    """The process at its work; ended with the block, so that a test that fails does not wait for its connection."""
    task = asyncio.create_task(maintenance.lead(stop))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def shown(gauge: Gauge) -> bool:
    return any(metric.samples for metric in gauge.collect())


async def done_once(maintenance: Maintenance) -> None:
    """One run as the only process."""
    stop = Stop()
    async with leading(maintenance, stop) as task:
        await until(lambda: "disk" in maintenance._due or task.done())
        stop.set()
        assert await task


async def test_one_process_keeps_at_it_until_it_ends_and_the_next_takes_over(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indexer.maintenance.EVERY_SECONDS", 0.01)
    runs: Counter[str] = Counter()

    def process(name: str) -> Maintenance:
        async def run() -> None:
            runs[name] += 1

        one = Maintenance(bench.stores(), IndexerSettings())
        monkeypatch.setattr(one, "make_periods_ahead", run)
        return one

    first, second, stop, end = process("first"), process("second"), Stop(), Stop()
    async with leading(first, stop) as task:
        await until(lambda: runs["first"] >= 3)
        assert not await second.lead(end)
        stop.set()
        assert await task
    async with leading(second, end) as task:
        await until(lambda: runs["second"] >= 3)
        end.set()
        assert await task


async def test_a_process_that_lost_its_session_stops_and_another_takes_over(
    bench: Bench, maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indexer.maintenance.EVERY_SECONDS", 0.01)
    terminate = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE datname = current_database() AND (classid, objid) = ($1, $2) AND granted
    """
    async with leading(maintenance, Stop()) as task, bench.postgres.connect("indexer") as other:

        async def terminated() -> bool:
            return bool(await other.fetchval(terminate, CLASS, Lock.MAINTENANCE))

        await until(terminated)
        await until(task.done)
        assert isinstance(task.exception(), asyncpg.PostgresConnectionError | asyncpg.InterfaceError)
    await done_once(Maintenance(bench.stores(), IndexerSettings()))


async def test_a_task_with_much_to_do_leaves_the_others_their_turn(
    bench: Bench, maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.indexer.maintenance.TURN_SECONDS", 0.0)
    alerts = [
        alert
        for alert in every_state(bench.organization_id, clock.now(), await open_incident(bench))
        if alert.status == "new"
    ]
    for alert in alerts:
        alert.resolved_at, alert.last_fired_at = clock.now() - 6 * MINUTE, None
        alert.acknowledged_at, alert.closed_at, alert.incident_id = None, None, None
    await insert(bench, alerts)
    in_chunks = CLOSE_RESOLVED.replace("LIMIT 200", "LIMIT 5")
    monkeypatch.setattr("services.indexer.maintenance.CLOSE_RESOLVED", in_chunks)
    closed = "SELECT count(*) FROM alerts WHERE status = 'closed'"
    monkeypatch.setattr("services.indexer.maintenance.EVERY_SECONDS", 0.01)
    async with leading(maintenance, Stop()):
        await until(lambda: shown(metrics.STORE_BYTES))
        assert 0 < await bench.pool.fetchval(closed) < len(alerts)

        async def all_closed() -> bool:
            return bool(await bench.pool.fetchval(closed) == len(alerts))

        await until(all_closed)


async def test_who_leads_no_longer_shows_nothing(bench: Bench, maintenance: Maintenance) -> None:
    async with leading(maintenance, Stop()):
        await until(lambda: shown(metrics.STORE_BYTES))
        assert shown(metrics.DRIFT)
    for gauge in (metrics.STORE_BYTES, metrics.DRIFT):
        assert not shown(gauge)


async def test_who_is_to_end_begins_nothing(bench: Bench, maintenance: Maintenance) -> None:
    stop = Stop()
    stop.set()
    assert await maintenance.lead(stop)
    assert await bench.count("event_periods") == 0


async def test_one_failing_task_does_not_keep_the_others_from_running(
    bench: Bench, maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(maintenance, "make_periods_ahead", broken)
    monkeypatch.setattr(expire, "raise_floors", broken)
    await insert(bench, every_state(bench.organization_id, clock.now(), await open_incident(bench)))
    await done_once(maintenance)
    assert await bench.count("outbox") > 0


async def test_a_seldom_task_that_fails_is_tried_again_soon(
    bench: Bench, maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.lifecycle.AGAIN_SECONDS", 0.01)
    monkeypatch.setattr("services.indexer.maintenance.EVERY_SECONDS", 0.01)
    measure, tries = maintenance.measure_disks, itertools.count()

    async def fails_once() -> None:
        if not next(tries):
            raise ValueError("a defect")
        await measure()

    monkeypatch.setattr(maintenance, "measure_disks", fails_once)
    async with leading(maintenance, Stop()):
        await until(lambda: shown(metrics.STORE_BYTES))
