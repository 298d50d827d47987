"""Whether a database has the schema that this code was written for."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
from sqlalchemy.exc import ProgrammingError

from shared import log, metrics
from shared.db.engine import AnyConnection, scalar
from shared.lifecycle import Stop
from shared.migrations.revisions import known_revisions, schema_head

logger = log.get(__name__)

# The first migrations have committed, and the one that lets our logins look has not: for us there is no schema yet.
NOT_YET = (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError)

# What a contracting migration leaves here: {"revision": …}, which code has to know to work on the schema.
NEEDS = "schema_needs"
_NEEDED = f"SELECT value ->> 'revision' FROM process_controls WHERE key = '{NEEDS}'"  # noqa: S608 - a constant

ASK_SECONDS, PAUSE_SECONDS = 5.0, 1.0


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
    """True when the database has all this code needs: our newest revision, or a newer one that still serves us.

    During a rolling upgrade the schema moves before the processes do, and after going back it stays where it was. A
    revision we do not know only added something, unless the schema says what else code has to know. See docs/adr/0041.
    """
    revision = await schema_revision(connection)
    at_head = revision is not None and serves(revision, needed=await _needed(connection, revision))
    metrics.SCHEMA_BEHIND.set(not at_head)
    return at_head


def serves(revision: str, *, needed: str | None) -> bool:
    """Whether a schema at that revision has all this code needs; `needed` is what code must know to work on it."""
    if revision in known_revisions():
        return revision == schema_head()
    return needed is None or needed in known_revisions()


async def _needed(connection: AnyConnection, revision: str) -> str | None:
    """Asked only of a schema that is newer than we are, so a check costs no more than it did."""
    return None if revision in known_revisions() else await scalar(connection, _NEEDED)


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
