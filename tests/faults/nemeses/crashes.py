"""A process that dies at a named crash point, in the middle of its work."""

import asyncio
import random
import signal
from functools import partial

import asyncpg

from shared.crash import EXIT_STATUS, POINTS
from tests.faults.nemeses.nemesis import API, INDEXER, INGEST, Field, Nemesis
from tests.faults.oracle import Oracle
from tests.faults.people import Work, ask_for_redrive, try_to
from tests.faults.service import Service

CRASH_SECONDS = 90.0
REFILL = "refill"  # points of a command, not of a process that is always there
PROCESSES = {"ingest": INGEST, "api": API, "job": API}
"""By the first word of a point; all others are the indexer's."""
EVERY_SECONDS = 0.5

# Work for the points that a load alone does not reach often enough. Each may be asked for any number of times.
PENDING = """
    INSERT INTO projection_pending (kind, id, organization_id, event_kind, version)
    SELECT 'event', id, organization_id, kind, 0 FROM (SELECT * FROM events ORDER BY random() LIMIT 50) AS picked
    ON CONFLICT DO NOTHING
"""
OUTBOX = """
    INSERT INTO outbox (id, organization_id, routing_key, kind, ids)
    SELECT gen_random_uuid(), organization_id, 'alert.changed', 'alert', ARRAY[id] FROM alerts LIMIT 20
"""


async def _pending(connection: asyncpg.Connection, _: Oracle) -> None:
    await connection.execute(PENDING)


async def _outbox(connection: asyncpg.Connection, _: Oracle) -> None:
    await connection.execute(OUTBOX)


WORK: dict[str, Work] = {
    "projector_before_forget": _pending,
    "relay_after_publish": _outbox,
    "redrive_before_commit": ask_for_redrive,
}


async def _crash(point: str, field: Field, chance: random.Random, _: float) -> int:
    """End a process, have it come back armed, and give it work until it has died there."""
    system = field.system
    victim = chance.choice([service for service in system.services if service.name == _process(point)])
    before = len(victim.deaths)
    victim.armed = point
    victim.signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(CRASH_SECONDS):
            while EXIT_STATUS not in victim.deaths[before:]:
                if work := WORK.get(point):
                    await try_to(work, system, field.sender.oracle)
                await asyncio.sleep(EVERY_SECONDS)
    except TimeoutError:
        return 0
    finally:
        _disarm(victim)
    return victim.deaths[before:].count(EXIT_STATUS)


def _disarm(victim: Service) -> None:
    """It lives on without its crash point."""
    victim.armed = None
    if victim.living_armed is not None:
        victim.signal(signal.SIGTERM)


def _process(point: str) -> str:
    return PROCESSES.get(point.partition("_")[0], INDEXER)


def _nemesis(point: str) -> Nemesis:
    return Nemesis(f"crash_{point}", frozenset({_process(point)}), partial(_crash, point))


NEMESES = tuple(_nemesis(point) for point in POINTS if not point.startswith(REFILL))
