"""`python -m tests.load.scale_out`: several doors and indexers beside one of each, into reports/scale_out.json.

On one machine they share its cores with the servers, so this shows what they cost each other, not what they gain on
machines of their own.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock
from tests import borrowed
from tests.load import bench, direct
from tests.load.bench import Row

REPORT = bench.ROOT / "reports" / "scale_out.json"
DOORS, INDEXERS = 2, 3


async def main() -> int:
    """Measure both, print the table, write the report."""
    directory = bench.ROOT / ".stack" / "bench"
    with borrowed.stack(directory):
        environment = control.up(directory, report=to_stderr())
        start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=30))
        rows = await measure(environment, bench.alerts(bench.WARM_UP + bench.EVENTS, start))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2))
    bench.show(rows)
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
