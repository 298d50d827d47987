"""The migrations: committed, repeatable in both directions, equal to the models, and run one at a time."""

import asyncio
import json
import os
import sys
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from pydantic import SecretStr

from shared import clock
from shared.db.engine import create_single_use_engine
from shared.migrations.__main__ import alembic_config, check, migrate
from shared.migrations.head import is_at_head, schema_revision
from shared.migrations.revisions import known_revisions, schema_head
from shared.migrations.settings import MigrateSettings
from shared.models import Base
from shared.models.process_control import INSTALLED_AT
from tests.architecture.place import ROOT
from tests.fixtures.postgres import Login, Postgres

NOT_MODELLED = ("alembic_version", "events_alert", "events_telemetry")  # partitions come and go with the data
PROGRAM = (sys.executable, "-m", "shared.migrations")


def _settings(postgres: Postgres) -> MigrateSettings:
    return MigrateSettings(postgres_url=SecretStr(postgres.url("owner")), migrate_wait_seconds=30)


async def _alembic(postgres: Postgres, function: Any, *arguments: str) -> None:
    config = alembic_config()
    config.attributes["postgres_url"] = postgres.url("owner")
    await asyncio.to_thread(function, config, *arguments)


async def _tables(postgres: Postgres) -> set[str]:
    async with postgres.connect("owner") as connection:
        return {
            row["relname"]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            )
        }


async def test_what_was_migrated_is_committed(empty_postgres: Postgres) -> None:
    await asyncio.to_thread(migrate, _settings(empty_postgres))
    assert set(Base.metadata.tables) <= await _tables(empty_postgres)


async def test_the_year_of_installation_is_written_down(postgres: Postgres) -> None:
    async with postgres.connect("indexer") as connection:
        value = json.loads(await connection.fetchval("SELECT value FROM process_controls WHERE key = $1", INSTALLED_AT))
    at = datetime.fromisoformat(value["at"])
    assert value["year"] == at.year
    assert clock.now() - timedelta(hours=1) < at <= clock.now() + timedelta(minutes=1)


async def test_up_down_up(empty_postgres: Postgres) -> None:
    await _alembic(empty_postgres, command.upgrade, "head")
    before = await _catalog(empty_postgres)
    await _alembic(empty_postgres, command.downgrade, "base")
    assert await _tables(empty_postgres) == {"alembic_version"}
    assert await _functions(empty_postgres) == set()
    await _alembic(empty_postgres, command.upgrade, "head")
    assert await _catalog(empty_postgres) == before


async def test_each_migration_can_be_taken_back(empty_postgres: Postgres) -> None:
    await _alembic(empty_postgres, command.upgrade, "head")
    seen = set()
    while (revision := await _revision(empty_postgres)) is not None:
        seen.add(revision)
        await _alembic(empty_postgres, command.downgrade, "-1")
    assert schema_head() in seen
    assert len(seen) >= 5


async def test_models_are_what_the_migrations_made(postgres: Postgres, empty_postgres: Postgres) -> None:
    """Compares catalogues, so that checks, defaults and partial indexes count, which `alembic check` leaves out."""
    engine = create_single_use_engine(empty_postgres.url("owner"), application_name="test")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    migrated, modelled = await _catalog(postgres), await _catalog(empty_postgres)
    migrated = {(table, what) for table, what in migrated if not table.startswith(NOT_MODELLED)}
    assert migrated - modelled == set()
    assert modelled - migrated == set()


async def test_alembic_finds_nothing_to_generate(postgres: Postgres) -> None:
    await _alembic(postgres, command.check)


async def test_whoever_had_a_password_beside_the_provider_keeps_the_provider(empty_postgres: Postgres) -> None:
    await _alembic(empty_postgres, command.upgrade, "head")
    await _alembic(empty_postgres, command.downgrade, "a1f0c4d27e6a-1")
    async with empty_postgres.connect("owner") as connection:
        for subject in ("'s'", "NULL"):
            await connection.execute(
                f"""
                WITH someone AS (
                    INSERT INTO users (id, email, name, password_hash, oidc_issuer, oidc_subject)
                    VALUES (gen_random_uuid(), coalesce({subject}, 'none'), 'x', 'hash', {subject}, {subject})
                    RETURNING id
                )
                INSERT INTO sessions (id, user_id, token_hash, address, user_agent, expires_at, last_used_at)
                SELECT id, id, uuid_send(id), 'x', 'x', now(), now() FROM someone
                """
            )
        await _alembic(empty_postgres, command.upgrade, "head")
        rows = await connection.fetch(
            "SELECT email, password_hash, revoked_at IS NULL AS signed_in "
            "FROM users JOIN sessions ON user_id = users.id ORDER BY email"
        )
    assert [tuple(row) for row in rows] == [("none", "hash", True), ("s", None, False)]


async def test_routes_without_quiet_hours_have_none_afterwards(empty_postgres: Postgres) -> None:
    await _alembic(empty_postgres, command.upgrade, "head")
    await _alembic(empty_postgres, command.downgrade, "c4d7e18a2f95-1")
    hours = {"'null'": None, "NULL": None, """'{"from": "22:00"}'""": '{"from": "22:00"}'}
    async with empty_postgres.connect("owner") as connection:
        for given in hours:
            await connection.execute(
                f"""
                WITH place AS (INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), gen_random_uuid())
                               RETURNING id),
                     someone AS (INSERT INTO users (id, email, name)
                                 VALUES (gen_random_uuid(), gen_random_uuid(), 'x') RETURNING id)
                INSERT INTO notification_routes (id, organization_id, user_id, kinds, quiet_hours)
                SELECT gen_random_uuid(), place.id, someone.id, '{{job.done}}', {given} FROM place, someone
                """
            )
        await _alembic(empty_postgres, command.upgrade, "head")
        rows = await connection.fetch("SELECT quiet_hours FROM notification_routes ORDER BY quiet_hours NULLS FIRST")
    assert [row[0] for row in rows] == [*hours.values()]


async def test_two_programs_at_once(empty_postgres: Postgres) -> None:
    environment = os.environ | {
        "EVENTSEC_POSTGRES_URL": empty_postgres.url("owner"),
        "EVENTSEC_LOG_FORMAT": "json",
    }
    first, second = await asyncio.gather(_program(environment), _program(environment))
    assert (first[0], second[0]) == (0, 0), first[1] + second[1]
    words = first[1] + second[1]
    assert words.count("Running upgrade") == len(known_revisions())
    assert await _revision(empty_postgres) == schema_head()


async def test_a_second_run_waits_for_the_first_and_gives_up(empty_postgres: Postgres) -> None:
    async with empty_postgres.connect("owner") as holder:
        await holder.execute("SELECT pg_advisory_lock(17750, 1)")
        environment = os.environ | {
            "EVENTSEC_POSTGRES_URL": empty_postgres.url("owner"),
            "EVENTSEC_MIGRATE_WAIT_SECONDS": "1",
        }
        status, output = await _program(environment)
    assert status == 1
    assert "migration_running" in output
    assert await _tables(empty_postgres) == set()


@pytest.mark.parametrize("patience, status", [("30", 0), ("1", 1)], ids=["in time", "too late"])
async def test_a_migration_that_others_hold_up_is_tried_again_for_so_long(
    postgres: Postgres, patience: str, status: int
) -> None:
    await _alembic(postgres, command.downgrade, "-1")
    environment = os.environ | {
        "EVENTSEC_POSTGRES_URL": postgres.url("owner"),
        "EVENTSEC_MIGRATE_WAIT_SECONDS": patience,
    }
    async with postgres.connect("owner") as holder:
        transaction = holder.transaction()
        await transaction.start()
        # Whatever a migration does, it writes there at its end.
        await holder.execute("LOCK TABLE alembic_version IN SHARE MODE")
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        assert process.stdout is not None
        output = b""
        async with asyncio.timeout(60):
            while b"migration_held_up" not in output and (line := await process.stdout.readline()):
                output += line
        await transaction.rollback()
    async with asyncio.timeout(60):
        output += await process.stdout.read()
        assert await process.wait() == status, output.decode()
    assert (b"migration_held_up" in output) is (status == 0)
    assert b"canceling statement due to lock timeout" in output
    assert (await _revision(postgres) == schema_head()) is (status == 0)


async def test_migrate_waits_for_a_server_that_starts_late(empty_postgres: Postgres) -> None:
    """The program is started first; the port opens when it has already been refused."""
    async with empty_postgres.connect("admin") as connection:
        host = await connection.fetchval("SELECT host(inet_server_addr())")
        port = await connection.fetchval("SELECT inet_server_port()")
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    late_port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    url = empty_postgres.url("owner").replace(f":{port}/", f":{late_port}/")
    environment = os.environ | {"EVENTSEC_POSTGRES_URL": url, "EVENTSEC_LOG_FORMAT": "json"}
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        said = await process.stdout.readline()
        assert b"waiting_for_postgres" in said
        forwarder = await asyncio.start_server(_forward_to(host, port), "127.0.0.1", late_port)
        async with forwarder:
            rest = await process.stdout.read()
            assert await process.wait() == 0, rest.decode()
    assert await _revision(empty_postgres) == schema_head()


async def test_waiting_is_bounded_and_says_why() -> None:
    environment = os.environ | {
        "EVENTSEC_POSTGRES_URL": "postgresql://nobody:secret-word@127.0.0.1:1/none",
        "EVENTSEC_MIGRATE_WAIT_SECONDS": "0.5",
    }
    status, output = await _program(environment)
    assert status == 1
    assert "PostgreSQL did not answer for 0.5 s" in output
    assert "secret-word" not in output


async def test_check_tells_behind_from_at_head(postgres: Postgres, empty_postgres: Postgres) -> None:
    assert await asyncio.to_thread(check, _settings(postgres)) is True
    assert await asyncio.to_thread(check, _settings(empty_postgres)) is False
    for database, expected in ((postgres, 0), (empty_postgres, 1)):
        status, output = await _program(os.environ | {"EVENTSEC_POSTGRES_URL": database.url("owner")}, "--check")
        assert status == expected, output
    assert await _tables(empty_postgres) == set()


async def test_the_program_takes_back_as_far_as_it_is_told(postgres: Postgres) -> None:
    environment = os.environ | {"EVENTSEC_POSTGRES_URL": postgres.url("owner")}
    for revision in ("c83d0f6b1e57", "5b9d03c7e8a1", "5b9d03c7e8a1"):
        status, output = await _program(environment, "--downgrade", revision)
        assert (status, await _revision(postgres)) == (0, revision), output
    async with postgres.connect("owner") as connection:
        assert await connection.fetchval("SELECT to_regclass('alert_clock_words') IS NOT NULL")


@pytest.mark.parametrize(
    ("at", "revision", "word"),
    [
        ("5b9d03c7e8a1", "base", "unknown_revision"),
        ("5b9d03c7e8a1", "e06a2f9d41b7", "not_beyond"),
        (None, "5b9d03c7e8a1", "not_beyond"),
        ("from_the_future", "5b9d03c7e8a1", "schema_too_new"),
    ],
)
async def test_the_program_takes_back_no_more_than_it_knows(
    postgres: Postgres, empty_postgres: Postgres, at: str | None, revision: str, word: str
) -> None:
    database = postgres if at else empty_postgres
    if at:
        async with database.connect("owner") as connection:
            await connection.execute("UPDATE alembic_version SET version_num = $1", at)
    before = await _tables(database)
    status, output = await _program(
        os.environ | {"EVENTSEC_POSTGRES_URL": database.url("owner")}, "--downgrade", revision
    )
    assert status == 1
    assert word in output
    assert await _tables(database) == before


@pytest.mark.parametrize("revision, expected", [("a1f0c4d27b04", False), ("from_the_future", True)])
async def test_head_means_nothing_of_ours_is_missing(postgres: Postgres, revision: str, expected: bool) -> None:
    async with postgres.connect("owner") as connection:
        assert await is_at_head(connection) is True
        await connection.execute("UPDATE alembic_version SET version_num = $1", revision)
        assert await is_at_head(connection) is expected


async def test_head_over_the_orm_and_before_the_first_migration(empty_postgres: Postgres) -> None:
    assert await _at_head(empty_postgres, "owner") == (False, False)


async def test_head_for_a_login_that_the_migrations_have_not_come_to_yet(empty_postgres: Postgres) -> None:
    async with empty_postgres.connect("owner") as connection:
        await connection.execute("CREATE TABLE alembic_version (version_num text)")
    assert await _at_head(empty_postgres, "indexer") == (False, False)


async def _at_head(postgres: Postgres, login: Login) -> tuple[bool, bool]:
    """What is said over the ORM, and without it."""
    engine = create_single_use_engine(postgres.url(login), application_name="test")
    async with engine.connect() as session:
        over = await is_at_head(session)
        await session.rollback()
    async with postgres.connect(login) as bare:
        return over, await is_at_head(bare)


async def _revision(postgres: Postgres) -> str | None:
    async with postgres.connect("owner") as connection:
        return await schema_revision(connection)


async def _functions(postgres: Postgres) -> set[str]:
    async with postgres.connect("owner") as connection:
        rows = await connection.fetch("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    return {row["proname"] for row in rows}


async def _program(environment: dict[str, str], *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, *arguments, env=environment | {"PYTHONPATH": str(ROOT)}, cwd="/",  # no file of Alembic's lies there
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(90):
        output, _ = await process.communicate()
    return process.returncode, output.decode()


def _forward_to(host: str, port: int) -> Any:
    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        directions: list[Coroutine[Any, Any, None]] = [pipe(reader, back), pipe(there, writer)]
        await asyncio.gather(*directions)

    return forward


_CATALOG = """
    SELECT table_name, format('column %s %s null=%s default=%s', column_name, udt_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT conrelid::regclass::text, format('constraint %s %s', conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT relname, format('options %s %s', reloptions, pg_get_partkeydef(oid))
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""


async def _catalog(postgres: Postgres) -> set[tuple[str, str]]:
    async with postgres.connect("owner") as connection:
        return {tuple(row) for row in await connection.fetch(_CATALOG)}
