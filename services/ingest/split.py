"""From a body's plain bytes to its records, each exactly as it was sent; pure."""

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from services.ingest.refusals import Refused
from shared.normalise import pipeline

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_ARRAY = re.compile(rb'\[\s*[\[{"\]]')
# A string, or one character of structure. The quantifiers are possessive and an unfinished string runs to the
# end, so that no input makes this look at a byte more than twice.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_QUOTE, _COMMA, _OPENING = ord('"'), ord(","), frozenset(b"[{")
_FILLED = re.compile(rb"\S[^\n]*+")

# Beyond these a body may hold millions of empty lines or of one-byte elements: it is then walked, not split.
_MANY_LINES = 50_000
_MANY_COMMAS = 3_000_000
# Where the walk gives up, after some three seconds of a thread: what is left stays in one piece.
_MOST_TOKENS = 2_000_000

_raw = msgspec.json.Decoder(msgspec.Raw)
_raws = msgspec.json.Decoder(list[msgspec.Raw])


def split(body: bytes, limit: int, hint: str | None = None) -> list[bytes]:
    """The records of a body: a JSON object, an array's elements, JSON values one after the other, or lines.

    Which of them is read from the bytes alone. Nothing but white space and the punctuation between records
    is left out; what cannot be split stays whole, and so does a Zeek log where the hint allows one: its lines
    `pipeline.split` tells apart. Raises Refused `no_records` and `too_many_records`, the latter before memory is
    spent on records beyond the limit.
    """
    body = body.removeprefix(_BOM)
    if pipeline.is_columns(body, hint):
        return [body.lstrip(_SPACE)]
    start = body[: 1 << 10].lstrip(_SPACE)[:1] or body.lstrip(_SPACE)[:1]
    if start == b"[":
        records = _array(body, limit)
    elif start == b"{":
        records = _objects(body, limit)
    else:
        records = _lines(body, limit)
    if not records:
        raise Refused("no_records")
    if len(records) > limit:
        raise Refused("too_many_records")
    return records


def _lines(body: bytes, limit: int) -> list[bytes]:
    if body.count(b"\n") > _MANY_LINES:
        return _up_to(limit, _each_line(body))
    return [line.removesuffix(b"\r") for line in body.split(b"\n") if line and not line.isspace()]


def _each_line(body: bytes) -> Iterator[bytes]:
    """The same lines as above, one at a time, for bodies that may hold millions of empty ones."""
    for filled in _FILLED.finditer(body):
        start = body.rfind(b"\n", 0, filled.start()) + 1
        yield body[start : filled.end()].removesuffix(b"\r")


def _array(body: bytes, limit: int) -> list[bytes]:
    """An array's elements; where it is broken, those that can be told apart; else lines, else all of it."""
    if body.count(b",") > _MANY_COMMAS:
        return _pieces(body, limit, depth=1)
    try:
        return list(map(bytes, _raws.decode(body)[: limit + 1]))
    except (msgspec.DecodeError, RecursionError):
        pass
    if _is_json(_first_line(body)) or not _ARRAY.match(body.lstrip(_SPACE)):
        return _lines(body, limit)
    elements = _pieces(body, limit, depth=1)
    if elements and 2 * sum(map(_is_json, elements)) >= len(elements):
        return elements
    return [body.strip(_SPACE)]


def _objects(body: bytes, limit: int) -> list[bytes]:
    """NDJSON, one object, or objects one after the other, in the order in which they are cheap to tell."""
    if b"\n" in body and _is_json(_first_line(body)):
        return _lines(body, limit)
    if _is_json(body):
        return [body.strip(_SPACE)]
    if b"\n" in body and any(line.startswith(b"{") and _is_json(line) for line in _each_line(body)):
        return _lines(body, limit)
    pieces = _pieces(body, limit, depth=0)
    return pieces if _is_one_value(pieces) or any(map(_is_json, pieces)) else _lines(body, limit)


def _is_one_value(pieces: list[bytes]) -> bool:
    """True for one object whose brackets close, over however many lines: a NaN in it is a careful reader's matter."""
    # Behind a value that has ended, the walk cuts once more.
    return len(pieces) == 1 and len(list(_cuts(pieces[0], 0))) > 1


def _pieces(body: bytes, limit: int, *, depth: int) -> list[bytes]:
    """Cut at each comma of that depth, and after each value that ends there.

    With depth 1 the outermost brackets are an array's and go; bytes after its end are a piece of their own.
    Brackets are counted, not matched, so that one wrong kind of bracket stays in its own piece.
    """
    return _up_to(limit, (piece for part in _cuts(body, depth) if (piece := part.strip(_SPACE))))


def _cuts(body: bytes, depth: int) -> Iterator[bytes]:
    level, start = 0, 0
    for token in islice(_TOKEN.finditer(body), _MOST_TOKENS):
        at = token.start()
        kind = body[at]
        if kind == _QUOTE:
            continue
        if kind == _COMMA:
            if level == depth:
                yield body[start:at]
                start = at + 1
        elif kind in _OPENING:
            level += 1
            if level == depth:
                start = at + 1
        else:
            level = max(0, level - 1)
            if level == depth == 0 or level < depth:
                yield body[start : at + (1 - depth)]
                start = at + 1
    yield body[start:]


def _up_to(limit: int, records: Iterator[bytes]) -> list[bytes]:
    """All records, or one more than the limit: enough to know that they are too many."""
    return list(islice(records, limit + 1))


def _first_line(body: bytes) -> bytes:
    if body[:1].isspace():
        body = body.lstrip(_SPACE)
    end = body.find(b"\n")
    return body if end < 0 else body[:end]


def _is_json(text: bytes) -> bool:
    try:
        _raw.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
