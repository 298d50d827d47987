"""What people do meanwhile: they close alerts, and ask for what is in quarantine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import asyncpg

from shared.db.failures import is_transient
from tests.faults.oracle import Fate, Oracle
from tests.faults.system import System

Work: TypeAlias = Callable[[asyncpg.Connection, Oracle], Awaitable[object]]

CLOSE_SECONDS, CLOSED_AT_ONCE = 1.5, 40
# As maintenance closes them: with word of it by the same commit. Of those picked, whoever changed meanwhile is left.
CLOSE = """
    WITH locked AS (
        SELECT id FROM alerts WHERE id = ANY($1::uuid[]) AND current AND status = 'new'
        ORDER BY organization_id, fingerprint, fold_window FOR UPDATE),
    closed AS (
        UPDATE alerts SET status = 'closed', reason = 'benign', closed_at = now(), revision = revision + 1
        WHERE id IN (SELECT id FROM locked) RETURNING id, organization_id)
    INSERT INTO outbox (id, organization_id, routing_key, kind, ids)
    SELECT gen_random_uuid(), organization_id, 'alert.changed', 'alert', array_agg(id)
    FROM closed GROUP BY organization_id
"""
REDRIVE = """
    UPDATE quarantine q SET requested = 'redrive', requested_at = now(), edited_record = n.mended
    FROM unnest($1::uuid[], $2::bytea[]) AS n (id, mended) WHERE q.id = n.id AND q.status = 'open'
"""
DISCARD = """
    UPDATE quarantine SET requested = 'discard', requested_at = now() WHERE id = ANY($1::uuid[]) AND status = 'open'
"""


async def close_alerts(connection: asyncpg.Connection, _: Oracle, *, most: int = CLOSED_AT_ONCE) -> None:
    """Close some of the alerts that are new; what fires again then opens another."""
    pick = "SELECT id FROM alerts WHERE current AND status = 'new' ORDER BY random() LIMIT $1"
    await connection.execute(CLOSE, [row["id"] for row in await connection.fetch(pick, most)])


async def ask_for_redrive(connection: asyncpg.Connection, oracle: Oracle) -> None:
    """Ask for every open record in quarantine, as a person would: each for its fate."""
    rows = await connection.fetch("SELECT id, record FROM quarantine WHERE status = 'open' AND requested IS NULL")
    ours = [(row["id"], number) for row in rows if (number := oracle.number_in(row["record"])) >= 0]
    discarded = [key for key, number in ours if oracle.fate(number) is Fate.DISCARDED]
    mended = [oracle.records[number].mended if oracle.fate(number) is Fate.REDRIVEN else None for _, number in ours]
    redriven = [(key, text) for (key, _), text in zip(ours, mended, strict=True) if key not in discarded]
    async with connection.transaction():
        await connection.execute(REDRIVE, [key for key, _ in redriven], [text for _, text in redriven])
        await connection.execute(DISCARD, discarded)
    oracle.asked |= {number for _, number in ours}


async def keep_closing(system: System, oracle: Oracle) -> None:
    """Close alerts again and again; for ever."""
    while True:
        await asyncio.sleep(CLOSE_SECONDS)
        await try_to(close_alerts, system, oracle)


async def try_to(work: Work, system: System, oracle: Oracle) -> None:
    """Do it once, unless Postgres is away: then a nemesis has it."""
    try:
        connection = await asyncpg.connect(system.owner_url, timeout=5)
        try:
            await asyncio.wait_for(work(connection, oracle), 10)
        finally:
            connection.terminate()
    except Exception as error:
        if not is_transient(error):
            raise
