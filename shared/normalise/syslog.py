"""Syslog messages, RFC 5424 and RFC 3164 with what devices make of it; and the header around other formats' lines."""

import re
from datetime import datetime
from typing import Any

from shared.domain import severity
from shared.normalise import identity, line_times
from shared.normalise.decode import JsonObject
from shared.normalise.reading import Context, Format, Reading, never

GROUPING = "syslog@1"

_LEVELS = (
    ("emergency", severity.CRITICAL),
    ("alert", severity.CRITICAL),
    ("critical", severity.CRITICAL),
    ("error", severity.HIGH),
    ("warning", severity.MEDIUM),
    ("notice", severity.LOW),
    ("informational", severity.INFORMATIONAL),
    ("debug", severity.INFORMATIONAL),
)
_MAX_PRIORITY = 191
_BOM = "\ufeff"

# An octet count may have been left before it by a receiver that cut at line ends.
_PRIORITY = re.compile(r"(?:\d{1,7} )?<(\d{1,3})>\s*", re.A)
_ISO = rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]{line_times.CLOCK}(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?"
_YEAR = r"\d{4}"
_DAY = r"[A-Z][a-z]{2} {1,2}\d{1,2}"
_DATE = rf"(?:{_YEAR} )?{_DAY} (?:{_YEAR} )?{line_times.CLOCK}(?: {_YEAR}(?=:? |\Z))?(?: {line_times.ZONE})?"
_ELEMENTS = r"(?P<data>-|(?:\[[^\s\]\\](?:[^\]\\]++|\\.)*+\])++)(?: |\Z)"
_RFC5424 = re.compile(
    rf"1 (?P<timestamp>-|{_ISO}) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) (?P<msgid>\S+) {_ELEMENTS}", re.DOTALL
)
# The same without its version; the colon of a tag would tell that it is not.
_UNVERSIONED = re.compile(
    rf"(?P<timestamp>{_ISO}) (?P<host>\S+) (?P<app>[^\s:]+) (?P<pid>[^\s:]+) (?P<msgid>[^\s:]+) {_ELEMENTS}", re.DOTALL
)
_STAMP = re.compile(rf"(?:1 )?(?P<timestamp>{_ISO}|{_DATE}|\d{{10}}(?:\d{{3}}|\.\d{{1,9}})?)(?=[ :]|\Z)")
# Cisco's: 84027: gate-1: 022546: *Nov 20 14:00:02.123 CET: %SYS-5-CONFIG_I: …
_NUMBERED = re.compile(rf"(?P<before>(?:[\w./*-]*: ?){{0,3}})[*.]?(?P<timestamp>{_DATE}) ?:", re.A)
_HOST = re.compile(r" +(?!CEF:|LEEF:)([\w.:%-]*[\w%-])(?= |\Z)")
_TAG = re.compile(r"[: ]*(?!CEF:|LEEF:)([\w./@#~+-]{1,64})(?:\[([\w.-]{0,20})\])?(?: -)?:(?:\s+|(?=CEF:|LEEF:|\{)|\Z)")
_MNEMONIC = re.compile(r"%([A-Z][\w-]*-[0-7]-[A-Z]\w*)", re.A)
_ELEMENT = re.compile(r"\[([^\s\]\\]+)((?:[^\]\\]++|\\.)*+)\]", re.DOTALL)
_PARAMETER = re.compile(r'\s([^\s="]++)="((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\\]])')


def peel(line: str) -> tuple[JsonObject, str]:
    """The header's parts as far as there are any, and what follows it.

    Parts: `priority` (a number, only of a valid one), `timestamp`, `host`, `app`, `pid`, `msgid`, and `data`, the
    structured data. No part of the message is taken for any of them unless it stands where they do.
    """
    header: JsonObject = {}
    found = _PRIORITY.match(line)
    if found and int(found[1]) <= _MAX_PRIORITY:
        header["priority"] = int(found[1])
        line = line[found.end() :]
    if found := _RFC5424.match(line) or _UNVERSIONED.match(line):
        header.update(_given(found))
        return header, line[found.end() :].removeprefix(_BOM)
    if found := _STAMP.match(line):
        header["timestamp"] = found["timestamp"]
        return header, _origin(line[found.end() :], header)
    if "priority" not in header:
        return {}, line
    if found := _NUMBERED.match(line):
        header["timestamp"] = found["timestamp"]
        names = [name for name in found["before"].replace(":", " ").split() if not name.isdecimal()]
        header.update({"host": names[-1]} if names else {})
        return header, _tagged(line[found.end() :], header)
    return header, _tagged(line, header)


def _given(found: re.Match[str]) -> JsonObject:
    parts: JsonObject = {name: value for name, value in found.groupdict().items() if value != "-"}
    if "data" in parts:
        parts["data"] = structured(parts["data"])
    return parts


def structured(data: str) -> dict[str, dict[str, str]]:
    """The parameters of each element of structured data, by the element's id."""
    elements: dict[str, dict[str, str]] = {}
    for element in _ELEMENT.finditer(data):
        named = elements.setdefault(element[1], {})
        for name, value in _PARAMETER.findall(element[2]):
            named[name] = _ESCAPE.sub(r"\1", value) if "\\" in value else value
    return elements


def _origin(rest: str, header: JsonObject) -> str:
    if found := _HOST.match(rest):
        header["host"] = found[1]
        rest = rest[found.end() :]
    return _tagged(rest, header)


def _tagged(rest: str, header: JsonObject) -> str:
    if found := _TAG.match(rest):
        header["app"] = found[1]
        if found[2]:
            header["pid"] = found[2]
        return rest[found.end() :]
    return rest.lstrip(" :")


def moment(header: JsonObject, context: Context) -> tuple[datetime | None, bool]:
    """The header's time, and whether it may go into an id: see `line_times.read`."""
    timestamp = header.get("timestamp")
    if timestamp is None:
        return None, True
    return line_times.read(timestamp.replace(",", "."), context.zone, context.received_at)


def fields(header: JsonObject) -> dict[str, Any]:
    """What a header says, by the names of ECS."""
    return {"host.name": header.get("host"), "process.name": header.get("app"), "process.pid": header.get("pid")}


def type_of(record: JsonObject) -> str:
    """The program's name in lower case, or `syslog`."""
    return str(record["syslog"].get("app", "syslog")).lower()[:64]


def read(record: JsonObject, context: Context) -> Reading:
    """The meaning of a header and the message behind it."""
    header, message = record["syslog"], record["message"]
    time, certain = moment(header, context)
    level, number = level_of(header)
    found = context.placed(fields(header))
    mnemonic = _MNEMONIC.match(message)
    title = message.strip() or "Empty syslog message"
    return Reading(
        kind="telemetry",
        severity=level,
        title=title,
        module="syslog",
        dataset="syslog.messages",
        fields={
            **found,
            "message": message,
            "log.level": None if number is None else _LEVELS[number][0],
            "event.severity": number,
            "event.code": mnemonic[1] if mnemonic else header.get("msgid"),
        },
        time=time,
        time_is_certain=certain,
        identity=(),
        # A date without a year still tells the message from its like, though it may not go into the id's time.
        has_id=not certain,
        by_content=True,
        by_ordinal=True,
        grouping=GROUPING,
        group_by=(found["host.name"], found["process.name"], identity.without_numbers(title[:256])),
        # All else of the record is in the document already.
        keep_record="data" in header,
    )


def level_of(header: JsonObject) -> tuple[int, int | None]:
    """Our severity for a header's, and its own number of 0 to 7, if it has one."""
    priority = header.get("priority")
    if priority is None:
        return severity.INFORMATIONAL, None
    number: int = priority % 8
    return _LEVELS[number][1], number


FORMAT = Format(
    name="syslog",
    shape="a line that begins with syslog's `<PRI>`, or with a time and a host as syslog writes them",
    groupings={GROUPING: ("host.name", "process.name", "message")},
    matches=never,
    read=read,
    type_of=type_of,
)
