"""Runs a transaction until what it read stayed true."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from services.indexer.errors import StartOver
from shared import metrics
from shared.errors import Retry
from shared.retry import Backoff

MAX_RESTARTS = 20
_PAUSE = Backoff(first=0.005, most=0.5)
_RESTARTING = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

T = TypeVar("T")


async def restarting(transaction: Callable[[], Awaitable[T]]) -> T:
    """Its result. Raises Retry after 20 attempts."""
    for attempt in range(MAX_RESTARTS):
        try:
            return await transaction()
        except (StartOver, *_RESTARTING) as error:
            cause = error.cause if isinstance(error, StartOver) else "deadlock"
            metrics.WRITER_RESTARTS.labels(cause).inc()
        await asyncio.sleep(_PAUSE.pause(attempt))
    raise Retry("the transaction kept meeting others", code="contention")
