"""What work on both stores at once has open, and how patient it is with them."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import asyncpg
from opensearchpy import AsyncOpenSearch

from services.indexer.generations import Generations
from services.indexer.periods import PeriodBook, plans_of
from services.indexer.projection import Projection
from services.indexer.settings import IndexerSettings
from shared import log
from shared.db.engine import create_pool
from shared.db.failures import is_transient
from shared.errors import Unavailable
from shared.lifecycle import Stop
from shared.retry import Backoff
from shared.search.client import create_client
from shared.search.indices import Names

logger = log.get(__name__)

ATTEMPTS = 10
TIMEOUT_SECONDS = 60.0
POOL_SIZE = 4
_AGAIN = Backoff(first=0.5, most=30.0)

T = TypeVar("T")


@dataclass(frozen=True)
class Stores:
    """Postgres and OpenSearch, with what knows where a row is in each of them.

    `attempts` is how often one step is tried while a server is away: a program that somebody started waits, a
    background loop comes again anyway.
    """

    pool: asyncpg.Pool
    client: AsyncOpenSearch
    names: Names
    periods: PeriodBook
    generations: Generations
    projection: Projection
    attempts: int = 1
    stop: Stop = field(default_factory=Stop)

    async def patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step that may be taken twice; again, after a pause, while a server is away.

        Raises what the last attempt raised.
        """
        attempt = 0
        while True:
            try:
                return await step()
            except Exception as error:
                attempt += 1
                away = isinstance(error, Unavailable) or is_transient(error)
                if not away or attempt >= self.attempts or await self.stop.sleep(_AGAIN.pause(attempt)):
                    raise
                logger.warning("stores_wait", attempt=attempt, reason=type(error).__name__, detail=str(error))


@contextlib.asynccontextmanager
async def opened(settings: IndexerSettings, stop: Stop) -> AsyncIterator[Stores]:
    """Open both for a program of its own, close them in the end."""
    pool = await create_pool(
        settings.postgres_address,
        application_name="eventsec-stores",
        max_size=POOL_SIZE,
        statement_cache_size=settings.postgres_statement_cache_size,
    )
    client = create_client(settings, timeout_seconds=TIMEOUT_SECONDS)
    names, periods, generations = Names(settings.index_prefix), PeriodBook(plans_of(settings)), Generations(pool)
    projection = Projection(client, names, periods, generations)
    try:
        yield Stores(pool, client, names, periods, generations, projection, ATTEMPTS, stop)
    finally:
        await client.close()
        await pool.close()
