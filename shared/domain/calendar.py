"""When a team works: the hours of its week in a zone, without holidays and days off, and with days of other hours."""

import re
from calendar import isleap
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from shared.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MAX_SPANS = 12
"""Of one day."""

MAX_DAYS = 500
"""Of one's own days off, and as many of those with other hours."""

_DAY = timedelta(days=1)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


class BadCalendar(Invalid):
    """The calendar does not say clearly when people work."""

    code = "bad_calendar"


class Span(NamedTuple):
    """From `start` until just before `end` on a wall clock; both since midnight, up to 24 hours."""

    start: timedelta
    end: timedelta


Hours = tuple[Span, ...]
"""The working hours of one day: in order, and without overlaps."""


@dataclass(frozen=True)
class Calendar:
    """What is made is valid; making one raises BadCalendar.

    `week` has the hours of each weekday, from Monday on. Days in `days_on` have just those hours, whatever else they
    are. Of the others, `days_off` and public holidays have none: those of `country` (ISO 3166-1 alpha-2) and its
    `subdivision`.
    """

    zone: str
    week: tuple[Hours, ...]
    country: str | None = None
    subdivision: str | None = None
    days_off: frozenset[date] = frozenset()
    days_on: Mapping[date, Hours] = field(default_factory=dict)
    _years: dict[int, list[timedelta]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _require_zone(self.zone)
        _require_country(self.country, self.subdivision)
        _require(len(self.week) == len(WEEKDAYS), "A week has seven days.")
        for hours in (*self.week, *self.days_on.values()):
            _require_order(hours)
        _require(max(len(self.days_off), len(self.days_on)) <= MAX_DAYS, f"There are at most {MAX_DAYS} such days.")
        _require(self.days_off.isdisjoint(self.days_on), "A day is either off or has hours of its own, not both.")
        _require(all(self.days_on.values()), "A day without hours belongs to the days off.")
        _require(any(self.week) or bool(self.days_on), "A calendar has working hours on some day.")

    def hours_on(self, day: date) -> Hours:
        """The working hours of that day of its zone."""
        if day in self.days_on:
            return self.days_on[day]
        if day in self.days_off or self._is_holiday(day):
            return ()
        return self.week[day.weekday()]

    def worked_between(self, first: date, last: date) -> timedelta:
        """The working hours of the days from `first` until just before `last`; each year is counted only once."""
        whole_years = sum((self._year(year)[-1] for year in range(first.year, last.year)), timedelta(0))
        return whole_years + self._worked_before(last) - self._worked_before(first)

    def _worked_before(self, day: date) -> timedelta:
        """In its year."""
        return self._year(day.year)[day.timetuple().tm_yday - 1]

    def _year(self, number: int) -> list[timedelta]:
        """What was worked before each of its days, and in all of it."""
        if number not in self._years:
            days = (date(number, 1, 1) + one * _DAY for one in range(365 + isleap(number)))
            hours = (sum((end - start for start, end in self.hours_on(day)), timedelta(0)) for day in days)
            self._years[number] = list(accumulate(hours, initial=timedelta(0)))
        return self._years[number]

    def _is_holiday(self, day: date) -> bool:
        return self.country is not None and day in _holidays(self.country, self.subdivision, day.year)

    @classmethod
    def read(cls, kept: Any) -> "Calendar":
        """Of plain JSON, as `as_json` gives it. Raises BadCalendar."""
        said = _members(kept, ("zone", "hours", "holidays", "days_off", "days_on"))
        week = _members(said.get("hours", {}), WEEKDAYS)
        public = _members({} if said.get("holidays") is None else said["holidays"], ("country", "subdivision"))
        return cls(
            zone=said.get("zone", ""),
            week=tuple(_hours(week.get(name, [])) for name in WEEKDAYS),
            country=public.get("country"),
            subdivision=public.get("subdivision"),
            days_off=frozenset(_date(day) for day in _list(said.get("days_off", []), MAX_DAYS)),
            days_on=_days_on(said.get("days_on", {})),
        )

    def as_json(self) -> dict[str, Any]:
        """As a column and the API have it: times `HH:MM` up to `24:00`, dates ISO 8601, days without hours left out."""
        return {
            "zone": self.zone,
            "hours": {name: _said(hours) for name, hours in zip(WEEKDAYS, self.week, strict=True) if hours},
            "holidays": self.country and {"country": self.country, "subdivision": self.subdivision},
            "days_off": [day.isoformat() for day in sorted(self.days_off)],
            "days_on": {day.isoformat(): _said(hours) for day, hours in sorted(self.days_on.items())},
        }


@lru_cache(maxsize=1024)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Public ones, and the days on which one is kept that falls on a weekend."""
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, Collection[str]]:
    """The subdivisions of each country whose holidays are known."""
    return holidays.list_supported_countries(include_aliases=False)


def _require(fine: bool, otherwise: str) -> None:
    if not fine:
        raise BadCalendar(otherwise)


def _require_zone(name: Any) -> None:
    try:
        _require(isinstance(name, str) and bool(name), "A calendar names its time zone, such as Europe/Berlin.")
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCalendar("There is no such time zone.") from None


def _require_country(country: Any, subdivision: Any) -> None:
    if country is None:
        _require(subdivision is None, "A subdivision needs its country.")
        return
    _require(isinstance(country, str) and country in _countries(), "The holidays of this country are not known.")
    known = subdivision is None or (isinstance(subdivision, str) and subdivision in _countries()[country])
    _require(known, "The holidays of this subdivision are not known.")


def _require_order(hours: Hours) -> None:
    """In order, so that nothing counts twice; those that touch are fine."""
    _require(len(hours) <= MAX_SPANS, f"A day has at most {MAX_SPANS} spans of hours.")
    before = timedelta(0)
    for start, end in hours:
        _require(timedelta(0) <= start < end <= _DAY, "Hours end after they start, on the same day, at 24:00 at most.")
        _require(start >= before, "Hours of one day do not overlap, and are in order.")
        before = end


def _members(value: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """An object's. One that is not known is a mistake: a day off under a wrong name would be worked."""
    _require(isinstance(value, Mapping) and set(value) <= set(names), f"Expected an object of {', '.join(names)}.")
    found: Mapping[str, Any] = value
    return found


def _list(value: Any, most: int) -> list[Any]:
    _require(isinstance(value, list) and len(value) <= most, f"Expected a list of at most {most}.")
    found: list[Any] = value
    return found


def _days_on(value: Any) -> dict[date, Hours]:
    _require(isinstance(value, Mapping) and len(value) <= MAX_DAYS, f"Expected hours by date, at most {MAX_DAYS}.")
    return {_date(day): _hours(hours) for day, hours in value.items()}


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise BadCalendar("A day is a date, such as 2026-12-24.") from None


def _hours(value: Any) -> Hours:
    return tuple(_span(one) for one in _list(value, MAX_SPANS))


def _span(value: Any) -> Span:
    times = _list(value, 2)
    _require(len(times) == 2, "Hours are a start and an end.")
    return Span(_time(times[0]), _time(times[1]))


def _time(value: Any) -> timedelta:
    if not isinstance(value, str) or not (found := _TIME.fullmatch(value)):
        raise BadCalendar("A time is HH:MM, from 00:00 to 24:00.")
    hour, minute = found.groups()
    return _DAY if hour is None else timedelta(hours=int(hour), minutes=int(minute))


def _said(hours: Hours) -> list[list[str]]:
    return [[_clock_face(moment) for moment in span] for span in hours]


def _clock_face(moment: timedelta) -> str:
    hours, minutes = divmod(moment // timedelta(minutes=1), 60)
    return f"{hours:02}:{minutes:02}"
