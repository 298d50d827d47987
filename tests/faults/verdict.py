"""Compares what is stored, folded and found with what the oracle knows: sets and contents, never totals alone."""

import asyncio
import time
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from shared.normalise.body import unpack_body
from tests.faults.oracle import Folded, Oracle, State
from tests.faults.system import System

QUIET_SECONDS = 120.0
# Suricata's 1 to 3, of which 1 is the worst, in our five levels.
SEVERITIES = {4: 1, 3: 2, 2: 3}
CHECKED_QUEUES = ("events.received", "events.quarantined", "accounts", "records.changed")


@dataclass
class Verdict:
    """All zero, and the sets empty, when nothing was lost, doubled or miscounted."""

    attempted: int = 0
    acknowledged: int = 0
    stored: int = 0
    searchable: int = 0
    lost: int = 0
    duplicated: int = 0
    miscounted: int = 0
    changed: int = 0
    invented: int = 0
    unsearchable: int = 0
    stale: int = 0
    parked: int = 0
    quarantined: int = 0
    unbalanced: int = 0
    seconds_to_quiet: float = 0.0
    details: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """True when every promise held."""
        return not any(
            (
                self.lost,
                self.duplicated,
                self.miscounted,
                self.changed,
                self.invented,
                self.unsearchable,
                self.stale,
                self.parked,
                self.quarantined,
                self.unbalanced,
            )
        )

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self)


async def quiet(system: System, within: float = QUIET_SECONDS) -> float:
    """Seconds until the queues, the pending rows and the outbox are empty. Raises TimeoutError."""
    started = time.monotonic()
    connection = await asyncpg.connect(system.owner_url)
    try:
        async with asyncio.timeout(within):
            calm = 0
            while calm < 3:
                try:
                    unsettled = await system.unsettled()
                except httpx.HTTPError:  # the indexer is just being started again
                    calm = 0
                    await asyncio.sleep(0.3)
                    continue
                waiting = sum(unsettled[name] for name in CHECKED_QUEUES)
                waiting += await connection.fetchval(
                    "SELECT (SELECT count(*) FROM projection_pending) + (SELECT count(*) FROM outbox)"
                )
                calm = 0 if waiting else calm + 1
                await asyncio.sleep(0.3)
    finally:
        await connection.close()
    return time.monotonic() - started


async def judge(system: System, oracle: Oracle, *, door_was_killed: bool = False) -> Verdict:
    """Wait for quiet, then compare everything."""
    verdict = Verdict(seconds_to_quiet=round(await quiet(system), 1))
    connection = await asyncpg.connect(system.owner_url)
    try:
        stored = await _judge_events(connection, oracle, verdict)
        await _judge_alerts(connection, oracle.folded(stored & oracle.records.keys()), verdict)
        await _judge_search(system, connection, verdict)
        await _judge_accounts(connection, verdict, door_was_killed=door_was_killed)
        verdict.quarantined = await connection.fetchval("SELECT count(*) FROM quarantine")
    finally:
        await connection.close()
    verdict.parked = (await system.unsettled())["events.parked"]
    return verdict


async def _judge_events(connection: asyncpg.Connection, oracle: Oracle, verdict: Verdict) -> set[int]:
    """Compares rows with what was sent; returns the numbers of the stored records."""
    found: Counter[int] = Counter()
    for row in await connection.fetch("SELECT body FROM events"):
        _, original = unpack_body(row["body"])
        number = orjson.loads(original)["flow_id"] - oracle.seed * 10**9
        found[number] += 1
        record = oracle.records.get(number)
        verdict.invented += record is None
        verdict.changed += record is not None and record.line != original
    acknowledged = oracle.numbers(State.ACKNOWLEDGED)
    verdict.attempted, verdict.acknowledged, verdict.stored = len(oracle.records), len(acknowledged), len(found)
    verdict.lost = len(acknowledged - found.keys())
    verdict.duplicated = sum(count - 1 for count in found.values())
    return set(found)


async def _judge_alerts(
    connection: asyncpg.Connection, expected: dict[tuple[int, str], Folded], verdict: Verdict
) -> None:
    """Compares each alert with what its records come to: count, times, the greatest severity."""
    found: dict[tuple[int, str], Folded] = {}
    rows = await connection.fetch(
        "SELECT a.id, a.count, a.rule_id, a.severity, a.first_seen, a.last_seen, "
        "(SELECT o.value FROM alert_observables l JOIN observables o ON o.id = l.observable_id "
        " WHERE l.alert_id = a.id AND o.type = 'ip' AND o.value LIKE '198.51.100.%') AS source, "
        "(SELECT count(*) FROM events e WHERE e.kind = 'alert' AND e.alert_id = a.id) AS events "
        "FROM alerts a"
    )
    for row in rows:
        key = (int(row["rule_id"].rpartition(":")[2]), row["source"])
        if row["count"] != row["events"]:
            verdict.miscounted += 1
            verdict.details.append(f"alert {row['id']} counts {row['count']} and has {row['events']} events")
        if key in found:
            verdict.duplicated += 1
            verdict.details.append(f"{key} has two alerts")
        found[key] = Folded(row["count"], row["first_seen"], row["last_seen"], SEVERITIES[row["severity"]])
    wrong = {key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)}
    verdict.miscounted += len(wrong)
    verdict.details += [f"{key}: expected {expected.get(key)}, found {found.get(key)}" for key in sorted(wrong)[:5]]


async def _judge_search(system: System, connection: asyncpg.Connection, verdict: Verdict) -> None:
    """Compares every document with its row: ids, alerts' versions, and what both stores say."""
    async with httpx.AsyncClient(base_url=system.environment["EVENTSEC_OPENSEARCH_URL"], timeout=60) as client:
        (await client.post(f"/{system.name}-*/_refresh")).raise_for_status()
        documents = await _all_documents(client, f"{system.name}-events")
        alerts = await _all_documents(client, f"{system.name}-alerts")
    rows = {row["id"]: row for row in await connection.fetch("SELECT id, alert_id, body FROM events")}
    verdict.searchable = len(documents)
    verdict.unsearchable = len(rows.keys() ^ documents.keys())
    for key in rows.keys() & documents.keys():
        expected = orjson.loads(unpack_body(rows[key]["body"])[0])
        expected["alert"]["id"] = str(rows[key]["alert_id"])
        verdict.stale += documents[key][0][1] != expected
    for row in await connection.fetch("SELECT id, version, count, severity, status FROM alerts"):
        held = [(row["version"], row["count"], row["severity"], row["status"])]
        said = [
            (version, *(one[name] for name in ("count", "severity", "status"))) for version, one in alerts[row["id"]]
        ]
        verdict.stale += said != held
        del alerts[row["id"]]
    verdict.stale += len(alerts)
    verdict.duplicated += sum(len(found) - 1 for found in documents.values())


async def _all_documents(client: httpx.AsyncClient, alias: str) -> defaultdict[UUID, list[tuple[int, Any]]]:
    """Every document behind an alias with its version, by id; two of one id are two indices holding it."""
    found: defaultdict[UUID, list[tuple[int, Any]]] = defaultdict(list)
    body = {"size": 2000, "version": True, "sort": ["_doc"]}
    answer = await client.post(f"/{alias}/_search?scroll=1m", json=body)
    answer.raise_for_status()
    while hits := (page := orjson.loads(answer.content))["hits"]["hits"]:
        for hit in hits:
            found[UUID(hit["_id"])].append((hit["_version"], hit["_source"]))
        answer = await client.post("/_search/scroll", json={"scroll": "1m", "scroll_id": page["_scroll_id"]})
        answer.raise_for_status()
    await client.request("DELETE", "/_search/scroll", json={"scroll_id": page["_scroll_id"]})
    return found


async def _judge_accounts(connection: asyncpg.Connection, verdict: Verdict, *, door_was_killed: bool) -> None:
    """Accepted = stored + duplicate + quarantined + discarded, once nothing is in flight.

    What the broker had but could not confirm is settled without being accepted, as the door's own count of
    unconfirmed records says; and a killed door owes its last minute.
    """
    row = await connection.fetchrow(
        "SELECT coalesce(sum(accepted), 0)::bigint AS accepted, "
        "coalesce(sum(stored + duplicate + quarantined + discarded), 0)::bigint AS settled, "
        "coalesce(sum(unconfirmed), 0)::bigint AS unconfirmed, "
        "coalesce(sum(stored), 0)::bigint AS stored FROM sensor_accounts"
    )
    assert row is not None
    in_flight = row["accepted"] - row["settled"]
    if in_flight > 0 or (-in_flight > row["unconfirmed"] and not door_was_killed):
        verdict.unbalanced = abs(in_flight)
        verdict.details.append(f"accounts: accepted {row['accepted']}, settled {row['settled']}")
    if row["stored"] != verdict.stored:
        verdict.unbalanced += 1
        verdict.details.append(f"accounts say {row['stored']} stored, the table holds {verdict.stored}")
