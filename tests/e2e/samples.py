"""Real sensors' files through the door: what each folder gives, and that a second push changes nothing.

`python -m tests.e2e.samples FOLDER` prints the tables; the files are read where they lie and never copied.
"""

import asyncio
import hashlib
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared.normalise.body import unpack_body
from tests import borrowed
from tests.e2e.agreement import Agreement, at, compare
from tests.e2e.sample_files import Folder, Sent, folders
from tests.faults.system import System
from tests.faults.verdict import quiet

ROOT = Path(__file__).resolve().parents[2]

TABLES = {
    "events": "SELECT kind, id, alert_id, digest, body, created_at FROM events ORDER BY kind, id",
    "alerts": "SELECT * FROM alerts ORDER BY id",
    "observables": "SELECT * FROM observables ORDER BY id",
    "alert_observables": "SELECT * FROM alert_observables ORDER BY alert_id, observable_id",
    "quarantine": "SELECT * FROM quarantine ORDER BY id",
}
# What is counted of the events' documents: a name, and whether a document has it.
SHARES = {
    "own time": lambda document: "time_missing" not in document.get("tags", ()),
    "rule id": lambda document: at(document, "rule.id") is not None,
    "host": lambda document: document.get("host") is not None,
    "severity": lambda document: "severity_unmapped" not in document.get("tags", ()),
}


@dataclass
class Pushed:
    """One push of one folder: what the door said, and the records that went in unlike the items that came back."""

    records: int = 0
    batches: int = 0
    replies: Counter[int] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    expected: list[tuple[UUID | None, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Result:
    """What one folder gave, in the end."""

    pushed: Pushed
    events: int
    alerts: int
    quarantined: dict[str, int]
    shares: dict[str, int]


@dataclass
class Report:
    """Both pushes of everything."""

    results: dict[str, Result]
    missing: dict[str, str]
    changed: list[str]
    agreement: Agreement


async def push(system: System, key: str, folder: Folder) -> Pushed:
    """All its records, each request with an Idempotency-Key of its own."""
    pushed = Pushed()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=system.door, timeout=60, headers=headers) as client:
        for number, post in enumerate(folder.posts):
            content = b"\n".join(sent.record for sent in post)
            given = {"idempotency-key": f"{folder.name}-{number}"}
            reply = await client.post(folder.path, content=content, headers=given)
            pushed.records += len(post)
            pushed.replies[reply.status_code] += 1
            if reply.status_code in (202, 207):
                _note(pushed, post, reply.json())
    return pushed


def _note(pushed: Pushed, post: list[Sent], said: dict[str, Any]) -> None:
    pushed.said.update({name: said[name] for name in ("accepted", "rejected", "ignored", "refused")})
    # A request that kept one record has no receipt of its own.
    pushed.batches += said["accepted"] + said["rejected"] > 1
    if len(said["items"]) != len(post):
        return
    for sent, item in zip(post, said["items"], strict=True):
        if sent.expected is not None:
            event_id = item.get("event_id")
            pushed.expected.append((UUID(event_id) if event_id else None, sent.expected))


async def push_twice(system: System, root: Path) -> Report:
    """Push every folder twice; what it gave, and what the second push changed."""
    sendable, missing = folders(root)
    keys = {folder.name: await system.register_sensor(f"{folder.name} files", folder.format) for folder in sendable}
    await system.start()
    first = {folder.name: await push(system, keys[folder.name][1], folder) for folder in sendable}
    await quiet(system)
    before, books = await state(system), await accounts(system)
    second = {folder.name: await push(system, keys[folder.name][1], folder) for folder in sendable}
    await quiet(system)
    after, books_after = await state(system), await accounts(system)
    changed = [name for name in before if before[name] != after[name]]
    changed += _books_that_do_not_add_up(keys, second, books, books_after)
    changed += await _batches_that_are_not_all_duplicate(system, sum(pushed.batches for pushed in second.values()))
    agreement = Agreement()
    results = {name: await result(system, keys[name][0], pushed, name, agreement) for name, pushed in first.items()}
    return Report(results, missing, changed, agreement)


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
    """The second push's receipts are the newest."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        rows = await connection.fetch("SELECT * FROM batches ORDER BY batch_id")
    finally:
        await connection.close()
    if len(rows) != 2 * requests:
        return [f"{len(rows)} batches for {requests} requests of more than one record, twice"]
    second = rows[requests:]
    return [f"batch {row['batch_id']}" for row in second if row["duplicate"] != row["items"] or row["stored"]]


async def result(system: System, sensor: UUID, pushed: Pushed, name: str, agreement: Agreement) -> Result:
    """What a sensor's records became; how they agree with what was expected goes into `agreement`."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        rows = await connection.fetch("SELECT id, alert_id, body FROM events WHERE sensor_id = $1", sensor)
        reasons = await connection.fetch(
            "SELECT reason, count(*)::int AS n FROM quarantine WHERE sensor_id = $1 GROUP BY reason", sensor
        )
    finally:
        await connection.close()
    documents = {row["id"]: orjson.loads(unpack_body(row["body"])[0]) for row in rows}
    for event_id, expected in pushed.expected:
        agreement.add(name, compare(expected, documents[event_id] if event_id else {}))
    return Result(
        pushed,
        events=len(rows),
        alerts=len({row["alert_id"] for row in rows} - {None}),
        quarantined={reason["reason"]: reason["n"] for reason in reasons},
        shares={share: sum(map(has, documents.values())) for share, has in SHARES.items()},
    )


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


def table(report: Report) -> str:
    """One line a folder."""
    counted = ("records", "accepted", "ignored", "events", "alerts", *SHARES)
    lines = [f"{'folder':<22}" + "".join(f"{name:>9}" for name in counted) + "  quarantined"]
    for name, one in report.results.items():
        said = one.pushed.said
        numbers = [one.pushed.records, said["accepted"], said["ignored"], one.events, one.alerts]
        shares = [f"{100 * count / one.events:.0f} %" if one.events else "" for count in one.shares.values()]
        reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(one.quarantined.items())) or "0"
        lines.append(f"{name:<22}" + "".join(f"{cell:>9}" for cell in (*numbers, *shares)) + f"  {reasons}")
    lines += [f"{name:<22}  not sent: the door has no format {wanted}" for name, wanted in report.missing.items()]
    return "\n".join(lines)


def said(report: Report) -> str:
    """Both tables, and what the second push changed."""
    changed = "second push changed: " + (", ".join(report.changed) or "nothing")
    return f"{table(report)}\n\n{report.agreement.table()}\n\n{changed}"


async def main(root: Path) -> int:
    """Push, print, and say what the second push changed; on servers of its own."""
    stack = ROOT / ".stack" / "test"
    with borrowed.stack(stack), tempfile.TemporaryDirectory() as directory:
        system = System(control.up(stack, report=to_stderr()) | NO_MAINTENANCE, Path(directory))
        await system.create()
        try:
            report = await push_twice(system, root)
        finally:
            await system.stop()
            await system.destroy()
    print(said(report))
    return 1 if report.changed else 0


# Retention and closing by the clock would change between the pushes what the second is compared with.
NO_MAINTENANCE = {
    "EVENTSEC_INDEXER_ROLES": '["writer", "projector", "relay"]',
    "EVENTSEC_RETENTION_ALERT_DAYS": "0",
    "EVENTSEC_RETENTION_TELEMETRY_DAYS": "0",
}

if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
