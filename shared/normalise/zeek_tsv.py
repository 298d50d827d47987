"""Zeek's own log files: lines of columns under a header that says what the columns are; pure.

A line means nothing without its header, so a record is both: the header's lines that matter, then the line. It
can be quarantined and driven again by itself, and reads as the object that Zeek would have written as JSON.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from shared.normalise.decode import Decoded, JsonObject
from shared.normalise.event import Rejected

MAX_HEADER_BYTES = 64 << 10
"""A longer header is cut there on its way into a record, and the record is rejected: each repeats its header."""

_REMEMBERED_BYTES = 4 << 10

# Blank as `split` of a body knows it: what is told from there on has to begin with `#` there too.
_BLANK = rb"[ \t\r\n]*+"
_FILE = re.compile(
    # Other lines may stand before the header; what a person writes behind `#separator` or `#fields` is no header.
    _BLANK + rb"(?:#(?!separator |fields)[^\n]*+\n" + _BLANK + rb")*+"
    rb"#(?:separator (?:\\x|[^\w\s])|fields(?:\t|[^\w\s]))"
)
_OWN_FILE = re.compile(
    _BLANK + rb"#separator (?:\\x|[^\w\s])[^\n]*+\n" + _BLANK + rb"(?:#(?!fields)[^\n]*+\n" + _BLANK + rb")*+"
    rb"#fields(?:\t|[^\w\s])(?:[^\n]*[^\w\n.])?ts(?![\w.])"
)
_LINE = re.compile(rb"[^\n]++")
_WORD = re.compile(rb"#(separator|set_separator|empty_field|unset_field|path|open|close|fields|types)(?![a-z_])")
_TIMES = (b"open", b"close")
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|\\)")
_WHOLE = re.compile(r"-?\d{1,20}\Z", re.A)
_NUMBER = re.compile(r"-?\d{1,200}(?:\.\d{1,200})?(?:[eE][+-]?\d{1,2})?\Z", re.A)
_LEAST, _GREATEST = -(1 << 63), (1 << 64) - 1

Reader = Callable[[str], Any]


class _Header(msgspec.Struct, frozen=True):
    """A header's meaning: how its lines are cut, and each column's name and reader."""

    path: str
    separator: str
    unset: str
    columns: tuple[tuple[str, Reader], ...]


def is_file(body: bytes, *, told: bool) -> bool:
    """True where a body, or a record, begins with the header of a Zeek log.

    Where we are not `told` that it is one, it must be as Zeek writes it: `#separator` first, and a column `ts`. A line
    that somebody else may have written into another log must not make columns of what comes behind it.
    """
    return (_FILE if told else _OWN_FILE).match(body, 0, MAX_HEADER_BYTES) is not None


def split(body: bytes) -> Iterator[bytes]:
    """A record for each line; a header further on (logs one after the other) counts from there on, and alone.

    What stood above an earlier line is no part of it: else one short `#path` would have all of a long header read anew.
    Lines with a `#` and one of Zeek's words are no records; all others are, so that nothing vanishes.
    One record at a time: together they are far larger than the body, and whoever takes them sets the bound.
    """
    kept: dict[bytes, bytes] = {}
    header = b""
    for line in _lines(body):
        named = _WORD.match(line)
        if named is None:
            header = header or b"\n".join(kept.values())[: MAX_HEADER_BYTES + 1]
            yield b"%b\n%b" % (header, line) if header else line
        elif named[1] not in _TIMES:
            if header or named[1] == b"separator":
                kept.clear()
            kept[named[1]] = line
            header = b""


def _lines(body: bytes) -> Iterator[bytes]:
    """The lines that hold anything."""
    for found in _LINE.finditer(body):
        line = found[0].removesuffix(b"\r")
        if line and not line.isspace():
            yield line


def read(record: bytes) -> Decoded | Rejected:
    """The object that a header and its one line mean; `#path` is its `_path`.

    Rejected: `header_too_long`, `wrong_shape` (no `#fields`, no line), `several_records`, `wrong_columns`.
    """
    head, _, line = record.rstrip(b"\r\n").rpartition(b"\n")
    if len(head) > MAX_HEADER_BYTES:
        return Rejected("header_too_long", f"expected at most {MAX_HEADER_BYTES} bytes of header before a Zeek line")
    header = _remembered(head) if len(head) <= _REMEMBERED_BYTES else _last(head)
    if isinstance(header, Rejected):
        return header
    if _WORD.match(line):
        return Rejected("wrong_shape", "expected a line under the header of a Zeek log")
    texts = line.decode("utf-8", "backslashreplace").split(header.separator)
    if len(texts) != len(header.columns):
        return Rejected("wrong_columns", f"expected {len(header.columns)} columns as in #fields, found {len(texts)}")
    value: JsonObject = {"_path": header.path} if header.path else {}
    unset = header.unset
    for (name, reader), text in zip(header.columns, texts, strict=True):
        if text != unset:
            value[name] = reader(text)
    if b"\0" in record or b"\\x00" in line:
        return Decoded(_without_nul(value), repaired=True)
    return Decoded(value)


def _header(head: bytes) -> _Header | Rejected:
    said: dict[str, str] = {}
    separator = "\t"
    for row in _lines(head):
        named = _WORD.match(row)
        if named is None:
            return Rejected("several_records", "expected one line under the header of a Zeek log")
        name, rest = named[1].decode(), row[named.end() :].decode("utf-8", "backslashreplace")
        if name == "separator":
            separator = _unescaped(rest.removeprefix(" ")) or separator
        else:
            said[name] = rest.removeprefix(separator)
    if not said.get("fields"):
        return Rejected("wrong_shape", "expected a #fields line in the header of a Zeek log")
    empty, unset = said.get("empty_field", "(empty)"), said.get("unset_field", "-")
    inner = _unescaped(said.get("set_separator", "")) or ","
    kinds = said.get("types", "").split(separator)
    names = said["fields"].split(separator)
    kinds += ["string"] * (len(names) - len(kinds))
    readers = {kind: _reader(kind, empty, unset, inner) for kind in set(kinds)}
    columns = tuple((name, readers[kind]) for name, kind in zip(names, kinds[: len(names)], strict=True))
    return _Header(_unescaped(said.get("path", "")), separator, unset, columns)


# A network has some forty logs; a header of this size makes at most 300 KiB.
_remembered = lru_cache(maxsize=64)(_header)
# A longer one is parsed once for all the lines under it, or a small body could keep a door busy for many seconds.
_last = lru_cache(maxsize=1)(_header)


def _reader(kind: str, empty: str, unset: str, separator: str) -> Reader:
    outer, _, inner = kind.partition("[")
    if outer not in {"set", "vector", "table"}:
        one = _ONE.get(outer)
        return one or (lambda text: "" if text == empty else _unescaped(text))
    item = _reader(inner.rstrip("]").partition("[")[0], empty, unset, separator)

    def listed(text: str) -> list[Any]:
        if text == empty:
            return []
        return [None if part == unset else item(part) for part in text.split(separator)]

    return listed


def _number(text: str) -> Any:
    """A value that is not of its column's type stays text: what a log says is not ours to drop."""
    return float(text) if _NUMBER.match(text) else _unescaped(text)


def _whole(text: str) -> Any:
    return number if _WHOLE.match(text) and _LEAST <= (number := int(text)) <= _GREATEST else _unescaped(text)


def _flag(text: str) -> Any:
    return _FLAGS.get(text, text)


_FLAGS = {"T": True, "F": False}
_ONE: dict[str, Reader] = {
    "bool": _flag,
    "count": _whole,
    "counter": _whole,
    "int": _whole,
    "port": _whole,
    "double": _number,
    "interval": _number,
    "time": _number,
}


def _unescaped(text: str) -> str:
    """Without Zeek's escapes; bytes that are not UTF-8 come out as in its JSON, as the four characters `\\xff`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_byte, text.encode()).decode("utf-8", "backslashreplace")


def _byte(found: re.Match[bytes]) -> bytes:
    return bytes((int(found[1], 16),)) if found[1] else b"\\"


def _without_nul(value: Any) -> Any:
    if type(value) is str:
        return value.replace("\0", "")
    if type(value) is dict:
        return {_without_nul(name): _without_nul(item) for name, item in value.items()}
    return [_without_nul(item) for item in value] if type(value) is list else value
