"""Readiness: a background check per dependency, remembered with its age, so that a probe costs nothing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared import clock, log, metrics
from shared.lifecycle import Stop

logger = log.get(__name__)

PERIOD_SECONDS = 2.0
LIMIT_SECONDS = 1.0
FAILURES_UNTIL_DOWN = 3
STALE_SECONDS = 3 * PERIOD_SECONDS


class NotReady(Exception):
    """Raised by a probe; the message is shown to anyone, so it names no host and no secret."""


Probe = Callable[[], Awaitable[str | None]]


@dataclass
class Check:
    """One dependency. `probe` returns None or a warning, and raises when the dependency is not usable.

    Three failures in a row turn it down, one success turns it up; it starts down.
    """

    name: str
    probe: Probe
    required: bool = True
    up: bool = False
    detail: str | None = "not checked yet"
    since: datetime = field(default_factory=clock.now)
    checked: float | None = None
    latency_ms: float = 0.0
    _failures: int = FAILURES_UNTIL_DOWN

    async def run(self) -> None:
        """Ask once, within a second, and remember the answer."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                warning = await self.probe()
        except Exception as error:
            self._failed(describe(error))
        else:
            self._succeeded(warning)
        self.checked = time.monotonic()
        self.latency_ms = (self.checked - started) * 1000
        metrics.DEPENDENCY_UP.labels(self.name).set(self.up)

    def _failed(self, detail: str) -> None:
        self._failures += 1
        self.detail = detail
        if self.up and self._failures >= FAILURES_UNTIL_DOWN:
            self._turn(up=False)

    def _succeeded(self, warning: str | None) -> None:
        self._failures = 0
        self.detail = warning
        if not self.up:
            self._turn(up=True)

    def _turn(self, *, up: bool) -> None:
        self.up, self.since = up, clock.now()
        logger.info("dependency_turned", dependency=self.name, up=up, detail=self.detail)

    @property
    def stale(self) -> bool:
        """True when the last answer is older than three periods."""
        return self.checked is None or time.monotonic() - self.checked > STALE_SECONDS

    def report(self) -> dict[str, Any]:
        """The entry of `/readyz`."""
        state = "ok" if self.up and not self.stale else "stale" if self.up else "down"
        entry: dict[str, Any] = {"status": state, "required": self.required}
        if self.checked is not None:
            entry["age_ms"] = round((time.monotonic() - self.checked) * 1000)
            entry["latency_ms"] = round(self.latency_ms, 1)
        if state != "ok":
            entry["since"] = clock.isoformat(self.since)
        if self.detail:
            entry["detail"] = self.detail
        return entry


class Health:
    """All checks of a process and its own will to serve."""

    def __init__(self, checks: Sequence[Check], stop: Stop) -> None:
        self.checks = {check.name: check for check in checks}
        self._stop = stop

    def is_up(self, name: str) -> bool:
        """True when that dependency answered lately."""
        check = self.checks[name]
        return check.up and not check.stale

    @property
    def ready(self) -> bool:
        """True when every required dependency is up and nobody asked the process to stop."""
        return not self._stop.requested and all(
            self.is_up(check.name) for check in self.checks.values() if check.required
        )

    def report(self) -> tuple[int, dict[str, Any]]:
        """Status code and body of `/readyz`."""
        entries = {name: check.report() for name, check in self.checks.items()}
        if self._stop.requested:
            return 503, {"status": "stopping", "checks": entries}
        if not self.ready:
            return 503, {"status": "down", "checks": entries}
        whole = all(entry["status"] == "ok" for entry in entries.values())
        return 200, {"status": "ok" if whole else "degraded", "checks": entries}

    async def run(self) -> None:
        """Check all dependencies every two seconds, each on its own, for ever; cancel to end."""
        async with asyncio.TaskGroup() as group:
            for check in self.checks.values():
                group.create_task(self._watch(check))

    async def _watch(self, check: Check) -> None:
        while True:
            await check.run()
            await asyncio.sleep(PERIOD_SECONDS if check.up else PERIOD_SECONDS / 4)


def describe(error: BaseException) -> str:
    """What failed, without hosts or secrets: our own words for NotReady, else the error's kind."""
    if isinstance(error, NotReady):
        return str(error)
    if isinstance(error, TimeoutError):
        return "no answer within a second"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return type(error).__name__
