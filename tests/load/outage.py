"""`python -m tests.load.outage`: OpenSearch away for a whole load; how soon is all found, and does anything differ?"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import orjson

from shared import clock
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.load import bench, direct
from tests.load.bench import Row
from tests.load.http import push


async def main(events: int) -> int:
    """Send while it is away, start it, wait, compare; exit status 1 when anything differs."""
    start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=40))

    async def measure(environment: dict[str, str]) -> list[Row]:
        return await bench.in_corner(environment, bench.mixed(events, start), _without_opensearch)

    return bench.verdict(await bench.reported("outage", measure))


async def _without_opensearch(system: System, records: Sequence[bytes]) -> list[Row]:
    await system.start()
    await system.stop_server("opensearch")
    requests = bench.requests_of(system, records)
    started = time.perf_counter()
    await push(system.ingest.port, requests, connections=bench.CONNECTIONS)
    await bench.stored(system, len(records))
    stored = time.perf_counter() - started
    await system.start_server("opensearch")
    started = time.perf_counter()
    await bench.found(system, len(records))
    caught_up = time.perf_counter() - started
    differences = await _differences(system)
    return [
        Row(f"{len(records):,} events stored, OpenSearch away", len(records) / stored, "events/s"),
        Row("all found after it answered again", caught_up, "s"),
        Row("documents that differ from their rows", differences, "", target=0, ok=differences == 0),
    ]


async def _differences(system: System) -> int:
    """What `stores drift` counts, rows of the last minute included: it looks once they are a minute old."""
    await asyncio.sleep(65)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.indexer.stores", "drift", "--json",
        cwd=ROOT, env=system.environment, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), 600)
    return int(orjson.loads(out)["drift"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.outage", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="how many (default 100,000)")
    sys.exit(asyncio.run(main(parser.parse_args().events)))
