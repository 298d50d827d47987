"""The verdict can fail: each kind of damage, done by hand behind the product's back, is found and named."""

import asyncpg
import httpx

from tests.faults.oracle import Mix, Oracle
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.verdict import judge

DAMAGE = (
    # lost, and its minute holds one row less than it counts
    "DELETE FROM events WHERE id = (SELECT id FROM events WHERE kind = 'telemetry' LIMIT 1)",
    "DELETE FROM quarantine WHERE id = (SELECT id FROM quarantine LIMIT 1)",
    # lost and, in its place, another one twice
    """UPDATE events SET body = (SELECT body FROM events WHERE kind = 'alert' ORDER BY id LIMIT 1)
       WHERE id = (SELECT id FROM events WHERE kind = 'alert' ORDER BY id DESC LIMIT 1)""",
    "UPDATE alerts SET last_seen = last_seen + interval '1 second' WHERE id = (SELECT id FROM alerts LIMIT 1)",
    "UPDATE batches SET searchable_at = NULL WHERE batch_id = (SELECT batch_id FROM batches LIMIT 1)",
    "UPDATE sensor_accounts SET accepted = accepted + 1 WHERE ctid = (SELECT ctid FROM sensor_accounts LIMIT 1)",
)


async def test_every_damage_is_found(system: System) -> None:
    oracle = Oracle(11, Mix(telemetry=0.2, unreadable=0.1))
    sender = Sender(system, oracle)
    await system.start()
    await sender.send(12)
    untouched = await judge(system, oracle, sender=sender)
    assert untouched.clean, untouched.as_dict()
    assert untouched.quarantined > 0

    connection = await asyncpg.connect(system.owner_url)
    for statement in DAMAGE:
        assert await connection.execute(statement) in ("UPDATE 1", "DELETE 1")
    await connection.close()
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=30) as client:
        index = f"{system.name}-strange"
        (await client.put(f"/{index}")).raise_for_status()
        (await client.put(f"/{index}/_doc/1?refresh=true", json={"not": "ours"})).raise_for_status()
    verdict = await judge(system, oracle, sender=sender)

    assert (verdict.lost, verdict.duplicated) == (3, 1), verdict.as_dict()
    assert verdict.changed == 0
    assert verdict.miscounted >= 1
    assert verdict.unsearchable == 1, "the document of the row that is gone"
    assert verdict.stale >= 2, "the row of another body, the alert of another time"
    assert verdict.invented == 1, "a document of nobody"
    assert verdict.unreceipted == 1
    assert verdict.unbalanced >= 3, "two rows less than were counted, and one more accepted than settled"
