"""`python -m tests.load.soak`: does the memory of each process stay flat at a steady rate? Into reports/soak.json."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from shared import clock
from tests.faults.system import System
from tests.load import bench, processes
from tests.load.bench import Row
from tests.load.http import Lane, post

RATE, PER_REQUEST = 500, 50
WARM_UP_SECONDS = 120.0
LOOK_SECONDS = 10.0
MOST_GROWTH = 0.10


async def main(minutes: float) -> int:
    """Send, look at the memory, say how it moved; exit status 1 when it grew too much."""

    async def measure(environment: dict[str, str]) -> list[Row]:
        return await bench.in_corner(environment, [], lambda system, _: _soak(system, minutes))

    return bench.verdict(await bench.reported("soak", measure))


async def _soak(system: System, minutes: float) -> list[Row]:
    await system.start()
    seconds = WARM_UP_SECONDS + minutes * 60
    seen: dict[str, list[int]] = {"ingest": [], "indexer": []}
    looking = asyncio.create_task(_look(system, seen))
    try:
        await _send(system, seconds)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    return [row for name, sizes in seen.items() for row in _judged(name, sizes)]


def _judged(name: str, sizes: Sequence[int]) -> list[Row]:
    """The mean of the last minute against that of the first after the warm-up."""
    minute = int(60 / LOOK_SECONDS)
    steady = sizes[int(WARM_UP_SECONDS / LOOK_SECONDS) :]
    first, last = (sum(part) / len(part) / 2**20 for part in (steady[:minute], steady[-minute:]))
    growth = last / first - 1
    return [
        Row(f"memory of {name} after the warm-up", first, "MiB"),
        Row(
            f"memory of {name} at the end",
            last,
            "MiB",
            first,
            last / first,
            1 + MOST_GROWTH,
            abs(growth) <= MOST_GROWTH,
        ),
    ]


async def _look(system: System, seen: dict[str, list[int]]) -> None:
    while True:
        for service in (system.ingest, system.indexer):
            assert service.process is not None
            seen[service.name].append(processes.resident(service.process.pid))
        await asyncio.sleep(LOOK_SECONDS)


async def _send(system: System, seconds: float) -> None:
    """Fresh records at the rate, a minute's worth made at a time."""
    lane = await Lane.connect(system.ingest.port)
    began = time.monotonic()
    minute = 0
    while (begin := began + minute * 60) < began + seconds:
        records = await asyncio.to_thread(bench.mixed, RATE * 60, clock.now() - timedelta(minutes=11), seed=minute)
        for number in range(0, len(records), PER_REQUEST):
            await asyncio.sleep(begin + number / RATE - time.monotonic())
            if time.monotonic() > began + seconds:
                break
            body = b"\n".join(records[number : number + PER_REQUEST])
            reply = await lane.send(post("/ingest/v1/events?items=none", system.key, body))
            if reply.status != 202:
                raise RuntimeError(f"{reply.status}: {reply.body[:300]!r}")
        minute += 1
    await lane.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long, after two minutes of warm-up (default 10)")
    sys.exit(asyncio.run(main(parser.parse_args().minutes)))
