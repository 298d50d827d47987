"""A moderate load beside what a drill does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.drills.containers import Containers
from tests.drills.options import Options
from tests.faults.oracle import Mix, Oracle
from tests.faults.sender import Habits, Sender

LANES, BATCH = 2, 60
MIX = Mix(telemetry=0.3, unreadable=0.01, alertmanager=0.08, late=0.05, ahead=0.05)


def sender_of(there: Containers, options: Options) -> Sender:
    """One that sends about as much as the demo feeds."""
    pause = LANES * BATCH / 2 / options.rate
    # The drill's own limit ends what is never acknowledged.
    habits = Habits(pause=pause, resends=0.1, twins=0.1, attempts=100_000)
    return Sender(there, Oracle(options.seed, MIX), lanes=LANES, batch=BATCH, habits=habits)


@contextlib.asynccontextmanager
async def under_load(there: Containers, sender: Sender) -> AsyncIterator[None]:
    """It sends until the block ends, and what it began until that is acknowledged."""
    enough = asyncio.Event()
    sending = asyncio.create_task(sender.keep_sending(enough))
    try:
        yield
        enough.set()
        there.tell("waiting until what was begun is acknowledged")
        await sending
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
