"""An indexer that is started before its schema is there: it waits, is not ready, and begins by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from pydantic import SecretStr

from services.indexer.roles import Process, resources
from services.indexer.settings import IndexerSettings
from shared.lifecycle import Stop
from shared.migrations.__main__ import migrate
from shared.migrations.settings import MigrateSettings
from tests.fixtures.postgres import Postgres
from tests.waiting import until

NOWHERE = "127.0.0.1:1"


def _settings(postgres_url: str) -> IndexerSettings:
    """All roles; the servers but Postgres are away."""
    return IndexerSettings(
        postgres_url=SecretStr(postgres_url),
        rabbitmq_url=SecretStr(f"amqp://guest:guest@{NOWHERE}/"),
        rabbitmq_management_url=None,
        opensearch_url=SecretStr(f"http://{NOWHERE}"),
        indexer_port=0,
        shutdown_seconds=5,
    )


@asynccontextmanager
async def _running(settings: IndexerSettings) -> AsyncIterator[asyncio.Task[None]]:
    stop = Stop()
    async with resources(settings) as opened:
        task = asyncio.create_task(Process(settings, opened, stop).run())
        try:
            yield task
        finally:
            stop.set()
            await task


async def _has_made_periods(postgres: Postgres) -> bool:
    """What maintenance does first."""
    async with postgres.connect("owner") as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM event_periods)"))


async def test_before_the_migration_it_waits_without_an_error_and_then_begins(empty_postgres: Postgres) -> None:
    with structlog.testing.capture_logs() as logged:
        async with _running(_settings(empty_postgres.url("indexer"))):
            await until(lambda: any(entry["event"] == "waiting_for_schema" for entry in logged))
            await asyncio.sleep(2)
            await asyncio.to_thread(migrate, MigrateSettings(postgres_url=SecretStr(empty_postgres.url("owner"))))
            await until(lambda: _has_made_periods(empty_postgres))
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []
    assert [entry["reason"] for entry in logged if entry["event"] == "waiting_for_schema"] == ["not at head"]


async def test_without_a_database_it_waits_and_ends_when_told(unused_tcp_port: int) -> None:
    with structlog.testing.capture_logs() as logged:
        async with _running(_settings(f"postgresql://nobody@127.0.0.1:{unused_tcp_port}/nothing")) as process:
            await until(lambda: any(entry["event"] == "waiting_for_schema" for entry in logged))
            assert not process.done()
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []
