"""Takes off what shippers put around a sensor's record, and keeps what is useful of it as transport.

Two ways of wrapping: the record sits under a key as an object or as JSON text (Filebeat's `message`, Fluent
Bit's `log`, Wazuh's `all_fields`), or the shipper's fields stand among the record's own.
"""

from typing import Any

import msgspec

from shared.normalise import ecs, formats, lines, shipper, syslog
from shared.normalise.conform import clip
from shared.normalise.decode import JsonObject, decode
from shared.normalise.event import Rejected
from shared.normalise.reading import Format, get

MAX_LAYERS = 3

_HOLDERS = (
    "message", "log", "MESSAGE", "line", "all_fields", "event", "detail", "_source", "json", "_raw", "raw",
)  # fmt: skip
# Holders whose text is the line itself, where nothing but the shipper's words stand beside them.
_LINES = ("message", "log", "MESSAGE", "line", "_raw")
# A record with none of these is the sensor's own, nothing to look for.
_MARKS = shipper.MARKS.union(_HOLDERS)
# What a container's runtime writes beside a line that was printed in it.
_CONTAINERS_WORDS = frozenset({"stream", "logtag"})
# CEE's mark of an object in a syslog message; Suricata can be set to write it.
_COOKIE = "@cee:"


class Unwrapped(msgspec.Struct):
    """What remains: the sensor's object, or `{"message": line}`; its format where one was recognised.

    `transport` holds useful words of the wrapping, `shipped_at` the shipper's own time, raw, and `stream` a
    word on where the record came from (a dataset or a file's name); `fields` are ECS fields that the
    wrapping knows better. `origin` is what tells the machine, file, container or program that it is from.
    """

    value: JsonObject
    format: Format | None
    transport: dict[str, str] = {}
    shipped_at: Any = None
    stream: str = ""
    repaired: bool = False
    fields: dict[str, Any] = {}
    origin: dict[str, Any] = {}


def unwrap(record: JsonObject, wanted: Format | None) -> Unwrapped:
    """The sensor's record within `record`; `wanted` is the format a hint names, tried before shapes."""
    if _MARKS.isdisjoint(record):
        return Unwrapped(record, _format_of(record, wanted) or _as_ecs(record))
    return _peel(record, wanted, MAX_LAYERS)


def _peel(record: JsonObject, wanted: Format | None, layers: int) -> Unwrapped:
    found = _format_of(record, wanted)
    if found is not None:
        return _without_shipper(record, found)
    is_ecs = ecs.matches(record)
    if is_ecs and (eve := _eve_of_filebeat(record)) is not None:
        return _noted(Unwrapped(eve, formats.by_shape(eve)), record)
    for holder in _HOLDERS if layers else ():
        held = _held(record.get(holder), wanted)
        if held is None:
            continue
        peeled = _peel(held.value, wanted, layers - 1)
        if _carries(record, holder, peeled.format, wanted, is_ecs=is_ecs):
            return _noted(peeled, record, repaired=held.repaired)
    for holder in _LINES:
        line = record.get(holder)
        if type(line) is not str:
            continue
        hint = wanted if wanted in formats.OF_LINES else None
        # What a container prints is an application's, and other people's words are in it.
        found_line = line_of(line, hint, marks=hint is not None or _CONTAINERS_WORDS.isdisjoint(record))
        if found_line is None:
            continue
        marked = found_line.format in formats.MARKED
        if marked and _is_applications(record):
            continue
        # What a line without a mark says, an ECS document says better.
        wrapped = shipper.stands_alone(record, holder) and (marked or not is_ecs)
        if wrapped or found_line.format is wanted:
            return _noted(found_line, record)
    if is_ecs:
        return _ecs_document(record)
    return _without_shipper(record, None)


def _format_of(record: JsonObject, wanted: Format | None) -> Format | None:
    # What Beats wrap has ECS's shape too, so that one is only taken where there is nothing within.
    if wanted is not None and wanted is not ecs.FORMAT and wanted.matches(record):
        return wanted
    return formats.by_shape(record)


def _as_ecs(record: JsonObject) -> Format | None:
    return ecs.FORMAT if ecs.matches(record) else None


def _eve_of_filebeat(record: JsonObject) -> JsonObject | None:
    """The EVE record that Filebeat's Suricata module decoded, with what it moved to ECS put back."""
    eve = get(record, "suricata", "eve")
    if type(eve) is not dict or "event_type" not in eve:
        return None
    moved = {
        "timestamp": record.get("@timestamp"),
        "proto": get(record, "network", "transport"),
        "src_ip": get(record, "source", "ip") or get(record, "source", "address"),
        "src_port": get(record, "source", "port"),
        "dest_ip": get(record, "destination", "ip") or get(record, "destination", "address"),
        "dest_port": get(record, "destination", "port"),
    }
    return {**{name: value for name, value in moved.items() if value is not None}, **eve}


def line_of(line: str, wanted: Format | None, *, marks: bool = True) -> Unwrapped | None:
    """The record that a line is; None where it is none of the hint's."""
    found = lines.recognised(line.strip("\r\n"), wanted, marks=marks)
    return None if found is None else Unwrapped(*found)


def embedded(line: str, wanted: Format | None) -> Unwrapped | None:
    """The object in a line: all of it but for `@cee:`, or with a hint the last part of it.

    Without a hint anyone who can write into a log line could pose as any sensor. The hint of an object's format says
    that there is one behind whatever header; the hint `syslog` only where the header names the program of a sensor,
    which then is of that sensor's format, or behind `@cee:`.
    """
    line = line.strip()
    start = line.find("{")
    if start < 0 or not line.endswith("}"):
        return None
    if wanted is syslog.FORMAT:
        return _behind_header(line)
    if (wanted is None or wanted in formats.OF_LINES) and line[:start].strip() not in {"", _COOKIE}:
        return None
    return _decoded(line[start:])


def _behind_header(line: str) -> Unwrapped | None:
    header, body = syslog.peel(line)
    expected = formats.of_program(header.get("app", ""))
    marked = body.startswith(_COOKIE)
    start = len(_COOKIE) if marked else 0
    if not (marked or expected) or not body[start:].lstrip().startswith("{"):
        return None
    held = _decoded(body[start:].lstrip())
    if held is None or not (marked or (expected is not None and expected.matches(held.value))):
        return None
    host = {"host": clip(header["host"], 512)} if "host" in header else {}
    held.transport, held.shipped_at = {"wrapper": "syslog", **host}, header.get("timestamp")
    held.origin = {"host.name": host["host"]} if host else {}
    return held


def _decoded(text: str) -> Unwrapped | None:
    decoded = decode(text.encode())
    return None if isinstance(decoded, Rejected) else Unwrapped(decoded.value, None, repaired=decoded.repaired)


def _held(value: Any, wanted: Format | None) -> Unwrapped | None:
    if type(value) is dict:
        return Unwrapped(value, None)
    return embedded(value, wanted) if type(value) is str else None


def _carries(record: JsonObject, holder: str, found: Format | None, wanted: Format | None, *, is_ecs: bool) -> bool:
    """True where what the holder has is what was shipped. As text, it may be anybody's words in an event."""
    if found is None:
        return not is_ecs and shipper.stands_alone(record, holder)
    if type(record[holder]) is dict or found is wanted is not ecs.FORMAT:
        return True
    return not _is_applications(record) and (not is_ecs or shipper.stands_alone(record, holder))


def _is_applications(record: JsonObject) -> bool:
    """True where an application logs in ECS: it writes its level there, and other people's words into its message."""
    log = record.get("log")
    return not (_LOGGERS_WORDS.isdisjoint(log) if type(log) is dict else _LOGGERS_NAMES.isdisjoint(record))


_LOGGERS_WORDS = frozenset({"level", "logger", "origin"})
_LOGGERS_NAMES = frozenset(f"log.{word}" for word in _LOGGERS_WORDS)


def _noted(peeled: Unwrapped, outer: JsonObject, *, repaired: bool = False) -> Unwrapped:
    said = shipper.read(outer)
    return Unwrapped(
        peeled.value,
        peeled.format,
        {**said.transport, **peeled.transport},
        peeled.shipped_at or said.shipped_at,
        peeled.stream or said.stream,
        peeled.repaired or repaired,
        {**shipper.firewall(outer), **peeled.fields},
        {**said.origin, **shipper.telling(outer), **peeled.origin},
    )


def _without_shipper(record: JsonObject, found: Format | None) -> Unwrapped:
    names = shipper.words_in(record, found)
    if not names:
        return Unwrapped(record, found)
    said = shipper.read(record)
    own = {name: value for name, value in record.items() if name not in names}
    return Unwrapped(own, found, said.transport, said.shipped_at, said.stream, origin=said.origin)


def _ecs_document(record: JsonObject) -> Unwrapped:
    """An ECS document's host, event and time are its own; its agent is one only where it is what saw the event."""
    names = {name for name in _NOT_OF_ECS if name in record}
    if ecs.is_beats_agent(record.get("agent")) and get(record, "agent", "type") != "endpoint":
        names.add("agent")
    if not names:
        return Unwrapped(record, ecs.FORMAT)
    said = shipper.read(record)
    own = {name: value for name, value in record.items() if name not in names}
    return Unwrapped(own, ecs.FORMAT, said.transport, stream=said.stream, origin=said.origin)


_NOT_OF_ECS = ("@metadata", "@version", "elastic_agent", "input", "beat", "_p")
