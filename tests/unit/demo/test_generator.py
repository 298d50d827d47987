"""The generator: the same for the same seed, current, sound where it is not damaged on purpose, and full of stories."""

import gzip
import itertools
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deploy.demo.generator import FORMATS, Batch, generate, sample
from shared.normalise import pipeline
from shared.normalise.event import Event, Ignored, Outcome, Rejected, SensorProfile

SENSOR = SensorProfile(UUID(int=1), UUID(int=2), name="demo")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STEP = timedelta(seconds=2)  # slower than the demo's, so that a quarter of an hour is soon over


class Ticking:
    """A clock that goes on by a step each time it is read."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += STEP
        return self.now


def batches(seed: int, count: int) -> list[Batch]:
    return list(itertools.islice(generate(seed, Ticking()), count))


def outcomes(name: str, records: list[bytes], received_at: datetime) -> list[Outcome]:
    split = [one for record in records for one in pipeline.split(record, name)]
    told = pipeline.normalise_request(split, hint=name, sensor=SENSOR, received_at=received_at)
    return [outcome for _, outcome in told]


@pytest.fixture(scope="module")
def quarter_of_an_hour() -> list[Batch]:
    return batches(seed=11, count=450)


def test_the_same_seed_and_clock_give_the_same_bytes() -> None:
    assert [one.body() for one in batches(5, 60)] == [one.body() for one in batches(5, 60)]
    assert [one.body() for one in batches(5, 20)] != [one.body() for one in batches(6, 20)]


@pytest.mark.parametrize("name", FORMATS)
def test_samples_are_the_same_for_the_same_seed_and_of_the_number_asked_for(name: str) -> None:
    assert sample(name, 50, 3) == sample(name, 50, 3) != sample(name, 50, 4)
    assert len(sample(name, 50, 3)) == 50


@pytest.mark.parametrize("name", FORMATS)
def test_each_sound_record_becomes_an_event_of_its_own_format(name: str) -> None:
    told = outcomes(name, sample(name, 200, 7, start=NOON), NOON + timedelta(hours=2))
    assert not [outcome for outcome in told if isinstance(outcome, Rejected)]
    assert {one.type for one in told if isinstance(one, Ignored)} <= {"suricata_eve:stats"}
    events = [one for one in told if isinstance(one, Event)]
    assert {one.grouping.partition("@")[0].partition(".")[0] for one in events} == {name}
    assert all(json.loads(one.document)["alert"].get("tags") is None for one in events[:5])


@pytest.mark.parametrize("name", ["suricata_eve", "zeek_json", "wazuh4", "falco", "json"])
def test_every_record_is_one_of_a_kind(name: str) -> None:
    told = outcomes(name, sample(name, 600, 9, start=NOON), NOON + timedelta(hours=2))
    events = [one for one in told if isinstance(one, Event)]
    assert len({one.id for one in events}) == len(events)


@pytest.mark.parametrize(("kind", "names"), [("alert", FORMATS), ("telemetry", ("suricata_eve", "zeek_json", "json"))])
def test_samples_of_a_kind_are_of_that_kind(kind: str, names: tuple[str, ...]) -> None:
    for name in names:
        records = sample(name, 100, 2, kind="alert" if kind == "alert" else "telemetry", start=NOON)
        told = outcomes(name, records, NOON + timedelta(hours=2))
        assert {one.kind for one in told if isinstance(one, Event)} == {kind}


def test_a_kind_that_a_format_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="falco has no telemetry"):
        sample("falco", 1, 1, kind="telemetry")


def test_records_carry_the_present_moment() -> None:
    clock = Ticking()
    stream = generate(8, clock)
    # A certificate's warning fires all day: Alertmanager's repeats name when they began.
    for batch in itertools.islice(stream, 60):
        if batch.format == "alertmanager" or batch.resent:
            continue
        sound = [record for place, record in enumerate(batch.records) if place not in batch.damaged]
        for event in outcomes(batch.format, sound, clock.now):
            if isinstance(event, Event):
                assert timedelta(0) <= clock.now - event.time < timedelta(seconds=15)


def test_one_record_in_two_hundred_is_damaged_and_most_of_those_are_refused(quarter_of_an_hour: list[Batch]) -> None:
    sent = sum(len(batch.records) for batch in quarter_of_an_hour)
    damaged = [
        (batch.format, batch.records[place])
        for batch in quarter_of_an_hour
        for place in batch.damaged
        if not batch.resent
    ]
    assert 0.003 < len(damaged) / sent < 0.008
    refused = [one for name, record in damaged if isinstance(one := outcomes(name, [record], NOON)[0], Rejected)]
    assert 0.5 < len(refused) / len(damaged) < 0.95
    assert {"not_json", "too_deep"} <= {one.reason for one in refused}


def test_damage_stays_within_its_line(quarter_of_an_hour: list[Batch]) -> None:
    for batch in quarter_of_an_hour:
        assert not batch.damaged or batch.shape == "ndjson"
        assert not any(b"\n" in record for record in batch.records)


def test_some_requests_are_sent_again_byte_for_byte(quarter_of_an_hour: list[Batch]) -> None:
    first = {batch.body(): batch for batch in quarter_of_an_hour if not batch.resent}
    again = [batch for batch in quarter_of_an_hour if batch.resent]
    assert 0.01 < len(again) / len(quarter_of_an_hour) < 0.035
    for batch in again:
        assert first[batch.body()].idempotency_key == batch.idempotency_key
    assert {batch.idempotency_key is None for batch in again} == {True, False}


def test_every_shape_and_format_is_sent(quarter_of_an_hour: list[Batch]) -> None:
    assert {batch.shape for batch in quarter_of_an_hour} == {"array", "ndjson", "single", "hook"}
    assert {batch.format for batch in quarter_of_an_hour} == set(FORMATS)
    packed = next(batch for batch in quarter_of_an_hour if batch.compressed and batch.shape == "array")
    assert json.loads(gzip.decompress(packed.body()))[0] == json.loads(packed.records[0])
    assert packed.body()[4:8] == bytes(4)  # gzip's own time, which would make the second sending another one


def test_the_stories_of_a_quarter_of_an_hour(quarter_of_an_hour: list[Batch]) -> None:
    events = [
        event
        for batch in quarter_of_an_hour
        for event in outcomes(batch.format, list(batch.records), NOON + timedelta(hours=1))
        if isinstance(event, Event)
    ]
    techniques = {technique for event in events for technique in event.techniques}
    assert {"T1566.001", "T1110.001", "T1611", "T1190", "T1486", "T1071.001"} <= techniques
    alerts = [event for event in events if event.kind == "alert"]
    # Repeats: far fewer fingerprints than alerts; bursts: a request of hundreds.
    assert len({event.fingerprint for event in alerts}) < len(alerts) / 8
    assert max(len(batch.records) for batch in quarter_of_an_hour) >= 200
    assert any(event.resolves for event in events)
    # What correlation will live on: addresses that several kinds of sensor have seen.
    seen_by: dict[tuple[str, str], set[str]] = {}
    for event in alerts:
        for observable in event.observables:
            seen_by.setdefault(observable, set()).add(event.module)
    shared = [one for one, modules in seen_by.items() if one[0] == "ip" and len(modules) >= 3]
    assert any(value.startswith(("203.0.113.", "198.51.100.")) for _, value in shared)


def test_nothing_points_at_the_real_world(quarter_of_an_hour: list[Batch]) -> None:
    for batch in quarter_of_an_hour[:100]:
        for event in outcomes(batch.format, list(batch.records), NOON + timedelta(hours=1)):
            for kind, value in event.observables if isinstance(event, Event) else ():
                if kind == "ip":
                    assert value.startswith(("10.", "192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:", "fd00:")), (
                        value
                    )
                if kind in {"domain", "email"}:
                    assert value.endswith((".example.com", ".example.net", ".example.org", "@example.net")), value
