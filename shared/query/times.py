"""Moments as people write them in queries: a date, a date with a time, or so long before now."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

from shared import clock

_RELATIVE = re.compile(r"now(?:(?P<sign>[+-])(?P<number>\d{1,6})(?P<unit>[smhdw]))?(?:/(?P<round>[hdw]))?", re.A)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.A)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.A)
_MINUTE = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?P<seconds>:\d{2}(?P<part>\.\d{1,9})?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?", re.A
)


class Span(NamedTuple):
    """What a moment covers: from `start` until just before `end`, both UTC."""

    start: datetime
    end: datetime


def is_relative(text: str) -> bool:
    """True for a moment that is another one tomorrow."""
    return text.strip().lower().startswith("now")


def read(text: str, *, now: datetime, zone: tzinfo = UTC) -> Span:
    """The span of a moment: of a day for a date, of a minute, a second or a millisecond for a time.

    `zone` is that of values without one. Raises ValueError.
    """
    try:
        return _read(text.strip(), now, zone)
    except OverflowError:
        raise ValueError("outside the years 1 to 9999") from None


def _read(text: str, now: datetime, zone: tzinfo) -> Span:
    if relative := _RELATIVE.fullmatch(text.lower()):
        return _relative(relative, now, zone)
    if month := _MONTH.fullmatch(text):
        first = date(int(month[1]), int(month[2]), 1)
        return Span(_midnight(first, zone), _midnight((first + timedelta(days=32)).replace(day=1), zone))
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        return Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))
    if minute := _MINUTE.fullmatch(text):
        moment = datetime.fromisoformat(text)
        start = clock.whole_milliseconds(clock.utc(moment if moment.tzinfo else moment.replace(tzinfo=zone)))
        step = clock.MILLISECOND if minute["part"] else _UNITS["s" if minute["seconds"] else "m"]
        return Span(start, start + step)
    raise ValueError("not a moment")


def _relative(found: re.Match[str], now: datetime, zone: tzinfo) -> Span:
    moment = now
    if found["number"]:
        distance = int(found["number"]) * _UNITS[found["unit"]]
        moment = now + distance if found["sign"] == "+" else now - distance
    rounded = found["round"]
    if rounded is None:
        return Span(moment, moment + clock.MILLISECOND)
    if rounded == "h":
        start = moment.replace(minute=0, second=0, microsecond=0)
        return Span(start, start + _UNITS["h"])
    day = moment.astimezone(zone).date()
    if rounded == "w":
        day -= timedelta(days=day.weekday())
    return Span(_midnight(day, zone), _midnight(day + _UNITS[rounded], zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return clock.utc(datetime(day.year, day.month, day.day, tzinfo=zone))
