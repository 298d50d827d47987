"""Signals to the product's own processes: killed, frozen, asked to end."""

import asyncio
import random
import signal
from functools import partial
from pathlib import Path

from tests.faults.nemeses.nemesis import API, INDEXER, INGEST, Field, Nemesis
from tests.faults.service import Service
from tests.waiting import until

BACK_SECONDS = 60.0


def _victim(field: Field, kind: str, chance: random.Random) -> Service:
    return chance.choice([service for service in field.system.services if service.name == kind])


async def _end(kind: str, number: signal.Signals, field: Field, chance: random.Random, seconds: float) -> int:
    """One after the other, every two seconds; counts the deaths of it."""
    deadline = asyncio.get_running_loop().time() + seconds
    deaths = 0
    while deaths == 0 or asyncio.get_running_loop().time() < deadline:
        deaths += await _dies_of(number, _victim(field, kind, chance))
        await asyncio.sleep(chance.uniform(1, 3))
    return deaths


async def _dies_of(number: signal.Signals, victim: Service) -> bool:
    """Send it; True when that is what ended the process. One asked to end may take a while, and end well."""
    await until(lambda: victim.alive, within=BACK_SECONDS)
    before = len(victim.deaths)
    if not victim.signal(number):
        return False
    await until(lambda: len(victim.deaths) > before, within=BACK_SECONDS)
    return number is not signal.SIGKILL or victim.deaths[before] == -signal.SIGKILL


async def _freeze(kind: str, field: Field, chance: random.Random, seconds: float) -> int:
    victim = _victim(field, kind, chance)
    await until(lambda: victim.signal(signal.SIGSTOP), within=BACK_SECONDS)
    try:
        await asyncio.sleep(seconds)
        return int(_is_stopped(victim))
    finally:
        victim.signal(signal.SIGCONT)


def _is_stopped(victim: Service) -> bool:
    assert victim.process is not None
    stat = Path(f"/proc/{victim.process.pid}/stat").read_text(encoding="utf-8", errors="replace")
    return stat.rpartition(")")[2].split()[0] == "T"


def _of(kind: str) -> tuple[Nemesis, ...]:
    touches = frozenset({kind})
    return (
        Nemesis(f"{kind}_killed", touches, partial(_end, kind, signal.SIGKILL)),
        Nemesis(f"{kind}_terminated", touches, partial(_end, kind, signal.SIGTERM)),
        Nemesis(f"{kind}_frozen", touches, partial(_freeze, kind)),
    )


NEMESES = (*_of(INGEST), *_of(INDEXER), *_of(API))
