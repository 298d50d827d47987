"""Bytes to a JSON object, whatever the bytes: what one bad value in a record may cost is that value, not the record.

A hostile sender can put any byte into a field that a sensor copies (a URL, a user name). If that sent the
sensor's alert to quarantine it would be a way to hide, so such values are repaired, with the tag `repaired`,
and only what cannot be read as an object at all, or nests deeper than 64, is rejected.
"""

import codecs
import json
import re
from typing import Any

import msgspec
import orjson

from shared.normalise.event import MAX_DEPTH, Rejected

JsonObject = dict[str, Any]

REPAIRED = "repaired"

# One pass that makes all digits and all brackets alike costs a tenth of searching for them by pattern.
_OUTLINE = bytes.maketrans(b"123456789[", b"000000000{")
_MAYBE_WIDE = b"0" * 19
# The least of 64 bits is no rare number: Windows writes it as the keywords of every Sysmon event.
_WIDE_INTEGER = re.compile(rb"[0-9]{20}|-(?!9223372036854775808)9[2-9][0-9]{17}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_64_BIT_DIGITS = 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Decoded(msgspec.Struct):
    """A record's object, and whether some value of it had to be repaired."""

    value: JsonObject
    repaired: bool = False


def decode(record: bytes) -> Decoded | Rejected:
    """The JSON object in `record`.

    Repaired: U+0000 is taken out; a lone surrogate becomes U+FFFD; bytes that are not UTF-8 are read as
    Latin-1; NaN, infinities and numbers no double holds become strings, as do integers past 64 bits (exact).
    Of equal keys the last counts. Rejected: `empty`, `not_json`, `not_an_object`, `too_deep`.
    """
    try:
        value = orjson.loads(record)
    except orjson.JSONDecodeError:
        return _with_care(record)
    if type(value) is not dict:
        return _no_object(value)
    outline = record.translate(_OUTLINE)
    if b"\\u0000" in record or (_MAYBE_WIDE in outline and _WIDE_INTEGER.search(record)):
        return _with_care(record)
    if outline.count(b"{") > MAX_DEPTH and depth(value) > MAX_DEPTH:
        return _too_deep()
    return Decoded(value)


def decode_text(record: bytes) -> tuple[str, bool]:
    """The text of a record, and whether it had to be repaired (see `decode`)."""
    for mark, encoding in _BOMS:
        if record.startswith(mark):
            return _scrubbed_text(record[len(mark) :].decode(_without_mark(encoding, mark), "replace"))
    try:
        return _scrubbed_text(record.decode())
    except UnicodeDecodeError:
        return record.decode("utf-8", "eventsec_latin1").replace("\0", ""), True


def depth(value: object) -> int:
    """How deep objects and lists nest; counts at most one past the limit."""
    level, found = [value], 0
    while level and found <= MAX_DEPTH + 1:
        level = [child for parent in level for child in _children(parent)]
        found += 1
    return found - 1


def _children(parent: object) -> list[Any]:
    if isinstance(parent, dict):
        return [*parent.values()] or [None]
    return (parent or [None]) if isinstance(parent, list) else []


def _with_care(record: bytes) -> Decoded | Rejected:
    text, repaired = decode_text(record)
    if not text or text.isspace():
        return Rejected("empty", "the record has no text in it")
    care = _Careful()
    try:
        value = care.decode(text)
    except RecursionError:
        return _too_deep()
    except ValueError as error:
        return Rejected("not_json", f"expected one JSON object: {error}")
    if not isinstance(value, dict):
        return _no_object(value)
    if depth(value) > MAX_DEPTH:
        return _too_deep()
    return Decoded(care.scrubbed(value), repaired or care.repaired)


class _Careful:
    """The slow reader: takes what JSON forbids and notes that it did."""

    def __init__(self) -> None:
        self.repaired = False
        self._decoder = json.JSONDecoder(
            parse_int=self._integer, parse_float=self._float, parse_constant=self._constant, strict=False
        )

    def decode(self, text: str) -> Any:
        return self._decoder.decode(text)

    def scrubbed(self, value: Any) -> Any:
        if type(value) is str:
            return self._text(value)
        if type(value) is dict:
            return {self._text(key): self.scrubbed(item) for key, item in value.items()}
        if type(value) is list:
            return [self.scrubbed(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        clean, changed = _scrubbed_text(text)
        self.repaired = self.repaired or changed
        return clean

    def _integer(self, digits: str) -> int | str:
        if len(digits) <= _MAX_64_BIT_DIGITS and -(1 << 63) <= (number := int(digits)) < 1 << 64:
            return number
        self.repaired = True
        return digits

    def _float(self, digits: str) -> float | str:
        number = float(digits)
        if number - number == 0:
            return number
        self.repaired = True
        return digits

    def _constant(self, word: str) -> str:
        self.repaired = True
        return word


def _scrubbed_text(text: str) -> tuple[str, bool]:
    if "\0" not in text and (text.isascii() or not _SURROGATE.search(text)):
        return text, False
    return _SURROGATE.sub("\ufffd", text.replace("\0", "")), True


def _without_mark(encoding: str, mark: bytes) -> str:
    if encoding == "utf-8":
        return encoding
    return "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"


def _too_deep() -> Rejected:
    return Rejected("too_deep", f"expected at most {MAX_DEPTH} levels of objects and lists")


def _no_object(value: object) -> Rejected:
    return Rejected("not_an_object", f"expected one JSON object, found a {type(value).__name__}")


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("eventsec_latin1", _as_latin1)
