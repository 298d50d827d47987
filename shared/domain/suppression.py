"""When a suppression holds: once, or again and again on a calendar, in a zone with its summer time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrule, rruleset, rrulestr

from shared import clock
from shared.errors import Invalid

LONGEST = timedelta(days=366)
LONGEST_WINDOW = timedelta(days=7)
MOST_WINDOWS = 3000
MAX_RULE = 500
YEARS = range(1970, 2400)

# dateutil follows a rule that never fits (the 30th of February) to the year 9999, day by day. The calendar repeats
# itself, weekdays and all, every 400 years: so far ahead the end of time is near.
_CYCLES = 19 * 400

_PERIODS: Mapping[str, relativedelta] = {
    "DAILY": relativedelta(days=1),
    "WEEKLY": relativedelta(weeks=1),
    "MONTHLY": relativedelta(months=1),
    "YEARLY": relativedelta(years=1),
}


class BadRecurrence(Invalid):
    """The recurrence is no RRULE of ours: RFC 5545's, daily at most, such as `FREQ=WEEKLY;BYDAY=SA;BYHOUR=2`."""

    code = "bad_recurrence"


class Schedule(NamedTuple):
    """From when to when, and with a `recurrence` only for `duration` from each of its starts, in `zone`."""

    starts_at: datetime
    ends_at: datetime
    recurrence: str | None = None
    duration: timedelta | None = None
    zone: str | None = None


class Window(NamedTuple):
    """From `start` until just before `end`, UTC."""

    start: datetime
    end: datetime


def holds(windows: Sequence[Window], moment: datetime) -> bool:
    """True when one of them is in force at that moment: its start is, its end is not."""
    position = bisect_right(windows, moment, key=lambda window: window.start) - 1
    return position >= 0 and moment < windows[position].end


def windows_of(schedule: Schedule) -> tuple[Window, ...]:
    """The windows in which it holds, in order, without overlaps. Raises BadRecurrence."""
    if schedule.recurrence is None:
        return (Window(schedule.starts_at, schedule.ends_at),)
    if schedule.duration is None or not timedelta(0) < schedule.duration <= LONGEST_WINDOW:
        raise BadRecurrence("A window lasts up to seven days.")
    found: list[Window] = []
    for start in _starts(schedule):
        window = Window(start, min(start + schedule.duration, schedule.ends_at))
        if found and window.start <= found[-1].end:
            window = Window(found.pop().start, window.end)
        found.append(window)
    return tuple(found)


def windows_within(schedule: Schedule, start: datetime, end: datetime) -> tuple[Window, ...]:
    """Those it would have between `start` and `end`, had it begun long before. Raises BadRecurrence.

    What a rule leaves open (the day, the hour, which of two weeks) it takes from its beginning, so that is put back by
    whole periods of the rule, and everything stays where it will be.
    """
    if schedule.recurrence is None:
        return (Window(start, end),)
    before = start - (schedule.duration or timedelta(0))
    windows = windows_of(schedule._replace(starts_at=_begun_before(schedule, before), ends_at=end))
    return tuple(Window(max(one.start, start), one.end) for one in windows if one.end > start)


def _begun_before(schedule: Schedule, moment: datetime) -> datetime:
    """The beginning, moved by whole periods to the last before that moment on which the rule means the same."""
    zone, first = _zone(schedule), _first(schedule)
    parts = _parts(schedule.recurrence or "")
    period = _PERIODS[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    target = _later(moment.astimezone(zone).replace(tzinfo=None), _CYCLES)
    apart = relativedelta(first, target)
    if period.days:
        periods = (first - target).days // period.days
    else:
        periods = (apart.years * 12 + apart.months) // (period.years * 12 + period.months)
    # One more than the division says, for its rounding; further where a month has no such day.
    while (begun := first - period * periods) > target or (begun.day != first.day and not period.days):
        periods += 1
    if begun.year - _CYCLES not in YEARS:
        return schedule.starts_at
    return clock.utc(_later(begun, -_CYCLES).replace(tzinfo=zone))


def _zone(schedule: Schedule) -> ZoneInfo:
    try:
        return ZoneInfo(schedule.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRecurrence("There is no such time zone.") from None


def _first(schedule: Schedule) -> datetime:
    """The beginning in the zone's own time, near the end of time."""
    if schedule.starts_at.year not in YEARS:
        raise BadRecurrence(f"What recurs begins between {YEARS[0]} and {YEARS[-1]}.")
    return _later(schedule.starts_at.astimezone(_zone(schedule)).replace(tzinfo=None), _CYCLES)


def _starts(schedule: Schedule) -> list[datetime]:
    """In the zone's own time, as people mean it: two o'clock stays two o'clock when summer begins."""
    zone = _zone(schedule)
    starts: list[datetime] = []
    for local in _rule(schedule.recurrence or "", _first(schedule)):
        start = clock.utc(_later(local, -_CYCLES).replace(tzinfo=zone))
        if start >= schedule.ends_at:
            break
        if len(starts) == MOST_WINDOWS:
            raise BadRecurrence(f"It recurs more than {MOST_WINDOWS} times before it ends.")
        starts.append(start)
    return starts


def _later(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


def _rule(text: str, first: datetime) -> rrule:
    parts = _parts(text)
    # Two o'clock is two o'clock, whatever the minute at which somebody made the suppression.
    finer = [f";{name}=0" for name in ("BYMINUTE", "BYSECOND") if name not in parts and "BYHOUR" in parts]
    try:
        rule = rrulestr(text + "".join(finer), dtstart=first)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise BadRecurrence from None
    if isinstance(rule, rruleset):
        raise BadRecurrence
    return rule


def _parts(text: str) -> dict[str, str]:
    """What a rule says, by name. Raises BadRecurrence."""
    named = [part.partition("=")[::2] for part in text.upper().removeprefix("RRULE:").split(";")]
    parts = dict(named)
    if any(name in text.upper() for name in ("DTSTART", "UNTIL")):
        raise BadRecurrence("An RRULE without DTSTART and UNTIL: it starts and ends when the suppression does.")
    if len(text) > MAX_RULE or text.split() != [text] or ":" in text[6:]:
        raise BadRecurrence
    if len(parts) < len(named) or parts.get("FREQ") not in _PERIODS:
        raise BadRecurrence
    interval = parts.get("INTERVAL", "1")
    if not (interval.isdecimal() and interval.isascii() and 0 < int(interval) < 1000):
        raise BadRecurrence("An interval is a number from 1 to 999.")
    return parts
