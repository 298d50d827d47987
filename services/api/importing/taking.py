"""What is taken of one case and what is left out: every reader keeps its account here, so that nothing goes unsaid."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import ClassVar, Protocol, TypeVar

import msgspec

from services.api.importing.cases import OTHER, LeftOut, Person
from services.api.importing.lines import Record, identifier
from services.api.text import MAX_NAME
from shared.domain.tags import MAX_TAGS
from shared.normalise.observables import Observables

MAX_PARTS = 10_000
"""Tasks, observables, notes and so on that a case has of each."""
MAX_TAG = 64
_MAX_REASON = 300
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Shape(msgspec.Struct, frozen=True):
    """A record as the other product writes it; what is null there is missing here.

    `BOOKKEEPING` are names of what no reader of the case would miss; what else has no field is left out by name.
    """

    BOOKKEEPING: ClassVar[frozenset[str]] = frozenset()


class Identified(Protocol):
    """Anything with the other product's id."""

    @property
    def source_id(self) -> str:
        """As the other product gave it."""


S = TypeVar("S", bound=Shape)
T = TypeVar("T", bound=Identified)


class Taking:
    """The account of one case."""

    def __init__(self) -> None:
        self._left_out: list[LeftOut] = []
        self._fields: Counter[str] = Counter()

    def left_out(self) -> tuple[LeftOut, ...]:
        """All that was left out, in the order in which it was met; fields that have no place here come last."""
        fields = (LeftOut(name, f"there is no place for it ({count} times)") for name, count in self._fields.items())
        return (*self._left_out, *fields)

    def leave(self, what: str, reason: str) -> None:
        """Say that something was left out, or changed."""
        self._left_out.append(LeftOut(what[:MAX_NAME], reason[:_MAX_REASON]))

    def shaped(self, kind: str, record: object, shape: type[S]) -> S:
        """The record as its shape. Raises ValueError, which says where it is none."""
        if not isinstance(record, dict):
            raise ValueError("no JSON object")
        given = {name: value for name, value in record.items() if value is not None}
        read = msgspec.convert(given, shape)
        for name in given.keys() - _known(shape):
            if given[name] not in ("", [], {}, False):
                self._fields[f"{kind}.{name}"[:MAX_NAME]] += 1
        return read

    def each(self, kind: str, records: object, build: Callable[[Record], T]) -> Iterator[T]:
        """What is built of each record that is one, and has an id that none before it had.

        `build` raises ValueError for what cannot be read, which is left out under its reason.
        """
        if not isinstance(records, list | tuple):
            self.leave(kind, "no list")
            return
        if len(records) > MAX_PARTS:
            self.leave(kind, f"{len(records) - MAX_PARTS} beyond the first {MAX_PARTS}")
        met: set[str] = set()
        for place, record in enumerate(records[:MAX_PARTS], 1):
            try:
                built = build(record)
                if built.source_id in met:
                    raise ValueError("it comes a second time; the first was taken")
            except ValueError as error:
                self.leave(_named(kind, record, place), str(error))
                continue
            met.add(built.source_id)
            yield built

    def title(self, what: str, text: str, otherwise: str) -> str:
        """One line of at most 200 characters; the rest of a longer one is left out, and one that was made is told."""
        line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
        if len(line) > MAX_NAME:
            self.leave(f"{what}: title", f"cut to {MAX_NAME} characters, without: {line[MAX_NAME:]}")
        if not line and otherwise:
            self.leave(f"{what}: title", f"there is none; taken as {otherwise}")
        return line[:MAX_NAME].strip() or otherwise

    def tags(self, what: str, given: Iterable[str]) -> tuple[str, ...]:
        """Each tag once, and as many as an incident has."""
        tags = list(dict.fromkeys(" ".join(tag.split()) for tag in given if tag.strip()))
        fit = [tag for tag in tags if len(tag) <= MAX_TAG and tag.isprintable()][:MAX_TAGS]
        for tag in tags:
            if tag not in fit:
                self.leave(f"{what}: tag", f"over {MAX_TAGS} tags, or over {MAX_TAG} characters: {tag}")
        return tuple(fit)


@cache
def _known(shape: type[Shape]) -> frozenset[str]:
    return shape.BOOKKEEPING.union(field.encode_name for field in msgspec.structs.fields(shape))


def _named(kind: str, record: object, place: int) -> str:
    """What a record is called that could not be read: by its id if it has one, or else by its place."""
    given = record if isinstance(record, dict) else {}
    for name in ("_id", "id", f"{kind}_id", f"{kind}_uuid"):
        try:
            return f"{kind} {identifier(given.get(name))}"
        except ValueError:
            continue
    return f"{kind} number {place}"


def observed(kind: str | None, value: str) -> tuple[str, str]:
    """Type and value as ours where it is one of that kind and worth keeping as such, or else `other` and as given."""
    found = Observables()
    if kind is not None:
        found.add(kind, value)
    pairs = found.pairs()
    return pairs[0] if len(pairs) == 1 else (OTHER, value)


def person(login: str, *, name: str = "", email: str = "") -> Person | None:
    """Who a login stands for; many products use the e-mail address as such. None for an empty one."""
    shown = (name or login or email).strip()
    address = email or login
    return Person(shown, address.strip() if "@" in address else None) if shown else None


def sha256(hashes: Iterable[str]) -> str | None:
    """The one that is a SHA-256, in lower case."""
    return next((one.lower() for one in hashes if _SHA256.match(one.lower())), None)
