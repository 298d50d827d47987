"""When a team works: the hours of its week in a zone, without holidays and days off, and with days of other hours."""

import re
from calendar import isleap
from collections.abc import Collection, Mapping
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
_SAID = 5  # of those that are wrong, so many are named
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
        for name, hours in (*zip(WEEKDAYS, self.week, strict=True), *self.days_on.items()):
            _require_order(str(name), hours)
        _require(max(len(self.days_off), len(self.days_on)) <= MAX_DAYS, f"There are at most {MAX_DAYS} such days.")
        both = sorted(self.days_off.intersection(self.days_on))
        _require(not both, f"{_listed(both)}: a day is either off or has hours of its own, not both.")
        bare = sorted(day for day, hours in self.days_on.items() if not hours)
        _require(not bare, f"{_listed(bare)}: a day without hours belongs to the days off.")
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
        said = _members("the calendar", kept, ("zone", "hours", "holidays", "days_off", "days_on"))
        week = _members("hours", said.get("hours", {}), WEEKDAYS)
        holidays_of = {} if said.get("holidays") is None else said["holidays"]
        public = _members("holidays", holidays_of, ("country", "subdivision"))
        return cls(
            zone=said.get("zone", ""),
            week=tuple(_hours(name, week.get(name, [])) for name in WEEKDAYS),
            country=public.get("country"),
            subdivision=public.get("subdivision"),
            days_off=frozenset(_date("days_off", day) for day in _list("days_off", said.get("days_off", []), MAX_DAYS)),
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
def countries() -> Mapping[str, Collection[str]]:
    """The subdivisions of each country whose holidays are known. Reads them all when first asked, for a second."""
    return holidays.list_supported_countries(include_aliases=False)


def _require(fine: bool, otherwise: str) -> None:
    if not fine:
        raise BadCalendar(otherwise)


def _require_zone(name: Any) -> None:
    try:
        _require(isinstance(name, str) and bool(name), "zone: a calendar names its time zone, such as Europe/Berlin.")
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCalendar(f"zone: there is no such time zone as {_quoted(name)}.") from None


def _require_country(country: Any, subdivision: Any) -> None:
    if country is None:
        _require(subdivision is None, f"holidays: the subdivision {_quoted(subdivision)} needs its country.")
        return
    known = isinstance(country, str) and country in countries()
    _require(known, f"holidays: those of this country are not known: {_quoted(country)}.")
    known = subdivision is None or (isinstance(subdivision, str) and subdivision in countries()[country])
    _require(known, f"holidays: those of this subdivision of {country} are not known: {_quoted(subdivision)}.")


def _require_order(place: str, hours: Hours) -> None:
    """In order, so that nothing counts twice; those that touch are fine."""
    _require(len(hours) <= MAX_SPANS, f"{place}: a day has at most {MAX_SPANS} spans of hours.")
    before = timedelta(0)
    for start, end in hours:
        if not timedelta(0) <= start < end <= _DAY:
            said = f"{_clock_face(start)} to {_clock_face(end)}"
            raise BadCalendar(f"{place}: hours end after they start, on the same day, at 24:00 at most; not {said}.")
        if start < before:
            said = f"{_clock_face(start)} comes after {_clock_face(before)}"
            raise BadCalendar(f"{place}: hours of one day do not overlap, and are in order; {said}.")
        before = end


def _members(place: str, value: Any, names: Collection[str]) -> Mapping[str, Any]:
    """An object's. One that is not known is a mistake: a day off under a wrong name would be worked."""
    expected = f"Expected an object of {', '.join(names)} as {place}"
    if not isinstance(value, Mapping):
        raise BadCalendar(f"{expected}; not {_quoted(value)}.")
    unknown = [name for name in value if name not in names]
    _require(not unknown, f"{expected}; not {', '.join(map(_quoted, unknown[:_SAID]))}.")
    return value


def _list(place: str, value: Any, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise BadCalendar(f"Expected a list of at most {most} in {place}; not {_quoted(value)}.")
    _require(len(value) <= most, f"Expected a list of at most {most} in {place}; not of {len(value)}.")
    return value


def _days_on(value: Any) -> dict[date, Hours]:
    fine = isinstance(value, Mapping) and len(value) <= MAX_DAYS
    _require(fine, f"days_on: expected hours by date, at most {MAX_DAYS}.")
    return {_date("days_on", day): _hours(f"days_on, {day}", hours) for day, hours in value.items()}


def _date(place: str, value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise BadCalendar(f"{place}: a day is a date, such as 2026-12-24; not {_quoted(value)}.") from None


def _hours(place: str, value: Any) -> Hours:
    return tuple(_span(place, one) for one in _list(place, value, MAX_SPANS))


def _span(place: str, value: Any) -> Span:
    times = _list(place, value, 2)
    _require(len(times) == 2, f"{place}: hours are a start and an end; not {_quoted(value)}.")
    return Span(_time(place, times[0]), _time(place, times[1]))


def _time(place: str, value: Any) -> timedelta:
    if not isinstance(value, str) or not (found := _TIME.fullmatch(value)):
        raise BadCalendar(f"{place}: a time is HH:MM, from 00:00 to 24:00; not {_quoted(value)}.")
    hour, minute = found.groups()
    return _DAY if hour is None else timedelta(hours=int(hour), minutes=int(minute))


def _quoted(value: Any) -> str:
    """What was given, as far as somebody needs to see it to find it."""
    return f"{value!r:.60}"


def _listed(days: list[date]) -> str:
    return ", ".join(day.isoformat() for day in days[:_SAID])


def _said(hours: Hours) -> list[list[str]]:
    return [[_clock_face(moment) for moment in span] for span in hours]


def _clock_face(moment: timedelta) -> str:
    hours, minutes = divmod(moment // timedelta(minutes=1), 60)
    return f"{hours:02}:{minutes:02}"
