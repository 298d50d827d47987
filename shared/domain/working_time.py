"""How much working time lies between two moments, and when a given amount of it will have passed.

It is working time whenever a wall clock of the calendar's zone shows working hours: an hour that summer time leaves out
is not worked, one that comes twice is worked twice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared import clock
from shared.domain.calendar import Calendar

HORIZON = timedelta(days=3 * 366)
"""So far ahead `due` looks: three years, which is past every target a policy may set for people who work each week."""

_NONE, _DAY = timedelta(0), timedelta(days=1)
# Behind it there is no date that a zone could show.
_LATEST = datetime.max.replace(tzinfo=UTC) - HORIZON - 2 * _DAY
_SECOND = timedelta(seconds=1)


class Pause(NamedTuple):
    """From `start` until just before `end` nothing counts. Without an end it goes on, nobody knows until when."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """True when it is in force at that moment."""
        return self.start <= moment and (self.end is None or moment < self.end)


class _Interval(NamedTuple):
    start: datetime
    end: datetime


def elapsed(calendar: Calendar | None, start: datetime, end: datetime, pauses: Iterable[Pause] = ()) -> timedelta:
    """The working time from `start` to `end` outside the pauses; without a calendar all time is.

    Pauses may be in any order and overlap. Nothing has passed where `end` is before `start`.
    """
    stretches = _stretches(calendar, start, end, pauses)
    return sum((_passed(calendar, wall) for wall, _ in stretches), _NONE)


def due(calendar: Calendar | None, start: datetime, target: timedelta, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The first moment at which `target`, more than nothing, has passed since `start`, as `elapsed` counts.

    None where a pause without an end comes before, and where the calendar has too little working time within HORIZON
    of the start and of the last pause.
    """
    last = max([start, *(pause.end for pause in pauses if pause.end is not None)])
    left = target
    for wall, offset in _stretches(calendar, start, min(last, _LATEST) + HORIZON, pauses):
        passed = _passed(calendar, wall)
        if passed >= left:
            return _reached(calendar, wall, left) - offset
        left -= passed
    return None


def latest_start(calendar: Calendar | None, target: timedelta, end: datetime) -> datetime | None:
    """The last moment, to the second, that lies so long before `end` that `target`, more than nothing, has passed.

    For many clocks at once: what began then or before is due, what began a second later is not. None where that is
    more than HORIZON ago, which no clock is.
    """
    if calendar is None:
        return end - target
    enough = bisect_left(
        range(HORIZON // _SECOND), True, key=lambda seconds: elapsed(calendar, end - seconds * _SECOND, end) >= target
    )
    return end - enough * _SECOND if enough < HORIZON // _SECOND else None


def _passed(calendar: Calendar | None, wall: _Interval) -> timedelta:
    """The working time between two times that a wall clock shows."""
    start, end = wall
    if calendar is None:
        return end - start
    whole_days = calendar.worked_between(start.date(), end.date())
    return whole_days + _worked_before(calendar, end) - _worked_before(calendar, start)


def _worked_before(calendar: Calendar, moment: datetime) -> timedelta:
    """The working time of that day until then."""
    at = moment - _midnight(moment)
    return sum((min(span.end, at) - span.start for span in calendar.hours_on(moment.date()) if span.start < at), _NONE)


def _reached(calendar: Calendar | None, wall: _Interval, target: timedelta) -> datetime:
    """When so much of what passes between the two has passed; it has to be that much."""
    if calendar is None:
        return wall.start + target
    first = wall.start.date()
    left = target + _worked_before(calendar, wall.start)
    days = range((wall.end.date() - first).days + 2)
    day = bisect_left(days, left, key=lambda number: calendar.worked_between(first, first + number * _DAY)) - 1
    left -= calendar.worked_between(first, first + day * _DAY)
    midnight = _midnight(wall.start) + day * _DAY
    for span in calendar.hours_on(midnight.date()):
        if span.end - span.start >= left:
            return midnight + span.start + left
        left -= span.end - span.start
    raise AssertionError("less passes")


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment, time.min, UTC)


def _running(start: datetime, end: datetime, pauses: Iterable[Pause]) -> Iterator[_Interval]:
    """What the pauses leave between the two."""
    at = start
    for pause in sorted(pauses, key=lambda one: one.start):
        if at < min(pause.start, end):
            yield _Interval(at, min(clock.utc(pause.start), end))
        if pause.end is None:
            return
        at = max(at, clock.utc(pause.start), clock.utc(pause.end))
    if at < end:
        yield _Interval(at, end)


def _stretches(
    calendar: Calendar | None, start: datetime, end: datetime, pauses: Iterable[Pause]
) -> Iterator[tuple[_Interval, timedelta]]:
    """What the pauses leave, in order and in parts of one offset from UTC, as a wall clock shows them; and that offset.

    While the offset stays the same a wall clock runs as UTC does, so it can be written as one, and moved back.
    """
    for running in _running(clock.utc(start), clock.utc(end), pauses):
        if calendar is None:
            yield running, _NONE
            continue
        zone = ZoneInfo(calendar.zone)
        years = range(running.start.year, running.end.year + 1)
        changes = (moment for year in years for moment in _changes(zone, year))
        edges = [running.start, *(moment for moment in changes if running.start < moment < running.end), running.end]
        for at, stop in pairwise(edges):
            offset = _offset(zone, at)
            yield _Interval(at + offset, stop + offset), offset


@lru_cache(maxsize=4096)
def _changes(zone: ZoneInfo, year: int) -> tuple[datetime, ...]:
    """When in that year, in UTC, the zone changes its offset: none does so twice within a day."""
    found, at = [], datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year and at < _LATEST + HORIZON:
        stop = at + _DAY
        if _offset(zone, stop) != _offset(zone, at):
            found.append(_change(zone, at, stop))
        at = stop
    return tuple(found)


def _change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """The moment after `start`, and at `end` at the latest, from which on the offset is another: a whole second."""
    before = _offset(zone, start)
    seconds = range((start - clock.EPOCH) // _SECOND + 1, (end - clock.EPOCH) // _SECOND + 1)
    after = bisect_left(seconds, True, key=lambda second: _offset(zone, clock.EPOCH + second * _SECOND) != before)
    return clock.EPOCH + seconds[after] * _SECOND


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or _NONE
