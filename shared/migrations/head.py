"""Which schema this code was written for, and whether a database has it."""

from functools import cache
from pathlib import Path

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ProgrammingError

from shared.db.engine import AnyConnection, scalar


def alembic_config() -> Config:
    """Alembic's configuration without any file, so that it is the same in a checkout and in a wheel."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@cache
def schema_head() -> str:
    """The newest revision this code knows; read from the migration files once a process."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


@cache
def known_revisions() -> frozenset[str]:
    """Every revision this code knows."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


async def schema_revision(connection: AnyConnection) -> str | None:
    """The revision the database is at, None before the first migration. One cheap query.

    After None the transaction of an SQLAlchemy connection is aborted; its owner rolls back.
    """
    try:
        revision = await scalar(connection, "SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == asyncpg.UndefinedTableError.sqlstate:
            return None
        raise
    return str(revision) if revision is not None else None


async def is_at_head(connection: AnyConnection) -> bool:
    """True when the database has all this code needs: our newest revision, or one that is newer than us.

    During a rolling upgrade the schema moves before the processes do, and migrations only add until every
    process has followed; so a revision we do not know is no reason to turn away work.
    """
    revision = await schema_revision(connection)
    return revision == schema_head() or (revision is not None and revision not in known_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())
