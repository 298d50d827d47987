"""The oracle's records follow from its seed, and what it expects is what the product's own reader makes of them."""

from datetime import UTC, datetime

from shared import ids
from shared.normalise import pipeline
from shared.normalise.event import Event, Rejected, SensorProfile
from tests.faults.oracle import Kind, Mix, Oracle, Record, State

MIXED = Mix(telemetry=0.2, unreadable=0.1, alertmanager=0.3)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENSOR = SensorProfile(id=ids.uuid7(), organization_id=ids.uuid7())


def some(seed: int = 3) -> Oracle:
    """An oracle that has made a thousand records of all sorts."""
    oracle = Oracle(seed, MIXED, started_at=NOW)
    for _ in range(20):
        oracle.batch(50)
    return oracle


def made_of(record: Record, line: bytes) -> object:
    return pipeline.normalise(line, hint=record.sensor, sensor=SENSOR, received_at=NOW, ordinal=0, idempotency=None)


def test_the_same_seed_makes_the_same_records() -> None:
    assert some().records == some().records
    assert some(3).records != some(4).records


def test_every_sort_is_there_and_becomes_what_it_should() -> None:
    seen = set()
    for record in some().records.values():
        seen.add((record.sensor, record.kind))
        event = made_of(record, record.line)
        if record.kind is Kind.UNREADABLE:
            assert isinstance(event, Rejected)
            event = made_of(record, record.mended)
        assert isinstance(event, Event)
        assert event.kind == ("telemetry" if record.kind is Kind.TELEMETRY else "alert")
        assert event.time == record.time
        if event.kind == "alert":
            assert (event.rule_id, event.severity, event.resolved_at) == (
                record.group[0],
                record.severity,
                record.resolved_at,
            )
    assert len(seen) == 4


def test_a_number_is_found_in_what_was_sent_and_nowhere_else() -> None:
    oracle, other = some(), some(4)
    for record in oracle.records.values():
        assert oracle.number_in(record.line) == record.number
        assert other.number_in(record.line) == -1
    assert oracle.number_in(b"{}") == -1


def test_an_acknowledgement_stays_and_so_does_doubt() -> None:
    oracle = Oracle(1)
    (record,) = oracle.batch(1)
    for learnt, known in (
        (State.INDETERMINATE, State.INDETERMINATE),
        (State.REJECTED, State.INDETERMINATE),
        (State.ACKNOWLEDGED, State.ACKNOWLEDGED),
        (State.INDETERMINATE, State.ACKNOWLEDGED),
    ):
        oracle.mark([record], learnt)
        assert oracle.states[0] is known
