"""When a suppression holds: its ends, its recurrences, and summer time."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.suppression import MOST_WINDOWS, BadRecurrence, Schedule, holds, windows_of, windows_within

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
    assert [holds(windows_of(once), moment) for moment in moments] == [False, True, True, False]


def test_a_recurring_one_holds_in_its_windows_only() -> None:
    weekly = schedule("FREQ=WEEKLY;BYDAY=SA;BYHOUR=2;BYMINUTE=0")
    saturday = datetime(2026, 3, 7, 2, tzinfo=UTC)
    assert windows_of(weekly)[0] == (saturday, saturday + 2 * HOUR)
    assert len(windows_of(weekly)) == 8
    for moment, expected in ((saturday, True), (saturday + 2 * HOUR, False), (saturday - HOUR, False)):
        assert holds(windows_of(weekly), moment) is expected
    assert not holds(windows_of(weekly), START)


def test_two_o_clock_stays_two_o_clock_when_summer_begins() -> None:
    daily = schedule("FREQ=DAILY;BYHOUR=4;BYMINUTE=0", zone="Europe/Vienna", duration=HOUR)
    before, after = datetime(2026, 3, 28, 3, tzinfo=UTC), datetime(2026, 3, 30, 2, tzinfo=UTC)
    assert [holds(windows_of(daily), moment) for moment in (before, before - HOUR, after, after + HOUR)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_no_window_outlives_the_suppression_and_overlaps_are_one() -> None:
    hours = ",".join(map(str, range(24)))
    hourly = schedule(f"FREQ=DAILY;BYHOUR={hours}", ends_at=START + timedelta(hours=5, minutes=30))
    assert windows_of(hourly) == ((START, START + timedelta(hours=5, minutes=30)),)


def test_an_hour_alone_is_the_full_hour_whenever_somebody_made_it() -> None:
    daily = schedule("FREQ=DAILY;BYHOUR=2", starts_at=START + timedelta(minutes=37, seconds=12, milliseconds=5))
    assert windows_of(daily)[0] == (START + 2 * HOUR, START + 4 * HOUR)


@pytest.mark.parametrize(
    ("rule", "starts_at"),
    [
        ("FREQ=DAILY", START + timedelta(hours=7, minutes=12)),
        ("FREQ=DAILY;BYHOUR=2", START + timedelta(minutes=37)),
        ("FREQ=DAILY;INTERVAL=3", START + timedelta(days=1)),
        ("FREQ=WEEKLY", START + timedelta(days=2, hours=3)),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR;BYHOUR=22", START),
        ("FREQ=MONTHLY", datetime(2026, 3, 31, 5, tzinfo=UTC)),
        ("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1", START),
        ("FREQ=YEARLY", datetime(2028, 2, 29, 5, tzinfo=UTC)),
        ("FREQ=YEARLY;INTERVAL=999", START),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_seen_from_before_its_windows_are_those_that_will_be(rule: str, starts_at: datetime, zone: str) -> None:
    """Looked at from years before it starts, or after, it holds at the same moments as from its start on."""
    lasting = schedule(rule, starts_at=starts_at, ends_at=starts_at + timedelta(days=800), zone=zone)
    after = starts_at + timedelta(days=1)
    whole = [one for one in windows_of(lasting) if one.start > after]
    for begun in (lasting, lasting._replace(starts_at=_periods_later(rule, starts_at))):
        assert [one for one in windows_within(begun, after, lasting.ends_at) if one.start > after] == whole


def _periods_later(rule: str, starts_at: datetime) -> datetime:
    """The same place of the calendar, ten years on: a multiple of each of the periods above, and of four years."""
    days = {"DAILY": 3600, "WEEKLY": 3640}.get(rule[5:].partition(";")[0])
    return starts_at + timedelta(days=days) if days else starts_at.replace(year=starts_at.year + 20)


def test_what_it_holds_within_a_span_begins_and_ends_with_the_span() -> None:
    daily = schedule("FREQ=DAILY;BYHOUR=2", starts_at=START + timedelta(days=9))
    found = windows_within(daily, START + 3 * HOUR, START + timedelta(days=1, hours=3))
    assert found == (
        (START + 3 * HOUR, START + 4 * HOUR),
        (START + timedelta(days=1, hours=2), START + timedelta(days=1, hours=3)),
    )


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
        {"recurrence": "FREQ=DAILY;FREQ=SECONDLY"},
        {"recurrence": "FREQ=DAILY;INTERVAL=0;BYDAY=MO"},
        {"recurrence": "FREQ=DAILY RRULE:FREQ=DAILY"},
        {"starts_at": datetime(2400, 1, 1, tzinfo=UTC), "ends_at": datetime(2400, 2, 1, tzinfo=UTC)},
        {"starts_at": datetime(1, 1, 1, tzinfo=UTC), "zone": "America/New_York"},
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


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("every sunday", "FREQ=WEEKLY;BYDAY=SA;BYHOUR=2"),
        ("FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=SA;BYHOUR=2"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "when the suppression does"),
    ],
)
def test_what_is_no_recurrence_is_told_what_is(rule: str, said: str) -> None:
    with pytest.raises(BadRecurrence, match=re.escape(said)):
        windows_of(schedule(rule))


def test_a_rule_that_never_fits_is_none_and_costs_little() -> None:
    began = time.process_time()
    assert windows_of(schedule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")) == ()
    assert not holds(windows_of(schedule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")), START)
    assert time.process_time() - began < 1
