"""Which schema this code was written for, and whether a database has it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

import asyncpg
from sqlalchemy.exc import ProgrammingError

from shared import log, metrics
from shared.db.engine import AnyConnection, scalar
from shared.lifecycle import Stop

logger = log.get(__name__)

# The first migrations have committed, and the one that lets our logins look has not: for us there is no schema yet.
NOT_YET = (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError)

ASK_SECONDS, PAUSE_SECONDS = 5.0, 1.0

_SAID = re.compile(r'^(revision|down_revision): .* = "(\w+)"$', re.MULTILINE)


@cache
def schema_head() -> str:
    """The newest revision this code knows; read from the migration files once a process."""
    (head,) = known_revisions() - set(_lineage().values())
    return head


@cache
def known_revisions() -> frozenset[str]:
    """Every revision this code knows."""
    return frozenset(_lineage())


async def schema_revision(connection: AnyConnection) -> str | None:
    """The revision the database is at, None before the migration that lets this login look. One cheap query.

    After None the transaction of an SQLAlchemy connection is aborted; its owner rolls back.
    """
    try:
        revision = await scalar(connection, "SELECT version_num FROM alembic_version")
    except NOT_YET:
        return None
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) in {one.sqlstate for one in NOT_YET}:
            return None
        raise
    return str(revision) if revision is not None else None


async def is_at_head(connection: AnyConnection) -> bool:
    """True when the database has all this code needs: our newest revision, or one that is newer than us.

    During a rolling upgrade the schema moves before the processes do, and migrations only add until every
    process has followed; so a revision we do not know is no reason to turn away work.
    """
    revision = await schema_revision(connection)
    at_head = revision == schema_head() or (revision is not None and revision not in known_revisions())
    metrics.SCHEMA_BEHIND.set(not at_head)
    return at_head


async def until_at_head(ask: Callable[[], Awaitable[bool]], stop: Stop) -> bool:
    """True once `ask` says that the schema is at head, False when `stop` comes first; each reason to wait is said once.

    A process may be started before the migration, or before its database.
    """
    told = None
    while not stop.requested:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                if await ask():
                    if told is not None:
                        logger.info("schema_at_head")
                    return True
            reason = "not at head"
        except Exception as error:  # whatever it is, nothing can be done with the tables now
            reason = type(error).__name__
        if reason != told:
            logger.warning("waiting_for_schema", reason=reason)
            told = reason
        await stop.sleep(PAUSE_SECONDS)
    return False


@cache
def _lineage() -> dict[str, str | None]:
    """Each revision and the one before it. To import Alembic only for that would cost every start half a second."""
    said = [dict(_SAID.findall(file.read_text())) for file in (Path(__file__).parent / "versions").glob("[0-9]*.py")]
    return {one["revision"]: one.get("down_revision") for one in said}
