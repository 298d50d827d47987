"""`python -m tests.drills [NAME ...]`: run the product in containers, hurt it, and hold it to its promises.

Each drill starts a project of its own from deploy/compose.yaml and removes it again. Status 1 when a promise broke;
the containers' logs are then in reports/drills. Where no Docker engine answers it says so, and that is no failure.
It runs on the engine's own machine, which must be Linux; `kills` needs root there.
"""

import argparse
import asyncio
import os
import random
import sys
import time
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from deploy.demo.interrupts import Interrupted, interruptible, undisturbed
from deploy.smoke import engine
from deploy.stack.errors import StackError
from tests.drills.absent import absent
from tests.drills.containers import Broken, Containers
from tests.drills.kills import kills
from tests.drills.options import Options
from tests.drills.restore import restore
from tests.drills.scale import scale

Drill = Callable[[Containers, Options], Awaitable[None]]
DRILLS: dict[str, Drill] = {drill.__name__: drill for drill in (scale, kills, absent, restore)}

BUILD_SECONDS = 900.0
BREAKS = (
    Broken, StackError, TimeoutError, RuntimeError, OSError, httpx.HTTPError, asyncpg.PostgresError,
)  # fmt: skip


def main() -> int:
    """Status 0 when every drill held."""
    names, options = _parsed()
    try:
        if not engine.answers():
            engine.start(os.environ)
        if not engine.answers():
            print(f"drills: skipped: no Docker engine with compose answers ({engine.STARTER} may name what starts one)")
            return 0
        with interruptible():
            engine.Project("drills").compose("build", seconds=BUILD_SECONDS)
            held = {name: _holds(name, options) for name in names}
    except StackError as error:
        print(f"drills: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130
    print("drills: " + ", ".join(f"{name} {'held' if good else 'BROKE'}" for name, good in held.items()), flush=True)
    return 0 if all(held.values()) else 1


def _holds(name: str, options: Options) -> bool:
    """One drill from its start to its removal."""
    there, began = Containers(name, limit=options.limit_seconds, feed_rate=options.rate), time.monotonic()
    there.tell(f"project {there.project.name} at {there.project.url}, seed {options.seed}")
    try:
        asyncio.run(_bounded(DRILLS[name](there, options), options.limit_seconds))
    except BREAKS as error:
        there.tell(f"BROKE: {type(error).__name__}: {error}")
        _keep_logs(there)
        return False
    finally:
        with undisturbed():
            there.project.down()
    there.tell(f"held, {(time.monotonic() - began) / 60:.1f} min with its removal")
    return True


async def _bounded(work: Awaitable[None], seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds) as limit:
            await work
    except TimeoutError:
        if limit.expired():
            raise Broken(f"the step after this did not end in time: {seconds:g} s were the limit") from None
        raise


def _keep_logs(there: Containers) -> None:
    try:
        there.tell(f"logs are in {there.keep_logs().relative_to(engine.ROOT)}")
    except (StackError, OSError) as error:
        there.tell(f"logs could not be kept: {error}")


def _parsed() -> tuple[list[str], Options]:
    parser = argparse.ArgumentParser(
        prog="python -m tests.drills", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(DRILLS)}; all without any")
    parser.add_argument("--records", type=int, default=30_000, help="of `scale` (30000)")
    parser.add_argument(
        "--rate", type=float, default=50.0, help="events a second of the demo, and as many of ours (50)"
    )
    parser.add_argument("--absent-seconds", type=float, default=180.0, help="without OpenSearch in `absent` (180)")
    parser.add_argument(
        "--limit-seconds", type=float, default=480.0, help="of each, without its images' build and its removal (480)"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1, 10_000), help="of the records")
    options = parser.parse_args()
    if unknown := set(options.names) - DRILLS.keys():
        parser.error(f"no such drill: {', '.join(sorted(unknown))}")
    names = options.names or list(DRILLS)
    return names, Options(options.records, options.absent_seconds, options.limit_seconds, options.rate, options.seed)


if __name__ == "__main__":
    sys.exit(main())
