"""A query as a Python function over a document: for rules that are applied to what comes in."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from shared import clock
from shared.query import networks
from shared.query.fields import MOST_CHARACTERS, Field, Type
from shared.query.patterns import compile_pattern
from shared.query.tree import Among, And, Between, Has, Inside, Is, Like, Node, Not, Or, Present, Test, Wild, Words
from shared.query.words import folded, lowered, words

Document = Mapping[str, Any]
Predicate = Callable[[Document], bool]
_Passes = Callable[[Any], bool]


def compile_predicate(node: Node) -> Predicate:
    """True for the documents that answer the query: nested mappings by ECS names, or flat ones by dotted names.

    A value of another type than its field's, or longer than the index takes, counts as none, as in OpenSearch, which
    leaves it out of the index.
    """
    match node:
        case And(parts):
            every = [compile_predicate(part) for part in parts]
            return lambda document: all(holds(document) for holds in every)
        case Or(parts):
            some = [compile_predicate(part) for part in parts]
            return lambda document: any(holds(document) for holds in some)
        case Not(part):
            inner = compile_predicate(part)
            return lambda document: not inner(document)
        case Has(field, test):
            return _has(field, _passes(field, test))


def _has(field: Field, passes: _Passes) -> Predicate:
    return lambda document: any(map(passes, read_in(document, field)))


class ReadOnce(dict[str, Any]):
    """A document that many predicates go over: the values of a field are read by the first that asks."""

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.known: dict[str, list[Any]] = {}


def read_in(document: Document, field: Field) -> list[Any]:
    """The values that a document has in that field, as they compare."""
    if not isinstance(document, ReadOnce):
        return _read(document, field)
    values = document.known.get(field.name)
    if values is None:
        values = document.known[field.name] = _read(document, field)
    return values


def _read(document: Document, field: Field) -> list[Any]:
    return [value for value in map(reader_of(field), _below(document, field.in_document)) if value is not None]


def reader_of(field: Field) -> Callable[[Any], Any]:
    """What a value of that field compares as; None for what counts as none."""
    return _text if field.open else _READ.get(field.type, _text)


def values_in(document: Document, field: Field) -> list[Any]:
    """The values that a document has in that field."""
    return list(_below(document, field.in_document))


def _below(held: Any, path: str) -> Iterator[Any]:
    """The values at this path; as in OpenSearch a dot within a name is a step like any other."""
    if isinstance(held, list | tuple):
        for one in held:
            yield from _below(one, path)
    elif not path:
        yield held
    elif isinstance(held, Mapping):
        for name, rest in _splits(path):
            if name in held:
                yield from _below(held[name], rest)


@lru_cache(maxsize=4096)
def _splits(path: str) -> tuple[tuple[str, str], ...]:
    names = path.split(".")
    return tuple((".".join(names[:count]), ".".join(names[count:])) for count in range(1, len(names) + 1))


def _passes(field: Field, test: Test) -> _Passes:
    match test:
        case Present():
            return lambda value: True
        case Is(wanted):
            known = reader_of(field)(wanted)
            return lambda value: bool(value == known)
        case Among(values):
            texts = frozenset(map(str, values))
            return lambda value: str(value) in texts
        case Like(parts):
            fold = lowered if field.type is Type.WILDCARD else folded
            return compile_pattern(tuple(part if isinstance(part, Wild) else fold(part) for part in parts))
        case Between(low, high, low_included, high_included):
            return _between(low, high, low_included=low_included, high_included=high_included)
        case Inside(nets):
            return lambda value: any(value in net for net in nets)
        case Words(wanted_words, prefix):
            return _follow(wanted_words, prefix=prefix)


def _between(low: Any, high: Any, *, low_included: bool, high_included: bool) -> _Passes:
    def passes(value: Any) -> bool:
        above = low is None or value > low or (low_included and value == low)
        return above and (high is None or value < high or (high_included and value == high))

    return passes


def _follow(wanted: tuple[str, ...], *, prefix: bool) -> _Passes:
    if prefix:
        return lambda value: any(word.startswith(wanted[0]) for word in words(value))
    length, sought = len(wanted), list(wanted)

    def passes(value: str) -> bool:
        found = words(value)
        return any(found[at : at + length] == sought for at in range(len(found) - length + 1))

    return passes


def _text(value: Any, fold: Callable[[str], str] = folded) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return fold(str(value))
    return None


def _keyword(value: Any) -> str | None:
    return _text(value) if _fits(value, MOST_CHARACTERS[Type.KEYWORD]) else None


def _line(value: Any) -> str | None:
    return _text(value, lowered) if _fits(value, MOST_CHARACTERS[Type.WILDCARD]) else None


def _fits(value: Any, most: int) -> bool:
    if not isinstance(value, str) or 2 * len(value) <= most:
        return True
    return len(value) <= most and len(value.encode("utf-16-le", "surrogatepass")) <= 2 * most


def _plain_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return clock.whole_milliseconds(value)
    try:
        return clock.whole_milliseconds(clock.utc(datetime.fromisoformat(value)))
    except (TypeError, ValueError):
        return None


def _address(value: Any) -> Any:
    try:
        return networks.address(str(value))
    except ValueError:
        return None


def _id(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        return None


_READ: dict[Type, Callable[[Any], Any]] = {
    Type.KEYWORD: _keyword,
    Type.WILDCARD: _line,
    Type.TEXT: _plain_text,
    Type.SEVERITY: _whole,
    Type.INTEGER: _whole,
    Type.FLOAT: _number,
    Type.BOOLEAN: _flag,
    Type.TIME: _moment,
    Type.ADDRESS: _address,
    Type.ID: _id,
    Type.PERSON: _id,
}
