"""When a suppression holds: once, or again and again on a calendar, in a zone with its summer time."""

import re
from bisect import bisect_right
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset, rrulestr

from shared import clock
from shared.errors import Invalid

LONGEST = timedelta(days=366)
LONGEST_WINDOW = timedelta(days=7)
MOST_WINDOWS = 3000
MAX_RULE = 500

# dateutil follows a rule that never fits (the 30th of February) to the year 9999, day by day. The calendar repeats
# itself, weekdays and all, every 400 years: so far ahead the end of time is near.
_CYCLES = 19 * 400

_FREQUENCY = re.compile(r"\bFREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)\b")


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


def holds(schedule: Schedule, moment: datetime) -> bool:
    """True when the suppression is in force at that moment: its start is, its end is not."""
    windows = windows_of(schedule)
    position = bisect_right(windows, moment, key=lambda window: window.start) - 1
    return position >= 0 and moment < windows[position].end


@lru_cache(maxsize=1024)
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


def _starts(schedule: Schedule) -> list[datetime]:
    """In the zone's own time, as people mean it: two o'clock stays two o'clock when summer begins."""
    try:
        zone = ZoneInfo(schedule.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRecurrence("There is no such time zone.") from None
    first = schedule.starts_at.astimezone(zone).replace(tzinfo=None)
    starts: list[datetime] = []
    for local in _rule(schedule.recurrence or "", _later(first, _CYCLES)):
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
    if len(text) > MAX_RULE or "\n" in text or "DTSTART" in text.upper() or "UNTIL" in text.upper():
        raise BadRecurrence("Only an RRULE: its start and its end are those of the suppression.")
    try:
        rule = rrulestr(text, dtstart=first)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise BadRecurrence from None
    if isinstance(rule, rruleset) or not _FREQUENCY.search(text.upper()):
        raise BadRecurrence
    return rule
