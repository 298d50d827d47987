"""Holds what people did with incidents against what is stored, told, copied and found of them in the end."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from tests.faults.analysts import answered, entries_of
from tests.faults.documents import Documents
from tests.faults.incident_workers import Change, Worked

# Where a word is found that a change left, by what the audit calls the change; with the incident that has it, and the
# one it was written in where that was merged.
STORED = """
    SELECT 'incident.created' AS action, title AS word, id AS incident_id, NULL::uuid AS origin_id FROM incidents
    UNION ALL SELECT 'incident.tagged', unnest(tags), id, NULL FROM incidents
    UNION ALL SELECT 'incident.alerts_linked', reason, incident_id, origin_id FROM incident_alerts WHERE reason <> ''
    UNION ALL SELECT 'incident.noted', body, incident_id, origin_id FROM incident_notes
    UNION ALL SELECT 'incident.task_added', title, incident_id, origin_id FROM incident_tasks
    UNION ALL SELECT 'incident.observables_added', note, incident_id, origin_id FROM incident_observables
        WHERE note <> ''
    UNION ALL SELECT 'incident.evidence_added', name, incident_id, origin_id FROM evidence
    UNION ALL SELECT 'incident.changed', body, incident_id, NULL FROM incident_summary_versions
    UNION ALL SELECT 'incident.review_asked_for', comment, incident_id, NULL FROM incident_reviews
    UNION ALL SELECT 'incident.' || kind, details->>'reason', incident_id, origin_id FROM incident_entries
        WHERE kind IN ('moved', 'reopened', 'merged')
"""
HANGING = {"incident.alerts_linked", "incident.noted", "incident.task_added", "incident.observables_added",
           "incident.evidence_added", "incident.moved", "incident.reopened", "incident.merged"}  # fmt: skip
"""What goes along where its incident is merged, and comes back."""
ONLY_TOLD = {"incident.closed", "incident.unmerged"}
"""Changes with no place for a word: the audit has it, and their states are held against what it tells."""

PARTS = {"task_id", "evidence_id", "entry_id"}
"""Of an entry that names one the changes are that part's, and not the incident's."""

INCIDENTS = "SELECT * FROM incidents"
FILES = "SELECT id, name FROM evidence WHERE removed_at IS NULL"
ALERTS = "SELECT id, status, incident_id, closed_at FROM alerts"
OPEN_LINKS = "SELECT alert_id, incident_id FROM incident_alerts WHERE unlinked_at IS NULL"
LAST_NUMBERS = "SELECT organization_id, last FROM incident_counters"
# Of alerts with more events only the first and the last hundred are copied.
UNCOPIED = """
    SELECT e.id AS event_id, a.id AS alert_id FROM alerts a JOIN events e ON e.kind = 'alert' AND e.alert_id = a.id
    WHERE a.incident_id IS NOT NULL AND a.count <= 200 AND NOT EXISTS (
        SELECT FROM incident_events c WHERE c.incident_id = a.incident_id AND c.event_id = e.id)
"""
STRANGE_COPIES = """
    SELECT c.event_id FROM incident_events c LEFT JOIN events e ON e.kind = 'alert' AND e.id = c.event_id
    WHERE e.body IS DISTINCT FROM c.body OR c.sha256 <> sha256(c.body)
"""
NOTES = "SELECT incident_id, body AS said FROM incident_notes"
OBSERVABLES = """
    SELECT incident_id, o.value AS said FROM incident_observables l JOIN observables o ON o.id = l.observable_id
"""
REPEATED = ("number", "title", "summary", "severity", "status", "tags", "alerts_count", "revision")
"""Columns that an incident's document repeats as they are."""

Entries = Sequence[Mapping[str, Any]]
Rows = Mapping[UUID, Mapping[str, Any]]


class Kept(NamedTuple):
    """A word that is stored: where it is, and where it was written if that is another incident."""

    action: str
    word: str
    incident_id: UUID
    origin_id: UUID | None


async def audit_incidents(connection: asyncpg.Connection, worked: Worked | None, documents: Documents) -> list[str]:
    """What does not hold of incidents, in words; nothing when all was kept as it was answered.

    None of `worked` is that nobody wrote down what was answered: then what is kept is held against itself.
    """
    entries = await entries_of(connection)
    rows = {row["id"]: dict(row) for row in await connection.fetch(INCIDENTS)}
    alerts = [dict(row) for row in await connection.fetch(ALERTS)]
    links = [(row["alert_id"], row["incident_id"]) for row in await connection.fetch(OPEN_LINKS)]
    kept = [Kept(**row) for row in await connection.fetch(STORED)]
    last = {row["organization_id"]: row["last"] for row in await connection.fetch(LAST_NUMBERS)}
    uncopied, strange = await connection.fetch(UNCOPIED), await connection.fetch(STRANGE_COPIES)
    notes, observables = await _by_incident(connection, NOTES), await _by_incident(connection, OBSERVABLES)
    return [
        *(changes(worked, kept, entries) if worked else ()),
        *(homes(worked, kept, rows) if worked else ()),
        *lives(rows, entries),
        *endings(worked or Worked(), rows, alerts, entries),
        *numbers(rows, last),
        *linked(rows, alerts, links),
        *(f"event {row['event_id']} of alert {row['alert_id']} was not copied" for row in uncopied),
        *(f"the copy of event {row['event_id']} is not what was copied" for row in strange),
        *found_as_kept(rows, notes, observables, documents),
    ]


async def _by_incident(connection: asyncpg.Connection, statement: str) -> dict[UUID, list[str]]:
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    for row in await connection.fetch(statement):
        found[row["incident_id"]].append(row["said"])
    return found


def changes(worked: Worked, kept: Iterable[Kept], entries: Entries) -> list[str]:
    """Answers against what is stored, and against what the audit tells: each once, and the two the same."""
    told = Counter((entry["action"], entry["correlation_id"]) for entry in entries)
    stored = Counter((one.action, one.word) for one in kept)
    found = []
    for word, (action, _) in worked.tried.items():
        # Of a taking out both incidents tell.
        times = told[action, word] / (2 if action == "incident.unmerged" else 1)
        places = {"told of": times} | ({} if action in ONLY_TOLD else {"stored": stored[action, word]})
        for place, count in places.items():
            found += answered(f"{action} {word}", worked.outcomes[word], count, place)
        if len(set(places.values())) > 1:
            found.append(f"{action} {word} is {' and '.join(f'{place} {n:g} times' for place, n in places.items())}")
    tried = {(change.action, word) for word, change in worked.tried.items()}
    return found + [f"nobody did {action} {word}" for action, word in stored if (action, word) not in tried]


def homes(worked: Worked, kept: Iterable[Kept], rows: Rows) -> list[str]:
    """What was written in an incident is where that went, and at home again once it was taken out."""
    found = []
    for one in kept:
        home = worked.tried.get(one.word, Change("", None)).incident_id
        if one.action not in HANGING or home is None:
            continue
        at = home
        while (into := rows[at]["merged_into_id"]) is not None:
            at = into
        if (one.incident_id, one.origin_id) != (at, home if at != home else None):
            found.append(f"{one.action} {one.word} of {home} is at {one.incident_id}, not at {at}")
    return found


def lives(rows: Rows, entries: Entries) -> list[str]:
    """The states of each incident are one walk from open to where it is; each change raised its revision by one."""
    steps: defaultdict[UUID, list[Sequence[str]]] = defaultdict(list)
    revisions: Counter[UUID] = Counter()
    for entry in entries:
        if entry["kind"] == "incident" and not PARTS & entry["details"].keys() and (changed := entry["changes"]):
            revisions[entry["object_id"]] += 1
            if "status" in changed:
                steps[entry["object_id"]].append(changed["status"])
    found = []
    for key, row in rows.items():
        if not is_walk(steps[key], "open", row["status"]):
            found.append(f"incident {key} has no one history to {row['status']}: {steps[key]}")
        if row["revision"] != 1 + revisions[key]:
            found.append(f"incident {key} has revision {row['revision']} after {revisions[key]} changes")
    return found


def is_walk(steps: Iterable[Sequence[str]], first: str, last: str) -> bool:
    """True when the steps are of one walk from the first state to the last: no two left the same stay in a state."""
    left = Counter({first: -1})
    left[last] += 1
    for before, after in steps:
        left[before] += 1
        left[after] -= 1
    return not any(left.values())


def endings(worked: Worked, rows: Rows, alerts: Entries, entries: Entries) -> list[str]:
    """A closing took all open alerts along, a reopening as many as it said: all or none."""
    moved = Counter((entry["action"], entry["correlation_id"]) for entry in entries)
    found = [
        f"incident {alert['incident_id']} is closed, and its alert {alert['id']} is {alert['status']}"
        for alert in alerts
        if alert["incident_id"] is not None
        and rows[alert["incident_id"]]["status"] == "closed"
        and alert["status"] not in ("closed", "suppressed")
    ]
    for entry in entries:
        if entry["action"] == "incident.closed":
            said, word = entry["details"]["alerts"], entry["correlation_id"]
            if moved["alert.closed", word] != said:
                found.append(f"{word} closed {moved['alert.closed', word]} alerts of {said}")
    found += [
        f"{word} reopened {moved['alert.reopened', word]} alerts of {said}"
        for word, said in worked.reopened.items()
        if moved["alert.reopened", word] != said
    ]
    return found


def numbers(rows: Rows, last: Mapping[UUID, int]) -> list[str]:
    """Each organization's incidents are numbered from one to the last, each once."""
    given: defaultdict[UUID, list[int]] = defaultdict(list)
    for row in rows.values():
        given[row["organization_id"]].append(row["number"])
    return [
        f"the numbers of {key} are not 1 to {last.get(key)}: {sorted(some)}"
        for key, some in given.items()
        if sorted(some) != list(range(1, last.get(key, 0) + 1))
    ]


def linked(rows: Rows, alerts: Entries, links: Sequence[tuple[UUID, UUID]]) -> list[str]:
    """Alerts name the incident that links them, each once, and incidents count them."""
    named = Counter((alert["id"], alert["incident_id"]) for alert in alerts if alert["incident_id"] is not None)
    found = [f"alert {pair[0]} and incident {pair[1]} do not agree that they are linked"
             for pair in (named - Counter(links)) + (Counter(links) - named)]  # fmt: skip
    counted = Counter(incident_id for _, incident_id in links)
    found += [
        f"incident {key} counts {row['alerts_count']} alerts and has {counted[key]}"
        for key, row in rows.items()
        # What was merged keeps the count it had.
        if row["status"] != "merged" and row["alerts_count"] != counted[key]
    ]
    return found


def found_as_kept(
    rows: Rows, notes: Mapping[UUID, list[str]], observables: Mapping[UUID, list[str]], documents: Documents
) -> list[str]:
    """Every document against its row, and what hangs on that."""
    listed: Callable[[Iterable[str]], list[str]] = sorted
    found = [f"the document {key} is of no incident" for key in documents.keys() - rows.keys()]
    for key, row in rows.items():
        held = (row["version"], {name: row[name] for name in REPEATED}, listed(notes.get(key, ())),
                listed(observables.get(key, ())))  # fmt: skip
        said = [
            (version, {name: one[name] for name in REPEATED}, listed(one["notes"]), listed(one.get("observables", ())))
            for version, one in documents.get(key, [])
        ]
        if said != [held]:
            found.append(f"incident {key} is found as {said}, not as {held}")
    return found
