"""Sensors that fall silent and come back: one alert a silence, however many look, and who hears of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from services.indexer import silence
from services.indexer.maintenance import CLOSE_RESOLVED
from services.indexer.projection import read_changing
from services.indexer.settings import IndexerSettings
from services.indexer.stores import disk, expire
from services.indexer.stores.disk import Disk, Disks
from shared import clock, ids
from shared.db.engine import create_pool
from shared.domain.alert import RESOLVED_AT_SOURCE, RESOLVED_CLOSES_AFTER
from tests.fixtures.postgres import Postgres
from tests.integration.indexer.conftest import no_step


@dataclass
class Post:
    """One sensor that is expected every five minutes, and somebody who wants to know."""

    pool: asyncpg.Pool
    owner: asyncpg.Connection
    organization_id: UUID
    sensor_id: UUID

    async def heard(self, minutes_ago: float) -> None:
        await self.owner.execute(
            "UPDATE sensors SET last_seen_at = now() - $1::interval", timedelta(minutes=minutes_ago)
        )

    async def alerts(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.owner.fetch("SELECT * FROM alerts ORDER BY id")]

    async def told(self) -> list[str]:
        return [row["kind"] for row in await self.owner.fetch("SELECT kind FROM notifications ORDER BY id")]

    async def close_resolved(self) -> None:
        """Let five minutes pass, and maintenance close what its source has resolved."""
        await self.owner.execute("UPDATE alerts SET resolved_at = resolved_at - interval '6 minutes'")
        await self.owner.execute("UPDATE alerts SET last_fired_at = last_fired_at - interval '20 minutes'")
        await self.owner.fetch(CLOSE_RESOLVED, RESOLVED_CLOSES_AFTER, RESOLVED_AT_SOURCE)


@pytest.fixture
async def post(postgres: Postgres) -> AsyncIterator[Post]:
    pool = await create_pool(postgres.url("indexer"), application_name="test", max_size=8)
    async with postgres.connect() as owner:
        organization_id, sensor_id, user_id = ids.uuid7(), ids.uuid7(), ids.uuid7()
        await owner.execute("INSERT INTO organizations (id, name) VALUES ($1, 'test')", organization_id)
        await owner.execute(
            "INSERT INTO sensors (id, organization_id, name, expected_interval) VALUES ($1, $2, 'edge', '5 minutes')",
            sensor_id,
            organization_id,
        )
        await owner.execute("INSERT INTO users (id, email, name) VALUES ($1, 'a@example.org', 'Ada')", user_id)
        await owner.execute(
            "INSERT INTO memberships (id, user_id, organization_id, role) VALUES ($1, $2, $3, 'operator')",
            ids.uuid7(),
            user_id,
            organization_id,
        )
        await owner.execute(
            "INSERT INTO notification_routes (id, organization_id, user_id, kinds) "
            "VALUES ($1, $2, $3, '{sensor.silent,disk.forecast}')",
            ids.uuid7(),
            organization_id,
            user_id,
        )
        yield Post(pool, owner, organization_id, sensor_id)
    await pool.close()


async def test_twice_the_interval_is_a_silence_and_its_end_resolves_it(post: Post) -> None:
    await post.heard(9.5)
    assert await silence.watch(post.pool) == (0, 0)
    await post.heard(10.5)
    assert await silence.watch(post.pool) == (1, 0)
    assert await silence.watch(post.pool) == (0, 0), "once for each silence"
    (alert,) = await post.alerts()
    assert (alert["severity"], alert["risk"], alert["status"], alert["rule_id"]) == (4, 80, "new", silence.RULE)
    assert alert["title"].startswith("Sensor edge has been silent since 20")
    assert await post.told() == ["sensor.silent"]
    async with post.pool.acquire() as connection:
        (item,) = await read_changing(connection, "alert", [alert["id"]])
    assert alert["title"] in item.document.decode()
    assert await post.owner.fetchval("SELECT count(*) FROM outbox WHERE kind = 'alert'") == 1
    await post.heard(0)
    assert await silence.watch(post.pool) == (0, 1)
    assert await silence.watch(post.pool) == (0, 0)
    await post.close_resolved()
    (alert,) = await post.alerts()
    assert (alert["status"], alert["reason"]) == ("closed", RESOLVED_AT_SOURCE)


async def test_the_next_silence_succeeds_the_one_that_ended(post: Post) -> None:
    await post.heard(30)
    await silence.watch(post.pool)
    await post.heard(0)
    await silence.watch(post.pool)
    await post.close_resolved()
    await post.heard(11)
    assert await silence.watch(post.pool) == (1, 0)
    first, second = await post.alerts()
    assert (first["current"], second["current"], second["previous_alert_id"]) == (False, True, first["id"])
    assert await post.told() == ["sensor.silent"] * 2


async def test_a_further_silence_counts_on_the_alert_that_is_open(post: Post) -> None:
    await post.heard(60)
    await silence.watch(post.pool)
    await post.owner.execute("UPDATE alerts SET status = 'acknowledged', acknowledged_at = now()")
    await post.heard(11)
    assert await silence.watch(post.pool) == (1, 1), "heard in between, and silent again"
    (alert,) = await post.alerts()
    assert (alert["count"], alert["status"], alert["again"], alert["resolved_at"]) == (2, "new", True, None)
    assert alert["new_since"] > alert["acknowledged_at"]
    assert orjson.loads(alert["explanation"]) == {silence.WORD: 2}


async def test_a_silence_that_somebody_closed_stays_closed_and_a_quiet_period_is_kept(post: Post) -> None:
    await post.heard(30)
    await silence.watch(post.pool)
    await post.owner.execute("UPDATE alerts SET status = 'closed', closed_at = now()")
    assert await silence.watch(post.pool) == (0, 0)
    await post.owner.execute("UPDATE alerts SET quiet_until = now() + interval '1 hour'")
    await post.heard(12)
    assert await silence.watch(post.pool) == (0, 0)
    await post.owner.execute("UPDATE alerts SET quiet_until = NULL")
    assert await silence.watch(post.pool) == (1, 0)


@pytest.mark.parametrize("change", ["status = 'disabled'", "expected_interval = NULL"])
async def test_what_is_no_longer_expected_is_no_silence(post: Post, change: str) -> None:
    await post.heard(30)
    await silence.watch(post.pool)
    await post.owner.execute(f"UPDATE sensors SET {change}")
    assert await silence.watch(post.pool) == (0, 1)
    await post.owner.execute("UPDATE sensors SET status = 'active', expected_interval = '5 minutes'")
    assert await silence.watch(post.pool) == (1, 0), "expected again, and as silent as it was"


async def test_two_processes_open_one_alert(post: Post) -> None:
    await post.heard(30)
    await asyncio.gather(*(silence.watch(post.pool) for _ in range(4)))
    assert len(await post.alerts()) == 1
    assert await post.told() == ["sensor.silent"]


async def test_a_full_disk_is_told_once_a_day(post: Post) -> None:
    full = Disks([Disk("postgres", 95, 5, 100), Disk("opensearch", 1, 99, 100)], {}, {"postgres": {}})
    for _ in range(2):
        await disk.notify(post.pool, full, IndexerSettings())
    assert await post.told() == ["disk.forecast"]
    content = orjson.loads(await post.owner.fetchval("SELECT content FROM notifications"))
    assert content["left"] == "5.0%"


async def test_what_was_told_long_ago_is_forgotten(post: Post) -> None:
    now, head = clock.now(), ids.uuid7(clock.now() - timedelta(days=31))
    kept = [("sent", 31, head, None), ("coalesced", 29, None, head), ("pending", 31, None, None)]
    for status, days, one, carrier in kept:
        await post.owner.execute(
            "INSERT INTO notifications (id, organization_id, kind, dedupe_key, subject, user_id, due_at, status, "
            "sent_with_id) SELECT $1, $2, 'sensor.silent', $3, 's', id, now(), $3, $4 FROM users",
            one or ids.uuid7(now - timedelta(days=days)),
            post.organization_id,
            status,
            carrier,
        )
    stores: Any = type("Stores", (), {"pool": post.pool})
    assert await expire.purge(stores, IndexerSettings(), "notifications", no_step) == 1
    rows = await post.owner.fetch("SELECT status, sent_with_id FROM notifications ORDER BY status")
    assert [tuple(row) for row in rows] == [("coalesced", None), ("pending", None)]


@pytest.mark.parametrize("minutes_ago", [0, 30], ids=["resolving", "counting"])
async def test_alerts_are_locked_in_the_order_of_all(post: Post, postgres: Postgres, minutes_ago: int) -> None:
    last, first = ids.uuid7(), ids.uuid7()
    while silence.fingerprint(first) > silence.fingerprint(last):
        last, first = ids.uuid7(), ids.uuid7()
    for sensor_id in (last, first):
        await post.owner.execute(
            "INSERT INTO sensors (id, organization_id, name, expected_interval) VALUES ($1, $2, $3, '5 minutes')",
            sensor_id,
            post.organization_id,
            str(sensor_id),
        )
    for one in (30, *([] if minutes_ago == 0 else [0])):
        await post.heard(one)
        await silence.watch(post.pool)
    await post.heard(minutes_ago)
    lock = "SELECT id FROM alerts WHERE sensor_id = $1 FOR UPDATE"
    async with postgres.connect() as holder, holder.transaction():
        await holder.fetch(lock, first)
        watching = asyncio.create_task(silence.watch(post.pool))
        async with asyncio.timeout(20):
            while not await post.owner.fetchval(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE datname = current_database() AND NOT granted"
            ):
                await asyncio.sleep(0.02)
        await post.owner.fetch(f"{lock} NOWAIT", last)
    assert sum(await watching) == 3
