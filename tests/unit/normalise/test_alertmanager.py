"""Alertmanager: a post is split, repeats are duplicates, resolving is told."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import orjson

from shared.normalise import pipeline
from shared.normalise.event import Event
from tests.unit.normalise.given import RECEIVED_AT, SENSOR, at, changed, event, lines, outcome, rejection

FIRING, RESOLVED = lines("alertmanager.ndjson")
FIRST, SECOND = pipeline.split(FIRING, None)
(ENDED,) = pipeline.split(RESOLVED, "alertmanager")


def test_each_alert_of_a_post_is_a_record_with_its_group() -> None:
    group = orjson.loads(FIRST)["group"]
    assert group["externalURL"] == "http://alertmanager.example"
    assert "alerts" not in group


def test_a_firing_alert() -> None:
    found = event(FIRST)
    assert (found.kind, found.severity, found.module) == ("alert", 5, "alertmanager")
    assert (found.title, found.rule_id) == ("ExampleDiskFull: Disk of db-1 is full", "ExampleDiskFull")
    assert found.time.isoformat() == "2026-11-20T12:00:00.123000+00:00"
    assert found.resolved_at is None
    assert not found.resolves
    assert at(found, "host.name") == "db-1"
    assert at(found, "labels.instance") == "db-1:9100"
    assert at(found, "event.end") is None
    assert at(found, "alert.source_url") == "http://prometheus.example/graph?g0"


def test_a_missing_severity_is_medium_and_a_missing_summary_gives_way_to_the_instance() -> None:
    assert event(SECOND).severity == 3
    assert event(SECOND).title == "ExampleDiskFull: db-2:9100"


def test_resolving_folds_with_the_firing_and_says_when() -> None:
    firing, resolved = event(FIRST), event(ENDED)
    assert resolved.resolved_at == datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
    assert resolved.time == firing.time
    assert resolved.fingerprint == firing.fingerprint
    assert resolved.id != firing.id
    assert at(resolved, "alert.resolved_at") == "2026-11-20T12:30:00.000Z"


def test_an_end_that_cannot_be_is_the_receipt() -> None:
    for end in ("0001-01-01T00:00:00Z", "2026-11-20T11:00:00Z", "2031-01-01T00:00:00Z", "soon", None, 5):
        assert event(changed(ENDED, endsAt=end)).resolved_at == RECEIVED_AT


def test_a_repeat_is_a_duplicate_whatever_else_its_group_says() -> None:
    repeat = changed(
        FIRST,
        annotations={"summary": "Disk of db-1 is still full"},
        generatorURL="http://elsewhere",
        group={"receiver": "other"},
    )
    first, again = event(FIRST), event(repeat, received_at=RECEIVED_AT + timedelta(hours=4))
    assert (first.id, first.digest) == (again.id, again.digest)


def test_labels_stand_in_for_a_missing_fingerprint() -> None:
    nameless = orjson.loads(FIRST)
    del nameless["fingerprint"]
    other = {**nameless, "labels": {**nameless["labels"], "instance": "db-9:9100"}}
    assert event(nameless).id == event(nameless).id
    assert event(nameless).fingerprint != event(other).fingerprint


def test_what_cannot_be_split_stays_one_record_and_is_rejected() -> None:
    for post in (
        {"receiver": "r", "alerts": []},
        {"receiver": "r", "alerts": [1]},
        {"receiver": "r", "alerts": [{}] * 10_001},
    ):
        record = orjson.dumps(post)
        assert pipeline.split(record, None) == [record]
        assert rejection(record) == "several_records"


def test_a_large_group_is_not_copied_to_every_alert() -> None:
    post = orjson.loads(FIRING)
    post["groupLabels"] = {"x": "y" * 100_000}
    assert all(len(record) < 5_000 for record in pipeline.split(orjson.dumps(post), None))


def test_one_hostile_annotation_does_not_hide_the_other_alerts() -> None:
    records = list(pipeline.split(FIRING.replace(b"97 % used", b"\\ud800 \xff used"), None))
    assert len(records) == 2
    assert [event(record).rule_id for record in records] == ["ExampleDiskFull"] * 2


def test_other_formats_are_never_split() -> None:
    assert pipeline.split(FIRING, "json") == [FIRING]
    assert pipeline.split(b"\xff", None) == [b"\xff"]


def test_a_whole_request() -> None:
    records = [part for post in (FIRING, RESOLVED, FIRING) for part in pipeline.split(post, None)]
    results = pipeline.normalise_request(records, hint=None, sensor=SENSOR, received_at=RECEIVED_AT)
    assert [ordinal for ordinal, _ in results] == [0, 0, 0, 1, 1]
    assert results[0][1] == outcome(records[3])


def test_a_resolution_reaches_only_alerts_of_the_sensor_that_fired() -> None:
    """Anyone can compute the fingerprint; only the sensor's own key makes it this sensor's."""
    (record, *_) = pipeline.split(FIRING, None)
    one, other = (
        pipeline.normalise(record, hint=None, sensor=sensor, received_at=RECEIVED_AT)
        for sensor in (SENSOR, msgspec.structs.replace(SENSOR, id=UUID(int=999)))
    )
    assert isinstance(one, Event)
    assert isinstance(other, Event)
    assert one.fingerprint != other.fingerprint
