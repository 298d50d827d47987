"""Connections and what their failures mean, asked of a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import asyncpg
import pytest
from asyncpg.exceptions import InternalClientError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.db.engine import (
    KEEPALIVES,
    Limits,
    create_engine,
    create_pool,
    create_single_use_engine,
    scalar,
    sessionmaker,
)
from shared.db.failures import is_data_error, is_missing_period, is_transient
from tests.fixtures.postgres import Postgres
from tests.integration.db.rows import make_organization

SHORT = Limits(connect=2, command=3, statement=0.3, lock=0.1, idle=0.3)
NOWHERE = "postgresql://nobody:secret-word@127.0.0.1:1/none"

KILL = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'test' AND datname = $1"

DATA_ERRORS: list[tuple[str, tuple[Any, ...]]] = [
    ("SELECT $1::text", ("a\0b",)),
    ("SELECT $1::text", ("\ud800",)),
    ("SELECT $1::jsonb", ('{"a": "\\u0000"}',)),
    ("SELECT $1::jsonb", ('{"a": NaN}',)),
    ("SELECT $1::jsonb", ("[" * 20_000 + "]" * 20_000,)),
    ("SELECT $1::smallint", (70_000,)),
    ("SELECT $1::uuid", ("no uuid",)),
    ("SELECT $1::timestamptz", ("2026-01-01",)),
    ("SELECT 1 / $1::int", (0,)),
    ("INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), $1)", (None,)),
    ("INSERT INTO observables (id, organization_id, type, value) "
     "VALUES (gen_random_uuid(), gen_random_uuid(), 'x', $1)", ("x",)),
    ("INSERT INTO events_huge (value) VALUES ($1)", ("".join(chr(0x4E00 + n) for n in range(3000)),)),
]  # fmt: skip


@pytest.fixture
async def pool(postgres: Postgres) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    pool = await create_pool(postgres.url("owner"), application_name="test", max_size=2, limits=SHORT)
    yield pool
    await pool.close()


@pytest.fixture
async def engine(postgres: Postgres) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(postgres.url("owner"), application_name="test", pool_size=1, pool_timeout=0.2, limits=SHORT)
    yield engine
    await engine.dispose()


async def test_what_can_never_be_stored_is_a_data_error(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    await pool.execute("CREATE TABLE events_huge (value text UNIQUE)")
    for statement, values in DATA_ERRORS:
        with pytest.raises(Exception) as raised:
            await pool.execute(statement, *values)
        assert is_data_error(raised.value), f"{statement}: {raised.value!r}"
        assert not is_transient(raised.value), f"{statement}: {raised.value!r}"


@pytest.mark.parametrize("make", [create_engine, create_single_use_engine])
async def test_what_was_sent_is_not_in_the_error(postgres: Postgres, make: Callable[..., AsyncEngine]) -> None:
    engine = make(postgres.url("owner"), application_name="test")
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as raised:
            await connection.execute(text("SELECT 1 / length(:word) FROM nothing"), {"word": "secret-word"})
    await engine.dispose()
    assert "secret-word" not in str(raised.value)


async def test_the_same_through_the_orm(engine: AsyncEngine) -> None:
    async with sessionmaker(engine)() as session:
        session.add(make_organization(name="a\0b"))
        with pytest.raises(Exception) as raised:
            await session.flush()
        assert is_data_error(raised.value)
        assert not is_transient(raised.value)


async def test_an_event_without_a_period_is_tried_again(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    with pytest.raises(asyncpg.CheckViolationError) as raised:
        await pool.execute(
            """
            INSERT INTO events (id, organization_id, sensor_id, batch_id, time, received_at, severity, kind, digest,
                body) SELECT i, i, i, i, now(), now(), 1, 'alert', '', ''
            FROM (VALUES ('0197f000-0000-8000-8000-000000000000'::uuid)) AS v (i)
            """
        )
    assert is_missing_period(raised.value)
    assert is_transient(raised.value)
    assert not is_data_error(raised.value)


@pytest.mark.parametrize("statement", ["SELECT 1 FROM no_such_table", "SELEC 1", "SELECT * FROM pg_authid"])
async def test_a_defect_is_neither(postgres: Postgres, statement: str) -> None:
    async with postgres.connect("indexer") as connection:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await connection.execute(statement)
    assert not is_data_error(raised.value)
    assert not is_transient(raised.value)


async def test_limits_are_the_servers_own(pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine) -> None:
    for run in (pool.execute("SELECT pg_sleep(2)"), _execute(engine, "SELECT pg_sleep(2)")):
        with pytest.raises(Exception, match="statement timeout") as raised:
            await run
        assert is_transient(raised.value)


async def test_waiting_for_a_lock_ends(pool: "asyncpg.Pool[asyncpg.Record]", postgres: Postgres) -> None:
    async with postgres.connect("owner") as holder, holder.transaction():
        await holder.execute("LOCK TABLE alerts")
        with pytest.raises(asyncpg.LockNotAvailableError) as raised:
            await pool.fetch("SELECT 1 FROM alerts")
    assert is_transient(raised.value)


async def test_a_transaction_that_does_nothing_ends_and_lets_go_of_its_locks(
    pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine, postgres: Postgres
) -> None:
    async with postgres.connect("owner") as waiting, pool.acquire() as connection, engine.connect() as other:
        await connection.execute("BEGIN; LOCK TABLE alerts IN SHARE MODE")
        await other.execute(text("LOCK TABLE alerts IN SHARE MODE"))
        await waiting.execute("SET lock_timeout = '5s'; BEGIN; LOCK TABLE alerts; COMMIT")
        with pytest.raises(Exception) as bare:
            await connection.execute("SELECT 1")
        with pytest.raises(Exception) as wrapped:
            await other.execute(text("SELECT 1"))
        assert is_transient(bare.value), repr(bare.value)
        assert is_transient(wrapped.value), repr(wrapped.value)
    assert await pool.fetchval("SELECT 1") == 1
    await _execute(engine, "SELECT 1")


async def test_a_connection_cut_in_the_middle_is_transient_and_heals(
    pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine, postgres: Postgres
) -> None:
    async with postgres.connect("admin") as admin, pool.acquire() as connection, engine.connect() as other:
        await connection.execute("SELECT 1")
        await other.execute(text("SELECT 1"))
        await admin.execute(KILL, postgres.name)
        with pytest.raises(Exception) as bare:
            await connection.execute("SELECT 1")
        with pytest.raises(Exception) as wrapped:
            await other.execute(text("SELECT 1"))
        assert is_transient(bare.value), repr(bare.value)
        assert is_transient(wrapped.value), repr(wrapped.value)
        assert other.invalidated
    assert await pool.fetchval("SELECT 1") == 1
    await _execute(engine, "SELECT 1")


async def test_a_connection_cut_while_unused_is_replaced_before_anybody_has_it(
    engine: AsyncEngine, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.db.engine.PING_AFTER_SECONDS", 0)
    await _execute(engine, "SELECT 1")
    async with postgres.connect("admin") as admin:
        await admin.execute(KILL, postgres.name)
    await _execute(engine, "SELECT 1")


async def test_a_connection_is_asked_only_after_it_lay_unused(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    pings = Mock()
    monkeypatch.setattr("sqlalchemy.dialects.postgresql.asyncpg.AsyncAdapt_asyncpg_connection.ping", pings)
    monkeypatch.setattr("shared.db.engine.PING_AFTER_SECONDS", 60)
    for _ in range(3):
        await _execute(engine, "SELECT 1")
    assert pings.call_count == 0
    monkeypatch.setattr("shared.db.engine.PING_AFTER_SECONDS", 0)
    await _execute(engine, "SELECT 1")
    assert pings.call_count == 1


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (InternalClientError("cannot switch to state 15; another operation (2) is in progress"), True),
        (asyncpg.AdminShutdownError("terminating connection due to administrator command"), True),
        (ConnectionResetError(), True),
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), False),
        (asyncpg.UniqueViolationError("duplicate key"), False),
    ],
)
async def test_a_lost_connection_does_not_go_back_to_the_pool(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, error: Exception, lost: bool
) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        monkeypatch.setattr(asyncpg.Connection, "prepare", AsyncMock(side_effect=error))
        with pytest.raises(DBAPIError if not isinstance(error, OSError) else OSError):
            await connection.execute(text("SELECT 2"))
        assert connection.invalidated is lost


async def test_a_migration_under_a_prepared_statement_is_transient(
    pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine, postgres: Postgres
) -> None:
    query = "SELECT * FROM organizations"
    async with postgres.connect("owner") as migration, pool.acquire() as connection, engine.connect() as other:
        await connection.fetch(query)
        await other.execute(text(query))
        await other.rollback()
        await migration.execute("ALTER TABLE organizations ADD COLUMN more text")
        with pytest.raises(asyncpg.PostgresError) as bare:
            async with connection.transaction():
                await connection.fetch(query)
        with pytest.raises(DBAPIError) as wrapped:
            await other.execute(text(query))
        assert is_transient(bare.value)
        assert is_transient(wrapped.value)
        await other.rollback()
        assert await connection.fetch(query) == []
        await other.execute(text(query))


async def test_deadlocks_and_serialisation_failures_are_transient(postgres: Postgres) -> None:
    async with postgres.connect("owner") as one, postgres.connect("owner") as two:
        await one.execute("CREATE TABLE pair (id int PRIMARY KEY); INSERT INTO pair VALUES (1), (2)")
        await one.execute("BEGIN; UPDATE pair SET id = id WHERE id = 1")
        await two.execute("BEGIN; UPDATE pair SET id = id WHERE id = 2")
        results = await asyncio.gather(
            one.execute("UPDATE pair SET id = id WHERE id = 2"),
            two.execute("UPDATE pair SET id = id WHERE id = 1"),
            return_exceptions=True,
        )
    (error,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(error, asyncpg.DeadlockDetectedError)
    assert is_transient(error)


async def test_no_server_is_transient_and_tells_no_secret() -> None:
    pool = await create_pool(NOWHERE, application_name="test", limits=SHORT)
    engine = create_engine(NOWHERE, application_name="test", limits=SHORT)
    for run in (pool.execute("SELECT 1"), _execute(engine, "SELECT 1")):
        with pytest.raises(Exception) as raised:
            await run
        assert is_transient(raised.value)
        assert "secret-word" not in str(raised.value)
    assert "secret-word" not in repr(engine)
    await pool.close()
    await engine.dispose()


async def test_a_pool_that_is_used_up_is_transient(engine: AsyncEngine) -> None:
    async with engine.connect():
        with pytest.raises(PoolTimeoutError) as raised:
            await _execute(engine, "SELECT 1")
    assert is_transient(raised.value)


async def test_sessions_speak_utc_and_say_who_they_are(
    pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine
) -> None:
    query = "SELECT current_setting('timezone') || ' ' || current_setting('application_name')"
    assert await pool.fetchval(query) == "UTC test"
    async with engine.connect() as connection:
        assert await scalar(connection, query) == "UTC test"


async def test_a_session_whose_host_vanished_ends_within_a_minute(
    pool: "asyncpg.Pool[asyncpg.Record]", engine: AsyncEngine, postgres: Postgres
) -> None:
    single_use = create_single_use_engine(postgres.url("owner"), application_name="test")
    assert await pool.fetchval("SELECT inet_client_addr()") is not None, "over TCP; a socket has no keepalives"
    for name, value in KEEPALIVES.items():
        query = f"SELECT current_setting('{name}')"
        assert await pool.fetchval(query) == value
        for one in (engine, single_use):
            async with one.connect() as connection:
                assert await scalar(connection, query) == value


async def test_libpq_parameters_of_the_url_mean_the_same_to_both(postgres: Postgres) -> None:
    url = postgres.url("owner") + "?sslmode=prefer"
    pool = await create_pool(url, application_name="test")
    engine = create_engine(url, application_name="test")
    assert await pool.fetchval("SELECT 1") == 1
    await _execute(engine, "SELECT 1")
    await pool.close()
    await engine.dispose()


async def _execute(engine: AsyncEngine, statement: str) -> None:
    async with engine.connect() as connection:
        await connection.execute(text(statement))
