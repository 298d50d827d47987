"""Working time over calendars, holidays, zones, summer time and pauses: each case by hand, and counted slowly."""

import time
from datetime import date, datetime, timedelta

import pytest

from shared.domain.calendar import Calendar, Hours
from shared.domain.working_time import Pause, due, elapsed
from tests import slow_clocks
from tests.clock_cases import BERLIN, CALENDARS, at, holidays, paused, read, rows, span

# What | calendar | from, UTC | to, UTC | pauses | working time
ELAPSED = """
all time counts                     | none           | 2026-03-06 16:00 | 2026-03-09 08:00 | | 64:00
nothing, backwards                  | none           | 2026-03-09 08:00 | 2026-03-06 16:00 | | 0:00
over a weekend                      | Berlin office  | 2026-03-06 15:00 | 2026-03-09 09:00 | | 2:00
nothing before nine                 | Berlin office  | 2026-03-09 03:00 | 2026-03-09 08:00 | | 0:00
the minute at nine, not at five     | Berlin office  | 2026-03-09 07:59 | 2026-03-09 16:01 | | 8:00
over a weekend into summer time     | Berlin office  | 2026-03-27 15:00 | 2026-03-30 08:00 | | 2:00
over Easter                         | Berlin office  | 2026-04-02 14:00 | 2026-04-07 08:00 | | 2:00
Epiphany is worked in Berlin        | Berlin office  | 2026-01-05 08:00 | 2026-01-07 16:00 | | 24:00
Epiphany is not in Bavaria          | Munich office  | 2026-01-05 08:00 | 2026-01-07 16:00 | | 16:00
Christmas, one day of it worked     | Munich office  | 2026-12-23 08:00 | 2026-12-28 16:00 | | 20:00
a holiday with longer hours         | Munich office  | 2026-04-30 22:00 | 2026-05-01 22:00 | | 12:00
over New Year                       | Berlin office  | 2025-12-31 15:00 | 2026-01-02 09:00 | | 2:00
4 July is a Saturday, 3 July is off | New York office| 2026-07-02 20:00 | 2026-07-06 14:00 | | 2:00
Thanksgiving                        | New York office| 2026-11-25 14:00 | 2026-11-27 22:00 | | 16:00
a night of eight hours              | Berlin night   | 2026-03-20 21:00 | 2026-03-21 05:00 | | 8:00
a night of seven: summer begins     | Berlin night   | 2026-03-28 21:00 | 2026-03-29 04:00 | | 7:00
a night of nine: summer ends        | Berlin night   | 2026-10-24 20:00 | 2026-10-25 05:00 | | 9:00
a day of 23 hours                   | Berlin always  | 2026-03-28 23:00 | 2026-03-29 22:00 | | 23:00
a day of 25 hours                   | Berlin always  | 2026-10-24 22:00 | 2026-10-25 23:00 | | 25:00
the hour that is left out           | Berlin 02 to 03| 2026-03-28 12:00 | 2026-03-29 12:00 | | 0:00
the hour that comes twice           | Berlin 02 to 03| 2026-10-24 12:00 | 2026-10-25 12:00 | | 2:00
half of it comes twice, apart       | Berlin 02:30 to 03 | 2026-10-24 12:00 | 2026-10-25 12:00 | | 1:00
from within the first of the two    | Berlin 02 to 03| 2026-10-25 00:20 | 2026-10-25 12:00 | | 1:40
from within the second of the two   | Berlin 02 to 03| 2026-10-25 01:20 | 2026-10-25 12:00 | | 0:40
New York, summer begins             | New York night | 2026-03-08 03:00 | 2026-03-08 10:00 | | 7:00
New York, summer ends               | New York night | 2026-11-01 02:00 | 2026-11-01 11:00 | | 9:00
Lord Howe, half an hour twice       | Lord Howe night| 2026-04-04 11:00 | 2026-04-04 19:30 | | 8:30
Lord Howe, half an hour left out    | Lord Howe night| 2026-10-03 11:30 | 2026-10-03 19:00 | | 7:30
Kolkata, over Republic Day          | Kolkata        | 2026-01-24 12:00 | 2026-01-27 05:00 | | 1:30
Kathmandu, Saturday off, and lunch  | Kathmandu      | 2026-06-05 04:15 | 2026-06-07 11:15 | | 12:00
Apia, Friday never came             | Apia office    | 2011-12-29 19:00 | 2012-01-02 03:00 | | 16:00
Apia, from Thursday to Saturday     | Apia always    | 2011-12-29 10:00 | 2011-12-31 10:00 | | 48:00
a pause                             | none           | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 09:00/2026-03-09 10:30 | 6:30
pauses that overlap, out of order   | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 10:00/2026-03-09 12:00, 2026-03-09 09:00/2026-03-09 11:00 | 5:00
a pause within a pause              | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 09:00/2026-03-09 13:00, 2026-03-09 10:00/2026-03-09 11:00 | 4:00
pauses that touch                   | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 09:00/2026-03-09 10:00, 2026-03-09 10:00/2026-03-09 11:00 | 6:00
a pause of no length                | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 09:00/2026-03-09 09:00 | 8:00
a pause that ends before it begins  | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-09 10:00/2026-03-09 09:00 | 8:00
an open pause                       | Berlin office  | 2026-03-09 08:00 | 2026-03-11 16:00 | 2026-03-09 12:00/ | 4:00
an open pause, and one after it     | Berlin office  | 2026-03-09 08:00 | 2026-03-11 16:00 | 2026-03-09 12:00/, 2026-03-10 09:00/2026-03-10 10:00 | 4:00
a pause outside the hours           | Berlin office  | 2026-03-09 08:00 | 2026-03-10 16:00 | 2026-03-09 17:00/2026-03-10 07:00 | 16:00
a pause over a night                | Berlin office  | 2026-03-09 08:00 | 2026-03-10 16:00 | 2026-03-09 15:00/2026-03-10 09:00 | 14:00
a pause that began before           | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-08 00:00/2026-03-09 09:00 | 7:00
a pause that began after            | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-10 00:00/2026-03-10 09:00 | 8:00
pauses before and after             | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-01 00:00/2026-03-02 00:00, 2026-03-10 00:00/ | 8:00
a pause over all of it              | Berlin office  | 2026-03-09 08:00 | 2026-03-09 16:00 | 2026-03-01 00:00/2026-03-12 00:00 | 0:00
a pause over the end of summer      | Berlin night   | 2026-10-24 20:00 | 2026-10-25 05:00 | 2026-10-25 00:30/2026-10-25 01:30 | 8:00
"""  # noqa: E501

# What | calendar | from, UTC | target | pauses | due, UTC
DUE = """
all time counts                     | none           | 2026-03-06 16:00 | 0:15  | | 2026-03-06 16:15
on to Monday                        | Berlin office  | 2026-03-06 15:30 | 1:00  | | 2026-03-09 08:30
at five, not at nine on Monday      | Berlin office  | 2026-03-06 15:00 | 1:00  | | 2026-03-06 16:00
begun on a Sunday                   | Berlin office  | 2026-03-08 15:00 | 0:15  | | 2026-03-09 08:15
begun at five                       | Berlin office  | 2026-03-06 16:00 | 0:15  | | 2026-03-09 08:15
over Easter, in summer time         | Berlin office  | 2026-04-02 14:00 | 2:00  | | 2026-04-07 08:00
three days                          | Berlin office  | 2026-03-09 08:00 | 24:00 | | 2026-03-11 16:00
over Christmas, on a day of its own | Munich office  | 2026-12-23 15:00 | 3:00  | | 2026-12-26 11:00
over Epiphany                       | Munich office  | 2026-01-05 15:00 | 2:00  | | 2026-01-07 09:00
in the night that summer begins     | Berlin night   | 2026-03-28 21:00 | 6:30  | | 2026-03-29 03:30
past it                             | Berlin night   | 2026-03-28 21:00 | 7:30  | | 2026-03-29 20:30
in the night that summer ends       | Berlin night   | 2026-10-24 20:00 | 8:30  | | 2026-10-25 04:30
the hour that is left out           | Berlin 02 to 03| 2026-03-28 12:00 | 0:30  | | 2026-03-30 00:30
in the second of two hours          | Berlin 02 to 03| 2026-10-25 00:00 | 1:30  | | 2026-10-25 01:30
half an hour twice                  | Berlin 02:30 to 03 | 2026-10-25 00:00 | 0:45 | | 2026-10-25 01:45
on Lord Howe                        | Lord Howe night| 2026-04-04 11:00 | 8:15  | | 2026-04-04 19:15
in Kolkata, over Republic Day       | Kolkata        | 2026-01-24 12:00 | 1:00  | | 2026-01-27 04:30
in Kathmandu, over lunch            | Kathmandu      | 2026-06-05 04:15 | 4:00  | | 2026-06-05 09:15
in Apia, on Monday                  | Apia office    | 2011-12-29 19:00 | 9:00  | | 2012-01-01 20:00
after a pause                       | Berlin office  | 2026-03-09 08:00 | 7:00  | 2026-03-09 09:00/2026-03-09 11:00 | 2026-03-10 09:00
after two that overlap              | Berlin office  | 2026-03-09 08:00 | 2:00  | 2026-03-09 10:00/2026-03-09 12:00, 2026-03-09 09:00/2026-03-09 11:00 | 2026-03-09 13:00
a pause outside the hours           | Berlin office  | 2026-03-09 08:00 | 9:00  | 2026-03-09 17:00/2026-03-10 07:00 | 2026-03-10 09:00
just when a pause begins            | Berlin office  | 2026-03-09 08:00 | 1:00  | 2026-03-09 09:00/ | 2026-03-09 09:00
before an open pause                | Berlin office  | 2026-03-09 08:00 | 1:00  | 2026-03-09 12:00/ | 2026-03-09 09:00
nobody knows, in an open pause      | Berlin office  | 2026-03-09 08:00 | 5:00  | 2026-03-09 12:00/ | never
nor when it began before            | none           | 2026-03-09 08:00 | 5:00  | 2026-03-08 12:00/ | never
"""  # noqa: E501


@pytest.mark.parametrize(("calendar", "start", "end", "pauses", "expected"), rows(ELAPSED))
def test_what_has_passed(calendar: str, start: str, end: str, pauses: str, expected: str) -> None:
    between = at(start), at(end), paused(pauses)
    assert elapsed(read(calendar), *between) == span(expected)
    assert slow_clocks.elapsed(CALENDARS[calendar], holidays(calendar), *between) == span(expected)


@pytest.mark.parametrize(("calendar", "start", "target", "pauses", "expected"), rows(DUE))
def test_when_it_is_due(calendar: str, start: str, target: str, pauses: str, expected: str) -> None:
    asked = at(start), span(target), paused(pauses)
    moment = None if expected == "never" else at(expected)
    assert due(read(calendar), *asked) == moment
    again = slow_clocks.due(CALENDARS[calendar], holidays(calendar), *asked, within=timedelta(days=7))
    assert again == moment


def test_milliseconds_count() -> None:
    office, tick = read("Berlin office"), timedelta(milliseconds=1)
    friday = at("2026-03-06 15:59") + tick
    assert elapsed(office, friday, at("2026-03-09 08:00") + tick) == timedelta(minutes=1)
    assert due(office, friday, timedelta(minutes=1)) == at("2026-03-09 08:00") + tick


def test_half_a_second_before_the_hour_comes_again() -> None:
    start = at("2026-10-25 01:00") - timedelta(seconds=0.5)
    assert elapsed(read("Berlin 02 to 03"), start, at("2026-10-25 12:00")) == timedelta(hours=1, seconds=0.5)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    night, kolkata = read("Berlin night"), datetime.fromisoformat("2026-03-10T03:30+05:30")
    pauses = [Pause(kolkata + timedelta(hours=1), kolkata + timedelta(hours=2))]
    assert elapsed(night, kolkata, kolkata + timedelta(hours=3), pauses) == timedelta(hours=2)
    assert due(night, kolkata, timedelta(hours=2), pauses) == at("2026-03-10 01:00")


def test_a_calendar_whose_last_day_is_over_is_never_due() -> None:
    over = Calendar.read({"zone": "UTC", "days_on": {"2026-03-09": [["09:00", "10:00"]]}})
    assert due(over, at("2026-03-09 08:00"), timedelta(hours=1)) == at("2026-03-09 10:00")
    assert due(over, at("2026-03-09 08:00"), timedelta(hours=1, milliseconds=1)) is None


def test_the_horizon_begins_when_the_last_pause_ends() -> None:
    years = [Pause(at("2026-03-09 09:00"), at("2031-03-10 09:00"))]
    assert due(read("Berlin office"), at("2026-03-09 08:00"), timedelta(hours=2), years) == at("2031-03-10 10:00")


def test_three_years_without_an_end_are_quick() -> None:
    over = Calendar.read({"zone": BERLIN, "days_on": {"2026-03-09": [["09:00", "10:00"]]}})
    due(over, at("2026-03-10 08:00"), timedelta(hours=1))
    began = time.process_time()
    due(over, at("2026-03-10 08:00"), timedelta(hours=1))
    assert time.process_time() - began < 0.5


def test_half_a_year_is_counted_as_slowly() -> None:
    """Over a New Year, two changes of the offset, holidays and days of its own."""
    start, end = at("2025-09-30 13:20"), at("2026-04-09 09:40")
    pauses = [Pause(at("2025-12-30 22:10"), at("2026-01-02 09:30"))]
    days_off = holidays("Munich office") | {date(2025, 10, 3), date(2025, 12, 25), date(2025, 12, 26)}
    slowly = slow_clocks.elapsed(CALENDARS["Munich office"], days_off, start, end, pauses)
    calendar = read("Munich office")
    assert elapsed(calendar, start, end, pauses) == slowly
    moment = due(calendar, start, slowly, pauses)
    assert moment is not None
    assert elapsed(calendar, start, moment, pauses) == slowly
    assert moment <= end


def test_ten_years_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []
    calendar = read("Munich office")
    start, end = at("2016-11-27 05:00"), at("2026-11-27 05:00")
    elapsed(calendar, start, end)
    due(calendar, start, timedelta(days=700))
    hours_on = Calendar.hours_on

    def noted(self: Calendar, day: date) -> Hours:
        asked.append(day)
        return hours_on(self, day)

    monkeypatch.setattr(Calendar, "hours_on", noted)
    assert elapsed(calendar, start, end) > timedelta(days=700)
    assert due(calendar, start, timedelta(days=200)) is not None
    assert len(asked) < 100, "a few of each stretch of one offset, not 3652"
