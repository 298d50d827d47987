"""A record read anew: the event it would have been at the door, whatever put it into quarantine."""

import tracemalloc
from typing import Any
from uuid import UUID

import msgspec
import pytest

from shared.normalise import pipeline, reread
from shared.normalise.event import Event, Ignored, Rejected
from shared.normalise.reread import Held
from tests.unit.normalise.given import RECEIVED_AT, SENSOR, lines, sensor

HELD = Held(
    id=UUID("01980000-0000-7000-8000-000000000003"),
    organization_id=SENSOR.organization_id,
    sensor_id=SENSOR.id,
    received_at=RECEIVED_AT,
    hint=None,
    ordinal=0,
    idempotency_key=None,
    record_index=0,
    record=lines("suricata_eve.ndjson")[0],
)
NAMELESS = b'{"message": "a"}'  # neither time nor id


def held(**changes: Any) -> Held:
    return msgspec.structs.replace(HELD, **changes)


def ids(**changes: Any) -> list[UUID]:
    found = reread.read(held(**changes), SENSOR)
    assert all(isinstance(one, Event) for one in found)
    return [one.id for one in found if isinstance(one, Event)]


def test_it_is_the_event_it_would_have_been_at_the_door() -> None:
    again = pipeline.normalise(HELD.record, hint=None, sensor=SENSOR, received_at=RECEIVED_AT)
    assert reread.read(HELD, SENSOR) == [again]


def test_equal_records_of_one_request_stay_apart() -> None:
    record = b'{"@timestamp": "2026-11-20T12:00:00Z", "message": "a"}'
    assert ids(record=record, ordinal=1) != ids(record=record)


def test_without_time_id_or_key_its_place_in_quarantine_is_its_identity() -> None:
    assert ids(record=NAMELESS) == ids(record=NAMELESS)
    assert ids(record=NAMELESS) != ids(record=NAMELESS, id=UUID(int=7))


def test_key_and_index_are_its_identity_where_it_came_with_one() -> None:
    made = pipeline.normalise(NAMELESS, hint=None, sensor=SENSOR, received_at=RECEIVED_AT, idempotency=("import-1", 4))
    assert reread.read(held(record=NAMELESS, idempotency_key="import-1", record_index=4), SENSOR) == [made]


def test_a_post_of_alertmanager_holds_several() -> None:
    assert len(set(ids(record=lines("alertmanager.ndjson")[0]))) == 2


def test_the_sensor_as_it_is_set_today_decides() -> None:
    (left_out,) = reread.read(HELD, sensor(ignored_types=frozenset({"suricata_eve:alert"})))
    assert left_out == Ignored("suricata_eve:alert")
    ours = b'{"event": {"id": "x"}, "m": 1}'
    (misread,) = reread.read(held(record=ours), sensor(format="falco"))
    assert isinstance(misread, Rejected)
    (read,) = reread.read(held(record=ours, hint="json"), sensor(format="falco"))
    assert isinstance(read, Event)


def test_a_sensor_that_was_deleted_hinders_nothing() -> None:
    (found,) = reread.read(HELD, None)
    assert isinstance(found, Event)
    assert found.id == ids()[0]


@pytest.mark.parametrize("header", [b"#path\tconn", b"#path\t" + b"x" * 60_000])
def test_one_that_grows_into_very_many_is_not_made_whole(header: bytes) -> None:
    log = b"#separator \\x09\n%b\n#fields\tts\tuid\n" % header + b"1763625600.1\tC\n" * 5_000
    tracemalloc.start()
    (rejected,) = reread.read(held(record=log, hint="zeek_tsv"), SENSOR)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "several_records"
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
