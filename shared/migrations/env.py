"""How Alembic runs our migrations: one at a time in a database, each in a transaction of its own.

Alembic commits only what it began. So nothing is executed on the connection before it, or all it does would
join a transaction that nobody commits; the lock is taken in one that is committed first.
"""

import asyncio
import time

from alembic import context
from sqlalchemy import Connection, text

from shared import log, retry, starting
from shared.db.engine import Limits, create_single_use_engine
from shared.db.locks import CLASS, Lock
from shared.errors import Unavailable
from shared.migrations.settings import MigrateSettings
from shared.models import Base

_LOG = log.get(__name__)
_UNLIMITED = Limits(command=None, statement=None, idle=None)
_AGAIN = retry.Backoff(first=0.1, most=2.0)


def _migrate(connection: Connection) -> None:
    _wait_for_lock(connection, context.config.attributes.get("wait_seconds", 120.0))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
        include_name=_is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


def _wait_for_lock(connection: Connection, seconds: float) -> None:
    """Takes the migration lock for the session; it ends with the connection.

    Asks again and again instead of waiting in the server: a waiting statement holds a snapshot, and a
    `CREATE INDEX CONCURRENTLY` of the run that has the lock would wait for that for ever.
    Raises Unavailable when another run still has it after so many seconds.
    """
    deadline = time.monotonic() + seconds
    attempt = 0
    query = text("SELECT pg_try_advisory_lock(:class, :lock)")
    while True:
        locked = connection.scalar(query, {"class": CLASS, "lock": int(Lock.MIGRATE)})
        connection.commit()
        if locked:
            return
        if time.monotonic() > deadline:
            raise Unavailable("another migration is still running", code="migration_running")
        _LOG.info("waiting_for_other_migration")
        time.sleep(_AGAIN.pause(attempt))
        attempt += 1


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """False for partitions: they come and go with the data and have no model of their own."""
    return kind != "table" or not str(name).startswith(("events_alert", "events_telemetry"))


async def _run() -> None:
    url = context.config.attributes.get("postgres_url") or starting.read(MigrateSettings).postgres_address
    engine = create_single_use_engine(url, application_name="eventsec-migrate", limits=_UNLIMITED)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)


if context.is_offline_mode():
    raise SystemExit("SQL scripts are not supported: the migrations ask the database what is there.")
asyncio.run(_run())
