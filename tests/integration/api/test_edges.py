"""What holds for every endpoint: tokens, scopes, outages, commits before replies, errors without internals."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from unittest.mock import AsyncMock
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.middleware import MAX_BODY_BYTES
from services.api.settings import ApiSettings
from shared import clock
from shared.db.engine import create_engine, sessionmaker
from shared.models import ApiToken
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running, until
from tests.integration.api.conftest import NOWHERE
from tests.integration.api.proxy import Proxy, proxied
from tests.integration.api.rows import Tenant, make_person, make_tenant, make_token
from tests.integration.api.signed_in import page_of
from tests.integration.api.test_permissions import WHO, Rows, request_of

ID = "01900000-0000-7000-8000-000000000000"


NOTHING = Rows({name: UUID(ID) for one in WHO for name in re.findall(r"{(\w+)}", one)})


@pytest.mark.parametrize(
    "values",
    [
        {"expires_at": clock.now() - timedelta(seconds=1)},
        {"revoked_at": clock.now()},
        {"revoked_at": clock.now(), "expires_at": clock.now() + timedelta(days=1)},
    ],
    ids=["expired", "revoked", "revoked before its end"],
)
async def test_a_token_that_has_ended_is_none(
    api: Api, acme: Tenant, session: AsyncSession, values: dict[str, Any]
) -> None:
    reply = await api.as_(await make_token(session, acme.id, **values)).get("sensors")
    assert (reply.status_code, reply.json()["code"]) == (401, "invalid_token")


async def test_a_token_is_good_until_its_end(api: Api, acme: Tenant, session: AsyncSession) -> None:
    token = await make_token(session, acme.id, expires_at=clock.now() + timedelta(minutes=1))
    assert (await api.as_(token).get("sensors")).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer evt_" + "A" * 43, "Bearer evs_" + "A" * 43, "Bearer ", "Basic YTpi", "evt_", "Bearer evt_" + "A" * 9000],
)
async def test_what_is_no_token_of_ours_is_refused(api: Api, header: str) -> None:
    reply = await api.as_(None).get("sensors", headers={"Authorization": header})
    assert reply.status_code == 401


async def test_the_hash_of_a_token_is_not_a_token(api: Api, acme: Tenant, session: AsyncSession) -> None:
    token = await session.scalar(select(ApiToken).where(ApiToken.organization_id == acme.id))
    assert token is not None
    assert (await api.as_(token.token_hash.hex()).get("sensors")).status_code == 401


async def test_its_use_is_noted_once_a_minute(api: Api, acme: Tenant, session: AsyncSession) -> None:
    async def noted() -> Any:
        statement = select(ApiToken.last_used_at).where(ApiToken.organization_id == acme.id)
        async with session.begin():
            return await session.scalar(statement)

    assert await noted() is None
    await api.get("sensors")
    first = await noted()
    assert clock.now() - first < timedelta(minutes=1)
    await api.get("sensors")
    assert await noted() == first
    async with session.begin():
        await session.execute(text("UPDATE api_tokens SET last_used_at = now() - interval '61 s'"))
    await api.get("sensors")
    assert await noted() > first


async def test_who_asks_is_read_without_a_transaction(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await page_of(api, await make_person(session, acme))
    for one in (api, page):
        assert (await one.get("alerts/fields")).status_code == 200
    begun = AsyncMock(side_effect=AssertionError("BEGIN"))
    monkeypatch.setattr("asyncpg.transaction.Transaction.start", begun)
    for one in (api, page):
        assert (await one.get("alerts/fields")).status_code == 200


async def test_what_is_there_at_the_start_is_left_out_of_garbage_collection(api: Api) -> None:
    assert gc.get_freeze_count() > 100_000


async def test_nobody_waits_to_note_the_use(api: Api, acme: Tenant, session: AsyncSession) -> None:
    async with session.begin():
        await session.execute(select(ApiToken).where(ApiToken.organization_id == acme.id).with_for_update())
        async with asyncio.timeout(3):
            assert (await api.get("sensors")).status_code == 200


@pytest.mark.parametrize("path", ["sensors/", "nothing", "/api/v2/sensors", "/", "sensors/x/y/z"])
async def test_what_is_not_there_is_a_problem_too(api: Api, path: str) -> None:
    reply = await api.get(path)
    assert reply.status_code == 404
    assert reply.json()["code"] == "not_found"
    assert "/api/v1/openapi.json" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("query", "named", "said"),
    [
        ("qeury=x", "qeury", "Did you mean query?"),
        ("zzz=1", "zzz", "Expected: cursor, limit, "),
        ("Secret%201=x", "", "There is no such parameter."),
    ],
)
async def test_a_parameter_that_is_not_there_is_named(api: Api, query: str, named: str, said: str) -> None:
    reply = await api.get(f"alerts?{query}")
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["in"], error["parameter"]) == (422, "query", named)
    assert said in error["detail"]


async def test_however_much_is_wrong_a_little_of_it_is_told(api: Api) -> None:
    names = [f"unknown{number}" for number in range(200)]
    asked = await api.get("alerts", params=dict.fromkeys(names, "x"))
    sent = await api.post("exports", {"of": "alerts"} | dict.fromkeys(names, "x"))
    assert [(reply.status_code, len(reply.json()["errors"])) for reply in (asked, sent)] == [(422, 20)] * 2


@pytest.mark.parametrize(
    ("path", "body", "pointer", "said"),
    [
        ("exports", "hello", "#", "Expecting value, at character 0."),
        ("exports", '{"of": "alerts",}', "#", "at character 16."),
        ("exports", '{"of": "alerts", "limit": 5}', "#/limit", "end, format, kind, of, organization_id, query, start"),
        (
            "alerts/bulk",
            '{"query": "", "action": {"type": "tags", "tags": ["x"]}}',
            "#/action/tags",
            "There is no such member; expected: add, remove, type.",
        ),
        ("alerts/bulk", '{"query": "", "action": {"type": "tag"}}', "#/action/type", "'severity', 'tags', 'close'"),
        (
            "alerts/bulk",
            '{"query": "", "action": {"type": "assign", "assignee_id": "me"}}',
            "#/action/assignee_id",
            "GET /users",
        ),
        ("sensors", '{"name": "x", "expected_interval": "5m"}', "#/expected_interval", "PT5M"),
    ],
)
async def test_an_error_points_at_what_was_sent_and_says_what_is_expected(
    api: Api, path: str, body: str, pointer: str, said: str
) -> None:
    reply = await api.call("POST", path, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 422, reply.text
    (error,) = reply.json()["errors"]
    assert error["pointer"] == pointer
    assert said in error["detail"]


async def test_a_method_that_is_not_there_names_those_that_are(api: Api) -> None:
    reply = await api.call("PUT", "alerts")
    assert (reply.status_code, reply.json()["code"]) == (405, "method_not_allowed")
    assert reply.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    "path", ["sensors/x", "alerts/1", "receipts/zz9-secret", "alerts/not-an-id/events", "quarantine/sumary"]
)
async def test_what_is_no_id_is_named_and_not_repeated(api: Api, path: str) -> None:
    reply = await api.get(path)
    assert reply.status_code == 422
    assert "secret" not in reply.text
    (error,) = reply.json()["errors"]
    assert error["in"] == "path"


async def test_a_large_body_is_refused(api: Api) -> None:
    reply = await api.post("sensors", {"name": "x" * MAX_BODY_BYTES})
    assert reply.status_code == 413
    assert "1,048,576 bytes" in reply.json()["detail"]


async def test_replies_are_not_kept_by_anyone(api: Api) -> None:
    reply = await api.post("sensors", {"name": "edge"})
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_an_id_given_by_the_caller_is_echoed(api: Api) -> None:
    reply = await api.get("sensors", headers={"X-Request-ID": "abc-123"})
    assert reply.headers["x-request-id"] == "abc-123"
    unfit = await api.get("sensors", headers={"X-Request-ID": "x" * 65})
    assert unfit.headers["x-request-id"] != "x" * 65


async def test_a_mistake_of_ours_says_nothing_of_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("marker-5e1f at /some/where.py")

    monkeypatch.setattr("services.api.sensors.service.page", fails)
    reply = await api.get("sensors")
    assert (reply.status_code, reply.json()["code"]) == (500, "internal")
    assert "marker" not in reply.text
    assert "Traceback" not in reply.text


@pytest.fixture
async def own_api(postgres: Postgres, bare_settings: ApiSettings) -> AsyncIterator[Api]:
    """The application on a database that only this test uses."""
    engine = create_engine(postgres.url("owner"), application_name="test")
    async with sessionmaker(engine)() as session:
        tenant = await make_tenant(session, "Acme")
    await engine.dispose()
    settings = bare_settings.model_copy(update={"postgres_url": SecretStr(postgres.url("api"))})
    async with running(settings, tenant.token) as api:
        yield api


async def test_a_failing_commit_is_no_success(own_api: Api, postgres: Postgres) -> None:
    """The reply waits for the commit: what the database refuses at its very end must not be answered 201."""
    async with postgres.connect("owner") as connection:
        await connection.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$;
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON sensors DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION refuse();
        """)
    reply = await own_api.post("sensors", {"name": "edge"})
    assert reply.status_code == 503
    assert reply.headers["retry-after"]
    assert (await own_api.get("sensors")).json()["items"] == []


@pytest.fixture
async def proxy(postgres: Postgres) -> AsyncIterator[Proxy]:
    """What stands between the application and its database."""
    server = urlsplit(postgres.url("api"))
    async with proxied(server.hostname or "", server.port or 5432) as proxy:
        yield proxy


@pytest.fixture
async def far_api(own_api: Api, postgres: Postgres, bare_settings: ApiSettings, proxy: Proxy) -> AsyncIterator[Api]:
    """The application behind that proxy, with a connection to its database."""
    server = urlsplit(postgres.url("api"))
    netloc = f"{server.username}:{server.password}@127.0.0.1:{proxy.port}"
    url = SecretStr(urlunsplit(server._replace(netloc=netloc)))
    async with running(bare_settings.model_copy(update={"postgres_url": url}), own_api.token) as api:
        await api.until_up("postgres")
        assert (await api.get("sensors")).status_code == 200
        yield api


async def test_a_database_that_goes_away_is_a_503_and_comes_back(far_api: Api, proxy: Proxy) -> None:
    await proxy.refuse()
    for operation in WHO:
        method, path, more = request_of(operation, NOTHING)
        reply = await far_api.call(method, path, **more)
        assert (reply.status_code, reply.json()["code"]) == (503, "database_unavailable")
        assert "eventsec" not in reply.json()["detail"]
    await until(lambda: not far_api.resources.health.ready)
    ready = await far_api.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["postgres"]["status"] == "down"
    await proxy.open()
    await far_api.until_up("postgres")
    assert (await far_api.get("sensors")).status_code == 200


async def test_a_database_that_freezes_is_a_503_in_bounded_time(far_api: Api, proxy: Proxy) -> None:
    proxy.frozen = True
    async with asyncio.timeout(25):
        reply = await far_api.get("sensors")
    assert (reply.status_code, reply.json()["code"]) == (503, "database_unavailable")
    assert (await far_api.get("/healthz")).status_code == 200
    assert (await far_api.get("/readyz")).status_code == 503
    proxy.frozen = False
    await far_api.until_up("postgres")
    assert (await far_api.get("sensors")).status_code == 200


async def test_a_database_that_was_never_there_is_a_503(bare_settings: ApiSettings, acme: Tenant) -> None:
    nowhere = SecretStr(f"postgresql://eventsec:secret-5e1f@127.0.0.1:{NOWHERE}/eventsec")
    async with running(bare_settings.model_copy(update={"postgres_url": nowhere}), acme.token) as api:
        reply = await api.get("sensors")
        assert reply.status_code == 503
        assert "5e1f" not in reply.text
        ready = await api.get("/readyz")
        assert ready.status_code == 503
        assert "5e1f" not in ready.text
        assert (await api.get("/healthz")).status_code == 200
        for nobody in (api.as_(None), api.as_("evt_none")):
            assert (await nobody.get("sensors")).status_code == 401, "no connection is taken for who has no token"
