"""Calendars: which hours a day has, what is refused, and that what is stored is what was meant."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.calendar import MAX_DAYS, MAX_SPANS, WEEKDAYS, BadCalendar, Calendar, Span
from shared.errors import Invalid

NINE_TO_FIVE = ["09:00", "17:00"]
OFFICE = {name: [NINE_TO_FIVE] for name in WEEKDAYS[:5]}
MUNICH: dict[str, Any] = {
    "zone": "Europe/Berlin",
    "hours": {**OFFICE, "friday": [["08:30", "12:00"], ["12:30", "24:00"]]},
    "holidays": {"country": "DE", "subdivision": "BY"},
    "days_off": ["2026-12-24", "2026-12-31"],
    "days_on": {"2026-12-26": [["10:00", "14:00"]]},
}


def hours(start: float, end: float) -> Span:
    return Span(timedelta(hours=start), timedelta(hours=end))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-09", (hours(9, 17),)),
        ("2026-03-13", (hours(8.5, 12), hours(12.5, 24))),
        ("2026-03-14", ()),
        ("2026-01-06", ()),
        ("2026-12-24", ()),
        ("2026-12-25", ()),
        ("2026-12-26", (hours(10, 14),)),
        ("2027-01-06", ()),
    ],
    ids=["Monday", "Friday", "Saturday", "Epiphany", "own day off", "Christmas", "worked holiday", "of another year"],
)
def test_the_hours_of_a_day(day: str, expected: tuple[Span, ...]) -> None:
    assert Calendar.read(MUNICH).hours_on(date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "off"),
    [
        ("DE", None, "2026-01-06", False),
        ("DE", "BY", "2026-01-06", True),
        ("AT", None, "2026-10-26", True),
        ("US", None, "2026-07-03", True),
        ("US", None, "2021-12-31", True),
        ("GB", "SCT", "2026-01-02", True),
        ("GB", "ENG", "2026-01-02", False),
        ("IN", None, "2026-01-26", True),
        ("AU", "VIC", "2026-11-03", True),
    ],
    ids=str,
)
def test_public_holidays(country: str, subdivision: str | None, day: str, off: bool) -> None:
    public = {"country": country, "subdivision": subdivision}
    calendar = Calendar.read({"zone": "UTC", "hours": OFFICE, "holidays": public})
    assert (calendar.hours_on(date.fromisoformat(day)) == ()) is off


def test_without_a_country_there_are_no_public_holidays() -> None:
    assert Calendar.read({"zone": "UTC", "hours": OFFICE}).hours_on(date(2026, 12, 25)) == (hours(9, 17),)


def test_what_is_stored_is_what_was_meant() -> None:
    calendar = Calendar.read(MUNICH)
    stored = json.loads(json.dumps(calendar.as_json()))
    assert stored == MUNICH
    assert Calendar.read(stored) == calendar


def test_what_is_left_out_is_stored_as_nothing() -> None:
    assert Calendar.read({"zone": "UTC", "hours": OFFICE}).as_json() == {
        "zone": "UTC", "hours": OFFICE, "holidays": None, "days_off": [], "days_on": {},
    }  # fmt: skip


def monday(*spans: Any) -> dict[str, Any]:
    return {"hours": {"monday": list(spans)}}


def dates(count: int) -> list[str]:
    return [(date(2026, 1, 1) + timedelta(days=day)).isoformat() for day in range(count)]


BAD: dict[str, tuple[Any, str]] = {
    "no zone": ({"zone": ""}, "names its time zone"),
    "a zone that is no text": ({"zone": 5}, "names its time zone"),
    "a zone nobody knows": ({"zone": "Europe/Atlantis"}, "no such time zone"),
    "a part of the world": ({"zone": "Europe"}, "no such time zone"),
    "a path": ({"zone": "../../etc/passwd"}, "no such time zone"),
    "a very long zone": ({"zone": "x" * 100_000}, "no such time zone"),
    "holidays that are no object": ({"holidays": ""}, "object of country"),
    "a country nobody knows": ({"holidays": {"country": "XX"}}, "this country"),
    "a country by its name": ({"holidays": {"country": "Germany"}}, "this country"),
    "a country that is a list": ({"holidays": {"country": ["DE"]}}, "this country"),
    "a subdivision nobody knows": ({"holidays": {"country": "DE", "subdivision": "ZZ"}}, "this subdivision"),
    "a subdivision that is a list": ({"holidays": {"country": "DE", "subdivision": ["BY"]}}, "this subdivision"),
    "a subdivision of nowhere": ({"holidays": {"subdivision": "BY"}}, "needs its country"),
    "hours that overlap": (monday(["09:00", "12:00"], ["11:59", "17:00"]), "do not overlap"),
    "hours out of order": (monday(["13:00", "17:00"], ["09:00", "12:00"]), "do not overlap"),
    "hours over midnight": (monday(["22:00", "06:00"]), "end after they start"),
    "hours of no length": (monday(["09:00", "09:00"]), "end after they start"),
    "hours from 24:00": (monday(["24:00", "24:00"]), "end after they start"),
    "hours without an end": (monday(["09:00"]), "a start and an end"),
    "hours that are a text": (monday("09:00-17:00"), "list of at most 2"),
    "hours of three": (monday(["09:00", "12:00", "17:00"]), "list of at most 2"),
    "a time past the day": (monday(["09:00", "24:01"]), "HH:MM"),
    "a time with seconds": (monday(["09:00:00", "17:00"]), "HH:MM"),
    "a short time": (monday(["9:00", "17:00"]), "HH:MM"),
    "other digits": (monday(["٠٩:00", "17:00"]), "HH:MM"),
    "a time that is a number": (monday([9, 17]), "HH:MM"),
    "too many hours": (monday(*[["09:00", "17:00"]] * (MAX_SPANS + 1)), f"at most {MAX_SPANS}"),
    "an unknown weekday": ({"hours": {"mon": [NINE_TO_FIVE]}}, "object of monday"),
    "hours that are a list": ({"hours": [NINE_TO_FIVE]}, "object of monday"),
    "a wrong name": ({"day_off": []}, "object of zone"),
    "days that are no list": ({"days_off": "2026-12-24"}, "Expected a list"),
    "a day that is none": ({"days_off": ["2026-02-30"]}, "is a date"),
    "a day that is a number": ({"days_off": [20261224]}, "is a date"),
    "too many days off": ({"days_off": dates(MAX_DAYS + 1)}, f"at most {MAX_DAYS}"),
    "too many days on": ({"days_on": {day: [NINE_TO_FIVE] for day in dates(MAX_DAYS + 1)}}, f"at most {MAX_DAYS}"),
    "days on as a list": ({"days_on": ["2026-12-24"]}, "hours by date"),
    "a day on without hours": ({"days_on": {"2026-12-24": []}}, "belongs to the days off"),
    "a day on that overlaps": ({"days_on": {"2026-12-24": [NINE_TO_FIVE, NINE_TO_FIVE]}}, "do not overlap"),
    "a day both on and off": ({"days_on": {"2026-12-24": [NINE_TO_FIVE]}, "days_off": ["2026-12-24"]}, "not both"),
    "no hours at all": ({"hours": {}}, "on some day"),
}


@pytest.mark.parametrize(("change", "said"), BAD.values(), ids=BAD)
def test_what_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadCalendar, match=said) as error:
        Calendar.read({"zone": "UTC", "hours": OFFICE, **change})
    assert isinstance(error.value, Invalid)
    assert error.value.code == "bad_calendar"


NAMED: dict[str, tuple[dict[str, Any], str]] = {
    "a zone": ({"zone": "Mars/Olympus"}, "zone: .*'Mars/Olympus'"),
    "a country": ({"holidays": {"country": "XX"}}, "holidays: .*'XX'"),
    "a subdivision": ({"holidays": {"country": "DE", "subdivision": "ZZ"}}, "holidays: .* of DE .*'ZZ'"),
    "a time": (monday(["09:00", "9:61"]), "monday: .*'9:61'"),
    "hours over midnight": (monday(["22:00", "06:00"]), "monday: .*22:00 to 06:00"),
    "hours that overlap": (monday(["09:00", "12:00"], ["11:59", "17:00"]), "monday: .*11:59 comes after 12:00"),
    "a weekday": ({"hours": {"mon": [], "monday": [NINE_TO_FIVE]}}, "as hours; not 'mon'"),
    "a day off": ({"days_off": ["2026-12-24", "2026-02-30"]}, "days_off: .*'2026-02-30'"),
    "a day on": ({"days_on": {"24.12.2026": [NINE_TO_FIVE]}}, "days_on: .*'24.12.2026'"),
    "hours of a day on": ({"days_on": {"2026-12-24": [["10:00", "09:00"]]}}, "2026-12-24: .*10:00 to 09:00"),
    "a day without hours": ({"days_on": {"2026-12-24": []}}, "2026-12-24: a day without hours"),
    "a day both on and off": (
        {"days_on": {"2026-12-24": [NINE_TO_FIVE]}, "days_off": ["2026-12-24"]}, "2026-12-24: .*not both"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), NAMED.values(), ids=NAMED)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadCalendar, match=said):
        Calendar.read({"zone": "UTC", "hours": OFFICE, **change})


def test_of_a_very_long_value_only_the_beginning_is_said() -> None:
    with pytest.raises(BadCalendar) as error:
        Calendar.read({"zone": "x" * 100_000, "hours": OFFICE})
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("kept", [None, [], "UTC", 5])
def test_what_is_no_object_is_refused(kept: Any) -> None:
    with pytest.raises(BadCalendar, match="object of zone"):
        Calendar.read(kept)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Calendar("UTC", ((),) * 6 + ((hours(9, 17),),) * 2),
        lambda: Calendar("UTC", ((hours(-1, 5),),) * 7),
        lambda: Calendar("UTC", ((hours(9, 25),),) * 7),
        lambda: Calendar("UTC", (tuple(hours(one / 2, one / 2 + 0.5) for one in range(MAX_SPANS + 1)),) * 7),
        lambda: Calendar("UTC", ((hours(9, 17),),) * 7, days_off=frozenset(map(date.fromisoformat, dates(501)))),
    ],
)
def test_no_calendar_is_made_that_could_not_be_read(make: Callable[[], Calendar]) -> None:
    with pytest.raises(BadCalendar):
        make()


def test_hours_that_touch_and_the_whole_day_are_fine() -> None:
    calendar = Calendar.read({"zone": "UTC", **monday(["00:00", "12:00"], ["12:00", "24:00"])})
    assert calendar.hours_on(date(2026, 3, 9)) == (hours(0, 12), hours(12, 24))
