"""The books of incidents can fail: each damage is found and named, by itself in words, and on a real system."""

import asyncio
from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest

from tests.faults import verdict as verdicts
from tests.faults.analysts import Outcome
from tests.faults.incident_books import Kept, changes, endings, found_as_kept, homes, is_walk, linked, lives, numbers
from tests.faults.incident_workers import Change, Worked, hire, keep_incidents
from tests.faults.oracle import Oracle
from tests.faults.sender import Sender
from tests.faults.system import System
from tests.faults.test_verdict import owner
from tests.faults.verdict import judge
from tests.waiting import until

ONE, TWO, ALERT = UUID(int=1), UUID(int=2), UUID(int=3)
NOTED, CLOSED = "incident.noted", "incident.closed"
# What is done to the rows, and how it is found, in the words of what the statement returns: a text that is gone, one
# that is elsewhere, a change of nobody with a document behind its row, a count, a number, a copy that is gone, one that
# was changed, and a link of nothing.
DAMAGE = {
    """DELETE FROM incident_tasks WHERE id = (SELECT id FROM incident_tasks LIMIT 1)
       RETURNING title""": ["incident.task_added {title} is told of 1 times and stored 0 times"],
    """UPDATE incident_notes n SET incident_id = (SELECT id FROM incidents i WHERE i.id <> n.incident_id LIMIT 1)
       WHERE id = (SELECT id FROM incident_notes LIMIT 1)
       RETURNING body, incident_id""": ["incident.noted {body} of ", " is at {incident_id}, not at "],
    """UPDATE incidents SET tags = tags || '{strange}' WHERE id = (SELECT id FROM incidents LIMIT 1)
       RETURNING id""": ["nobody did incident.tagged strange", "incident {id} is found as "],
    """UPDATE incidents SET alerts_count = alerts_count + 1
       WHERE id = (SELECT id FROM incidents WHERE status <> 'merged' ORDER BY number LIMIT 1)
       RETURNING id, alerts_count""": ["incident {id} counts {alerts_count} alerts and has "],
    """UPDATE incident_counters SET last = last + 1
       RETURNING organization_id, last""": ["the numbers of {organization_id} are not 1 to {last}: "],
    """DELETE FROM incident_events WHERE id = (
           SELECT c.id FROM incident_events c JOIN alerts a ON a.id = c.alert_id AND a.incident_id = c.incident_id
           WHERE a.count <= 200 ORDER BY c.id LIMIT 1)
       RETURNING event_id, alert_id""": ["event {event_id} of alert {alert_id} was not copied"],
    """UPDATE incident_events SET body = 'x' WHERE id = (SELECT id FROM incident_events ORDER BY id DESC LIMIT 1)
       RETURNING event_id""": ["the copy of event {event_id} is not what was copied"],
    """UPDATE incident_alerts SET unlinked_at = now()
       WHERE id = (SELECT id FROM incident_alerts WHERE unlinked_at IS NULL LIMIT 1)
       RETURNING alert_id, incident_id""": [
        "alert {alert_id} and incident {incident_id} do not agree that they are linked"
    ],
}


def row(**columns: Any) -> dict[str, Any]:
    """An incident's row as far as the books read it."""
    plain = {"number": 1, "title": "t", "summary": "", "severity": 3, "tags": [], "alerts_count": 0, "version": 7}
    return plain | {"status": "open", "revision": 1, "merged_into_id": None, "organization_id": ONE} | columns


def entry(action: str, word: str, **more: Any) -> dict[str, Any]:
    """An entry of the audit."""
    plain = {"kind": action.partition(".")[0], "object_id": ONE, "changes": {}, "details": {}}
    return plain | {"action": action, "correlation_id": word} | more


def worked(outcome: Outcome, action: str = NOTED) -> Worked:
    """What one person knows of one change."""
    return Worked({"w": Change(action, ONE)}, {"w": outcome})


@pytest.mark.parametrize(
    ("outcome", "stored", "told", "found"),
    [
        (Outcome.HELD, 1, 1, []),
        (Outcome.UNKNOWN, 1, 1, []),
        (Outcome.UNKNOWN, 0, 0, []),
        (Outcome.REFUSED, 0, 0, []),
        (Outcome.HELD, 0, 0, ["incident.noted w was answered and is not told of",
                              "incident.noted w was answered and is not stored"]),
        (Outcome.REFUSED, 1, 1, ["incident.noted w was refused and is told of",
                                 "incident.noted w was refused and is stored"]),
        (Outcome.UNKNOWN, 1, 0, ["incident.noted w is told of 0 times and stored 1 times"]),
        (Outcome.UNKNOWN, 0, 1, ["incident.noted w is told of 1 times and stored 0 times"]),
        (Outcome.HELD, 2, 2, ["incident.noted w is told of 2 times", "incident.noted w is stored 2 times"]),
    ],
)  # fmt: skip
def test_answers_are_held_against_both_stores(outcome: Outcome, stored: int, told: int, found: list[str]) -> None:
    kept, entries = [Kept(NOTED, "w", ONE, None)] * stored, [entry(NOTED, "w")] * told
    assert changes(worked(outcome), kept, entries) == found


def test_a_change_of_nobody_is_found() -> None:
    assert changes(Worked(), [Kept(NOTED, "w", ONE, None)], []) == ["nobody did incident.noted w"]


def test_a_closing_without_its_entry_is_found() -> None:
    assert changes(worked(Outcome.HELD, CLOSED), [], []) == ["incident.closed w was answered and is not told of"]


@pytest.mark.parametrize(
    ("into", "at", "origin", "right"),
    [(None, ONE, None, True), (TWO, TWO, ONE, True), (None, TWO, ONE, False), (None, ONE, ONE, False),
     (TWO, ONE, None, False), (TWO, TWO, None, False)],
)  # fmt: skip
def test_what_was_written_goes_along_and_comes_home(
    into: UUID | None, at: UUID, origin: UUID | None, right: bool
) -> None:
    rows = {ONE: row(merged_into_id=into), TWO: row()}
    assert (homes(worked(Outcome.HELD), [Kept(NOTED, "w", at, origin)], rows) == []) is right


def test_a_life_is_one_walk() -> None:
    assert is_walk([], "open", "open")
    assert is_walk([("contained", "resolved"), ("open", "contained")], "open", "resolved")
    assert not is_walk([("open", "contained"), ("open", "resolved")], "open", "resolved")
    assert not is_walk([("open", "contained")], "open", "open")


def test_a_change_that_left_no_mark_is_found() -> None:
    moved = entry("incident.moved", "w", changes={"status": ["open", "contained"]})
    assert lives({ONE: row(status="contained", revision=2)}, [moved]) == []
    assert len(lives({ONE: row(status="contained", revision=1)}, [moved])) == 1
    assert len(lives({ONE: row(status="open", revision=2)}, [moved])) == 1
    done = entry("incident.task_changed", "x", changes={"status": ["open", "done"]}, details={"task_id": str(TWO)})
    assert lives({ONE: row(status="contained", revision=2)}, [moved, done]) == [], "a task has a life of its own"


def test_half_a_closing_and_half_a_reopening_are_found() -> None:
    rows, closed = {ONE: row(status="closed")}, entry(CLOSED, "w", details={"alerts": 1})
    ended = {"id": ALERT, "incident_id": ONE, "status": "closed"}
    assert endings(Worked(), rows, [ended], [closed, entry("alert.closed", "w")]) == []
    assert endings(Worked(), rows, [ended], [closed]) == ["w closed 0 alerts of 1"]
    (found,) = endings(Worked(), rows, [ended | {"status": "acknowledged"}], [])
    assert found.endswith("is acknowledged")
    again = Worked(reopened={"w": 2})
    assert endings(again, {}, [], [entry("alert.reopened", "w")]) == ["w reopened 1 alerts of 2"]


@pytest.mark.parametrize(("given", "last", "right"), [((1, 2), 2, True), ((1, 3), 3, False), ((1, 1), 2, False),
                                                      ((1, 2), 3, False)])  # fmt: skip
def test_gaps_and_doubles_are_found(given: tuple[int, int], last: int, right: bool) -> None:
    rows = {key: row(number=number) for key, number in zip((ONE, TWO), given, strict=True)}
    assert (numbers(rows, {ONE: last}) == []) is right


def test_links_that_are_not_agreed_on_are_found() -> None:
    rows, alert = {ONE: row(alerts_count=1)}, {"id": ALERT, "incident_id": ONE}
    assert linked(rows, [alert], [(ALERT, ONE)]) == []
    assert len(linked(rows, [alert], [])) == 2, "one link less, and a count that is too high"
    assert len(linked(rows, [alert], [(ALERT, ONE), (ALERT, ONE)])) == 2, "one too many, and a count that is too low"


def test_a_document_that_is_behind_its_row_is_found() -> None:
    rows = {ONE: row()}
    document = row() | {"notes": ["n"], "observables": ["o"]}
    right = defaultdict(list, {ONE: [(7, document)]})
    assert found_as_kept(rows, {ONE: ["n"]}, {ONE: ["o"]}, right) == []
    for wrong in ([], [(6, document)], [(7, document | {"status": "closed"})], [(7, document)] * 2):
        assert len(found_as_kept(rows, {ONE: ["n"]}, {ONE: ["o"]}, defaultdict(list, {ONE: wrong}))) == 1
    assert len(found_as_kept(rows, {}, {ONE: ["o"]}, right)) == 1
    assert len(found_as_kept({}, {}, {}, right)) == 1


async def test_every_damage_to_incidents_is_found(staffed: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "SHOWN", 100)
    oracle, done = Oracle(16), Worked()
    sender = Sender(staffed, oracle)
    await staffed.start()
    await sender.send(4)
    working = asyncio.create_task(keep_incidents(staffed, done, 16, await hire(staffed)))
    actions = {f"incident.{one}" for one in ("created", "closed", "noted", "task_added", "alerts_linked", "merged")}
    try:
        await until(lambda: actions <= done.done.keys() and done.done.total() > 60, within=120)
    finally:
        working.cancel()
        await asyncio.wait([working])
    untouched = await judge(staffed, oracle, sender=sender, worked=done)
    assert untouched.clean, untouched.as_dict()

    wanted = []
    async with owner(staffed) as connection:
        for statement, words in DAMAGE.items():
            (damaged,) = await connection.fetch(statement)
            wanted += [one.format_map(damaged) for one in words]
        books = await connection.fetchval("SELECT count(*) FROM incidents")
    verdict = await judge(staffed, oracle, sender=sender, worked=done)
    assert books > 1
    assert verdict.mishandled >= len(DAMAGE), verdict.as_dict()
    assert [one for one in wanted if not any(one in said for said in verdict.details)] == [], verdict.details
