"""How much working time lies between two moments, and when a given amount of it will have passed.

It is working time whenever a wall clock of the calendar's zone shows working hours: an hour that summer time leaves out
is not worked, one that comes twice is worked twice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared import clock
from shared.domain.calendar import Calendar

HORIZON = timedelta(days=3 * 366)
"""So far ahead `due` looks: three years, which is past every target a policy may set for people who work each week."""

_DAY = timedelta(days=1)
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
    return sum((one.end - one.start for one in _worked(calendar, start, end, pauses)), timedelta(0))


def due(calendar: Calendar | None, start: datetime, target: timedelta, pauses: Sequence[Pause] = ()) -> datetime | None:
    """The first moment at which `target`, more than nothing, has passed since `start`, as `elapsed` counts.

    None where a pause without an end comes before, and where the calendar has too little working time within HORIZON
    of the start and of the last pause.
    """
    last = max([start, *(pause.end for pause in pauses if pause.end is not None)])
    left = target
    for one in _worked(calendar, start, min(last, _LATEST) + HORIZON, pauses):
        if one.end - one.start >= left:
            return one.start + left
        left -= one.end - one.start
    return None


def _worked(calendar: Calendar | None, start: datetime, end: datetime, pauses: Iterable[Pause]) -> Iterator[_Interval]:
    """What counts, in order; next to each other where a day or an offset ends within working hours."""
    for running in _running(clock.utc(start), clock.utc(end), pauses):
        if calendar is None:
            yield running
        else:
            yield from _within_hours(calendar, running)


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


def _within_hours(calendar: Calendar, running: _Interval) -> Iterator[_Interval]:
    for stretch, offset in _stretches(ZoneInfo(calendar.zone), running):
        # While the offset stays the same a wall clock runs as UTC does, so it can be written as one, and moved back.
        for worked in _shown(calendar, _Interval(stretch.start + offset, stretch.end + offset)):
            yield _Interval(worked.start - offset, worked.end - offset)


def _shown(calendar: Calendar, wall: _Interval) -> Iterator[_Interval]:
    """The working hours between two times that a wall clock shows."""
    midnight = datetime.combine(wall.start, time.min, UTC)
    while midnight < wall.end:
        for span in calendar.hours_on(midnight.date()):
            start, end = max(midnight + span.start, wall.start), min(midnight + span.end, wall.end)
            if start < end:
                yield _Interval(start, end)
        midnight += _DAY


def _stretches(zone: ZoneInfo, running: _Interval) -> Iterator[tuple[_Interval, timedelta]]:
    """The interval in parts of one offset from UTC, of a day at most: no zone changes its offset twice within a day."""
    at = running.start
    while at < running.end:
        stop, offset = min(at + _DAY, running.end), _offset(zone, at)
        if _offset(zone, stop) != offset:
            stop = _change(zone, at, stop)
        yield _Interval(at, stop), offset
        at = stop


def _change(zone: ZoneInfo, start: datetime, end: datetime) -> datetime:
    """The moment after `start`, and at `end` at the latest, from which on the offset is another: a whole second."""
    before = _offset(zone, start)
    seconds = range((start - clock.EPOCH) // _SECOND + 1, (end - clock.EPOCH) // _SECOND + 1)
    after = bisect_left(seconds, True, key=lambda second: _offset(zone, clock.EPOCH + second * _SECOND) != before)
    return clock.EPOCH + seconds[after] * _SECOND


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
