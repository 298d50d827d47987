"""Connections to Postgres: an engine for the ORM, a bare asyncpg pool for the indexer."""

import time
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import ExceptionContext, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, PoolProxiedConnection, QueuePool

from shared import clock, metrics
from shared.credentials import Url, current
from shared.db.failures import is_connection_lost

AsyncpgConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
AnyConnection: TypeAlias = "AsyncConnection | AsyncpgConnection"


@dataclass(frozen=True)
class Limits:
    """Seconds that each step may take; None for no limit.

    `command` is the client's and covers a frozen server; a cancel may take two seconds more. `statement`
    and `lock` are the server's own and end cleanly, so they are the shorter ones. `idle` is how long a transaction
    may wait for its client: a process that hangs keeps its locks no longer. By default longer than anything takes
    between two statements (a re-drive reads a hundred records, a hostile one in a second).
    """

    connect: float = 5.0
    command: float | None = 30.0
    statement: float | None = 25.0
    lock: float | None = None
    idle: float | None = 300.0


DEFAULT_LIMITS = Limits()

OWN_ROLE = "use the role that the migrations made for this process (docs/security.md)"

UNFIT_ROLE = """
    SELECT CASE
        WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN 'is a superuser'
        WHEN EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND pg_has_role(session_user, relowner, 'MEMBER')
        ) THEN 'owns the tables'
    END
"""

# Unused for less, a connection is taken to be there still: a request that finds out otherwise is answered with 503.
PING_AFTER_SECONDS = 1.0
RETURNED_AT = "returned_at"

# Seconds, seconds, and probes: the server gives up on a client whose host vanished after a minute, and with it the
# locks that its session held. By default it would take over two hours.
KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}


def create_engine(
    url: Url,
    *,
    application_name: str,
    pool_size: int = 10,
    pool_timeout: float = 5.0,
    limits: Limits = DEFAULT_LIMITS,
    statement_cache_size: int = 200,
) -> AsyncEngine:
    """An engine for the ORM that connects at first use; `url` is `postgresql://…` in libpq's form.

    At most `pool_size` connections; who waits longer than `pool_timeout` seconds for one gets an error.
    A `url` that is a function is called for each connection.
    The driver reads the URL itself, so `sslmode`, several hosts and sockets mean what they mean elsewhere,
    and the engine's own URL holds no password. `statement_cache_size` 0 is for transaction poolers.
    Errors hide what was sent: it may be somebody's address, or a hash.
    """
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=_connector(url, application_name, limits, statement_cache_size),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        # The last one given back is the next one taken: it has the statements prepared, and is not asked again.
        pool_use_lifo=True,
        pool_recycle=1800,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "handle_error", _forget_lost_connection)
    event.listen(engine.sync_engine, "checkin", _note_return)
    event.listen(engine.sync_engine, "checkout", _ping_unused)
    pool = engine.sync_engine.pool
    assert isinstance(pool, QueuePool)
    metrics.POOL_SIZE.labels(application_name).set(pool_size)
    metrics.POOL_USED.labels(application_name).set_function(pool.checkedout)
    return engine


def create_single_use_engine(url: Url, *, application_name: str, limits: Limits = DEFAULT_LIMITS) -> AsyncEngine:
    """An engine that keeps no connection open: for programs that run once."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=_connector(url, application_name, limits, 200),
        poolclass=NullPool,
        hide_parameters=True,
    )


def sessionmaker(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose rows stay readable after the commit (under asyncio nothing can be loaded by touching)."""
    return async_sessionmaker(engine, expire_on_commit=False)


def statements(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions in which each statement stands alone, without the round trips of a transaction."""
    return sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))


async def create_pool(
    url: Url,
    *,
    application_name: str,
    max_size: int = 10,
    limits: Limits = DEFAULT_LIMITS,
    statement_cache_size: int = 200,
    max_inactive_connection_lifetime: float = 300.0,
) -> "asyncpg.Pool[asyncpg.Record]":
    """A bare asyncpg pool; opens no connection yet, so a process starts without its database.

    jsonb comes and goes as text. Unused connections are closed after `max_inactive_connection_lifetime`
    seconds, so that a server that moved is found again.
    """
    pool = await asyncpg.create_pool(
        connect=lambda *_, **options: connect(url, **options),
        min_size=0,
        max_size=max_size,
        timeout=limits.connect,
        command_timeout=limits.command,
        server_settings=_server_settings(application_name, limits),
        statement_cache_size=statement_cache_size,
        max_inactive_connection_lifetime=max_inactive_connection_lifetime,
    )
    metrics.POOL_SIZE.labels(application_name).set(max_size)
    metrics.POOL_USED.labels(application_name).set_function(lambda: pool.get_size() - pool.get_idle_size())
    return pool


async def connect(url: Url, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection, with the password as it is now; `options` are asyncpg's own."""
    return await asyncpg.connect(current(url), **options)


async def scalar(connection: AnyConnection, sql: str) -> Any:
    """The first column of the first row of a query without parameters, over either kind of connection."""
    if isinstance(connection, AsyncConnection):
        return await connection.scalar(text(sql))
    return await connection.fetchval(sql)


async def unfit_role(connection: AnyConnection) -> str | None:
    """Why production refuses to run as the session's login, and what to do; None for one that is fit.

    A super-user, and who owns our tables or may act as who does, may change what is only ever added to.
    """
    unfit = await scalar(connection, UNFIT_ROLE)
    return None if unfit is None else f"the database role {unfit}, which production refuses: {OWN_ROLE}"


async def compare_clocks(connection: AnyConnection) -> None:
    """Set by how much our clock is ahead of the database's, whose time decides what is due."""
    asked = clock.now()
    theirs = await scalar(connection, "SELECT clock_timestamp()")
    ours = asked + (clock.now() - asked) / 2
    metrics.CLOCK_SKEW.set((ours - theirs).total_seconds())


def _note_return(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info[RETURNED_AT] = time.monotonic()


def _ping_unused(connection: DBAPIConnection, record: ConnectionPoolEntry, _: PoolProxiedConnection) -> None:
    """One that lay unused may have been cut. The pool's own ping asks each time, in three round trips."""
    returned_at = record.info.get(RETURNED_AT)
    if returned_at is None or time.monotonic() - returned_at < PING_AFTER_SECONDS:
        return
    try:
        connection.ping()
    except Exception as error:
        raise InvalidatePoolError from error


def _forget_lost_connection(context: ExceptionContext) -> None:
    """Without this a connection that died in the middle of an operation goes back to the pool as a good one."""
    if is_connection_lost(context.original_exception):
        context.is_disconnect = True


def _connector(
    url: Url, application_name: str, limits: Limits, statement_cache_size: int
) -> "partial[Coroutine[Any, Any, asyncpg.Connection[asyncpg.Record]]]":
    return partial(
        connect,
        url,
        timeout=limits.connect,
        command_timeout=limits.command,
        server_settings=_server_settings(application_name, limits),
        statement_cache_size=statement_cache_size,
    )


def _server_settings(application_name: str, limits: Limits) -> dict[str, str]:
    settings = {"application_name": application_name, "timezone": "UTC"} | KEEPALIVES
    for name, seconds in (
        ("statement_timeout", limits.statement),
        ("lock_timeout", limits.lock),
        ("idle_in_transaction_session_timeout", limits.idle),
    ):
        if seconds is not None:
            settings[name] = str(int(seconds * 1000))
    return settings
