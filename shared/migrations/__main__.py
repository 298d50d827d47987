"""`python -m shared.migrations`: wait for the server, bring the schema to head, prove that it is there.

A schema that is newer than this code and still serves it is left as it is, so that a version can be gone back to.
`--check` changes nothing and ends with status 1 when the schema does not serve this code. `--downgrade REVISION` takes
back the migrations after that one, with the code that brought them.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from shared import log, retry, starting
from shared.credentials import Url
from shared.db import engine
from shared.db.failures import is_held_up, is_transient
from shared.errors import Conflict, EventSecError, Invalid, Unavailable
from shared.migrations.head import is_at_head, schema_revision
from shared.migrations.revisions import known_revisions, schema_head
from shared.migrations.settings import MigrateSettings

_LOG = log.get("shared.migrations")
_AGAIN = retry.Backoff(first=0.2, most=3.0)


def alembic_config() -> Config:
    """Alembic's configuration without any file, so that it is the same in a checkout and in a wheel."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


async def connect(url: Url, wait_seconds: float) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection, as soon as the server gives one.

    Raises Unavailable when it gave none for `wait_seconds`, and at once what waiting cannot mend (a wrong
    password, a database that does not exist).
    """
    deadline = time.monotonic() + wait_seconds
    attempt = 0
    while True:
        try:
            return await engine.connect(url, timeout=5)
        except Exception as error:
            if not is_transient(error):
                raise
            pause = _AGAIN.pause(attempt)
            if time.monotonic() + pause > deadline:
                raise Unavailable(f"PostgreSQL did not answer for {wait_seconds:g} s") from error
            _LOG.info("waiting_for_postgres", error=type(error).__name__)
            await asyncio.sleep(pause)
            attempt += 1


async def _state(settings: MigrateSettings) -> tuple[str | None, bool]:
    connection = await connect(settings.postgres_address, settings.migrate_wait_seconds)
    try:
        return await schema_revision(connection), await is_at_head(connection)
    finally:
        await connection.close()


def migrate(settings: MigrateSettings) -> None:
    """Bring the schema to head; what it says afterwards it has read over a connection of its own.

    Raises Unavailable when the server, or another migration, keeps it waiting too long, Conflict when the schema
    is too new, and what a migration failed of.
    """
    before, serves_us = asyncio.run(_state(settings))
    if before is not None and before not in known_revisions():
        _leave(before, serves_us)
        return
    _run(command.upgrade, "head", settings)
    after, at_head = asyncio.run(_state(settings))
    if not at_head:
        raise Unavailable(f"the schema is at {after} and should be at {schema_head()}", code="not_committed")
    _LOG.info("migrated" if before != after else "already_at_head", before=before, after=after)


def downgrade(settings: MigrateSettings, revision: str) -> None:
    """Take back the migrations after that revision, and what was written into what they had added.

    Raises Invalid for a revision this code does not know (`base` is none: a slip must not take back all), Conflict
    for a schema that newer code brought or that is not beyond the revision, and what `migrate` raises.
    """
    if revision not in known_revisions():
        raise Invalid(f"there is no revision {revision}", code="unknown_revision")
    before, _ = asyncio.run(_state(settings))
    if before is not None and before not in known_revisions():
        raise Conflict(f"the schema is at {before}: take it back with the code that brought it", code="schema_too_new")
    try:
        _run(command.downgrade, revision, settings)
    except CommandError as error:
        raise Conflict(f"the schema is at {before}, not beyond {revision}", code="not_beyond") from error
    after, _ = asyncio.run(_state(settings))
    if after != revision:
        raise Unavailable(f"the schema is at {after} and should be at {revision}", code="not_committed")
    _LOG.info("taken_back", before=before, after=after)


def _run(act: Callable[[Config, str], None], revision: str, settings: MigrateSettings) -> None:
    """Runs what is to be run, again and again while others keep a lock from it, for the settings' patience.

    Processes at work hold the tables. A migration waits for them shortly each time, since everybody behind it waits
    too, and one that was ended for a deadlock's sake has changed nothing.
    """
    config = alembic_config()
    config.attributes["postgres_url"] = settings.postgres_address
    config.attributes["wait_seconds"] = settings.migrate_wait_seconds
    deadline = time.monotonic() + settings.migrate_wait_seconds
    attempt = 0
    while True:
        try:
            act(config, revision)
            return
        except DBAPIError as error:
            pause = _AGAIN.pause(attempt)
            if not is_held_up(error) or time.monotonic() + pause > deadline:
                raise
            _LOG.info("migration_held_up", detail=str(error.orig))
            time.sleep(pause)
            attempt += 1


def _leave(revision: str, serves_us: bool) -> None:
    """Let a schema be that is newer than this code. Raises Conflict when it no longer serves it."""
    if not serves_us:
        raise Conflict(f"the schema is at {revision}, which needs newer code than this", code="schema_too_new")
    _LOG.info("schema_is_newer", revision=revision, head=schema_head())


def check(settings: MigrateSettings) -> bool:
    """True when the schema serves this code; changes nothing."""
    revision, at_head = asyncio.run(_state(settings))
    _LOG.info("at_head" if at_head else "behind", revision=revision, head=schema_head())
    return at_head


def main(arguments: list[str] | None = None) -> int:
    """The program; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m shared.migrations", description=__doc__)
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="only say whether the schema is at head")
    instead.add_argument("--downgrade", metavar="REVISION", help="take back the migrations after that one")
    options = parser.parse_args(arguments)
    settings = starting.read(MigrateSettings)
    log.configure("migrate", log_format=settings.log_format, level=settings.log_level)
    try:
        if options.check:
            return 0 if check(settings) else 1
        if options.downgrade is not None:
            downgrade(settings, options.downgrade)
            return 0
        migrate(settings)
    except EventSecError as error:
        _LOG.error("migration_failed", code=error.code, detail=str(error))
        return 1
    except (DBAPIError, asyncpg.PostgresError, OSError) as error:
        _LOG.error("migration_failed", code="database_error", detail=str(getattr(error, "orig", error)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
