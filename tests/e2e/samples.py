"""Real sensors' files through the door: what each format gives, and that a second push changes nothing.

`python -m tests.e2e.samples FOLDER` prints the table; the files are read where they lie and never copied.
"""

import asyncio
import hashlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from tests.faults.system import System
from tests.faults.verdict import quiet

# Folder of the samples, and the door's format; a Panther file wraps each record.
FORMATS = {
    "suricata_eve": "suricata_eve",
    "zeek_json": "zeek_json",
    "wazuh4": "wazuh4",
    "falco": "falco",
    "alertmanager": "alertmanager",
    "vendor_json_labelled": "json",
}
FILLED_TIMESTAMP = b"2026-03-07T17:52:50.390+0000"
PER_REQUEST = 200

TABLES = {
    "events": "SELECT kind, id, alert_id, digest, body, created_at FROM events ORDER BY kind, id",
    "alerts": "SELECT * FROM alerts ORDER BY id",
    "observables": "SELECT * FROM observables ORDER BY id",
    "alert_observables": "SELECT * FROM alert_observables ORDER BY alert_id, observable_id",
    "quarantine": "SELECT * FROM quarantine ORDER BY id",
}


@dataclass
class Pushed:
    """One push of one format: what the door said."""

    records: int = 0
    replies: Counter[int] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)


@dataclass
class Result:
    """What one format gave, in the end."""

    pushed: Pushed
    events: int
    alerts: int
    quarantined: dict[str, int]


def records(folder: Path) -> Iterator[bytes]:
    """The records of one format's files, as a sensor would send them."""
    for path in sorted(folder.glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            if folder.name == "vendor_json_labelled":
                log = orjson.loads(line).get("log")
                yield log.encode() if isinstance(log, str) else orjson.dumps(log)
            else:
                yield line.replace(b"{timestamp}", FILLED_TIMESTAMP)


async def push(system: System, key: str, format_name: str, lines: list[bytes]) -> Pushed:
    """All records in requests of 200 with an Idempotency-Key each."""
    pushed = Pushed(records=len(lines))
    async with httpx.AsyncClient(base_url=system.door, timeout=60) as client:
        for start in range(0, len(lines), PER_REQUEST):
            reply = await client.post(
                f"/ingest/v1/events/{format_name}?items=none",
                content=b"\n".join(lines[start : start + PER_REQUEST]),
                headers={
                    "authorization": f"Bearer {key}",
                    "content-type": "application/x-ndjson",
                    "idempotency-key": f"{format_name}-{start}",
                },
            )
            pushed.replies[reply.status_code] += 1
            if reply.status_code in (202, 207):
                pushed.said.update({name: reply.json()[name] for name in ("accepted", "rejected", "ignored")})
    return pushed


async def push_twice(system: System, folder: Path) -> tuple[dict[str, Result], dict[str, str], list[str]]:
    """Push every format's files twice; results by format, fingerprints of the state, and what changed."""
    keys = {name: await system.register_sensor(name, None) for name in FORMATS}
    lines = {name: list(records(folder / name)) for name in FORMATS}
    await system.start()
    first = {name: await push(system, keys[name][1], FORMATS[name], lines[name]) for name in FORMATS}
    await quiet(system)
    before, books = await state(system), await accounts(system)
    second = {name: await push(system, keys[name][1], FORMATS[name], lines[name]) for name in FORMATS}
    await quiet(system)
    after, books_after = await state(system), await accounts(system)
    changed = [name for name in before if before[name] != after[name]]
    changed += _books_that_do_not_add_up(keys, second, books, books_after)
    changed += await _batches_that_are_not_all_duplicate(system, sum(sum(p.replies.values()) for p in second.values()))
    return {name: await result(system, keys[name][0], first[name]) for name in FORMATS}, after, changed


def _books_that_do_not_add_up(
    keys: dict[str, tuple[UUID, str]],
    pushed: dict[str, Pushed],
    before: dict[UUID, Counter[str]],
    after: dict[UUID, Counter[str]],
) -> list[str]:
    """Accounts must grow by exactly the second push, all of it duplicate."""
    wrong = []
    for name, (sensor, _) in keys.items():
        grown = after[sensor] - before[sensor]
        sent = pushed[name].said["accepted"] + pushed[name].said["rejected"]
        if grown != Counter(accepted=sent, duplicate=sent):
            wrong.append(f"accounts of {name}: {dict(grown)}, expected {sent} accepted and duplicate")
    return wrong


async def _batches_that_are_not_all_duplicate(system: System, requests: int) -> list[str]:
    """The second push's receipts are the newest; a request of one record has none."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        rows = await connection.fetch("SELECT * FROM batches ORDER BY batch_id")
    finally:
        await connection.close()
    if len(rows) != 2 * (len(rows) // 2) or not requests - 2 <= len(rows) // 2 <= requests:
        return [f"{len(rows)} batches for {requests} requests, twice"]
    second = rows[len(rows) // 2 :]
    return [f"batch {row['batch_id']}" for row in second if row["duplicate"] != row["items"] or row["stored"]]


async def result(system: System, sensor: UUID, pushed: Pushed) -> Result:
    """What a sensor's records became."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        row = await connection.fetchrow(
            "SELECT count(*)::int AS events, count(DISTINCT alert_id)::int AS alerts FROM events WHERE sensor_id = $1",
            sensor,
        )
        reasons = await connection.fetch(
            "SELECT reason, count(*)::int AS n FROM quarantine WHERE sensor_id = $1 GROUP BY reason", sensor
        )
    finally:
        await connection.close()
    assert row is not None
    return Result(pushed, row["events"], row["alerts"], {reason["reason"]: reason["n"] for reason in reasons})


async def accounts(system: System) -> dict[UUID, Counter[str]]:
    """Each sensor's totals."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        rows = await connection.fetch(
            "SELECT sensor_id, sum(accepted)::int AS accepted, sum(stored)::int AS stored, "
            "sum(duplicate)::int AS duplicate, sum(quarantined)::int AS quarantined "
            "FROM sensor_accounts GROUP BY sensor_id"
        )
    finally:
        await connection.close()
    return {row["sensor_id"]: Counter({k: v for k, v in dict(row).items() if k != "sensor_id" and v}) for row in rows}


async def state(system: System) -> dict[str, str]:
    """A digest of every row of every table, and of every document with its version, in a fixed order."""
    digests = {}
    connection = await asyncpg.connect(system.owner_url)
    try:
        for name, query in TABLES.items():
            digest = hashlib.blake2b()
            async with connection.transaction():
                async for row in connection.cursor(query):
                    digest.update(repr(tuple(row)).encode())
            digests[name] = digest.hexdigest()
    finally:
        await connection.close()
    for alias in ("events", "alerts"):
        digests[f"documents of {alias}"] = await _documents(system, alias)
    return digests


async def _documents(system: System, alias: str) -> str:
    found: dict[str, bytes] = {}
    url = system.environment["EVENTSEC_OPENSEARCH_URL"]
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await client.post(f"/{system.name}-{alias}/_refresh")
        body: dict[str, Any] = {"size": 2000, "version": True, "sort": ["_doc"]}
        page = (await client.post(f"/{system.name}-{alias}/_search?scroll=1m", json=body)).json()
        while hits := page["hits"]["hits"]:
            for hit in hits:
                found[f"{hit['_index']}/{hit['_id']}"] = orjson.dumps([hit["_version"], hit["_source"]])
            scroll = {"scroll": "1m", "scroll_id": page["_scroll_id"]}
            page = (await client.post("/_search/scroll", json=scroll)).json()
        await client.request("DELETE", "/_search/scroll", json={"scroll_id": page["_scroll_id"]})
    digest = hashlib.blake2b()
    for key in sorted(found):
        digest.update(key.encode() + found[key])
    return digest.hexdigest()


def table(results: dict[str, Result]) -> str:
    """One line a format."""
    lines = [f"{'format':<14}{'records':>8}{'accepted':>9}{'ignored':>8}{'events':>8}{'alerts':>8}  quarantined"]
    for name, one in results.items():
        said = one.pushed.said
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(one.quarantined.items())) or "0"
        lines.append(
            f"{FORMATS[name]:<14}{one.pushed.records:>8}{said['accepted']:>9}{said['ignored']:>8}"
            f"{one.events:>8}{one.alerts:>8}  {reasons}"
        )
    return "\n".join(lines)


async def main(folder: Path) -> int:
    """Push, print, and say what the second push changed."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    environment |= NO_MAINTENANCE
    with tempfile.TemporaryDirectory() as directory:
        system = System(environment, Path(directory))
        await system.create()
        try:
            results, _, changed = await push_twice(system, folder)
        finally:
            await system.stop()
            await system.destroy()
    print(table(results))
    print("second push changed: " + (", ".join(changed) or "nothing"))
    return 1 if changed else 0


# Retention and closing by the clock would change between the pushes what the second is compared with.
NO_MAINTENANCE = {
    "EVENTSEC_INDEXER_ROLES": '["writer", "projector", "relay"]',
    "EVENTSEC_RETENTION_ALERT_DAYS": "0",
    "EVENTSEC_RETENTION_TELEMETRY_DAYS": "0",
}

if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
