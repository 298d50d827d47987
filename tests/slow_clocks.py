"""The clocks a second time, minute by minute in UTC: slow, and without a line of the product's.

Calendars are as they are stored, and the public holidays are handed in. What is measured begins, ends and pauses at
whole minutes.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Stored = dict[str, Any]
Pauses = Sequence[tuple[datetime, datetime | None]]


def works(calendar: Stored | None, holidays: Collection[date], minute: datetime) -> bool:
    """Whether people work in the minute that begins then."""
    if calendar is None:
        return True
    local = minute.astimezone(ZoneInfo(calendar["zone"]))
    day, shown = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
    spans = calendar["hours"].get(WEEK[local.weekday()], [])
    if day in calendar.get("days_off", []) or local.date() in holidays:
        spans = []
    spans = calendar.get("days_on", {}).get(day, spans)
    return any(start <= shown < end for start, end in spans)


def counts(calendar: Stored | None, holidays: Collection[date], minute: datetime, pauses: Pauses) -> bool:
    paused = any(start <= minute and (end is None or minute < end) for start, end in pauses)
    return not paused and works(calendar, holidays, minute)


def elapsed(
    calendar: Stored | None, holidays: Collection[date], start: datetime, end: datetime, pauses: Pauses = ()
) -> timedelta:
    passed = timedelta(0)
    while start < end:
        if counts(calendar, holidays, start, pauses):
            passed += MINUTE
        start += MINUTE
    return passed


def due(
    calendar: Stored | None,
    holidays: Collection[date],
    start: datetime,
    target: timedelta,
    pauses: Pauses = (),
    *,
    within: timedelta,
) -> datetime | None:
    """None where the target is not reached in that time."""
    minute, passed = start, timedelta(0)
    while minute < start + within:
        if counts(calendar, holidays, minute, pauses):
            passed += MINUTE
        minute += MINUTE
        if passed >= target:
            return minute
    return None
