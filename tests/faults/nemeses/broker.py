"""RabbitMQ: killed, frozen, out of memory, with a full queue, and its connections closed by an operator."""

import asyncio
import random
from urllib.parse import quote

import httpx

from tests.faults.nemeses.nemesis import INDEXER, RABBITMQ, Field, Nemesis
from tests.faults.nemeses.servers import frozen, killed
from tests.waiting import until

SEEN_SECONDS = 40.0
FULL = {"pattern": "^events[.]received$", "apply-to": "queues", "priority": 1000}


async def _alarm(field: Field, _: random.Random, seconds: float) -> int:
    """Less memory allowed than it uses: it stops reading from publishers."""
    async with field.system.management() as management:
        (node,) = (await management.get("/api/nodes")).json()
        try:
            # Within, for who is told too late that it was done has to take it back all the same: the broker outlives
            # this run, and the next would find it out of memory.
            await field.system.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
            # Asked of the alarms themselves: what it tells of its nodes is some seconds old.
            await until(lambda: _alarmed(management), within=SEEN_SECONDS)
            await asyncio.sleep(seconds)
            return int(await _alarmed(management))
        finally:
            await field.system.rabbitmqctl("set_vm_memory_high_watermark", "absolute", str(node["mem_limit"]))


async def _alarmed(management: httpx.AsyncClient) -> bool:
    return (await management.get("/api/health/checks/alarms")).status_code == httpx.codes.SERVICE_UNAVAILABLE


async def _connections_closed(field: Field, chance: random.Random, seconds: float) -> int:
    """An operator closes all connections, again and again."""
    loop = asyncio.get_running_loop()
    deadline, last = loop.time() + seconds, loop.time() + seconds + SEEN_SECONDS
    closed = 0
    async with field.system.management() as management:
        while loop.time() < deadline or (closed == 0 and loop.time() < last):
            # Its list is of a few seconds ago: some are closed by now, and some are not in it yet.
            for connection in (await management.get(f"/api/vhosts/{field.system.name}/connections")).json():
                reply = await management.delete(f"/api/connections/{quote(connection['name'], safe='')}")
                closed += reply.status_code == httpx.codes.NO_CONTENT
            await asyncio.sleep(chance.uniform(0.5, 2))
    return closed


async def _queue_full(field: Field, _: random.Random, seconds: float) -> int:
    """A queue that takes three messages, and nobody who takes any out."""
    policy = f"/api/policies/{field.system.name}/fault"
    before = field.sender.reasons["queue_full"]
    async with field.system.management() as management:
        for indexer in field.system.indexers:
            indexer.hold()
        try:
            definition = {"max-length": 3, "overflow": "reject-publish"}
            (await management.put(policy, json=FULL | {"definition": definition})).raise_for_status()
            await until(lambda: field.sender.reasons["queue_full"] > before, within=SEEN_SECONDS)
            await asyncio.sleep(seconds)
        finally:
            await management.delete(policy)
            for indexer in field.system.indexers:
                indexer.release()
    return field.sender.reasons["queue_full"] - before


NEMESES = (
    killed(RABBITMQ),
    frozen(RABBITMQ),
    Nemesis("rabbitmq_alarm", frozenset({RABBITMQ}), _alarm),
    Nemesis("rabbitmq_connections_closed", frozenset({RABBITMQ}), _connections_closed),
    Nemesis("rabbitmq_queue_full", frozenset({RABBITMQ, INDEXER}), _queue_full),
)
