"""Times as lines of text write them: months by name in several languages, zones by name, years left out.

What cannot be read surely is not read: a day and a month in numbers alone, or a zone's name that two places use.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from shared.normalise import clock_rules

# A zone reaches 14 hours, and a clock may be a little off.
_YEAR_SLACK = timedelta(days=2)
_YEARS_BACK = 9
_MAX_TEXT = 64

# English, French, German, Spanish, Italian: short forms and long ones, where a short one is not the beginning.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janv janvier januar ene enero gen gennaio",
            "feb february févr fevr février fevrier fév fev februar febrero febbraio",
            "mar march mars mär märz mrz marzo",
            "apr april avr avril abr abril aprile",
            "may mai mayo mag maggio",
            "jun june juin juni junio giu giugno",
            "jul july juil juillet juli julio lug luglio",
            "aug august août aout ago agosto",
            "sep sept september septembre septiembre set settembre",
            "oct october octobre okt oktober octubre ott ottobre",
            "nov november novembre noviembre",
            "dec december déc décembre decembre dez dezember dic diciembre dicembre",
        ),
        1,
    )
    for name in names.split()
}
# RFC 5322's names and Europe's, but for those that mean several zones.
_ZONES = {
    name: timezone(timedelta(hours=hours)) if hours else UTC
    for hours, names in (
        (0, "UTC GMT Z UT WET"), (1, "CET WEST MEZ"), (2, "CEST EET MESZ"), (3, "EEST MSK"), (-4, "EDT"),
        (-5, "EST CDT"), (-6, "MDT"), (-7, "MST PDT"), (-8, "PST AKDT"), (-9, "AKST"), (-10, "HST"),
    )
    for name in names.split()
}  # fmt: skip
# America's and China's, India's and Israel's, and so on: read only where the sensor's own zone is called so. China has
# had no summer time since 1991, so that CDT is America's.
_OF_SEVERAL = ("CST", "IST", "BST")

CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
ZONE = rf"(?:(?:GMT|UTC)?[+-]\d\d?:?\d\d|(?:{'|'.join((*_ZONES, *_OF_SEVERAL))})\b)"
_CLOCK_MARK = re.compile("[:.,]")
_MONTH = r"[^\W\d_]{3,10}\.?"
_SHAPES = tuple(
    re.compile(shape + r"\s*\Z")
    for shape in (
        # Nov 20 2026 14:00:02.123 UTC; Fri Nov 20 14:00:02 2026; Nov 20 14:00:02; 2026 Nov 20 14:00:02 CET
        r"\s*(?:[^\W\d_]{2,4}\.?,? )?(?:(?P<year>\d{4}) )?(?P<month>" + _MONTH + r") {1,2}(?P<day>\d{1,2}),?"
        r"(?: (?P<year2>\d{4}))? (?P<clock>" + CLOCK + r")(?: (?P<zone2>\S*[^\d\s]\S*))?(?: (?P<year3>\d{4}))?"
        r"(?: ?(?P<zone>\S+))?",
        # 20 Nov 2026 14:00:02; 20-Nov-2026 14:00:02.123; 20/Nov/2026:14:00:02 +0100
        r"\s*(?:[^\W\d_]{2,4}\.?,? )?(?P<day>\d{1,2})[ /-](?P<month>" + _MONTH + r")[ /-](?P<year>\d{4})[ :T]"
        r"(?P<clock>" + CLOCK + r")(?: ?(?P<zone>\S+))?",
        # 2026/11/20 14:00:02; 2026-11-20-14.00.02.265056
        r"\s*(?P<year>\d{4})[/-](?P<month>\d\d)[/-](?P<day>\d\d)[ T-](?P<clock>\d\d[:.]\d\d[:.]\d\d(?:[.,]\d{1,9})?)"
        r"(?: ?(?P<zone>\S+))?",
    )
)  # fmt: skip


def read(text: str, zone: tzinfo, received_at: datetime) -> tuple[datetime | None, bool]:
    """The moment, aware UTC, or None; and whether it was had without `received_at`, which gives a missing year."""
    if len(text) > _MAX_TEXT:
        return None, True
    return _read(text, zone, received_at)


# The lines of one request share their receipt, and many of them a second.
@lru_cache(maxsize=1024)
def _read(text: str, zone: tzinfo, received_at: datetime) -> tuple[datetime | None, bool]:
    moment = clock_rules.read(text, zone)
    if moment is not None:
        return moment, True
    for shape in _SHAPES:
        if found := shape.match(text):
            return _moment(found.groupdict(), zone, received_at)
    return None, True


def read_as(text: str, pattern: str, zone: tzinfo, received_at: datetime) -> tuple[datetime | None, bool]:
    """The same for a text whose shape is told by a pattern of Java's SimpleDateFormat, as LEEF's devTimeFormat."""
    steps = _steps(pattern) if len(pattern) <= _MAX_TEXT and len(text) <= _MAX_TEXT else None
    parts = _walked(text, steps) if steps is not None else None
    return _moment(parts, zone, received_at) if parts is not None else (None, True)


def zone_of(word: str) -> tzinfo | None:
    """The zone of a name or an offset; None where it names none, or more than one."""
    return _zone_of(word) if len(word) <= _MAX_TEXT else None


@lru_cache(maxsize=256)
def _zone_of(word: str) -> tzinfo | None:
    if (named := _ZONES.get(word.upper())) is not None:
        return named
    if found := _OFFSET.match(word):
        sign, hours, minutes = found.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-offset if sign == "-" else offset) if offset < timedelta(hours=24) else None
    known = clock_rules.zone(word) if "/" in word else UTC
    return None if known is UTC else known


_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d\d?):?(\d\d)?\Z", re.A)


def _where(word: str, zone: tzinfo) -> tzinfo | None:
    return zone_of(word) or (zone if word.upper() in _own_names(zone) else None)


@lru_cache(maxsize=256)
def _own_names(zone: tzinfo) -> frozenset[str | None]:
    """What the zone is called in winter and in summer."""
    return frozenset(datetime(2026, month, 1, tzinfo=zone).tzname() for month in (1, 7))


def _moment(parts: dict[str, str | None], zone: tzinfo, received_at: datetime) -> tuple[datetime | None, bool]:
    named = parts.get("zone") or parts.get("zone2")
    where = zone if named is None else _where(named.strip("[]()"), zone)
    month, clock = _month(parts["month"] or ""), _CLOCK_MARK.split(parts["clock"] or "")
    if where is None or month is None or parts["day"] is None:
        return None, True
    # A leap second is the last one of its minute.
    hour, minute, second = int(clock[0]), int(clock[1]), min(int(clock[2]), 59)
    fraction = int(clock[3][:6].ljust(6, "0")) if len(clock) > 3 else 0
    rest = (month, int(parts["day"]), hour, minute, second, fraction)
    year = parts.get("year") or parts.get("year2") or parts.get("year3")
    if year is not None:
        return _utc(int(year) + (2000 if len(year) == 2 else 0), rest, where), True
    for guess in range(received_at.year + 1, received_at.year - _YEARS_BACK, -1):
        moment = _utc(guess, rest, where)
        if moment is not None and moment <= received_at + _YEAR_SLACK:
            return moment, False
    return None, True


def _utc(year: int, rest: tuple[int, int, int, int, int, int], zone: tzinfo) -> datetime | None:
    try:
        return datetime(year, *rest, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _month(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    return _MONTHS.get(text.lower().rstrip("."))


# What each letter of a SimpleDateFormat pattern stands for; of the clock, only the 24 hours'.
_LETTERS = {
    letter: (name, re.compile(piece))
    for letter, name, piece in (
        ("y", "year", r"\d{4}|\d\d"),
        ("M", "month", rf"\d{{1,2}}|{_MONTH}"),
        ("d", "day", r"\d{1,2}"),
        ("E", "weekday", r"[^\W\d_]{2,10}\.?"),
        ("z", "zone", r"[^\s()\[\]]+"),
        ("Z", "zone", r"[^\s()\[\]]+"),
        ("X", "zone", r"[^\s()\[\]]+"),
        ("\0", "clock", r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"),
    )
}
_CLOCK_PATTERN = re.compile(r"(?:HH?|kk?):mm:ss(?:([.,])S+)?")
_TOKEN = re.compile(r"'([^']*)'|\0|([A-Za-z])\2*|.", re.DOTALL)
_Step = tuple[str, re.Pattern[str]] | str


# Each line may bring a pattern of its own, so none is made into a regular expression: that costs ten times as much.
@lru_cache(maxsize=256)
def _steps(pattern: str) -> tuple[_Step, ...] | None:
    """The parts and the literals of a pattern in their order; None where that does not tell a moment."""
    steps: list[_Step] = []
    for token in _TOKEN.finditer(_CLOCK_PATTERN.sub("\0", pattern, count=1)):
        letter = token[2] or ("\0" if token[0] == "\0" else "")
        if letter and letter not in _LETTERS:
            return None
        literal = token[1] if token[1] is not None else token[0]
        steps.append(_LETTERS[letter] if letter else literal)
    names = [step[0] for step in steps if not isinstance(step, str)]
    return tuple(steps) if {"month", "day", "clock"} <= set(names) and len(set(names)) == len(names) else None


def _walked(text: str, steps: tuple[_Step, ...]) -> dict[str, str | None] | None:
    parts: dict[str, str | None] = {}
    text = text.strip()
    at = 0
    for step in steps:
        if isinstance(step, str):
            if not text.startswith(step, at):
                return None
            at += len(step)
        elif found := step[1].match(text, at):
            parts[step[0]] = found[0]
            at = found.end()
        else:
            return None
    return parts if at == len(text) else None
