"""The verdict can fail: each kind of damage, done by hand behind the product's back, is found and named."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import aio_pika
import asyncpg
import httpx

from shared.bus.topology import CHANGES_PARKED
from tests.faults.analysts import Noted, Outcome, keep_working, make_token
from tests.faults.oracle import Fate, Mix, Oracle
from tests.faults.people import ask_for_redrive, close_alerts
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.verdict import judge
from tests.waiting import until

MIX = Mix(telemetry=0.2, unreadable=0.1)
DAMAGE = (
    # lost, and its minute holds one row less than it counts
    "DELETE FROM events WHERE id = (SELECT id FROM events WHERE kind = 'telemetry' LIMIT 1)",
    "DELETE FROM quarantine WHERE id = (SELECT id FROM quarantine LIMIT 1)",
    # lost and, in its place, another one twice
    """UPDATE events SET body = (SELECT body FROM events WHERE kind = 'alert' ORDER BY id LIMIT 1)
       WHERE id = (SELECT id FROM events WHERE kind = 'alert' ORDER BY id DESC LIMIT 1)""",
    "UPDATE alerts SET last_seen = last_seen + interval '1 second' WHERE id = (SELECT id FROM alerts LIMIT 1)",
    # an alert that closed, and is not the current one of its key, though nothing succeeds it
    """UPDATE alerts SET current = false, status = 'closed', closed_at = now()
       WHERE id = (SELECT id FROM alerts ORDER BY id DESC LIMIT 1)""",
    """UPDATE events SET time = time + interval '1 second'
       WHERE id = (SELECT id FROM events WHERE kind = 'telemetry' ORDER BY id DESC LIMIT 1)""",
    "UPDATE batches SET searchable_at = NULL WHERE batch_id = (SELECT batch_id FROM batches LIMIT 1)",
    "UPDATE sensor_accounts SET accepted = accepted + 1 WHERE ctid = (SELECT ctid FROM sensor_accounts LIMIT 1)",
)
# Of what people did: a tag that is gone, a note that is gone, and the audit written anew.
FORGOTTEN = (
    "UPDATE alerts SET tags = '{}' WHERE id = (SELECT id FROM alerts WHERE cardinality(tags) = 1 LIMIT 1)",
    "DELETE FROM alert_notes WHERE id = (SELECT id FROM alert_notes LIMIT 1)",
    "UPDATE audit_log SET actor_name = 'nobody' WHERE id = (SELECT audit_id FROM audit_seals LIMIT 1)",
)
# What a re-drive that does not do its work makes of everything that is asked for.
ONLY_TAKES_NOTE = "UPDATE quarantine SET requested = NULL, requested_at = NULL WHERE requested IS NOT NULL"
DISCARDS_ALL = """
    WITH discarded AS (
        UPDATE quarantine SET requested = NULL, requested_at = NULL, status = 'discarded'
        WHERE requested IS NOT NULL RETURNING sensor_id, date_trunc('minute', received_at) AS minute),
    counted AS (SELECT sensor_id, minute, count(*) AS n FROM discarded GROUP BY 1, 2)
    UPDATE sensor_accounts a SET quarantined = quarantined - n, discarded = discarded + n FROM counted c
    WHERE a.sensor_id = c.sensor_id AND a.minute = c.minute AND a.source = 'writer'
"""

# The successor gives one of its events to its predecessor: the sum over both is what it was.
COUNTED_ASTRAY = """
    WITH successor AS (
        SELECT id, previous_alert_id FROM alerts WHERE previous_alert_id IS NOT NULL ORDER BY id LIMIT 1)
    UPDATE alerts a SET count = count + CASE a.id WHEN s.id THEN -1 ELSE 1 END
    FROM successor s WHERE a.id IN (s.id, s.previous_alert_id)
"""


@contextlib.asynccontextmanager
async def owner(system: System) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner of the tables."""
    connection = await asyncpg.connect(system.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_redrive_that_does_nothing_or_throws_away_is_found(system: System) -> None:
    oracle = Oracle(12, MIX)
    sender = Sender(system, oracle)
    await system.start()

    async def asked_of(redrive: str | None) -> dict[str, int]:
        """What is wrong once everything in quarantine was asked for; `redrive` comes before the product's own."""
        await sender.send(6)
        await judge(system, oracle, sender=sender)
        async with owner(system) as connection, connection.transaction():
            await ask_for_redrive(connection, oracle)
            if redrive is not None:
                await connection.execute(redrive)
        told = (await judge(system, oracle, sender=sender)).as_dict()
        return {name: told[name] for name in ("lost", "miscounted", "misplaced", "unbalanced", "unreceipted")}

    def unreadable(*fates: Fate) -> int:
        return sum(bool(record.mended) and oracle.fate(number) in fates for number, record in oracle.records.items())

    clean = dict.fromkeys(("lost", "miscounted", "misplaced", "unbalanced", "unreceipted"), 0)
    found = await asked_of(ONLY_TAKES_NOTE)
    assert found == clean | {"misplaced": unreadable(Fate.REDRIVEN, Fate.DISCARDED)}
    assert await asked_of(None) == clean
    stored = unreadable(Fate.REDRIVEN)
    found = await asked_of(DISCARDS_ALL)
    assert found == clean | {"misplaced": unreadable(Fate.OPEN, Fate.REDRIVEN) - stored}


async def test_a_report_that_is_missing_after_an_orderly_end_is_found(system: System) -> None:
    oracle = Oracle(13)
    sender = Sender(system, oracle)
    await system.start()
    await sender.send(4)
    system.ingest.signal(signal.SIGTERM)
    await until(lambda: bool(system.ingest.deaths), within=60)
    await system.ready(system.ingest)
    untouched = await judge(system, oracle, sender=sender)
    assert untouched.clean, untouched.as_dict()
    async with owner(system) as connection:
        await connection.execute("UPDATE sensor_accounts SET accepted = accepted - 1 WHERE accepted > 0")
    assert (await judge(system, oracle, sender=sender)).unbalanced > 0


async def test_a_closed_alert_that_fires_again_is_succeeded_and_both_count_what_is_theirs(system: System) -> None:
    oracle = Oracle(14)
    sender = Sender(system, oracle)
    await system.start()
    await sender.send(6)
    await judge(system, oracle, sender=sender)
    async with owner(system) as connection:
        await close_alerts(connection, oracle, most=300)
    await sender.send(12)
    verdict = await judge(system, oracle, sender=sender)
    assert verdict.clean, verdict.as_dict()
    assert verdict.succeeded > 0
    async with owner(system) as connection:
        assert await connection.execute(COUNTED_ASTRAY) == "UPDATE 2"
    assert (await judge(system, oracle, sender=sender)).miscounted > 0


async def test_a_change_of_somebody_that_is_forgotten_is_found(staffed: System) -> None:
    oracle, noted = Oracle(15), Noted()
    sender = Sender(staffed, oracle)
    await staffed.start()
    await sender.send(4)
    working = asyncio.create_task(keep_working(staffed, noted, 15, await make_token(staffed)))
    try:
        await until(lambda: len(noted.words(Outcome.HELD)) >= 20, within=60)
    finally:
        working.cancel()
        await asyncio.wait([working])
    untouched = await judge(staffed, oracle, sender=sender, noted=noted)
    assert untouched.clean, untouched.as_dict()
    assert untouched.changed_by_people >= 20

    async with owner(staffed) as connection:
        for statement in FORGOTTEN:
            assert await connection.execute(statement) in ("UPDATE 1", "DELETE 1")
    verdict = await judge(staffed, oracle, sender=sender, noted=noted)
    assert verdict.unkept >= 5, verdict.as_dict()  # each of the two by itself and in the audit, and the chain


async def test_every_damage_is_found(system: System) -> None:
    oracle = Oracle(11, MIX)
    sender = Sender(system, oracle)
    await system.start()
    await sender.send(12)
    untouched = await judge(system, oracle, sender=sender)
    assert untouched.clean, untouched.as_dict()
    assert untouched.quarantined > 0

    async with owner(system) as connection:
        for statement in DAMAGE:
            assert await connection.execute(statement) in ("UPDATE 1", "DELETE 1")
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=30) as client:
        index = f"{system.name}-strange"
        (await client.put(f"/{index}")).raise_for_status()
        (await client.put(f"/{index}/_doc/1?refresh=true", json={"not": "ours"})).raise_for_status()
    async with await aio_pika.connect(system.environment["EVENTSEC_RABBITMQ_URL"]) as bus, bus.channel() as channel:
        await channel.default_exchange.publish(aio_pika.Message(b"given up on"), CHANGES_PARKED.name)
    verdict = await judge(system, oracle, sender=sender)

    assert (verdict.lost, verdict.duplicated) == (3, 2), verdict.as_dict()
    assert verdict.misplaced == 2, "the row of another body, and the one of another time"
    assert verdict.changed == 0
    assert verdict.miscounted >= 1
    assert verdict.unsearchable == 1, "the document of the row that is gone"
    assert verdict.stale >= 2, "the row of another body, the alert of another time"
    assert verdict.invented == 1, "a document of nobody"
    assert verdict.parked == 1
    assert verdict.unreceipted == 1
    assert verdict.unbalanced >= 3, "two rows less than were counted, and one more accepted than settled"
