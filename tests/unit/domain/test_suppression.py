"""When a suppression holds: its ends, its recurrences, and summer time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.suppression import MOST_WINDOWS, BadRecurrence, Schedule, holds, windows_of

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def schedule(recurrence: str | None = None, **more: Any) -> Schedule:
    values: dict[str, Any] = {"starts_at": START, "ends_at": START + timedelta(days=60)}
    if recurrence is not None:
        values |= {"recurrence": recurrence, "duration": 2 * HOUR, "zone": "UTC"}
    return Schedule(**values | more)


def test_its_start_is_in_it_and_its_end_is_not() -> None:
    once = schedule(ends_at=START + HOUR)
    moments = (START - timedelta(milliseconds=1), START, START + HOUR - timedelta(milliseconds=1), START + HOUR)
    assert [holds(once, moment) for moment in moments] == [False, True, True, False]


def test_a_recurring_one_holds_in_its_windows_only() -> None:
    weekly = schedule("FREQ=WEEKLY;BYDAY=SA;BYHOUR=2;BYMINUTE=0")
    saturday = datetime(2026, 3, 7, 2, tzinfo=UTC)
    assert windows_of(weekly)[0] == (saturday, saturday + 2 * HOUR)
    assert len(windows_of(weekly)) == 8
    for moment, expected in ((saturday, True), (saturday + 2 * HOUR, False), (saturday - HOUR, False)):
        assert holds(weekly, moment) is expected
    assert not holds(weekly, START)


def test_two_o_clock_stays_two_o_clock_when_summer_begins() -> None:
    daily = schedule("FREQ=DAILY;BYHOUR=4;BYMINUTE=0", zone="Europe/Vienna", duration=HOUR)
    before, after = datetime(2026, 3, 28, 3, tzinfo=UTC), datetime(2026, 3, 30, 2, tzinfo=UTC)
    assert [holds(daily, moment) for moment in (before, before - HOUR, after, after + HOUR)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_no_window_outlives_the_suppression_and_overlaps_are_one() -> None:
    hours = ",".join(map(str, range(24)))
    hourly = schedule(f"FREQ=DAILY;BYHOUR={hours}", ends_at=START + timedelta(hours=5, minutes=30))
    assert windows_of(hourly) == ((START, START + timedelta(hours=5, minutes=30)),)


@pytest.mark.parametrize(
    "changes",
    [
        {"recurrence": ""},
        {"recurrence": "every saturday"},
        {"recurrence": "FREQ=HOURLY"},
        {"recurrence": "FREQ=MINUTELY"},
        {"recurrence": "FREQ=SECONDLY"},
        {"recurrence": "FREQ=DAILY;UNTIL=20270101T000000Z"},
        {"recurrence": "DTSTART:20260101T000000\nRRULE:FREQ=DAILY"},
        {"recurrence": "FREQ=DAILY\nEXRULE:FREQ=DAILY"},
        {"recurrence": "FREQ=DAILY;BYHOUR=x"},
        {"recurrence": "FREQ=DAILY;" + "BYDAY=MO;" * 100},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"duration": timedelta(0)},
        {"duration": timedelta(days=8)},
        {"recurrence": "FREQ=DAILY;BYMINUTE=0,30;BYHOUR=1,2,3,4,5", "ends_at": START + timedelta(days=MOST_WINDOWS)},
    ],
)
def test_what_is_no_recurrence(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRecurrence):
        windows_of(
            schedule("FREQ=DAILY", **changes)
            if "recurrence" not in changes
            else schedule(**{"duration": HOUR, "zone": "UTC", **changes})
        )


def test_a_rule_that_never_fits_is_none_and_costs_little() -> None:
    began = time.process_time()
    assert windows_of(schedule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")) == ()
    assert not holds(schedule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), START)
    assert time.process_time() - began < 1
