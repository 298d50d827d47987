"""From bytes to a record and its format: a hint first, then the record's shape, then plain JSON or text."""

import codecs

from shared.normalise import formats, syslog, text, zeek_tsv
from shared.normalise.decode import decode, decode_text
from shared.normalise.event import Rejected
from shared.normalise.reading import Format
from shared.normalise.unwrap import Unwrapped, embedded, line_of, unwrap

_JSON, _ZEEK = formats.ALL["json"], formats.ALL["zeek_json"]
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LEADING = b" \t\r\n"
_OPENING = (b"{", b"[", b"")


def detect(record: bytes, wanted: Format | None) -> Unwrapped | Rejected:
    """The sensor's record without its shipper's wrapping, with its format; `wanted` is the hint's.

    A hint that does not fit gives way to a shape that does; where there is none either, the record is
    rejected as `wrong_shape`.
    """
    if wanted is text.FORMAT:
        return _line(record, wanted)
    if record[:1] == b"{":
        return _object(record, wanted)
    if record[:1] == b"#" and is_columns(record, wanted):
        return _zeek_line(record)
    if record.startswith(_UTF16):
        record = decode_text(record)[0].encode()
    first = record.lstrip(_LEADING).removeprefix(codecs.BOM_UTF8)[:1]
    if first == b"{" or (first == b"[" and wanted is not None and wanted not in formats.OF_LINES):
        return _object(record, wanted)
    if first == b"[":
        # Many a log line begins with its time in brackets; only a whole list is no line.
        decoded = decode(record)
        if isinstance(decoded, Rejected) and decoded.reason in {"not_an_object", "too_deep"}:
            return decoded
    return _line(record, wanted)


def is_columns(body: bytes, wanted: Format | None) -> bool:
    """True for a log of columns, or one line of it under its header; never where the hint says something else."""
    return (wanted is None or wanted is _ZEEK) and zeek_tsv.is_file(body, told=wanted is not None)


def _object(record: bytes, wanted: Format | None) -> Unwrapped | Rejected:
    decoded = decode(record)
    if isinstance(decoded, Rejected):
        return decoded
    unwrapped = unwrap(decoded.value, wanted)
    unwrapped.repaired = unwrapped.repaired or decoded.repaired
    if unwrapped.format is None:
        if wanted is not None:
            return Rejected("wrong_shape", f"expected {wanted.shape} (format {wanted.name})")
        unwrapped.format = _JSON
    return unwrapped


def _zeek_line(record: bytes) -> Unwrapped | Rejected:
    decoded = zeek_tsv.read(record)
    if isinstance(decoded, Rejected):
        return decoded
    return Unwrapped(decoded.value, _ZEEK, repaired=decoded.repaired)


def _line(record: bytes, wanted: Format | None) -> Unwrapped | Rejected:
    line, repaired = decode_text(record)
    if not line or line.isspace():
        return Rejected("empty", "the record has no text in it")
    # The hint `text` takes objects as words.
    held = embedded(line, wanted) if wanted is not text.FORMAT else None
    unwrapped = None if held is None else _within(held, wanted)
    unwrapped = unwrapped or line_of(line, wanted)
    if unwrapped is None:
        return _unfit(record, wanted)
    unwrapped.repaired = unwrapped.repaired or repaired
    return unwrapped


def _within(held: Unwrapped, wanted: Format | None) -> Unwrapped | None:
    """The record in an object behind a header; None where the hint means another."""
    unwrapped = unwrap(held.value, wanted)
    unwrapped.repaired = unwrapped.repaired or held.repaired
    unwrapped.transport = {**held.transport, **unwrapped.transport}
    unwrapped.origin = {**held.origin, **unwrapped.origin}
    unwrapped.shipped_at = unwrapped.shipped_at or held.shipped_at
    if unwrapped.format is None:
        if wanted is not None and wanted is not syslog.FORMAT:
            return None
        unwrapped.format = _JSON
    return unwrapped


def _unfit(record: bytes, wanted: Format | None) -> Rejected:
    if wanted is None or wanted in formats.OF_LINES:
        shape = "a line" if wanted is None else f"{wanted.shape} (format {wanted.name})"
        return Rejected("wrong_shape", f"expected {shape}")
    decoded = decode(record)
    if isinstance(decoded, Rejected) and (decoded.reason != "not_json" or record.lstrip(_LEADING)[:1] in _OPENING):
        return decoded
    if wanted is _ZEEK and b"\t" in record:
        return Rejected(
            "not_json", "expected a header (`#fields`) before this row: they have to be in the same request"
        )
    return Rejected("not_json", f"expected {wanted.shape} (format {wanted.name}), not a line of text")
