"""What waits in Postgres is told by how long it has waited, whoever should have done it."""

from datetime import timedelta
from typing import Any

import pytest
from asyncpg import QueryCanceledError
from prometheus_client import Gauge

from services.indexer import backlogs
from services.indexer.retention import set_floors
from services.indexer.store import Floors
from shared import clock, ids, metrics
from shared.search import sizes
from tests.integration.indexer.conftest import Bench, eve

LATE = timedelta(minutes=10)


def value(gauge: Gauge, **labels: str) -> float:
    (sample,) = [one for family in gauge.collect() for one in family.samples if one.labels == labels]
    return sample.value


async def measured(bench: Bench) -> None:
    async with bench.pool.acquire() as connection:
        await backlogs.measure(connection)


async def test_nothing_waits(bench: Bench) -> None:
    gauges = [gauge for *pair, _ in backlogs.WAITING for gauge in pair if isinstance(gauge, Gauge)]
    for gauge in gauges:
        gauge.set(7)
    metrics.JOBS_SECONDS.labels("api").set(7)

    await measured(bench)

    assert [value(gauge) for gauge in gauges] == [0.0] * 9
    assert value(metrics.RETENTION_SECONDS) == 0
    assert [sample for family in metrics.JOBS_SECONDS.collect() for sample in family.samples] == []


@pytest.mark.parametrize(
    ("gauge", "sql"),
    [
        (
            metrics.PROJECTION_SECONDS,
            "INSERT INTO projection_pending (kind, id, organization_id, version, created_at) "
            "VALUES ('alert', $1, $1, 1, $2)",
        ),
        (
            metrics.OUTBOX_SECONDS,
            "INSERT INTO outbox (id, organization_id, routing_key, kind, ids, created_at) "
            "VALUES ($1, $1, 'alert.changed', 'alert', '{}', $2)",
        ),
        (
            metrics.AUDIT_SECONDS,
            "INSERT INTO audit_pending (audit_id, organization_id, created_at) VALUES ($1, $1, $2)",
        ),
    ],
)
async def test_a_row_that_waits_is_told_by_its_age(bench: Bench, gauge: Gauge, sql: str) -> None:
    async with bench.postgres.connect("owner") as owner:
        for moment in (clock.now(), clock.now() - LATE):
            await owner.execute(sql, ids.uuid7(moment), moment)

    await measured(bench)

    assert value(gauge) == pytest.approx(LATE.total_seconds(), abs=30)


async def test_what_cannot_be_counted_in_time_keeps_no_other_from_being_told(bench: Bench) -> None:
    metrics.FOLLOWING_SECONDS.set(7)
    metrics.RETENTION_SECONDS.set(7)
    async with bench.postgres.connect("owner") as owner, owner.transaction():
        await owner.execute("LOCK TABLE projection_pending")
        async with bench.pool.acquire() as connection:
            await connection.execute("SET statement_timeout = 200")
            with pytest.raises(QueryCanceledError):
                await backlogs.measure(connection)
    assert (value(metrics.FOLLOWING_SECONDS), value(metrics.RETENTION_SECONDS)) == (0, 0)


async def test_a_period_below_the_floor_is_late(bench: Bench) -> None:
    await bench.send(bench.envelope([eve(1, time=clock.now() - timedelta(days=40))]))
    await set_floors(bench.pool, Floors({"alert": clock.now() - timedelta(days=20)}))

    await measured(bench)

    assert value(metrics.RETENTION_SECONDS) > timedelta(days=5).total_seconds()


async def test_a_copy_without_a_node_is_counted(bench: Bench) -> None:
    client, names = bench.search.client, bench.search.names
    body: dict[str, Any] = {"index": {"auto_expand_replicas": "false", "number_of_replicas": 1}}
    await client.indices.put_settings(index=names.incidents, body=body)

    assert await sizes.unassigned(client, names) == 1
