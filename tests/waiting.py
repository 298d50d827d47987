"""Waiting for what happens soon, in tests against real servers."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(claim: Callable[[], bool | Awaitable[bool]], *, within: float = 20.0) -> None:
    """Return once `claim()` is true. Raises TimeoutError after that many seconds."""
    async with asyncio.timeout(within):
        while True:
            answer = claim()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)
