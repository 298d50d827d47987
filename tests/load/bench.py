"""`make bench`: throughput of the whole path beside a direct reference of the same run, into reports/bench.json.

Absolute figures mean little on a shared machine; the ratio to the reference, measured a minute apart on the
same servers with the same records, is what to read.
"""

import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import orjson

from deploy.demo.generator.samples import sample
from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock
from tests import borrowed
from tests.faults.system import System
from tests.load import direct

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "reports" / "bench.json"

WARM_UP = 3_000
EVENTS = 30_000
PER_REQUEST = 100
CONNECTIONS = 4
DEADLINE_SECONDS = 600.0


@dataclass(frozen=True)
class Row:
    """One figure with what it is measured against; `target` is a ratio where there is a reference."""

    name: str
    figure: float
    unit: str
    reference: float | None
    ratio: float | None
    target: float | None
    ok: bool | None


async def main() -> int:
    """Measure everything, print the table, write the report."""
    directory = ROOT / ".stack" / "bench"
    with borrowed.stack(directory):
        environment = control.up(directory, report=to_stderr())
        rows = await measure(environment)
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": clock.isoformat(clock.now()),
        "commit": _commit(),
        "rows": [asdict(row) for row in rows],
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    show(rows)
    return 0


async def measure(environment: dict[str, str]) -> list[Row]:
    """The reference first, then the product, each on a fresh corner of the same servers."""
    start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=30))
    records = sample("suricata_eve", EVENTS + WARM_UP, 7, kind="alert", start=start)
    reference = await _in_corner(environment, records, _direct)
    product = await _in_corner(environment, records, _product)
    door, stored, searchable = product
    return [
        Row("direct reference, alert-kind", reference[0], "events/s", None, None, None, None),
        _row("door until 202, batches of 100, whole path running", door, reference[0]),
        _row("whole path until stored, batches of 100", stored, reference[0]),
        _row("whole path until searchable, batches of 100", searchable, reference[0], target=0.65),
    ]


Measurement = Callable[[System, Sequence[bytes]], Awaitable[tuple[float, ...]]]


async def _in_corner(environment: dict[str, str], records: Sequence[bytes], action: Measurement) -> tuple[float, ...]:
    with tempfile.TemporaryDirectory() as directory:
        system = System(environment, Path(directory))
        await system.create()
        try:
            return await action(system, records)
        finally:
            await system.stop()
            await system.destroy()


async def _direct(system: System, records: Sequence[bytes]) -> tuple[float, ...]:
    await direct.measure(system, direct.make_ready(system, records[:WARM_UP]))
    seconds = await direct.measure(system, direct.make_ready(system, records[WARM_UP:]))
    return (EVENTS / seconds,)


async def _product(system: System, records: Sequence[bytes]) -> tuple[float, ...]:
    await system.start()
    await _push(system, records[:WARM_UP])
    await _until(system, WARM_UP)
    started = time.perf_counter()
    await _push(system, records[WARM_UP:])
    answered = time.perf_counter()
    stored, searchable = await _until(system, EVENTS + WARM_UP)
    return tuple(EVENTS / (moment - started) for moment in (answered, stored, searchable))


async def _push(system: System, records: Sequence[bytes]) -> None:
    """All records in batches of 100 over four connections; anything but 202 ends the run."""
    bodies = [b"\n".join(records[n : n + PER_REQUEST]) for n in range(0, len(records), PER_REQUEST)]
    waiting = iter(bodies)
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:

        async def lane() -> None:
            for body in waiting:
                reply = await client.post("/ingest/v1/events?items=none", content=body)
                if reply.status_code != 202:
                    raise RuntimeError(f"{reply.status_code}: {reply.text[:300]}")

        await asyncio.gather(*(lane() for _ in range(CONNECTIONS)))


async def _until(system: System, events: int) -> tuple[float, float]:
    """The moments at which so many events were in Postgres, and could be found."""
    connection = await asyncpg.connect(system.owner_url)
    url = f"{system.environment['EVENTSEC_OPENSEARCH_URL']}/{system.name}-events/_count"

    async def in_postgres() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM events"))

    async def in_opensearch() -> int:
        return int((await client.get(url)).json()["count"])

    try:
        async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient(timeout=30) as client:
            return await _reached(in_postgres, events), await _reached(in_opensearch, events)
    finally:
        await connection.close()


async def _reached(count: Callable[[], Awaitable[int]], goal: int) -> float:
    """The moment at which the count was there, to a fifth of a second."""
    while True:
        if await count() >= goal:
            return time.perf_counter()
        await asyncio.sleep(0.2)


def _row(name: str, figure: float, reference: float, *, target: float | None = None) -> Row:
    ratio = figure / reference
    return Row(name, figure, "events/s", reference, ratio, target, None if target is None else ratio >= target)


def show(rows: Sequence[Row]) -> None:
    """The table on the terminal."""
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:7.0%} of the reference"
        target = "" if row.target is None else f"  (target {row.target:.0%}: {'met' if row.ok else 'not met'})"
        print(f"{row.name:<55} {row.figure:10,.0f} {row.unit}{ratio}{target}")


def _commit() -> str:
    git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return git.stdout.strip()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
