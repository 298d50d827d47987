"""Ten thousand hostile inputs at a real door: it stays up, says what it did with each, and the books agree.

`make hostile N=10000` sends more or fewer; the same seed (HOSTILE_SEED) sends the same bytes.
"""

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from shared.normalise import pipeline
from tests.faults.service import Service
from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.hostile import bodies, expected, records, wire
from tests.hostile.bodies import GOOD, TAKEN, Request
from tests.hostile.ledger import Ledger, is_documented

COUNT = int(os.environ.get("HOSTILE_INPUTS") or 10_000)
SEED = int(os.environ.get("HOSTILE_SEED") or 1)

MIB = 1 << 20
PER_REQUEST = 50
LANES = 4
BODY_SECONDS, IDLE_SECONDS = 4.0, 4
# A body and then an idle connection have had their time, on a busy machine too.
ENDED_SECONDS = 3 * (BODY_SECONDS + IDLE_SECONDS)
# What a process may hold more after all of it than after the large bodies alone, and at its worst.
MOST_GROWTH, MOST_RESIDENT = 64 * MIB, 1024 * MIB


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """Its own corner of the servers; nothing in it grows old, and a body has a few seconds to arrive."""
    if "EVENTSEC_STACK_DIR" not in os.environ:
        pytest.fail(
            "EVENTSEC_STACK_DIR is not set: run this by `make hostile`, which starts the servers", pytrace=False
        )
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    environment |= {
        "EVENTSEC_INDEXER_ROLES": '["writer", "projector", "relay"]',
        "EVENTSEC_RETENTION_ALERT_DAYS": "0",
        "EVENTSEC_RETENTION_TELEMETRY_DAYS": "0",
        "EVENTSEC_INGEST_BODY_SECONDS": str(BODY_SECONDS),
        "EVENTSEC_INGEST_IDLE_SECONDS": str(IDLE_SECONDS),
    }
    one = System(environment, tmp_path)
    await one.create()
    try:
        yield one
    finally:
        await one.stop()
        await one.destroy()


async def test_nothing_brings_the_door_down_and_every_record_is_accounted_for(system: System) -> None:
    sensor, key = await system.register_sensor("hostile", None)
    await system.start()
    # Made before: to make a bomb takes so long that a body on its way in another lane would come too late.
    by_hand = list(bodies.requests())
    ledger, began = Ledger(), time.monotonic()
    # Twice: only then has the allocator all the room that the largest of them take.
    await _send(system, key, by_hand, ledger, once=b"first")
    await _send(system, key, by_hand, ledger, once=b"second")
    after_bodies = _memory(system.ingest, "VmRSS")
    async with asyncio.TaskGroup() as group:
        group.create_task(_send(system, key, _of_records(COUNT), ledger))
        group.create_task(_talk(system, key, ledger))
    await _send(system, key, by_hand, ledger, once=b"third")
    growth, worst = _memory(system.ingest, "VmRSS") - after_bodies, _memory(system.ingest, "VmHWM")
    await _still_well(system, key, ledger)
    sent_in = time.monotonic() - began
    await quiet(system)
    print(f"\n{COUNT} generated records and the rest in {sent_in:.0f} s: {dict(ledger.said)}, {dict(ledger.statuses)}")
    print(f"memory {after_bodies / MIB:.0f} MiB, then {growth / MIB:+.0f}, worst {worst / MIB:.0f}")
    assert not ledger.wrong
    assert not [status for status in ledger.statuses if status.startswith("5") and status != "503"]
    assert await ledger.balance(system.owner_url, sensor) == []
    assert await _searchable(system) == (await _stored(system), 0)
    assert (system.ingest.deaths, system.indexer.deaths) == ([], [])
    assert (await system.unsettled())["events.parked"] == 0
    assert growth < MOST_GROWTH
    assert worst < MOST_RESIDENT


def _of_records(count: int) -> Iterator[Request]:
    """The generated records: most as lines of a body behind a good one, and each tenth as a body by itself."""
    waiting: dict[str | None, list[bytes]] = defaultdict(list)
    for number, (name, record) in enumerate(records.records(SEED, count)):
        if number % 10 == 0:
            yield expected.request(f"record {number}", name, record)
            continue
        line = record.translate(_NO_LINES)
        lines = waiting[name]
        lines.append(line)
        if len(lines) == PER_REQUEST:
            yield expected.request(f"records to {number}", name, b"\n".join((GOOD, *lines)), lines=(GOOD, *lines))
            lines.clear()
    for name, lines in waiting.items():
        if lines:
            yield expected.request("the last records", name, b"\n".join((GOOD, *lines)), lines=(GOOD, *lines))


_NO_LINES = bytes.maketrans(b"\r\n", b"  ")


async def _send(
    system: System, key: str, requests: Iterable[Request], ledger: Ledger, *, once: bytes = b"records"
) -> None:
    """All of them over a few connections, each under a key of its own, so that no record counts as sent before."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
    waiting = enumerate(requests)
    async with httpx.AsyncClient(base_url=system.door, timeout=60, headers=headers) as client:

        async def lane() -> None:
            for number, request in waiting:
                given = {b"idempotency-key": b"%b-%d" % (once, number), **request.headers}
                reply = await _answered(client, request, given, ledger)
                ledger.note(request, reply)

        await asyncio.gather(*(lane() for _ in range(LANES)))


async def _answered(
    client: httpx.AsyncClient, request: Request, headers: dict[bytes, bytes], ledger: Ledger
) -> httpx.Response:
    """The reply; what was not taken for want of time or room is sent again, as a sender does."""
    for _ in range(100):
        reply = await client.post(request.path, content=request.body, headers=headers)
        if not is_documented(reply) and reply.status_code != 408:
            break
        ledger.statuses[str(reply.status_code)] += 1
        await asyncio.sleep(0.1)
    return reply


async def _talk(system: System, key: str, ledger: Ledger) -> None:
    """All connections at once; one that was taken has told us by its status what became of its record."""
    talks = list(wire.talks(key))
    said = await asyncio.gather(*(wire.speak(talk, system.ingest.port, silence=ENDED_SECONDS) for talk in talks))
    for talk, status in zip(talks, said, strict=True):
        ledger.statuses[str(status)] += 1
        if status not in talk.first:
            ledger.wrong.append(f"{talk.name}: {status}")
        elif status in TAKEN:
            ledger.add(talk.name, Counter({"accepted" if status == 202 else "rejected": talk.records}), talk.records)


async def _still_well(system: System, key: str, ledger: Ledger) -> None:
    """The same process answers, and takes a good record."""
    async with httpx.AsyncClient(base_url=system.door, timeout=10) as client:
        assert (await client.get("/healthz")).status_code == 200
        reply = await client.post(
            "/ingest/v1/events/json",
            content=GOOD,
            headers={"authorization": f"Bearer {key}", "idempotency-key": "last"},
        )
    ledger.note(Request("the last one", GOOD, frozenset({202}), 1, accepted=1), reply)


async def _searchable(system: System) -> tuple[int, int]:
    """Documents in OpenSearch, and those of them that it took only without the sensor's own record."""
    reduced = {"query": {"term": {"tags": "projection_reduced"}}}
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=30) as client:
        await client.post(f"/{system.name}-events/_refresh")
        counts = [await client.post(f"/{system.name}-events/_count", json=query) for query in ({}, reduced)]
    return counts[0].json()["count"], counts[1].json()["count"]


async def _stored(system: System) -> int:
    connection = await asyncpg.connect(system.owner_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM events"))
    finally:
        await connection.close()


def _memory(service: Service, name: str) -> int:
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.split(f"{name}:")[1].split()[0]) * 1024


ALIKE = {"accepted": 202, "rejected": 207, "refused": 413}


@pytest.mark.parametrize("said", [*ALIKE, "nothing"])
def test_a_door_that_says_the_same_of_all_records_is_found_out(said: str) -> None:
    found = {True: 0, False: 0}
    for request in _of_records(300):
        ledger, count = Ledger(), request.records or 0
        counts = {kind: count if kind == said else 0 for kind in (*ALIKE, "ignored")}
        ledger.note(request, httpx.Response(ALIKE.get(said, 400), json={**counts, "items": [None] * count}))
        found[bool(ledger.wrong)] += 1
    assert found[True] > 10, found


def test_the_generated_records_are_of_both_kinds() -> None:
    requests = list(_of_records(1000))
    sent, accepted = (sum(getattr(one, name) or 0 for one in requests) for name in ("records", "accepted"))
    assert sent >= 1000
    assert 0.3 < accepted / sent < 0.6


def test_the_same_seed_gives_the_same_records() -> None:
    first, again, other = (list(records.records(seed, 300)) for seed in (SEED, SEED, SEED + 1))
    assert first == again != other
    assert {name for name, _ in first} == {None, *pipeline.FORMATS}
