"""JSON lines of unknown origin: bounded, and each read or said to be unreadable."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

Record = dict[str, Any]

MAX_RECORD = 32 << 20
"""Bytes of one line, and of one case with all that belongs to it: what is in memory at a time, before it is decoded."""
MAX_ID = 200
"""Characters of another product's id; TheHive's and IRIS's have fewer than 40."""


class Line(msgspec.Struct, frozen=True):
    """A line as it lies in its file; `read` is None where it is blank, and a string says why it cannot be read."""

    number: int
    start: int
    length: int
    read: Record | str | None


def identifier(value: object) -> str:
    """An id as text. Raises ValueError for what can be none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID or not value.isprintable():
        raise ValueError("it has no id that can be read")
    return value


def lines(file: BinaryIO) -> Iterator[Line]:
    """Each line, whatever it says; one over the limit is passed over without being kept."""
    number = start = 0
    while line := file.readline(MAX_RECORD + 1):
        number += 1
        length = len(line)
        if length > MAX_RECORD:
            length += _skip_line(file, line)
            read: Record | str | None = f"over {MAX_RECORD >> 20} MiB"
        else:
            read = _read_line(line)
        yield Line(number, start, length, read)
        start += length


def _skip_line(file: BinaryIO, line: bytes) -> int:
    skipped = 0
    while line and not line.endswith(b"\n"):
        line = file.readline(1 << 20)
        skipped += len(line)
    return skipped


def _read_line(line: bytes) -> Record | str | None:
    if line.isspace():
        return None
    try:
        read = decoded(line)
    except ValueError as error:
        return str(error)
    return read if isinstance(read, dict) else "no JSON object"


def decoded(text: bytes) -> Any:
    """What the JSON says, without U+0000, which Postgres cannot keep. Raises ValueError."""
    try:
        read = msgspec.json.decode(text)
        return _without_nul(read) if rb"\u0000" in text else read
    except RecursionError:
        raise ValueError("nested too deep") from None


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, list):
        return [_without_nul(one) for one in value]
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return value
