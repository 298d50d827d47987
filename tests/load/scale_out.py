"""`python -m tests.load.scale_out`: several doors and indexers beside one of each, into reports/scale_out.json.

On one machine they share its cores with the servers, so this shows what they cost each other, not what they gain on
machines of their own.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

from shared import clock
from tests.load import bench, direct
from tests.load.bench import Row

DOORS, INDEXERS = 2, 3


async def main() -> int:
    """Measure both, print the table, write the report."""
    start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=30))
    records = bench.alerts(bench.WARM_UP + bench.EVENTS, start)
    await bench.reported("scale_out", lambda environment: measure(environment, records))
    return 0


async def measure(environment: dict[str, str], records: Sequence[bytes]) -> list[Row]:
    """Throughput until searchable of one of each, and of several beside it."""
    _, _, single = await bench.in_corner(environment, records, bench.throughput)
    _, _, several = await bench.in_corner(environment, records, bench.throughput, doors=DOORS, indexers=INDEXERS)
    return [
        Row("until searchable, one ingest and one indexer process", single, "events/s"),
        Row(f"until searchable, {DOORS} ingest and {INDEXERS} indexer", several, "events/s", single, several / single),
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
