"""Readiness: what the api needs, what it can do without, what it refuses, and what it says as it ends."""

import asyncio
import os
import signal
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from pydantic import SecretStr

from services.api.settings import ApiSettings
from shared.migrations.__main__ import migrate
from shared.migrations.settings import MigrateSettings
from tests.fixtures.postgres import Login, Postgres
from tests.integration.api.calling import Api, running, until
from tests.integration.api.rows import Tenant

JOB = """
    WITH made AS (INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), 'Acme') RETURNING id)
    INSERT INTO jobs (id, organization_id, kind, parameters, actor)
    SELECT gen_random_uuid(), id, 'alerts.bulk', '{"action": {"type": "acknowledge"}}',
           jsonb_build_object('actor', 'token', 'id', id, 'name', 'x') FROM made
"""


async def test_with_all_servers_it_is_ok(whole_api: Api) -> None:
    reply = await whole_api.as_(None).get("/readyz")
    assert reply.status_code == 200
    assert reply.json()["status"] == "ok"
    assert {name: check["required"] for name, check in reply.json()["checks"].items()} == {
        "postgres": True,
        "opensearch": False,
        "rabbitmq": False,
        "evidence": False,
    }


async def test_with_postgres_alone_it_is_ready_and_degraded(api: Api) -> None:
    await api.until_up("postgres", "evidence")
    reply = await api.as_(None).get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (200, "degraded")
    states = {name: check["status"] for name, check in reply.json()["checks"].items()}
    assert states == {"postgres": "ok", "opensearch": "down", "rabbitmq": "down", "evidence": "ok"}


async def test_a_schema_that_is_behind_is_not_ready_until_it_is_migrated(
    bare_settings: ApiSettings, acme: Tenant, postgres: Postgres
) -> None:
    async with postgres.connect("owner") as connection:
        head = await connection.fetchval("SELECT version_num FROM alembic_version")
        await connection.execute("UPDATE alembic_version SET version_num = 'a1f0c4d27b01'")
    settings = bare_settings.model_copy(update={"postgres_url": SecretStr(postgres.url("api"))})
    async with running(settings, acme.token) as api:
        await until(lambda: api.resources.health.checks["postgres"].detail == "schema is not at head")
        assert (await api.get("/readyz")).status_code == 503
        async with postgres.connect("owner") as connection:
            await connection.execute("UPDATE alembic_version SET version_num = $1", head)
        await api.until_up("postgres")
        assert (await api.get("/readyz")).status_code == 200


async def test_before_the_migration_it_waits_without_an_error(
    bare_settings: ApiSettings, empty_postgres: Postgres, logged: list[MutableMapping[str, Any]]
) -> None:
    settings = bare_settings.model_copy(update={"postgres_url": SecretStr(empty_postgres.url("api"))})
    async with running(settings) as api:
        await until(lambda: any(entry["event"] == "waiting_for_schema" for entry in logged))
        await asyncio.to_thread(migrate, MigrateSettings(postgres_url=SecretStr(empty_postgres.url("owner"))))
        await api.until_up("postgres")
        async with empty_postgres.connect("owner") as connection, asyncio.timeout(20):
            await connection.execute(JOB)
            while await connection.fetchval("SELECT status FROM jobs") != "done":
                await asyncio.sleep(0.1)
    assert [entry for entry in logged if entry["log_level"] == "error"] == []


@pytest.mark.parametrize(
    ("login", "said"), [("admin", "is a superuser"), ("owner", "owns the tables"), ("api", "at head")]
)
async def test_production_does_not_run_as_a_role_that_may_too_much(
    bare_settings: ApiSettings, database: Postgres, login: Login, said: str
) -> None:
    update = {
        "env": "production",
        "postgres_url": SecretStr(database.url(login)),
    }
    async with running(bare_settings.model_copy(update=update)) as api:
        check = api.resources.health.checks["postgres"]
        await until(lambda: check.up or said in (check.detail or ""))
        assert (await api.get("/readyz")).status_code == (200 if login == "api" else 503)


async def test_a_demo_may(bare_settings: ApiSettings, database: Postgres) -> None:
    update = {"postgres_url": SecretStr(database.url("admin"))}
    async with running(bare_settings.model_copy(update=update)) as api:
        await api.until_up("postgres")
        assert (await api.get("/readyz")).status_code == 200


@pytest.fixture
def heard() -> Iterator[None]:
    """SIGTERM reaches a handler even where the application did not set one, and so never ends the tests."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("heard")
async def test_at_sigterm_it_is_not_ready_at_once_and_answers_on(api: Api) -> None:
    await api.until_up("postgres")
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.05)
    reply = await api.get("/readyz")
    assert (reply.status_code, reply.json()["status"]) == (503, "stopping")
    assert (await api.get("sensors")).status_code == 200


async def test_metrics_count_by_template_and_never_by_what_was_asked(api: Api, acme: Tenant) -> None:
    await api.get("sensors/00000000-0000-0000-0000-000000000000")
    await api.get("not-a-path-zq")
    text = (await api.as_(None).get("/metrics")).text
    assert 'eventsec_api_requests_total{method="GET",route="/sensors/{sensor_id}",status="404"}' in text
    assert "zq" not in text
    assert "00000000-0000" not in text
    assert 'eventsec_dependency_up{dependency="postgres"}' in text
