"""Has every alert rule fire by a real cause, and end once that is mended.

`python -m tests.faults.fire` starts the servers, our processes and Prometheus with the rules that we ship, whose times
are a twentieth. Logs are left in `.stack/alarms/run`. `--only RULE`, as often as you like, does the causes of those
rules alone.
"""

import argparse
import asyncio
import os
import shutil
import sys
import time
from collections.abc import Sequence, Set
from pathlib import Path
from typing import NamedTuple

from deploy.stack import control, providers
from deploy.stack.report import to_stderr
from tests.faults.alarms import bus, long, people, processes, stores
from tests.faults.alarms.causes import Cause
from tests.faults.alarms.ground import Ground
from tests.faults.service import ROOT
from tests.prometheus_rules import rules

WHOLE_SECONDS = 25 * 60
STACK = ROOT / ".stack" / "alarms"
LOGS = STACK / "run"

# Causes at the same time have different victims.
BESIDE: Sequence[Cause] = (long.silent, long.reindex, long.aliases, long.replicas, long.mail)
"""They take minutes, and disturb nobody: all at once, while the first of the others run."""
FIRST: Sequence[Sequence[Cause]] = (
    (people.keys, people.halves, people.loud, people.unreadable, people.refused),
    (people.logins, people.evidence, processes.door_gone),
    (people.streams, bus.blocked),
    (processes.clock, bus.slow),
    (bus.down,),
    (bus.idle, stores.deadlines),
)
THEN: Sequence[Sequence[Cause]] = (
    (stores.search_frozen, processes.dying),
    (stores.read_only, stores.disk_soon),
    (stores.locked, processes.full),
    (stores.disk_full, processes.defect),
    (stores.brake, stores.nobody_leads),
    (stores.schema,),
    (processes.left_job, stores.retention, bus.quiet),
    (stores.postgres_gone,),
)
"""Maintenance is ended, or started anew, which those of `BESIDE` would not bear."""


class Line(NamedTuple):
    """Of one alert: seconds after the cause until it fired, and after the mending until it ended; None for never."""

    alert: str
    words: str
    fired: float | None
    ended: float | None

    def __str__(self) -> str:
        fired, ended = (("never" if one is None else f"{one:.0f} s") for one in (self.fired, self.ended))
        return f"{self.alert:<24} {fired:>7} {ended:>7}  {self.words}"


async def _until(ground: Ground, alert: str, *, fires: bool, within: float) -> float | None:
    started = time.monotonic()
    while time.monotonic() - started < within:
        if (alert in ground.prometheus.since) is fires:
            return time.monotonic() - started
        await asyncio.sleep(0.3)
    return None


async def have_fire(cause: Cause, ground: Ground, lines: list[Line]) -> None:
    """Do it, wait for its alerts, mend it, wait for their ends; adds a line for each."""
    fired: list[float | None] = [None] * len(cause.alerts)
    ended = list(fired)

    async def all_until(*, fire: bool) -> list[float | None]:
        waits = (_until(ground, alert, fires=fire, within=cause.limit) for alert in cause.alerts)
        return await asyncio.gather(*waits)

    try:
        if None in await all_until(fire=False):
            raise RuntimeError("fires without it")
        async with cause.hurt(ground):
            fired = await all_until(fire=True)
        ended = await all_until(fire=False)
    except Exception as error:  # one cause that cannot be had is no reason to leave out the others
        print(f"{cause.words}: {type(error).__name__}: {error}", flush=True)
    found = [Line(alert, cause.words, *both) for alert, *both in zip(cause.alerts, fired, ended, strict=True)]
    print(*found, sep="\n", flush=True)
    lines += found


async def _steps(steps: Sequence[Sequence[Cause]], ground: Ground, lines: list[Line]) -> None:
    for step in steps:
        await asyncio.gather(*(have_fire(cause, ground, lines) for cause in step))


async def fire(directory: Path, asked: Set[str], lines: list[Line]) -> None:
    """Have each of these rules fire; what came of it is in `lines`, also of a run that is cut off."""

    def wanted(steps: Sequence[Sequence[Cause]]) -> list[list[Cause]]:
        return [[cause for cause in step if not asked.isdisjoint(cause.alerts)] for step in steps]

    ground = Ground(await asyncio.to_thread(control.environment, STACK), directory)
    try:
        async with asyncio.timeout(WHOLE_SECONDS) as whole, ground.life():
            await asyncio.gather(
                _steps(wanted([BESIDE]), ground, lines),
                _steps(wanted(FIRST), ground, lines),
            )
            await _steps(wanted(THEN), ground, lines)
    except TimeoutError:
        if not whole.expired():
            raise
        print(f"cut off after {WHOLE_SECONDS // 60} minutes", flush=True)


def main() -> int:
    """Run, and print the table; 1 when a rule did not fire, or did not end."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fire", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the servers up, for the next run")
    every = [rule.alert for rule in rules()]
    parser.add_argument("--only", metavar="RULE", choices=every, action="append")
    options = parser.parse_args()
    asked = set(options.only or every)
    os.environ[providers.VARIABLE] = "native"  # it stops and freezes them by their processes
    control.up(STACK, report=to_stderr())
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir()
    lines: list[Line] = []
    try:
        asyncio.run(fire(LOGS, asked, lines))
    finally:
        if not options.keep:
            control.down(STACK)
    print("\nrule                       fired   ended  cause", *sorted(lines), sep="\n")
    held = {line.alert for line in lines if line.fired is not None and line.ended is not None}
    missing = asked - held
    print(f"\n{len(held)} rules fired and ended" + (f"; not: {', '.join(sorted(missing))}" if missing else ""))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
