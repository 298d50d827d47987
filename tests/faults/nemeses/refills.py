"""A new index of alerts is filled under load; the command dies at a named point and is run again."""

import random
from functools import partial

import asyncpg

from services.indexer.stores.compare import PAGE
from shared.crash import EXIT_STATUS, POINTS
from tests.faults.nemeses.crashes import REFILL
from tests.faults.nemeses.nemesis import OPENSEARCH, Field, Nemesis
from tests.faults.oracle import Oracle
from tests.faults.people import try_to
from tests.waiting import until

COMMAND = ("services.indexer.stores", "reindex", "alerts")
REFILL_SECONDS, ALERTS_SECONDS = 90.0, 90.0
PAGE_POINT = "refill_page"


async def _crash(point: str, field: Field, _: random.Random, __: float) -> int:
    """The second run goes on where the first one died, and leaves one index."""
    if point == PAGE_POINT:
        await _alerts_of_two_pages(field)
        point += ":2"  # by then there is a place to go on from
    status = await field.system.execute(*COMMAND, crash_at=point, within=REFILL_SECONDS)
    await field.system.run(*COMMAND)
    return int(status == EXIT_STATUS)


async def _alerts_of_two_pages(field: Field) -> None:
    alerts = 0

    async def count(connection: asyncpg.Connection, _: Oracle) -> None:
        nonlocal alerts
        alerts = await connection.fetchval("SELECT count(*) FROM alerts")

    async def enough() -> bool:
        await try_to(count, field.system, field.sender.oracle)
        return alerts > PAGE

    await until(enough, within=ALERTS_SECONDS)


# Alone with OpenSearch: what refuses its writes keeps the second run waiting, which then is no fault of anybody's.
NEMESES = tuple(
    Nemesis(f"crash_{point}", frozenset({OPENSEARCH}), partial(_crash, point))
    for point in POINTS
    if point.startswith(REFILL)
)
