"""How cases of clocks are written down: tables of text, moments in UTC, and calendars by name as they are stored."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.calendar import WEEKDAYS, Calendar
from shared.domain.working_time import Pause


def rows(table: str) -> list[Any]:
    """A case for each line; its first cell says what it is, the others are what the test takes."""
    cells = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [pytest.param(*rest, id=f"{what}, {rest[0]}") for what, *rest in cells]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def paused(text: str) -> list[Pause]:
    """Of `2026-03-09 09:00/2026-03-09 10:00, 2026-03-09 12:00/`: the last one is open."""
    both = [one.split("/") for one in text.split(", ") if one]
    return [Pause(at(start), at(end) if end else None) for start, end in both]


def week(days: str, *hours: list[str]) -> dict[str, list[list[str]]]:
    return {name: list(hours) for name in WEEKDAYS if name[:2] in days.split()}


WORKDAYS, DAILY = "mo tu we th fr", "mo tu we th fr sa su"
OFFICE = week(WORKDAYS, ["09:00", "17:00"])
NIGHT = week(DAILY, ["00:00", "06:00"], ["22:00", "24:00"])
ALWAYS = week(DAILY, ["00:00", "24:00"])
BERLIN, NEW_YORK, LORD_HOWE, APIA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"

CALENDARS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "Berlin office": {"zone": BERLIN, "hours": OFFICE, "holidays": {"country": "DE"}},
    "Munich office": {
        "zone": BERLIN, "hours": OFFICE, "holidays": {"country": "DE", "subdivision": "BY"},
        "days_off": ["2026-12-24"], "days_on": {"2026-12-26": [["10:00", "14:00"]], "2026-05-01": [["08:00", "20:00"]]},
    },
    "Berlin night": {"zone": BERLIN, "hours": NIGHT},
    "Berlin always": {"zone": BERLIN, "hours": ALWAYS},
    "Berlin 02 to 03": {"zone": BERLIN, "hours": week(DAILY, ["02:00", "03:00"])},
    "Berlin 02:30 to 03": {"zone": BERLIN, "hours": week(DAILY, ["02:30", "03:00"])},
    "New York office": {"zone": NEW_YORK, "hours": OFFICE, "holidays": {"country": "US"}},
    "New York night": {"zone": NEW_YORK, "hours": NIGHT},
    "Lord Howe night": {"zone": LORD_HOWE, "hours": NIGHT},
    "Kolkata": {
        "zone": "Asia/Kolkata", "hours": week(f"{WORKDAYS} sa", ["09:30", "18:00"]), "holidays": {"country": "IN"},
    },
    "Kathmandu": {"zone": "Asia/Kathmandu", "hours": week("su mo tu we th fr", ["10:00", "13:00"], ["14:00", "17:00"])},
    "Apia office": {"zone": APIA, "hours": OFFICE, "days_on": {"2011-12-30": [["00:00", "24:00"]]}},
    "Apia always": {"zone": APIA, "hours": ALWAYS},
}  # fmt: skip

GERMAN = "2026-01-01 2026-04-03 2026-04-06 2026-05-01 2026-05-14 2026-05-25 2026-10-03 2026-12-25 2026-12-26"
HOLIDAYS = {
    "Berlin office": GERMAN,
    "Munich office": f"{GERMAN} 2026-01-06 2026-06-04 2026-11-01",
    "New York office": "2026-07-03 2026-07-04 2026-11-26 2026-12-25",
    "Kolkata": "2026-01-26",
}
"""By hand, those within the cases."""


def holidays(calendar: str) -> set[date]:
    return {date.fromisoformat(day) for day in HOLIDAYS.get(calendar, "").split()}


def read(calendar: str) -> Calendar | None:
    kept = CALENDARS[calendar]
    return None if kept is None else Calendar.read(kept)
