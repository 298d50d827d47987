"""`python -m tests.load.growth`: what millions of stored events do to throughput, and what each costs on disk.

The events are written straight into both stores, 10 % alerts and 90 % telemetry over 25 days, by the same script that
is the bench's reference; the throughput of the product is measured before and after. Into reports/growth.json.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from itertools import count, islice
from uuid import UUID

import asyncpg
import httpx

from deploy.demo.generator.samples import sample
from shared import clock
from tests.faults.system import System
from tests.load import bench, direct
from tests.load.bench import Row

CHUNK = 20_000
DAYS = 25
LEAST_RATIO = 0.9


async def main(events: int) -> int:
    """Measure, fill, measure again; exit status 1 when the target is missed."""

    async def measure(environment: dict[str, str]) -> list[Row]:
        empty = await bench.in_corner(environment, _load(1), bench.throughput)
        return await bench.in_corner(environment, _load(2), lambda system, load: _grown(system, load, events, empty[2]))

    return bench.verdict(await bench.reported("growth", measure))


def _load(seed: int) -> list[bytes]:
    start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=30))
    return bench.mixed(bench.WARM_UP + bench.EVENTS, start, seed=seed)


async def _grown(system: System, load: Sequence[bytes], events: int, empty: float) -> list[Row]:
    await _fill(system, events)
    postgres, opensearch = await _bytes(system)
    _, _, full = await bench.throughput(system, load)
    ratio = full / empty
    return [
        Row("throughput, nothing stored", empty, "events/s"),
        Row(f"throughput, {events:,} stored", full, "events/s", empty, ratio, LEAST_RATIO, ratio >= LEAST_RATIO),
        Row("Postgres, a stored event", postgres / events, "bytes"),
        Row("OpenSearch, a stored event", opensearch / events, "bytes"),
    ]


async def _fill(system: System, events: int) -> None:
    """Write them in chunks; another process makes the next one meanwhile."""
    loop = asyncio.get_running_loop()
    started, written = time.monotonic(), 0
    with ProcessPoolExecutor(1) as pool:
        chunks = [(system.organization_id, system.sensor_id, *what) for what in islice(_chunks(), events // CHUNK)]
        waiting = loop.run_in_executor(pool, _ready, *chunks[0])
        for following in [*chunks[1:], None]:
            ready = await waiting
            if following is not None:
                waiting = loop.run_in_executor(pool, _ready, *following)
            await direct.measure(system, ready)
            written += CHUNK
            print(f"{written:,} of {events:,}, {written / (time.monotonic() - started):,.0f} a second", file=sys.stderr)


def _chunks() -> Iterator[tuple[int, datetime]]:
    """A seed and a beginning for each chunk, over the days and the hours of each."""
    today = direct.midnight_of(clock.now())
    for number in count():
        day, hour = number % DAYS, number // DAYS % 23
        yield number, today - timedelta(days=day + 1) + timedelta(hours=hour)


def _ready(organization_id: UUID, sensor_id: UUID, seed: int, start: datetime) -> list[direct.Ready]:
    few = iter(sample("suricata_eve", CHUNK // 10, 2 * seed, kind="alert", start=start))
    many = iter(sample("suricata_eve", CHUNK, 2 * seed + 1, kind="telemetry", start=start))
    records = [next(many if number % 10 else few) for number in range(CHUNK)]
    return direct.make_ready(organization_id, sensor_id, records)


async def _bytes(system: System) -> tuple[int, int]:
    """What both stores hold on disk, once OpenSearch has merged what it would merge anyway."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        postgres = int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=60) as client:
        await client.post(f"/{system.name}-*/_flush")
        stats = (await client.get(f"/{system.name}-*/_stats/store")).json()
    return postgres, int(stats["_all"]["total"]["store"]["size_in_bytes"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.growth", description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000, help="how many to store (default 5,000,000)")
    sys.exit(asyncio.run(main(parser.parse_args().events)))
