"""The way to a server: slow, in tiny pieces, broken off, swallowing what it is given."""

import asyncio
import random
from functools import partial

from tests.faults.nemeses.nemesis import SERVERS, Field, Nemesis
from tests.faults.proxy import Toxic

SEEN_SECONDS = 20.0


async def _hurt(server: str, toxic: Toxic, field: Field, chance: random.Random, seconds: float) -> int:
    wire = field.proxies[server]
    loop = asyncio.get_running_loop()
    deadline, last = loop.time() + seconds, loop.time() + seconds + SEEN_SECONDS
    before = wire.seen[toxic]
    wire.start(toxic, chance.randrange(2**32))
    try:
        if toxic is Toxic.RESET:
            wire.seen[toxic] += wire.cut()
        while loop.time() < deadline or (wire.seen[toxic] == before and loop.time() < last):
            await asyncio.sleep(0.1)
    finally:
        wire.end(deliver=chance.random() < 0.5)
    return wire.seen[toxic] - before


NEMESES = tuple(
    Nemesis(f"{server}_{toxic}", frozenset({server}), partial(_hurt, server, toxic))
    for server in SERVERS
    for toxic in Toxic
)
