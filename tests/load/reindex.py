"""`python -m tests.load.reindex --alerts 300000 --events 1000000`: the big proof, run by hand.

Plants rows, fills OpenSearch from nothing, then moves alerts to a new generation and rebuilds a period of events while
senders send and readers read; each is killed once half-way. In the end the stores are compared: nothing may be
missing, stale or too many, and no reader may ever have seen fewer. Figures go to reports/reindex.json.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson

from deploy.demo.generator.samples import sample
from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock, ids
from shared.normalise import pipeline
from shared.normalise.body import pack_body
from shared.normalise.event import Event, SensorProfile
from shared.search.indices import event_index
from tests import borrowed
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.faults.verdict import quiet

REPORT = ROOT / "reports" / "reindex.json"
DAY = timedelta(days=1)
SAMPLES = 500
CHUNK = 20_000
PER_REQUEST = 100
DEADLINE_SECONDS = 4 * 3600

ALERTS = """
    INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, first_seen,
                        last_seen, updated_at)
    SELECT gen_random_uuid(), $1, decode(md5(n::text), 'hex'), 1, 'alert ' || n, 3, 3, now(), now(),
           now() - interval '1 hour'
    FROM generate_series($2::int, $3::int) AS n
"""
EVENT_COLUMNS = (
    "id", "organization_id", "sensor_id", "batch_id", "time", "received_at", "created_at", "severity", "kind",
    "digest", "body",
)  # fmt: skip


@dataclass
class Proof:
    """What was seen; `ok` when every promise held."""

    alerts: int
    events: int
    seconds: dict[str, float] = field(default_factory=dict)
    per_second: dict[str, float] = field(default_factory=dict)
    rate: int = 500
    sent: int = 0
    sent_per_second: int = 0
    looks: dict[str, int] = field(default_factory=dict)
    fewer: dict[str, int] = field(default_factory=dict)
    kills: int = 0
    drift: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nobody saw fewer, nothing differs, and there was something to see, at the rate asked for."""
        whole = not any((*self.fewer.values(), *self.drift.values()))
        return whole and self.kills == 2 and self.sent_per_second >= 0.95 * self.rate > 0


async def prove(system: System, options: argparse.Namespace) -> Proof:
    """All of it, on a fresh corner of the servers."""
    proof = Proof(options.alerts, options.events, rate=options.rate)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    await plant_alerts(system, options.alerts)
    await plant_events(system, options.events, midnight - DAY)
    await system.start()
    seconds, repaired = await stores(system, "repair", "--json")
    assert repaired["missing"] == options.alerts + options.events, repaired
    note(proof, "repair", options.alerts + options.events, seconds)
    period = f"telemetry/{midnight - DAY:%Y-%m-%d}"
    readers = reading(system, proof, "alerts"), reading(system, proof, "events")
    async with sending(system, options.rate) as sent, readers[0], readers[1]:
        began = time.monotonic()
        await twice(system, proof, options.alerts, "reindex", "alerts")
        await twice(system, proof, options.events, "rebuild", "events", "--period", period)
        await asyncio.sleep(2)
        proof.sent_per_second = round(sum(sent) / (time.monotonic() - began))
    proof.sent = sum(sent)
    await quiet(system)
    await asyncio.sleep(61)  # what changed a moment ago is no difference yet
    seconds, result = await stores(system, "drift", "--json")
    note(proof, "drift", sum(part["rows"] for part in result["parts"]), seconds)
    proof.drift = differences(result)
    return proof


def differences(result: dict[str, Any]) -> dict[str, int]:
    """What `drift` found, by sort; `drift` itself is also true of an orphaned index and of a lost alias."""
    return {name: int(result[name]) for name in ("drift", "missing", "stale", "ahead", "too_many")}


async def twice(system: System, proof: Proof, rows: int, *arguments: str) -> None:
    """Kill it half-way, then let it come to its end."""
    began = time.monotonic()
    process = await start(system, *arguments)
    connection = await asyncpg.connect(system.owner_url)
    progress = "SELECT max((value->>'done')::int) FROM process_controls WHERE starts_with(key, $1)"
    while (await connection.fetchval(progress, f"job:{arguments[0]}:") or 0) < rows / 2:
        assert process.returncode is None, "it ended before it could be killed"
        await asyncio.sleep(0.05)
    await connection.close()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    proof.kills += 1
    _, result = await stores(system, *arguments)
    assert result["outcome"] == "switched", result
    note(proof, arguments[0], rows, time.monotonic() - began)


def note(proof: Proof, name: str, rows: int, seconds: float) -> None:
    """Keep a figure, and say it."""
    proof.seconds[name] = round(seconds, 1)
    proof.per_second[name] = round(rows / seconds)
    print(f"{name:<10} {rows:>10,} rows in {seconds:8.1f} s: {rows / seconds:8,.0f} a second", flush=True)


async def start(system: System, *arguments: str) -> asyncio.subprocess.Process:
    """A command of the stores, as an operator runs it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.indexer.stores", *arguments,
        cwd=ROOT, env=system.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def stores(system: System, *arguments: str) -> tuple[float, dict[str, Any]]:
    """Seconds it took, and what it printed."""
    began = time.monotonic()
    process = await start(system, *arguments)
    out, _ = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
    return time.monotonic() - began, orjson.loads(out)


async def plant_alerts(system: System, number: int) -> None:
    """Alerts that no event belongs to."""
    connection = await asyncpg.connect(system.owner_url)
    for low in range(1, number + 1, CHUNK):
        await connection.execute(ALERTS, system.organization_id, low, min(number, low + CHUNK - 1))
    await connection.close()


async def plant_events(system: System, number: int, starts_at: datetime) -> None:
    """Telemetry spread over one day; its documents are those of some hundred records."""
    profile = SensorProfile(id=system.sensor_id, organization_id=system.organization_id, format="suricata_eve")
    records = sample("suricata_eve", SAMPLES, 7, kind="telemetry", start=starts_at)
    outcomes = pipeline.normalise_request(
        records, hint="suricata_eve", sensor=profile, received_at=clock.now(), idempotency_key=None
    )
    events = [outcome for _, outcome in outcomes if isinstance(outcome, Event)]
    bodies = [pack_body(event.document, event.original) for event in events]
    connection = await asyncpg.connect(system.owner_url)
    await connection.execute(
        "SELECT ensure_period('telemetry', $1, $2, $3, 1::smallint)",
        starts_at, starts_at + DAY, event_index("telemetry", starts_at.date()),
    )  # fmt: skip
    first, stored_at = clock.milliseconds(starts_at), clock.now() - timedelta(hours=1)
    for low in range(0, number, CHUNK):
        rows = [
            (
                ids.content_id(first + n * 86_399_999 // number, ids.uuid7().bytes[::-1]),
                system.organization_id, system.sensor_id, system.sensor_id, starts_at, stored_at, stored_at, 1,
                "telemetry", events[n % len(events)].digest, bodies[n % len(events)],
            )
            for n in range(low, min(number, low + CHUNK))
        ]  # fmt: skip
        await connection.copy_records_to_table("events", records=rows, columns=EVENT_COLUMNS)
    await connection.close()


@contextlib.asynccontextmanager
async def sending(system: System, rate: int) -> AsyncIterator[list[int]]:
    """So many alert-kind events a second, which fold into a few hundred alerts."""
    sent: list[int] = []
    records = endless()
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}

    async def send() -> None:
        async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
            due = time.monotonic()
            while True:
                body = list(itertools.islice(records, PER_REQUEST))
                reply = await client.post("/ingest/v1/events?items=none", content=b"\n".join(body))
                assert reply.status_code == 202, reply.text
                sent.append(len(body))
                due += PER_REQUEST / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async with beside(send()):
        yield sent


def endless() -> Iterator[bytes]:
    """Alerts without end, each with a time of its own, so that none is a repeat."""
    begins = clock.now() - timedelta(days=2)
    for turn in itertools.count():
        yield from sample("suricata_eve", 3000, turn, kind="alert", start=begins + turn * timedelta(minutes=1))


@contextlib.asynccontextmanager
async def reading(system: System, proof: Proof, alias: str) -> AsyncIterator[None]:
    """Somebody who counts the documents behind an alias all the time."""
    proof.looks[alias] = proof.fewer[alias] = 0
    url = f"{system.environment['EVENTSEC_OPENSEARCH_URL']}/{system.name}-{alias}/_count"

    async def read() -> None:
        most = 0
        async with httpx.AsyncClient(timeout=60) as client:
            while True:
                count = int((await client.get(url)).raise_for_status().json()["count"])
                proof.looks[alias] += 1
                proof.fewer[alias] += count < most
                most = max(most, count)
                await asyncio.sleep(0.02)

    async with beside(read()):
        yield


@contextlib.asynccontextmanager
async def beside(work: Any) -> AsyncIterator[None]:
    """Run it beside the block; what it died of is raised in the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def main(options: argparse.Namespace) -> int:
    """Prove it, print the figures, write the report; exit status 1 when a promise did not hold."""
    directory = ROOT / ".stack" / "bench"
    with borrowed.stack(directory), tempfile.TemporaryDirectory() as logs:
        system = System(control.up(directory, report=to_stderr()), Path(logs))
        await system.create()
        try:
            proof = await prove(system, options)
        finally:
            await system.stop()
            await system.destroy()
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": clock.isoformat(clock.now()),
        "ok": proof.ok,
        **asdict(proof),
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    return 0 if proof.ok else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.reindex", description=__doc__)
    parser.add_argument("--alerts", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=500, help="events a second that fold meanwhile")
    sys.exit(borrowed.run(main(parser.parse_args())))
