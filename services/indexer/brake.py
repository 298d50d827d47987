"""The quarantine brake: a bad deploy must not empty the queue into quarantine.

`python -m services.indexer.brake status|release` shows it or overrides it for an hour.
"""

import argparse
import asyncio
import sys
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.indexer.settings import IndexerSettings
from shared import clock, log, metrics, starting
from shared.db.engine import create_pool
from shared.db.failures import in_words, is_transient
from shared.domain.controls import BRAKE

logger = log.get(__name__)

WINDOW = 1000
LEAST = 50
SHARE = 0.05
LEAST_SENSORS = 2

CONTROL = BRAKE
RELEASE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Failures:
    """Of one batch: how many events were looked at, and whose the broken ones were."""

    events: int
    sensors: tuple[UUID, ...]


class Window:
    """Remembers the last 1,000 events; two questions are asked of it: may this batch go on, and then it is told."""

    def __init__(self) -> None:
        self._batches: deque[Failures] = deque()

    def blocks(self, batch: Failures) -> bool:
        """True when with this batch over 5 % and at least 50 of the last 1,000 events would be broken ones,
        of two sensors or more. Nothing is remembered.
        """
        window = self._window(batch)
        broken = [sensor for part in window for sensor in part.sensors]
        events = sum(part.events for part in window)
        return len(broken) >= LEAST and len(broken) > SHARE * max(events, 1) and len(set(broken)) >= LEAST_SENSORS

    def remember(self, batch: Failures) -> None:
        """Count a batch that was committed."""
        self._batches = deque(self._window(batch))

    def forget(self) -> None:
        """Start afresh, after somebody released the brake."""
        self._batches.clear()

    def _window(self, batch: Failures) -> list[Failures]:
        """The latest whole batches that hold the last 1,000 events, `batch` the newest of them."""
        kept: list[Failures] = []
        events = 0
        for part in (batch, *reversed(self._batches)):
            kept.append(part)
            events += part.events
            if events >= WINDOW:
                break
        return kept[::-1]


class BrakeControl:
    """The brake's state that outlives and spans processes: the row `brake` of `process_controls`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def released(self) -> bool:
        """True while somebody's override lasts."""
        until = (await self.read()).get("released_until")
        return until is not None and datetime.fromisoformat(until) > clock.now()

    async def read(self) -> dict[str, Any]:
        """The row's value: `held_since`, `detail`, `released_until`, all optional."""
        value = await self._pool.fetchval("SELECT value FROM process_controls WHERE key = $1", CONTROL)
        return dict(orjson.loads(value)) if value else {}

    async def write(self, **members: str | None) -> None:
        """Merge members into the row's value; none at all shows that Postgres takes a write (its disk is not full)."""
        await self._pool.execute(
            "INSERT INTO process_controls AS c (key, value) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET value = c.value || excluded.value",
            CONTROL,
            orjson.dumps(members).decode(),
        )


class Brake:
    """The writer's brake: held by a batch that must not be committed, until a release or a trial that goes well."""

    def __init__(self, control: BrakeControl, *, trial_seconds: float) -> None:
        self.control = control
        self._trial_seconds = trial_seconds
        self._window = Window()
        self._held_since: float | None = None
        self._trying = False

    @property
    def held(self) -> bool:
        """True while nothing may be stored."""
        return self._held_since is not None

    async def still_holds(self) -> bool:
        """True while it is held and nobody has released it."""
        if self.held and await self.control.released():
            self._let_go()
        return self.held

    async def lets_one_try(self) -> bool:
        """True when it is off, or held for so long that one batch may be tried."""
        if self._held_since is None or not await self.still_holds():
            return True
        if time.monotonic() - self._held_since < self._trial_seconds:
            return False
        logger.warning("brake_tries_one_batch")
        self._held_since, self._trying = None, True
        return True

    async def blocks(self, batch: Failures) -> bool:
        """True when the batch would put too much into quarantine, and no override lasts."""
        return bool(batch.sensors) and self._window.blocks(batch) and not await self.control.released()

    def remember(self, batch: Failures) -> None:
        """Count a batch that was committed."""
        self._window.remember(batch)

    async def hold(self) -> None:
        """Let nothing through from now on."""
        logger.error("brake_held", hint="python -m services.indexer.brake release")
        # Another lane's batch may be on its way: it is no trial that went through.
        self._held_since, self._trying = time.monotonic(), False
        metrics.BRAKE_HELD.set(1)
        await self.control.write(held_since=clock.isoformat(clock.now()))

    async def passed(self) -> None:
        """A batch went through: where it was a trial the brake is off, and says so."""
        if self._trying:
            self._let_go()
            await self.control.write(held_since=None)

    def _let_go(self) -> None:
        logger.warning("brake_released")
        self._held_since, self._trying = None, False
        self._window.forget()
        metrics.BRAKE_HELD.set(0)


async def carry_out(action: str, settings: IndexerSettings) -> dict[str, Any]:
    """Carry out `status` or `release`, of which it says what it does; returns the brake's state afterwards."""
    pool = await create_pool(settings.postgres_address, application_name="eventsec-brake", max_size=1)
    async with pool:
        control = BrakeControl(pool)
        if action == "release":
            held, until = (await control.read()).get("held_since"), clock.isoformat(clock.now() + RELEASE)
            await control.write(released_until=until, held_since=None)
            sys.stderr.write(f"brake: {'released' if held else 'nothing was held'}; it holds nothing until {until}\n")
        return {"held_since": None, "released_until": None} | await control.read()


def main() -> int:
    """Parse the command line and print the state; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.indexer.brake", description=__doc__)
    parser.add_argument("action", choices=["status", "release"])
    options = parser.parse_args()
    try:
        state = asyncio.run(carry_out(options.action, starting.read(IndexerSettings)))
    except Exception as error:  # the driver has a dozen types for "away"; is_transient knows them
        if not is_transient(error):
            raise
        sys.stderr.write(f"brake: {in_words(error, 'indexer')}\n")
        return 1
    sys.stdout.write(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
