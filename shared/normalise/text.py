"""Text lines: the words, the time where the line begins with one, and syslog's simplest headers."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from shared.domain import severity
from shared.normalise import clock_rules, identity
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading

GROUPING = "text@1"

_PRIORITY = re.compile(r"<(\d{1,3})>", re.A)
_RFC5424 = re.compile(r"1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) ?", re.A)
_RFC3164 = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:(\S+) )?", re.A)
_ISO = re.compile(
    r"\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)\]?(?:\s|\Z)", re.A
)
_TAG = re.compile(r"([\w./-]{1,64})(?:\[(\d{1,10})\])?: ", re.A)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Zones reach 14 hours, and a clock may be a little off.
_YEAR_SLACK = timedelta(days=2)


def matches(record: JsonObject) -> bool:
    """Never by shape: a line is text where it is nothing else."""
    return False


def type_of(record: JsonObject) -> str:
    """`text`."""
    return "text"


def read(record: JsonObject, context: Context) -> Reading:
    """The meaning of `record["message"]`, one line."""
    rest, level = _without_priority(record["message"])
    line = rest
    fields: dict[str, Any] = {"message": line}
    time, certain, rest = _head(rest, fields, context)
    title = rest.strip() or line.strip() or "Empty line"
    return Reading(
        kind="telemetry",
        severity=level,
        title=title,
        module="text",
        dataset="text.lines",
        fields=fields,
        time=time,
        time_is_certain=certain,
        identity=(),
        # A date without a year still tells the line from its like, though it may not go into the id's time.
        has_id=not certain,
        by_content=True,
        by_ordinal=True,
        grouping=GROUPING,
        group_by=(fields.get("host.name"), fields.get("process.name"), identity.without_numbers(title[:256])),
        keep_record=False,
    )


def _without_priority(line: str) -> tuple[str, int]:
    found = _PRIORITY.match(line)
    if not found or int(found[1]) > 191:
        return line, severity.INFORMATIONAL
    number = int(found[1]) % 8
    level = (5, 5, 5, 4, 3, 2, 1, 1)[number]
    return line[found.end() :], level


def _head(rest: str, fields: dict[str, Any], context: Context) -> tuple[datetime | None, bool, str]:
    if found := _RFC5424.match(rest):
        time, host, program, pid = found.groups()
        _name(fields, host, program, pid)
        return clock_rules.read(time, context.zone), True, rest[found.end() :]
    if found := _ISO.match(rest):
        time = clock_rules.read(found[1].replace(",", "."), context.zone)
        return time, True, rest[found.end() :]
    if found := _RFC3164.match(rest):
        moment = _dated(found, context.zone, context.received_at)
        if moment is None:
            return None, True, rest
        rest = rest[found.end() :]
        tag = _TAG.match(rest)
        _name(fields, found[6], *(tag.groups() if tag else (None, None)))
        return moment, False, rest[tag.end() :] if tag else rest
    return None, True, rest


def _name(fields: dict[str, Any], host: str | None, program: str | None, pid: str | None) -> None:
    named = {"host.name": host, "process.name": program, "process.pid": pid}
    fields.update({name: value for name, value in named.items() if value and value != "-"})


def _dated(found: re.Match[str], zone: tzinfo, received_at: datetime) -> datetime | None:
    """The latest such date that is not after the receipt: a line leaves its year out."""
    if found[1] not in _MONTHS:
        return None
    month = _MONTHS.index(found[1]) + 1
    day, hour, minute, second = (int(found[place]) for place in (2, 3, 4, 5))
    for year in range(received_at.year + 1, received_at.year - 9, -1):
        try:
            moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        if moment <= received_at + _YEAR_SLACK:
            return moment
    return None


FORMAT = Format(
    name="text",
    shape="a line of text",
    groupings={GROUPING: ("host.name", "process.name", "message")},
    matches=matches,
    read=read,
    type_of=type_of,
)
