"""What a nemesis is: a name, what it touches, and a function that hurts for some seconds and then undoes it."""

import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from tests.faults.analysts import Noted
from tests.faults.incident_workers import Worked
from tests.faults.proxy import Proxy
from tests.faults.search_proxy import SearchProxy
from tests.faults.sender import Sender
from tests.faults.system import System

INGEST, INDEXER, API, RABBITMQ, POSTGRES, OPENSEARCH = "ingest", "indexer", "api", "rabbitmq", "postgres", "opensearch"
SERVERS = (RABBITMQ, POSTGRES, OPENSEARCH)


@dataclass
class Field:
    """Where it happens. `proxies` stand before the servers, by name; `search` refuses what OpenSearch would take.

    `noted` is what analysts did meanwhile and what came of it, `worked` what was done with incidents.
    """

    system: System
    sender: Sender
    proxies: dict[str, Proxy]
    search: SearchProxy
    noted: Noted = field(default_factory=Noted)
    worked: Worked = field(default_factory=Worked)
    faults_seen: Counter[str] = field(default_factory=Counter)

    @contextlib.asynccontextmanager
    async def searching_through_http(self) -> AsyncIterator[SearchProxy]:
        """The services' way to OpenSearch leads through the HTTP proxy, which sees each item."""
        wire = self.proxies[OPENSEARCH]
        straight, wire.target = wire.target, self.search.port
        wire.cut()
        try:
            yield self.search
        finally:
            wire.target = straight
            wire.cut()


Hurt = Callable[[Field, random.Random, float], Awaitable[int]]


@dataclass(frozen=True)
class Nemesis:
    """`hurt(field, chance, seconds)` hurts for about so long and has undone everything when it returns or raises.

    It returns how often the fault really happened, as seen from outside the victim: signals delivered, connections
    cut, requests refused. None at all fails the run: a fault that did not happen proves nothing.
    `touches` are the processes and servers concerned; two nemeses at once touch different ones.
    """

    name: str
    touches: frozenset[str]
    hurt: Hurt
