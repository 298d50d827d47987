"""From the text of a value to the test of its field: one reader for each type."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from shared.domain import severity
from shared.query import networks, times
from shared.query.fields import Field, Type
from shared.query.tree import ANY, Between, Inside, Is, Like, Present, Scalar, Test, Wild, Words
from shared.query.words import folded, words

MAX_VALUE = 1024
MAX_WILDCARDS = 8

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.A)
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}

Parts = tuple[str | Wild, ...]


@dataclass(frozen=True)
class Reader:
    """Who asks, where and when: `people` are ids by lower-cased e-mail address, and by `me`.

    `lasting` is set for what is kept and applied for a long time: a moment relative to now means nothing there.
    """

    now: datetime
    zone: tzinfo = UTC
    people: Mapping[str, UUID] = field(default_factory=dict)
    lasting: bool = False


class BadValue(ValueError):
    """The text is no value of that type; the message says what would be."""

    def __init__(self, message: str, code: str = "bad_value", suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.suggestions = suggestions


def equal(of: Field, parts: Parts, reader: Reader) -> Test:
    """The test of `field:value`. Raises BadValue."""
    if parts == (Wild(ANY),):
        return Present()
    if of.type is Type.TEXT:
        return _words(parts)
    if sum(map(len, map(_literal, parts))) > MAX_VALUE:
        raise BadValue(f"A value has at most {MAX_VALUE} characters.", "value_too_long")
    if of.type in (Type.KEYWORD, Type.WILDCARD):
        if of.type is Type.WILDCARD and not any(parts):
            raise BadValue("An empty value cannot be looked for here; NOT field:* finds where there is none.")
        return _keyword(parts)
    text = "".join(part if isinstance(part, str) else part.sign for part in parts)
    if of.type is Type.ADDRESS:
        return _address(text)
    if any(isinstance(part, Wild) for part in parts):
        raise BadValue("Wildcards have no meaning here; * alone means any value.", "no_wildcards")
    if of.type is Type.TIME:
        span = _span(text, reader)
        return Between(span.start, span.end, high_included=False)
    return Is(_SCALARS[of.type](of, text, reader))


def ordered(of: Field, low: str | None, high: str | None, reader: Reader, *, included: tuple[bool, bool]) -> Test:
    """The test of a range; None is no bound. Raises BadValue."""
    if of.type is Type.ADDRESS:
        return _addresses(low, high, included)
    if of.type is Type.TIME:
        return _period(low, high, included, reader)
    read = _SCALARS.get(of.type)
    if read is None or of.type not in (Type.SEVERITY, Type.INTEGER, Type.FLOAT):
        raise BadValue("The values of this field have no order; compare whole ones.", "no_order")
    return Between(
        None if low is None else read(of, low, reader),
        None if high is None else read(of, high, reader),
        *included,
    )


def _literal(part: str | Wild) -> str:
    return part if isinstance(part, str) else ""


def _keyword(parts: Parts) -> Test:
    if all(isinstance(part, str) for part in parts):
        return Is("".join(map(_literal, parts)))
    if sum(isinstance(part, Wild) for part in parts) > MAX_WILDCARDS:
        raise BadValue(f"A value has at most {MAX_WILDCARDS} wildcards.", "too_many_wildcards")
    return Like(parts)


def _words(parts: Parts) -> Test:
    *before, last = parts
    prefix = last == Wild(ANY) and bool(before)
    literal = before if prefix else parts
    if any(isinstance(part, Wild) for part in literal):
        raise BadValue("Words are searched here; a wildcard can only be * behind a single word.", "no_wildcards")
    found = words("".join(map(_literal, literal)))
    if not found:
        raise BadValue("There is no letter and no digit in it to search for.", "no_word")
    if prefix and len(found) > 1:
        raise BadValue("A wildcard can only stand behind a single word.", "no_wildcards")
    return Words(tuple(found), prefix)


def _address(text: str) -> Test:
    try:
        return Inside(networks.networks(text)) if "/" in text or "*" in text else Is(networks.address(text))
    except ValueError:
        raise BadValue('Expected an address or a network: 10.0.0.5, 10.0.0.0/8, 10.1.*, "2001:db8::/32".') from None


def _addresses(low: str | None, high: str | None, included: tuple[bool, bool]) -> Test:
    if low is None or high is None or included != (True, True):
        raise BadValue("Of addresses only closed ranges are known: [10.0.0.1 TO 10.0.0.9].", "no_order")
    try:
        return Inside(networks.between(networks.address(low), networks.address(high)))
    except ValueError:
        raise BadValue("Expected two addresses of one family, the lower first.") from None


def _span(text: str, reader: Reader) -> times.Span:
    if reader.lasting and times.is_relative(text):
        raise BadValue("What is kept needs fixed moments, not ones that move with the clock.", "relative_time")
    try:
        return times.read(text, now=reader.now, zone=reader.zone)
    except ValueError:
        raise BadValue("Expected a moment: 2026-11-24, 2026-11-24T09:30Z, now-24h, now-7d/d.") from None


def _period(low: str | None, high: str | None, included: tuple[bool, bool], reader: Reader) -> Test:
    """A date stands for its whole day, so a bound that is included reaches to its end."""
    first = None if low is None else _span(low, reader)
    last = None if high is None else _span(high, reader)
    return Between(
        None if first is None else first.start if included[0] else first.end,
        None if last is None else last.end if included[1] else last.start,
        high_included=False,
    )


def _choice(of: Field, text: str, _: Reader) -> Scalar:
    word = folded(text)
    if word not in of.choices:
        raise BadValue(f"Expected one of: {', '.join(of.choices)}.", "unknown_choice", of.choices)
    return word


def _severity(_: Field, text: str, __: Reader) -> Scalar:
    word = folded(text)
    # The UI writes "info", where there is little room.
    word = "informational" if word == "info" else word
    number = severity.NUMBERS.get(word) or (int(word) if word.isdecimal() and len(word) == 1 else 0)
    if number not in severity.WORDS:
        words = tuple(severity.NUMBERS)
        raise BadValue(f"Expected 1 to 5, or one of: {', '.join(words)}.", "unknown_choice", words)
    return number


def _integer(_: Field, text: str, __: Reader) -> Scalar:
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or not -(1 << 63) <= number < 1 << 63:
        raise BadValue("Expected a whole number.")
    return number


def _float(_: Field, text: str, __: Reader) -> Scalar:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadValue("Expected a number.")
    return number


def _boolean(_: Field, text: str, __: Reader) -> Scalar:
    known = _BOOLEANS.get(folded(text))
    if known is None:
        raise BadValue("Expected true or false.", "unknown_choice", ("true", "false"))
    return known


def _id(_: Field, text: str, __: Reader) -> Scalar:
    try:
        return UUID(text)
    except ValueError:
        raise BadValue("Expected an id.") from None


def _person(of: Field, text: str, reader: Reader) -> Scalar:
    name = text.strip().lower()
    if reader.lasting and name == "me":
        raise BadValue("What is kept is applied for everybody; name a person.", "relative_person")
    known = reader.people.get(name)
    try:
        return known or _id(of, text, reader)
    except BadValue:
        raise BadValue("There is no such person; expected me, an e-mail address or an id.", "unknown_person") from None


_SCALARS: dict[Type, Callable[[Field, str, Reader], Scalar]] = {
    Type.CHOICE: _choice,
    Type.SEVERITY: _severity,
    Type.INTEGER: _integer,
    Type.FLOAT: _float,
    Type.BOOLEAN: _boolean,
    Type.ID: _id,
    Type.PERSON: _person,
}
