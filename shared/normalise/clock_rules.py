"""What a sensor's time means: reading the shapes it comes in, and what we do when it cannot be right."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from shared import clock

TIME_MISSING = "time_missing"
CLOCK_SKEW = "clock_skew"

_YEAR_2000 = datetime(2000, 1, 1, tzinfo=UTC)
# `datetime.replace` costs ten times a subtraction.
_PAST_THE_MILLISECOND = tuple(timedelta(microseconds=rest) for rest in range(1000))
_AHEAD_FOR_TIME = timedelta(minutes=5)
_AHEAD_FOR_ID = timedelta(hours=24)

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
# 23/Nov/2026:18:02:51 +0100 (web servers) and Mon, 23 Nov 2026 18:02:51 GMT (RFC 5322).
_NAMED_MONTH = re.compile(
    r"(?:[A-Za-z]{3}, )?(\d{1,2})[ /-]([A-Za-z]{3})[ /-](\d{4})[ :T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(\S*)\Z", re.A
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]|\Z)", re.A)
_UTC_WORD = re.compile(r" ?(?:UTC|GMT|Z|z)\Z")
_EPOCH = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?\Z", re.A)


class Placed(msgspec.Struct):
    """Where a record stands in time.

    `time` is the event's; `id_milliseconds` of the id at this receipt and of its twin, None where there
    can be no twin; `sensor_time` is the sensor's own reading where it was not taken, and `tag` says so.
    """

    time: datetime
    id_milliseconds: int
    twin_milliseconds: int | None
    tag: str | None = None
    sensor_time: datetime | None = None


def place(sensor_time: datetime | None, received_at: datetime, *, certain: bool = True) -> Placed:
    """Apply the clock rules (contracts 1): the pair of milliseconds never depends on `received_at`.

    A time that is not `certain` was had with the help of `received_at`, so it stays out of the id.
    """
    if sensor_time is None:
        return Placed(received_at, 0, None, TIME_MISSING)
    time = sensor_time - _PAST_THE_MILLISECOND[sensor_time.microsecond % 1000]
    if time < _YEAR_2000:
        return Placed(received_at, 0, None, CLOCK_SKEW, time)
    if not certain:
        return _uncertain(time, received_at)
    milliseconds = clock.milliseconds(time)
    if time <= received_at:
        return Placed(time, milliseconds, 0)
    ahead = time - received_at
    if ahead > _AHEAD_FOR_ID:
        return Placed(received_at, 0, milliseconds, CLOCK_SKEW, time)
    if ahead > _AHEAD_FOR_TIME:
        return Placed(received_at, milliseconds, 0, CLOCK_SKEW, time)
    return Placed(time, milliseconds, 0)


def _uncertain(time: datetime, received_at: datetime) -> Placed:
    if time > received_at + _AHEAD_FOR_TIME:
        return Placed(received_at, 0, None, CLOCK_SKEW, time)
    return Placed(time, 0, None)


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The zone of that IANA name; UTC where there is none such."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return UTC


def read(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """The moment a sensor's value means, aware UTC; None where it means none.

    Strings: ISO 8601 with any offset or none (then it is `zone`'s), the two shapes with month names, or
    digits. Numbers: seconds, milliseconds, microseconds or nanoseconds since 1970, told by size.
    """
    kind = type(value)
    if kind is str:
        return _read_iso(value, zone) if _ISO_DATE.match(value) else _read_text(value.strip(), zone)
    if kind is int or kind is float:
        return _read_epoch(value)
    return None


def _read_text(text: str, zone: tzinfo) -> datetime | None:
    if _EPOCH.match(text):
        return _read_epoch(float(text) if "." in text else int(text))
    return _read_iso(text, zone) if _ISO_DATE.match(text) else _read_named_month(text, zone)


def _read_iso(text: str, zone: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _read_odd_iso(text, zone)


def _read_odd_iso(text: str, zone: tzinfo) -> datetime | None:
    # What fromisoformat does not take: zone words, a space before the offset, and the leap second.
    mended = _UTC_WORD.sub("+00:00", text.strip()).replace(" +", "+").replace(" -", "-")
    if mended[16:19] == ":60":
        mended = f"{mended[:16]}:59{mended[19:]}"
    try:
        moment = datetime.fromisoformat(mended)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_named_month(text: str, zone: tzinfo) -> datetime | None:
    found = _NAMED_MONTH.match(text)
    if not found:
        return None
    day, month, year, hours, offset = found.groups()
    number = _MONTHS.get(month.lower())
    if number is None:
        return None
    return _read_iso(f"{year}-{number:02}-{int(day):02}T{hours}{offset}", zone)


def _read_epoch(number: float) -> datetime | None:
    # Seconds reach the year 5138 before they are taken for milliseconds, and so on upwards.
    size = abs(number)
    if size < 1e11:
        microseconds = round(number * 1e6)
    elif size < 1e14:
        microseconds = round(number * 1e3)
    elif size < 1e17:
        microseconds = round(number)
    else:
        microseconds = int(number) // 1000
    try:
        return clock.EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return None
