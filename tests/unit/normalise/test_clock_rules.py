"""Times: the shapes that are read, those that are not, and the clock rules."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from shared.normalise import clock_rules
from shared.normalise.conform import written
from tests.unit.normalise.given import RECEIVED_AT, at, event

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.123456+00:00"),
        ("2026-11-20T10:00:00.5+0300", "2026-11-20T07:00:00.500000+00:00"),
        ("2026-11-20T10:00:00-06:00", "2026-11-20T16:00:00+00:00"),
        ("2026-11-20 10:00:00,250 +0100", "2026-11-20T09:00:00.250000+00:00"),
        ("2026-11-20 10:00:00 UTC", "2026-11-20T10:00:00+00:00"),
        (" 2026-11-20T10:00:00Z ", "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T10:00:60Z", "2026-11-20T10:00:59+00:00"),
        ("2026-11-20", "2026-11-19T23:00:00+00:00"),
        ("2026-11-20T10:00:00", "2026-11-20T09:00:00+00:00"),
        ("2026-07-20T10:00:00", "2026-07-20T08:00:00+00:00"),
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),
        ("20/Nov/2026:18:02:51 +0100", "2026-11-20T17:02:51+00:00"),
        ("Fri, 20 Nov 2026 18:02:51 GMT", "2026-11-20T18:02:51+00:00"),
        (1763632800, "2025-11-20T10:00:00+00:00"),
        ("1763632800", "2025-11-20T10:00:00+00:00"),
        (1763632800.25, "2025-11-20T10:00:00.250000+00:00"),
        ("1763632800.25", "2025-11-20T10:00:00.250000+00:00"),
        (1763632800250, "2025-11-20T10:00:00.250000+00:00"),
        (1763632800250000, "2025-11-20T10:00:00.250000+00:00"),
        (1763632800250000000, "2025-11-20T10:00:00.250000+00:00"),
        (150_000_000_000_000, "1974-10-03T02:40:00+00:00"),
        (99_999_999_999, "5138-11-16T09:46:39+00:00"),
        (100_000_000_000, "1973-03-03T09:46:40+00:00"),
        (10**18, "2001-09-09T01:46:40+00:00"),
        (0, "1970-01-01T00:00:00+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
    ],
)
def test_read(value: Any, moment: str) -> None:
    found = clock_rules.read(value, BERLIN)
    assert found is not None
    assert found.isoformat() == moment


@pytest.mark.parametrize(
    "value",
    [
        None, True, [], {}, "", " ", "soon", "{timestamp}", "0000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-30", "2026-11-20T25:00:00Z", "2026-11-20T10:00:00+99:00", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00", "2026-W10-1", "99/Nov/2026:00:00:00", "20/Foo/2026:18:02:51", "9" * 30,
        10**30, -(10**18) * 99, 1e300, "٢٠٢٦-11-20T10:00:00Z", "2026-11-20T10:00:00Z" * 1000,
    ],
)  # fmt: skip
def test_what_means_no_time(value: Any) -> None:
    assert clock_rules.read(value, BERLIN) is None


@pytest.mark.parametrize("microsecond", [0, 1, 999, 1000, 123456, 999999])
def test_dates_are_written_as_the_clock_writes_them(microsecond: int) -> None:
    for year in (1, 1970, 2026, 9999):
        moment = datetime(year, 2, 3, 4, 5, 6, microsecond, tzinfo=UTC)
        assert written(moment) == clock.isoformat(moment)


def dated(moment: datetime | str | None, received_at: datetime = RECEIVED_AT) -> Any:
    time = moment.isoformat() if isinstance(moment, datetime) else moment
    return event({"time": time, "a": 1}, received_at=received_at)


def test_a_plausible_time_is_taken() -> None:
    moment = RECEIVED_AT - timedelta(days=3000)
    found = dated(moment)
    assert found.time == moment
    assert found.id.int >> 80 == clock.milliseconds(moment)
    assert found.twin_id.int >> 80 == 0
    assert at(found, "tags") is None


def test_a_little_ahead_is_taken() -> None:
    assert dated(RECEIVED_AT + timedelta(minutes=5)).time == RECEIVED_AT + timedelta(minutes=5)


def test_more_than_five_minutes_ahead_keeps_its_id_but_not_its_time() -> None:
    moment = RECEIVED_AT + timedelta(minutes=6)
    found = dated(moment)
    assert found.time == RECEIVED_AT
    assert at(found, "tags") == ["clock_skew"]
    assert at(found, "alert.sensor_time") == clock.isoformat(moment)
    assert found.id.int >> 80 == clock.milliseconds(moment)


def test_more_than_a_day_ahead_is_unclocked_and_has_its_twin() -> None:
    moment = RECEIVED_AT + timedelta(hours=24, milliseconds=1)
    early, late = dated(moment), dated(moment, moment + timedelta(hours=1))
    assert (early.id, early.twin_id) == (late.twin_id, late.id)
    assert early.id.int >> 80 == 0
    assert at(early, "tags") == ["clock_skew"]
    assert dated(RECEIVED_AT + timedelta(hours=24)).id.int >> 80 != 0


def test_before_2000_is_unclocked_without_twin() -> None:
    found = dated("1999-12-31T23:59:59.999Z")
    assert (found.time, found.id.int >> 80, found.twin_id) == (RECEIVED_AT, 0, None)
    assert at(found, "tags") == ["clock_skew"]
    assert at(found, "alert.sensor_time") == "1999-12-31T23:59:59.999Z"
    assert dated("1999-12-31T23:59:59.999Z").id == found.id
    assert dated("2000-01-01T00:00:00Z").time.year == 2000


def test_no_time_is_the_receipts() -> None:
    assert dated(None).time == RECEIVED_AT
    assert at(dated("soon"), "tags") == ["time_missing"]
