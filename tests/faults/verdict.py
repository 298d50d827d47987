"""Compares what is stored, folded and found with what the oracle knows: sets and contents, never totals alone."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import httpx
import orjson

from shared.bus.topology import QUEUES
from shared.normalise.body import unpack_body
from tests.faults.analysts import Noted, Outcome, audit_changes
from tests.faults.books import audit_minutes, audit_receipts
from tests.faults.documents import Documents, all_documents
from tests.faults.incident_books import audit_incidents
from tests.faults.incident_views import audit_views
from tests.faults.incident_workers import Worked
from tests.faults.installation import Judged
from tests.faults.oracle import Fate, Folded, Kind, Oracle, State
from tests.faults.sender import Attempt, Sender
from tests.faults.system import System

QUIET_SECONDS = 120.0
CHECKED_QUEUES = ("events.received", "events.quarantined", "accounts", "records.changed")
SHOWN = 5  # details of each kind

WAITING = """
    SELECT (SELECT count(*) FROM projection_pending) + (SELECT count(*) FROM outbox)
         + (SELECT count(*) FROM quarantine WHERE requested IS NOT NULL) + (SELECT count(*) FROM incident_following)
         + (SELECT count(*) FROM jobs WHERE status IN ('pending', 'running'))
"""
ALERTS = """
    SELECT a.id, a.count, a.rule_id, a.fold_window, a.severity, a.first_seen, a.last_seen, a.resolved_at,
        a.current, a.previous_alert_id,
        (SELECT o.value FROM alert_observables l JOIN observables o ON o.id = l.observable_id
         WHERE l.alert_id = a.id AND o.type = 'ip' AND o.value LIKE '198.51.100.%') AS source,
        (SELECT count(*) FROM events e WHERE e.kind = 'alert' AND e.alert_id = a.id) AS events
    FROM alerts a WHERE $1::uuid IS NULL OR a.organization_id = $1
"""
EVENTS = """
    SELECT kind, id, alert_id, time, received_at, body FROM events WHERE $1::uuid IS NULL OR organization_id = $1
"""
QUARANTINE = "SELECT record, status, reason FROM quarantine WHERE $1::uuid IS NULL OR organization_id = $1"
REOPENED = "SELECT DISTINCT object_id FROM audit_log WHERE action = 'alert.reopened'"
# Columns of an alert that its document repeats as they are, and those that it repeats as text.
PLAIN, MOMENTS = ("count", "severity", "status", "title"), ("first_seen", "last_seen")

# When each record was received, by number, by the alert that its event is of.
Sightings: TypeAlias = defaultdict[UUID | None, dict[int, datetime]]


@dataclass
class Verdict:
    """All zero, and the sets empty, when nothing was lost, doubled or miscounted."""

    attempted: int = 0
    acknowledged: int = 0
    indeterminate: int = 0
    rejected: int = 0
    stored: int = 0
    searchable: int = 0
    quarantined: int = 0
    succeeded: int = 0
    changed_by_people: int = 0
    incident_changes: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    duplicated: int = 0
    miscounted: int = 0
    changed: int = 0
    invented: int = 0
    unsearchable: int = 0
    stale: int = 0
    parked: int = 0
    misplaced: int = 0
    unbalanced: int = 0
    unreceipted: int = 0
    unkept: int = 0
    mishandled: int = 0
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
                self.misplaced,
                self.unbalanced,
                self.unreceipted,
                self.unkept,
                self.mishandled,
            )
        )

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        return asdict(self)


async def quiet(system: Judged, within: float = QUIET_SECONDS) -> float:
    """Seconds until the queues, the pending rows, the outbox and the requests are empty.

    Raises TimeoutError, which says what is not.
    """
    started = time.monotonic()
    waiting: dict[str, int] = {}
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
                waiting = {name: unsettled[name] for name in CHECKED_QUEUES}
                waiting["rows"] = await connection.fetchval(WAITING)
                calm = 0 if any(waiting.values()) else calm + 1
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise TimeoutError(f"not at rest after {within:.0f} s: {waiting}") from None
    finally:
        await connection.close()
    return time.monotonic() - started


async def judge(
    system: Judged,
    oracle: Oracle,
    *,
    sender: Sender | None = None,
    noted: Noted | None = None,
    worked: Worked | None = None,
    only_of: UUID | None = None,
    within: float = QUIET_SECONDS,
) -> Verdict:
    """Wait for quiet, then compare everything.

    With a `sender`, also with what it noted of its requests; with what people `noted` and `worked`, also with their
    changes. Where other senders and people are at work, the records are those `only_of` an organization; the stores
    are compared with each other whole all the same.
    """
    verdict = Verdict(seconds_to_quiet=round(await quiet(system, within), 1))
    _count_states(oracle, verdict)
    connection = await asyncpg.connect(system.owner_url)
    try:
        waiting = await _judge_quarantine(connection, oracle, verdict, only_of)
        stored = await _judge_events(connection, oracle, verdict, waiting, only_of)
        await _judge_alerts(connection, oracle, stored, verdict, only_of)
        incidents = await _judge_search(system, connection, verdict)
        found = await audit_minutes(connection, _by_sensor(system, sender), system.reports_lost_at)
        verdict.unbalanced, verdict.details = len(found), verdict.details + found[:SHOWN]
        found = await audit_receipts(connection, sender.receipts) if sender else []
        verdict.unreceipted, verdict.details = len(found), verdict.details + found[:SHOWN]
        found = await audit_changes(connection, noted) if noted else []
        verdict.unkept, verdict.details = len(found), verdict.details + found[:SHOWN]
        found = await audit_incidents(connection, worked or (None if only_of else Worked()), incidents)
        if worked:
            assert isinstance(system, System)
            found += await audit_views(connection, system)
        verdict.mishandled, verdict.details = len(found), verdict.details + found[:SHOWN]
        verdict.incident_changes = dict(Counter(one.value for one in worked.outcomes.values())) if worked else {}
        verdict.changed_by_people = len(noted.words(Outcome.HELD)) if noted else 0
    finally:
        await connection.close()
    unsettled = await system.unsettled()
    verdict.parked = sum(unsettled[queue.name] for queue in QUEUES if queue.parked is None)
    return verdict


def _count_states(oracle: Oracle, verdict: Verdict) -> None:
    verdict.attempted = len(oracle.records)
    verdict.acknowledged = len(oracle.numbers(State.ACKNOWLEDGED))
    verdict.indeterminate = len(oracle.numbers(State.INDETERMINATE, State.ATTEMPTED))
    verdict.rejected = len(oracle.numbers(State.REJECTED))


def _by_sensor(system: Judged, sender: Sender | None) -> dict[UUID, list[Attempt]]:
    found: defaultdict[UUID, list[Attempt]] = defaultdict(list)
    for attempt in sender.attempts if sender else ():
        found[system.sensors[attempt.sensor].id].append(attempt)
    return found


async def _judge_quarantine(
    connection: asyncpg.Connection, oracle: Oracle, verdict: Verdict, only_of: UUID | None
) -> dict[int, str]:
    """Compares the quarantine with the unreadable records that were sent; returns the status of each by number."""
    found: dict[int, str] = {}
    for row in await connection.fetch(QUARANTINE, only_of):
        number = oracle.number_in(row["record"])
        record = oracle.records.get(number)
        if record is None or oracle.states[number] is State.REJECTED:
            verdict.invented += 1
        elif record.kind is not Kind.UNREADABLE:
            verdict.misplaced += 1
            verdict.details.append(f"record {number} is in quarantine: {row['reason']}")
        elif row["status"] not in oracle.fates(number):
            verdict.misplaced += 1
            verdict.details.append(f"record {number} is {row['status']}, not {oracle.fate(number)}: {row['reason']}")
        verdict.changed += record is not None and record.line != row["record"]
        verdict.duplicated += number in found
        found[number] = row["status"]
    verdict.quarantined = len(found)
    return found


async def _judge_events(
    connection: asyncpg.Connection,
    oracle: Oracle,
    verdict: Verdict,
    waiting: dict[int, str],
    only_of: UUID | None,
) -> Sightings:
    """Compares rows with what was sent; returns when each stored record of kind alert was received, by its alert.

    `waiting` has the records that are, or were, in quarantine: those that came out of it are events, made of what
    they were mended to.
    """
    found: Counter[int] = Counter()
    sightings: Sightings = defaultdict(dict)
    for row in await connection.fetch(EVENTS, only_of):
        _, original = unpack_body(row["body"])
        number = oracle.number_in(original)
        found[number] += 1
        record = oracle.records.get(number)
        if record is None or oracle.states[number] is State.REJECTED:
            verdict.invented += 1
            continue
        unreadable = record.kind is Kind.UNREADABLE
        verdict.changed += original != (record.mended if unreadable else record.line)
        verdict.misplaced += row["kind"] != (Kind.ALERT if unreadable else record.kind)
        verdict.misplaced += unreadable and waiting.get(number) != Fate.REDRIVEN
        verdict.misplaced += (row["time"], row["id"].int >> 80) != oracle.placed(number, row["received_at"])
        if record.kind is not Kind.TELEMETRY:
            sightings[row["alert_id"]][number] = row["received_at"]
    redriven = {number for number, status in waiting.items() if status == Fate.REDRIVEN}
    lost = (oracle.numbers(State.ACKNOWLEDGED) - found.keys() - waiting.keys()) | (redriven - found.keys())
    verdict.stored = len(found)
    verdict.lost = len(lost)
    verdict.details += [f"lost: {sorted(lost)[:SHOWN]}"] if lost else []
    verdict.duplicated += sum(count - 1 for count in found.values())
    return sightings


async def _judge_alerts(
    connection: asyncpg.Connection,
    oracle: Oracle,
    sightings: Sightings,
    verdict: Verdict,
    only_of: UUID | None,
) -> None:
    """Compares each alert with what its records come to: key, count, times, the greatest severity, its resolution.

    Which of two alerts of a key a record belongs to, before or after the closing, only its row can say. But every
    record belongs to one, and each but the current one has one successor.
    """
    chains: defaultdict[tuple[str, str, int], list[asyncpg.Record]] = defaultdict(list)
    reopened = {row["object_id"] for row in await connection.fetch(REOPENED)}
    wrong: list[str] = []
    for row in await connection.fetch(ALERTS, only_of):
        key = (row["rule_id"], row["source"] or "", row["fold_window"])
        chains[key].append(row)
        if row["count"] != row["events"]:
            wrong.append(f"alert {row['id']} counts {row['count']} and has {row['events']} events")
        numbers = sightings.pop(row["id"], {})
        expected = oracle.folded(numbers) if numbers else None
        said = ("count", "first_seen", "last_seen", "severity", "resolved_at")
        found = Folded(frozenset({key}), *(row[name] for name in said))
        if expected != found:
            wrong.append(f"{key}: expected {expected}, found {found}")
    wrong += [f"{len(numbers)} events are of alert {key}, which is not there" for key, numbers in sightings.items()]
    verdict.miscounted += len(wrong)
    verdict.details += sorted(wrong)[:SHOWN]
    broken = [key for key, chain in chains.items() if not _is_chain(chain, reopened)]
    verdict.duplicated += len(broken)
    verdict.details += [f"{key} has {len(chains[key])} alerts that are no chain" for key in broken[:SHOWN]]
    verdict.succeeded = sum(len(chain) - 1 for chain in chains.values())


def _is_chain(alerts: Sequence[asyncpg.Record], reopened: Collection[UUID] = ()) -> bool:
    """True when one of these alerts of a key is current, and each of the others has one successor among them.

    One that was `reopened` is current again behind its closed successor, and may come to have another.
    """
    succeeded = sorted(alert["id"] for alert in alerts if not alert["current"])
    named = {alert["id"] for alert in alerts}
    previous = sorted(alert["previous_alert_id"] for alert in alerts if alert["previous_alert_id"] in named)
    if named & set(reopened):
        return len(succeeded) == len(previous) == len(alerts) - 1
    return len(succeeded) == len(alerts) - 1 and succeeded == previous


async def _judge_search(system: Judged, connection: asyncpg.Connection, verdict: Verdict) -> Documents:
    """Compares every document with its row: ids, alerts' versions, and what both stores say; returns incidents'."""
    async with httpx.AsyncClient(base_url=system.search_url, timeout=60) as client:
        (await client.post(f"/{system.indices}/_refresh")).raise_for_status()
        documents = await all_documents(client, f"{system.index_prefix}events")
        alerts = await all_documents(client, f"{system.index_prefix}alerts")
        incidents = await all_documents(client, f"{system.index_prefix}incidents")
        everything = (await client.get(f"/{system.indices}/_count")).json()["count"]
    verdict.invented += everything - sum(sum(map(len, one.values())) for one in (documents, alerts, incidents))
    rows = {row["id"]: row for row in await connection.fetch("SELECT id, alert_id, body FROM events")}
    verdict.searchable = len(documents)
    verdict.unsearchable = len(rows.keys() ^ documents.keys())
    for key in rows.keys() & documents.keys():
        expected = orjson.loads(unpack_body(rows[key]["body"])[0])
        if rows[key]["alert_id"] is not None:
            expected["alert"]["id"] = str(rows[key]["alert_id"])
        verdict.stale += documents[key][0][1] != expected
    for row in await connection.fetch(f"SELECT id, version, {', '.join(PLAIN + MOMENTS)} FROM alerts"):
        held = (row["version"], *(row[name] for name in PLAIN + MOMENTS))
        said = [(version, *_said(one)) for version, one in alerts.pop(row["id"], [])]
        verdict.stale += said != [held]
    verdict.stale += len(alerts)
    verdict.duplicated += sum(len(found) - 1 for found in documents.values())
    return incidents


def _said(document: dict[str, Any]) -> list[object]:
    """What an alert's document repeats of its row, as the row has it."""
    plain: list[object] = [document[name] for name in PLAIN]
    return plain + [datetime.fromisoformat(document[name]) for name in MOMENTS]
