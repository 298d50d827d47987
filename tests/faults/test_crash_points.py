"""Each named crash point once, under load and work: who dies there comes back, and nothing is lost or doubled."""

import signal

import asyncpg
import httpx
import pytest

from tests.faults.incident_workers import at_work
from tests.faults.oracle import Oracle
from tests.faults.people import close_alerts
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.verdict import judge, quiet
from tests.waiting import until

INGEST_POINTS = ("ingest_after_publish",)
WRITER_POINTS = (
    "writer_before_commit",
    "writer_after_commit",
    "projection_after_bulk",
    "writer_before_ack",
    "accounts_before_ack",
)


@pytest.mark.parametrize("point", [*INGEST_POINTS, *WRITER_POINTS])
async def test_dies_there_and_loses_nothing(staffed: System, point: str) -> None:
    at_the_door = point in INGEST_POINTS
    system, oracle = staffed, Oracle(seed=1)
    # The crash point is armed in the process's first life only, and the first batch reaches it.
    await system.start(crash_at={"ingest" if at_the_door else "indexer": point})
    async with at_work(system, seed=1) as worked:
        await Sender(system, oracle).send(40)

    verdict = await judge(system, oracle, worked=worked)

    victim = system.ingest if at_the_door else system.indexer
    assert victim.crashed, "the fault did not happen"
    assert verdict.acknowledged == verdict.stored == verdict.attempted == 2000
    assert verdict.clean, verdict.as_dict()


async def test_the_quarantine_consumer_dies_and_keeps_every_record_once(system: System) -> None:
    await system.start(crash_at={"indexer": "quarantine_before_ack"})
    sensor, key = await system.register_sensor("broken", None)
    async with httpx.AsyncClient(base_url=system.door, timeout=30) as client:
        reply = await client.post(
            "/ingest/v1/events/json",
            content=b"\n".join(b'{"cut off": %d' % number for number in range(20)),
            headers={"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"},
        )
    assert (reply.status_code, reply.json()["rejected"]) == (207, 20)
    await quiet(system)
    assert system.indexer.crashed, "the fault did not happen"
    rows = await query(system, "SELECT count(*)::int AS n, count(DISTINCT record)::int AS records FROM quarantine")
    assert rows == [{"n": 20, "records": 20}]
    books = await query(
        system,
        "SELECT sum(accepted)::int AS accepted, sum(quarantined)::int AS quarantined FROM sensor_accounts "
        f"WHERE sensor_id = '{sensor}'",
    )
    assert books == [{"accepted": 20, "quarantined": 20}]


PENDING = """
    INSERT INTO projection_pending (kind, id, organization_id, event_kind, version)
    SELECT 'event', id, organization_id, kind, 0 FROM events
"""
OUTBOX = """
    INSERT INTO outbox (id, organization_id, routing_key, kind, ids)
    SELECT id, organization_id, 'alert.changed', 'alert', ARRAY[id] FROM alerts
"""


@pytest.mark.parametrize(("point", "work"), [("projector_before_forget", PENDING), ("relay_after_publish", OUTBOX)])
async def test_what_was_owed_is_still_owed_after_a_crash(system: System, point: str, work: str) -> None:
    oracle = Oracle(seed=6)
    await system.start(crash_at={"indexer": point})
    await Sender(system, oracle).send(4)
    await quiet(system)
    assert not system.indexer.deaths
    await query(system, work)

    verdict = await judge(system, oracle)

    assert system.indexer.crashed, "the fault did not happen"
    assert verdict.clean, verdict.as_dict()


async def test_an_alert_that_was_succeeded_is_found_as_its_row_after_the_second_delivery(system: System) -> None:
    oracle = Oracle(seed=7)
    sender = Sender(system, oracle)
    await system.start()
    await sender.send(6)
    await quiet(system)
    connection = await asyncpg.connect(system.owner_url)
    await close_alerts(connection, oracle, most=300)
    await connection.close()
    await quiet(system)
    system.indexer.armed = "writer_after_commit"
    system.indexer.signal(signal.SIGTERM)
    await until(lambda: bool(system.indexer.deaths), within=60)
    # Of these many fire again: their successors are in the batch that is committed, and only later written.
    await sender.send(6)

    verdict = await judge(system, oracle)

    assert system.indexer.crashed, "the fault did not happen"
    assert verdict.succeeded > 0
    assert verdict.clean, verdict.as_dict()


async def query(system: System, statement: str) -> list[dict[str, object]]:
    """Run a statement as the owner of the tables."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
