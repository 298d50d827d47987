"""`make bench`: what the product takes, beside a direct reference of the same run, into reports/bench.json.

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
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg
import httpx
import orjson

from deploy.demo.generator.samples import sample
from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock
from tests import borrowed
from tests.faults.system import System
from tests.load import direct, latency, processes
from tests.load.http import post, push

ROOT = Path(__file__).resolve().parents[2]

# A cold JVM takes three times as long for a document; both sides of a ratio get it warm.
WARM_UP = 15_000
EVENTS = 40_000
PER_REQUEST = 100
CONNECTIONS = 4
DOOR_EVENTS = 60_000
SINGLE_REQUESTS, SINGLE_CONNECTIONS = 12_000, 64
STEADY_RATE, STEADY_EVENTS = 500, 15_000
DEADLINE_SECONDS = 600.0

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One figure with what it is measured against; `target` is a ratio where there is a reference."""

    name: str
    figure: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    target: float | None = None
    ok: bool | None = None


async def main() -> int:
    """Measure everything; a target that is missed is told, and is no failure."""
    await reported("bench", measure)
    return 0


async def reported(name: str, measurement: Callable[[dict[str, str]], Awaitable[list[Row]]]) -> list[Row]:
    """Servers up, the rows measured, printed, and kept in `reports/<name>.json`."""
    directory = ROOT / ".stack" / "bench"
    started_at = clock.isoformat(clock.now())
    with borrowed.stack(directory):
        environment = control.up(directory, report=to_stderr())
        rows = await measurement(environment)
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": started_at,
        "commit": commit(),
        "rows": [asdict(row) for row in rows],
    }
    path = ROOT / "reports" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    show(rows)
    return rows


def verdict(rows: Sequence[Row]) -> int:
    """Exit status: 1 when a target is missed."""
    return 0 if all(row.ok is not False for row in rows) else 1


async def measure(environment: dict[str, str]) -> list[Row]:
    """Each reference right before the product, each on a fresh corner of the same servers."""
    start = max(direct.week_of(clock.now()), clock.now() - timedelta(minutes=30))
    # Thrown away: OpenSearch compiles its hot code in the first minute, and only then is it worth measuring.
    await in_corner(environment, alerts(WARM_UP + EVENTS, start), _direct)
    rows: list[Row] = []
    for name, records, least in (
        ("alert-kind only", alerts(WARM_UP + EVENTS, start), 5_000),
        ("10 % alerts, 90 % telemetry", mixed(WARM_UP + EVENTS, start), 8_000),
    ):
        reference = await in_corner(environment, records, _direct)
        (door, stored, searchable), spent = await in_corner(environment, records, _metered)
        rows += [
            Row(f"direct reference, {name}", reference, "events/s"),
            _row(f"until 202 with the whole path running, {name}", door, reference),
            _row(f"until stored, {name}", stored, reference),
            _row(f"until searchable, {name}", searchable, reference, target=0.65),
            _at_least(f"until searchable, {name}, quiet machine", searchable, "events/s", least),
            *(Row(f"processor time of {who}, {name}", time, "µs/event") for who, time in spent.items()),
        ]
    rows += await in_corner(environment, alerts(DOOR_EVENTS, start), _door)
    rows += await in_corner(environment, alerts(STEADY_EVENTS, start), _steady)
    return rows


def alerts(count: int, start: datetime) -> list[bytes]:
    """Alert-kind records."""
    return sample("suricata_eve", count, 7, kind="alert", start=start)


def mixed(count: int, start: datetime, *, seed: int = 7) -> list[bytes]:
    """One alert, then nine records of telemetry, and so on."""
    few = iter(sample("suricata_eve", count // 10 + 1, 2 * seed, kind="alert", start=start))
    # A sensor's own statistics are left out by default.
    told = sample("suricata_eve", count + count // 20 + 100, 2 * seed + 1, kind="telemetry", start=start)
    many = (record for record in told if b'"event_type":"stats"' not in record)
    return [next(many if number % 10 else few) for number in range(count)]


async def in_corner(
    environment: dict[str, str],
    records: Sequence[bytes],
    action: Callable[[System, Sequence[bytes]], Awaitable[T]],
    *,
    doors: int = 1,
    indexers: int = 1,
) -> T:
    """What the action gives, on a corner of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        system = System(environment, Path(directory), doors=doors, indexers=indexers)
        await system.create()
        try:
            return await action(system, records)
        finally:
            await system.stop()
            await system.destroy()


async def _direct(system: System, records: Sequence[bytes]) -> float:
    await direct.measure(system, _ready(system, records[:WARM_UP]))
    seconds = await direct.measure(system, _ready(system, records[WARM_UP:]))
    return (len(records) - WARM_UP) / seconds


def _ready(system: System, records: Sequence[bytes]) -> list[direct.Ready]:
    return direct.make_ready(system.organization_id, system.sensor_id, records)


async def _metered(system: System, records: Sequence[bytes]) -> tuple[tuple[float, float, float], dict[str, float]]:
    """The throughput, and what each process spent on an event, warm-up included."""
    meter, ours = processes.Meter(processes.of_servers(system.stack)), time.process_time()
    figures = await throughput(system, records)
    services = {one.name: one.process.pid for one in (system.ingest, system.indexer) if one.process}
    spent = meter.seconds() | {name: processes.with_children(pid) for name, pid in services.items()}
    spent["load generator"] = time.process_time() - ours
    return figures, {name: seconds / len(records) * 1e6 for name, seconds in spent.items()}


async def throughput(system: System, records: Sequence[bytes]) -> tuple[float, float, float]:
    """Events a second until the last 202, the last row, the last document; after a warm-up."""
    await system.start()
    requests = requests_of(system, records)
    await _push(system, requests[: WARM_UP // PER_REQUEST])
    await _until(system, WARM_UP)
    started = time.perf_counter()
    await _push(system, requests[WARM_UP // PER_REQUEST :])
    answered = time.perf_counter()
    in_postgres, in_search = await _until(system, len(records))
    events = len(records) - WARM_UP
    return events / (answered - started), events / (in_postgres - started), events / (in_search - started)


async def _push(system: System, requests: Sequence[bytes]) -> None:
    """All requests over the same number of connections, however many doors there are."""
    waiting, each = iter(requests), CONNECTIONS // len(system.doors)
    await asyncio.gather(*(push(door.port, waiting, connections=each) for door in system.doors))


async def _door(system: System, records: Sequence[bytes]) -> list[Row]:
    """One ingest process alone; the queue keeps what it takes in."""
    await system.ingest.start()
    await system.ready(system.ingest)
    requests = requests_of(system, records)
    await push(system.ingest.port, requests[:50], connections=CONNECTIONS)
    started = time.perf_counter()
    await push(system.ingest.port, requests[50:], connections=CONNECTIONS)
    batched = (len(requests) - 50) * PER_REQUEST / (time.perf_counter() - started)
    singles = [post("/ingest/v1/events", system.key, record) for record in records[:SINGLE_REQUESTS]]
    started = time.perf_counter()
    await push(system.ingest.port, singles, connections=SINGLE_CONNECTIONS)
    single = len(singles) / (time.perf_counter() - started)
    return [
        _at_least("door only, batches of 100, one ingest process", batched, "events/s", 20_000),
        _at_least("door only, one event a request, 64 connections", single, "requests/s", 3_000),
    ]


async def _steady(system: System, records: Sequence[bytes]) -> list[Row]:
    """Memory at rest, then latency at 500 events a second."""
    await system.start()
    await asyncio.sleep(5)
    pids = {service.name: service.process.pid for service in (system.ingest, system.indexer) if service.process}
    rows = [Row(f"memory of {name} at rest", processes.resident(pid) / 2**20, "MiB") for name, pid in pids.items()]
    await latency.measure(system, records[:1000], rate=STEADY_RATE)
    in_postgres, in_search = await latency.measure(system, records[1000:], rate=STEADY_RATE)
    for stage, seconds, limits in (
        ("row in Postgres", in_postgres, (0.06, 0.25)),
        ("searchable", in_search, (1.2, 2.5)),
    ):
        for share, limit in zip((0.5, 0.99), limits, strict=True):
            figure = latency.percentile(seconds, share)
            name = f"accept → {stage} at {STEADY_RATE} events/s, p{share * 100:.0f}"
            rows.append(Row(name, figure * 1000, "ms", target=limit * 1000, ok=figure <= limit))
    return rows


def requests_of(system: System, records: Sequence[bytes]) -> list[bytes]:
    return [
        post("/ingest/v1/events?items=none", system.key, b"\n".join(records[n : n + PER_REQUEST]))
        for n in range(0, len(records), PER_REQUEST)
    ]


async def _until(system: System, events: int) -> tuple[float, float]:
    """The moments at which so many events were in Postgres, and could be found."""
    return await stored(system, events), await found(system, events)


async def stored(system: System, events: int) -> float:
    """The moment at which so many events are in Postgres. Raises TimeoutError."""
    connection = await asyncpg.connect(system.owner_url)

    async def in_postgres() -> int:
        return int(await connection.fetchval("SELECT count(*) FROM events"))

    try:
        return await _reached(in_postgres, events)
    finally:
        await connection.close()


async def found(system: System, events: int) -> float:
    """The moment at which so many events can be found. Raises TimeoutError."""
    url = f"{system.environment['EVENTSEC_OPENSEARCH_URL']}/{system.name}-events/_count"

    async def in_opensearch() -> int:
        return int((await client.get(url)).json()["count"])

    async with httpx.AsyncClient(timeout=30) as client:
        return await _reached(in_opensearch, events)


async def _reached(count: Callable[[], Awaitable[int]], goal: int) -> float:
    """The moment at which the count was there, to a fifth of a second."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await count() < goal:
            await asyncio.sleep(0.2)
    return time.perf_counter()


def _row(name: str, figure: float, reference: float, *, target: float | None = None) -> Row:
    ratio = figure / reference
    return Row(name, figure, "events/s", reference, ratio, target, None if target is None else ratio >= target)


def _at_least(name: str, figure: float, unit: str, least: float) -> Row:
    return Row(name, figure, unit, target=least, ok=figure >= least)


def show(rows: Sequence[Row]) -> None:
    """The table on the terminal."""
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:7.0%} of the reference"
        print(f"{row.name:<66} {row.figure:10,.0f} {row.unit}{ratio}{_judged(row)}")


def _judged(row: Row) -> str:
    if row.target is None:
        return ""
    wanted = f"{row.target:.0%}" if row.ratio is not None else f"{row.target:,.0f} {row.unit}"
    return f"  (target {wanted}: {'met' if row.ok else 'not met'})"


def commit() -> str:
    """The commit that is checked out."""
    git = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return git.stdout.strip()


if __name__ == "__main__":
    sys.exit(borrowed.run(main()))
