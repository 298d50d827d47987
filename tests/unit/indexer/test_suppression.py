"""What suppressions do to a batch's events: hidden ones fold apart, those on trial are only counted."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson

from services.indexer import suppression
from services.indexer.folding import Folded, Key, fold_groups
from services.indexer.suppression import AT_ONCE, Applied, Rule, Rules
from shared import ids, metrics
from shared.domain.alert import NEW, SUPPRESSED, Alert
from shared.domain.suppression import Schedule
from shared.query.to_predicate import Document
from tests.unit.domain.test_alert import FINGERPRINT, NOON, ORGANIZATION, sighting

HIDING, TRYING = UUID(int=50), UUID(int=51)
ALWAYS = Schedule(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))

ROW: dict[str, Any] = {
    "id": HIDING, "organization_id": ORGANIZATION, "revision": 1, "query": "rule.id:x", "mode": "active",
    "starts_at": ALWAYS.starts_at, "ends_at": ALWAYS.ends_at, "recurrence": None, "duration": None, "zone": None,
}  # fmt: skip


def rule(query: str, mode: str = "active", number: UUID = HIDING) -> Rule:
    return suppression._compiled(number, 1, mode, query, ALWAYS)


def document(**fields: Any) -> bytes:
    return orjson.dumps({"rule": {"id": "1:2024", "name": "ssh brute"}, "source": {"ip": "10.0.0.9"}} | fields)


def test_the_first_that_hides_and_all_that_would() -> None:
    rules = [
        rule("rule.id:9", number=UUID(int=1)),
        rule("source.ip:10.0.0.0/8", "monitor", UUID(int=2)),
        rule('rule.name:"SSH*"', number=UUID(int=3)),
        rule("rule.id:1\\:2024", number=UUID(int=4)),
    ]
    found = Rules(rules).matching(NOON, document())
    assert found.hidden_by is not None
    assert (found.hidden_by.id, [one.id for one in found.tried]) == (UUID(int=3), [UUID(int=2)])
    assert Rules(rules[:1]).matching(NOON, document()) is suppression.NOTHING
    assert Rules(rules).matching(ALWAYS.ends_at, document()) is suppression.NOTHING


def test_only_those_are_tried_that_an_event_could_answer() -> None:
    """A hundred suppressions of other rules cost an event nothing."""
    tried: list[UUID] = []

    def watched(query: str, number: int) -> Rule:
        one = rule(query, number=UUID(int=number))

        def predicate(fields: Document) -> bool:
            tried.append(one.id)
            return one.predicate(fields)

        return one._replace(predicate=predicate)

    queries = [
        "rule.id:7",
        "rule.id:(8 OR 1\\:2024)",
        'rule.name:"SSH Brute"',
        "severity:*",
        "fingerprint:ab source.ip:*",
    ]
    rules = Rules(watched(query, number) for number, query in enumerate(queries))
    found = rules.matching(NOON, document(user={"name": ["Ann", "ANN"]}))
    assert {one.int for one in tried} == {1, 2, 3}
    assert found.hidden_by is not None
    assert found.hidden_by.id == UUID(int=1)


def test_a_version_is_compiled_once() -> None:
    read: Any = suppression._rule
    assert read(ROW) is read(ROW)
    assert read(ROW | {"revision": 2, "query": "rule.id:y"}) is not read(ROW)


class Answering:
    """A connection on which the suppressions are these rows."""

    async def fetch(self, *_: Any) -> list[dict[str, Any]]:
        return [ROW | {"query": "rule.id:1\\:2024"}]


async def test_others_go_on_during_a_large_batch_and_nothing_is_counted_before_its_commit() -> None:
    arrivals: Any = [
        SimpleNamespace(
            organization_id=ORGANIZATION, event=SimpleNamespace(id=UUID(int=one), time=NOON, document=document())
        )
        for one in range(AT_ONCE)
    ]
    went_on = asyncio.Event()
    asyncio.get_running_loop().call_soon(went_on.set)
    before = metrics.SUPPRESSED._value.get()
    connection: Any = Answering()
    assert len(await suppression.apply(connection, arrivals)) == AT_ONCE
    assert went_on.is_set()
    assert metrics.SUPPRESSED._value.get() == before


def folded(applied: dict[UUID, Applied], *numbers: int, heads: dict[Key, Alert] | None = None) -> Folded:
    """Events by number, all of one fingerprint, folded by what applies to each."""
    groups: dict[Key, list[Any]] = {}
    for number in numbers:
        seen = sighting(number, time=NOON + timedelta(minutes=number))
        found = applied.get(seen.event_id)
        hidden = found.hidden_by.id if found is not None and found.hidden_by is not None else ids.NIL
        groups.setdefault(Key(ORGANIZATION, FINGERPRINT, 685, hidden), []).append(seen)
    return fold_groups(groups, heads or {}, applied)


def test_what_is_hidden_folds_into_the_suppressions_own_row() -> None:
    hides = Applied(rule("rule.id:x"), ())
    result = folded({UUID(int=2): hides, UUID(int=3): hides}, 1, 2, 3)
    by_status = {alert.status: alert for alert in result.opened}
    assert (by_status[NEW].count, by_status[NEW].suppression_id) == (1, None)
    hidden = by_status[SUPPRESSED]
    assert (hidden.count, hidden.suppression_id, hidden.previous_alert_id) == (2, HIDING, None)
    assert hidden.explanation[f"suppress.{HIDING}@1"] == 2
    assert result.alert_of[UUID(int=2)] == hidden.id


def test_an_alert_that_is_open_stays_as_it_is() -> None:
    first = folded({}, 1)
    (opened,) = first.opened
    key = Key(ORGANIZATION, FINGERPRINT, 685)
    second = folded({UUID(int=2): Applied(rule("rule.id:x"), ())}, 2, heads={key: opened})
    assert opened.count == 1
    assert second.touched == {}
    assert [alert.status for alert in second.opened] == [SUPPRESSED]


def test_one_on_trial_counts_on_the_alert_itself() -> None:
    tried = Applied(None, (rule("rule.id:x", "monitor", TRYING),))
    result = folded({UUID(int=1): tried, UUID(int=2): tried}, 1, 2, 3)
    (alert,) = result.opened
    assert (alert.status, alert.count) == (NEW, 3)
    assert alert.explanation[f"would_suppress.{TRYING}@1"] == 2
    assert set(result.tried) == {(TRYING, alert.id)}


def test_a_resolution_that_is_hidden_closes_nothing() -> None:
    key = Key(ORGANIZATION, FINGERPRINT, 685, HIDING)
    resolving = sighting(1, time=NOON, resolved_at=NOON)
    result = fold_groups({key: [resolving]}, {}, {UUID(int=1): Applied(rule("rule.id:x"), ())})
    (alert,) = result.opened
    assert (alert.status, alert.reason, alert.closed_at) == (SUPPRESSED, None, None)


def test_one_that_cannot_be_read_hides_nothing() -> None:
    read: Any = suppression._rule
    assert read(ROW | {"query": "no such:(("}) is None
    assert read(ROW | {"recurrence": "nonsense", "duration": timedelta(hours=1)}) is None
    assert read(ROW) is not None
