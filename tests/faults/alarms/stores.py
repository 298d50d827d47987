"""Postgres and OpenSearch away, locked, full, behind, or changed by hand; and nobody who looks after them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import orjson

from shared.migrations.revisions import known_revisions, schema_head
from tests.faults.alarms.causes import cause
from tests.faults.alarms.ground import Ground

OLD = timedelta(days=40)
OLD_PARTITION = """
    SELECT 'events_' || kind || '_' || to_char(starts_at AT TIME ZONE 'UTC', 'YYYYMMDD') FROM event_periods
    WHERE kind = 'telemetry' AND dropped_at IS NULL AND ends_at < now() - interval '35 days'
"""


@cause("OpenSearch is frozen", "OpensearchDown")
@contextlib.asynccontextmanager
async def search_frozen(ground: Ground) -> AsyncIterator[None]:
    async with ground.frozen("opensearch"):
        yield


@cause("indices are read-only, as after a full disk", "OpensearchRejects", "ProjectionBehind")
@contextlib.asynccontextmanager
async def read_only(ground: Ground) -> AsyncIterator[None]:
    settings = f"{ground.system.name}-*/_settings"
    await ground.search("PUT", settings, {"index.blocks.write": True})
    try:
        yield
    finally:
        await ground.search("PUT", settings, {"index.blocks.write": None})


@cause(
    "Postgres is ended",
    *("PostgresDown", "RegistryOld", "BatchesWait", "ConsumerStuck", "ApiErrors", "BackgroundLoopFails"),
)
@contextlib.asynccontextmanager
async def postgres_gone(ground: Ground) -> AsyncIterator[None]:
    await ground.system.stop_server("postgres")
    try:
        yield
    finally:
        await ground.system.start_server("postgres")


@cause("the database is of an earlier release", "SchemaBehind")
@contextlib.asynccontextmanager
async def schema(ground: Ground) -> AsyncIterator[None]:
    earlier = min(known_revisions() - {schema_head()})
    await ground.execute("UPDATE alembic_version SET version_num = $1", earlier)
    try:
        yield
    finally:
        await ground.execute("UPDATE alembic_version SET version_num = $1", schema_head())


@cause("somebody holds a lock on the alerts", "ApiSlow", "ConnectionPoolExhausted")
@contextlib.asynccontextmanager
async def locked(ground: Ground) -> AsyncIterator[None]:
    async with ground.database() as connection, connection.transaction():
        await connection.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
        yield


@cause("somebody holds the rows of deadlines", "ClocksLate")
@contextlib.asynccontextmanager
async def deadlines(ground: Ground) -> AsyncIterator[None]:
    await ground.ask("POST", "/incidents", {"title": "Held", "severity": 5})
    async with ground.database() as connection:
        await connection.execute("UPDATE incident_watches SET due_at = now()")
        async with connection.transaction():
            # Before the api has looked at it, which it does every quarter of a minute.
            if not await connection.fetch("SELECT FROM incident_watches WHERE due_at <= now() FOR UPDATE"):
                raise RuntimeError("the api was quicker")
            yield


@cause("a change of the database by hand refuses every event", "BrakeHeld")
@contextlib.asynccontextmanager
async def brake(ground: Ground) -> AsyncIterator[None]:
    await ground.execute("ALTER TABLE events ADD CONSTRAINT by_hand CHECK (id IS NULL) NOT VALID")
    try:
        yield
    finally:
        await ground.execute("ALTER TABLE events DROP CONSTRAINT by_hand")
        await ground.system.run("services.indexer.brake", "release")


@cause("the database has used up its budget", "DiskFull", "DiskNearlyFull")
@contextlib.asynccontextmanager
async def disk_full(ground: Ground) -> AsyncIterator[None]:
    async with ground.other_settings(ground.maintenance, EVENTSEC_POSTGRES_BUDGET_BYTES="1000"):
        yield


@cause("an old transaction holds a period that retention should drop", "RetentionLate")
@contextlib.asynccontextmanager
async def retention(ground: Ground) -> AsyncIterator[None]:
    line = {
        "timestamp": (datetime.now(UTC) - OLD).isoformat(),
        "event_type": "flow",
        "flow_id": 7,
        "proto": "TCP",
        "src_ip": "203.0.113.9",
        "dest_ip": "10.20.50.10",
    }
    async with httpx.AsyncClient(timeout=10) as client:
        (await ground.send(client, orjson.dumps(line))).raise_for_status()
    async with ground.database() as connection:
        async with asyncio.timeout(60):
            while (partition := await connection.fetchval(OLD_PARTITION)) is None:
                await asyncio.sleep(0.5)
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {partition} IN ACCESS SHARE MODE")
            shorter = ground.maintenance.environment | {"EVENTSEC_RETENTION_TELEMETRY_DAYS": "30"}
            await ground.restart(ground.maintenance, shorter)
            yield
    # Its next try to drop it is ten minutes away, or a start.
    await ground.restart(ground.maintenance, ground.maintenance.environment)


@cause("the database grows by more a day than its budget has left", "DiskFullSoon")
@contextlib.asynccontextmanager
async def disk_soon(ground: Ground) -> AsyncIterator[None]:
    async with ground.database() as connection:
        used = await connection.fetchval("SELECT pg_database_size(current_database())")
        # A forecast needs a quarter of an hour of events: these came within an hour.
        await connection.execute(
            "UPDATE process_controls SET value = jsonb_build_object('at', now() - interval '1 hour') "
            "WHERE key = 'installed_at'"
        )
    async with ground.other_settings(ground.maintenance, EVENTSEC_POSTGRES_BUDGET_BYTES=str(2 * used)):
        yield


@cause("the indexer that does maintenance is ended", "MaintenanceMissing")
@contextlib.asynccontextmanager
async def nobody_leads(ground: Ground) -> AsyncIterator[None]:
    async with ground.held(ground.maintenance):
        yield
