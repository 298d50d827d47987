"""The floors of retention: event time below which nothing is taken in, raised by maintenance alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import orjson

from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection
from services.indexer.locks import lock_alone
from services.indexer.periods import PeriodBook
from services.indexer.store import Floors
from shared import clock
from shared.domain.controls import RETENTION_FLOORS
from shared.normalise.event import KINDS, Kind

CONTROL = RETENTION_FLOORS


async def read_floors(connection: Connection) -> Floors:
    """The floors in force for this transaction; they do not rise while it holds the writers' lock."""
    value = await connection.fetchval("SELECT value FROM process_controls WHERE key = $1", CONTROL)
    stored = orjson.loads(value) if value else {}
    return Floors({kind: datetime.fromisoformat(stored[kind]) for kind in KINDS if stored.get(kind)})


def floors_of(days: dict[Kind, int], now: datetime) -> Floors:
    """The floors that so many days of retention mean: whole UTC days; 0 days keep all for ever."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Floors({kind: midnight - timedelta(days=number) for kind, number in days.items() if number})


async def make_periods(pool: asyncpg.Pool, periods: PeriodBook, arrivals: Sequence[Arrival]) -> None:
    """Make what these events lack, except for those that retention will refuse: floors only rise."""
    if not periods.lack((a.event.kind, a.event.id) for a in arrivals):
        return
    async with pool.acquire() as connection:
        floors = await read_floors(connection)
    kept = [a.event for a in arrivals if floors.above(a.event.kind, a.event.time) is None]
    await periods.ensure(pool, ((event.kind, event.id) for event in kept))


async def set_floors(pool: asyncpg.Pool, floors: Floors) -> None:
    """Put new floors in force, once no transaction that read the old ones is still writing."""
    value = {kind: clock.isoformat(before) for kind, before in floors.before.items()}
    async with pool.acquire() as connection, connection.transaction():
        if await read_floors(connection) == floors:
            return
        await lock_alone(connection)
        await connection.execute(
            "INSERT INTO process_controls (key, value) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            CONTROL,
            orjson.dumps(value).decode(),
        )
