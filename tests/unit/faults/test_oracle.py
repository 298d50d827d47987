"""The oracle's records follow from its seed, and what it expects is what the product's own reader makes of them."""

from datetime import UTC, datetime, timedelta

from shared import ids
from shared.normalise import pipeline
from shared.normalise.event import Event, Rejected, SensorProfile
from tests.faults.oracle import Folded, Kind, Mix, Oracle, Record, State

MIXED = Mix(telemetry=0.2, unreadable=0.1, alertmanager=0.3, late=0.1, ahead=0.1)
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
    seen, oracle = set(), some()
    for record in oracle.records.values():
        seen.add((record.sensor, record.kind))
        event = made_of(record, record.line)
        if record.kind is Kind.UNREADABLE:
            assert isinstance(event, Rejected)
            event = made_of(record, record.mended)
        assert isinstance(event, Event)
        assert event.kind == ("telemetry" if record.kind is Kind.TELEMETRY else "alert")
        assert (event.time, ids.milliseconds_of(event.id)) == oracle.placed(record.number, NOW)
        if event.kind == "alert":
            assert (event.rule_id, event.severity, event.resolved_at) == (
                record.group[0],
                record.severity,
                record.resolved_at,
            )
    assert len(seen) == 4


def test_some_are_of_an_earlier_week_and_some_of_no_time_and_both_are_of_either_kind() -> None:
    suricata = [record for record in some().records.values() if record.sensor == "suricata_eve"]
    late = [record.kind for record in suricata if record.time and record.time < NOW - timedelta(days=7)]
    unclocked = [record.kind for record in suricata if record.time is None]
    for share in (late, unclocked):
        assert set(share) == set(Kind)
        assert 0.05 < len(share) / len(suricata) < 0.15


def test_an_alert_says_the_times_of_its_events_and_of_which_key_each_is() -> None:
    oracle = Oracle(1, Mix(late=0.3, ahead=0.3), started_at=NOW)
    records = oracle.batch(10)
    received = {record.number: NOW + timedelta(seconds=record.number) for record in records}
    times = [record.time or received[record.number] for record in records]
    keys = {
        (*record.group, (time - datetime(1970, 1, 1, tzinfo=UTC)).days // 30)
        for record, time in zip(records, times, strict=True)
    }
    assert oracle.folded(received) == Folded(
        frozenset(keys), 10, min(times), max(times), max(record.severity for record in records)
    )
    assert min(times) < NOW
    assert None in [record.time for record in records]


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
