"""The fields a query may name: each with its type, its name in documents, and its neighbours when misspelt."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.query.errors import QueryError

MAX_SUGGESTIONS = 3


class Type(StrEnum):
    """How the values of a field are written and compared."""

    KEYWORD = "keyword"
    """A whole value, with `*` and `?`; the case of A to Z does not matter."""
    WILDCARD = "wildcard"
    """As KEYWORD, for values as long as a command line; no letter's case matters, and the empty value is not known."""
    TEXT = "text"
    """Words in their order; case does not matter."""
    CHOICE = "choice"
    """One of a few words of ours."""
    SEVERITY = "severity"
    """1 to 5 or its word; ordered."""
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIME = "time"
    ADDRESS = "address"
    """An address or a network."""
    ID = "id"
    """A UUID."""
    PERSON = "person"
    """An id, an e-mail address, or `me`."""


# Types that rules may use: their comparison does not depend on how a store cuts text into words.
EXACT = frozenset(Type) - {Type.TEXT}
# What is longer is not in OpenSearch's index, so the predicate does not see it either. A Lucene term holds 32,766 bytes
# and one character takes up to 4: these keep every term far below. Counted as Java does, in UTF-16.
MOST_CHARACTERS: Mapping[Type, int] = {Type.KEYWORD: 1024, Type.WILDCARD: 8192}
ORDERED = frozenset({Type.SEVERITY, Type.INTEGER, Type.FLOAT, Type.TIME, Type.ADDRESS})


@dataclass(frozen=True)
class Field:
    """A field by its name in queries. `path` is its name in documents, the same where it is left out.

    `choices` are the words of a CHOICE. `sub` is the subfield of the mapping that is searched by word. `hidden` ones
    work but are not offered. `stored` ones are there only once the thing is stored: rules, which see what comes in, may
    not use them. `open` ones are below an open parent, and found however long they are.
    """

    name: str
    type: Type
    meaning: str = ""
    path: str = ""
    choices: tuple[str, ...] = ()
    sub: str = ""
    hidden: bool = False
    stored: bool = False
    open: bool = False

    @property
    def in_document(self) -> str:
        """Its dotted name in a document."""
        return self.path or self.name


@dataclass(frozen=True)
class Catalogue:
    """The fields of one kind of thing; `free` are those in which a word without a field is looked for."""

    kind: str
    fields: Mapping[str, Field]
    free: tuple[str, ...]
    # Parents whose leaves are the vendor's own: any name below is a KEYWORD.
    open_parents: tuple[str, ...] = ()
    _lowered: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lowered", {name.lower(): name for name in self.fields})
        assert all(name in self.fields for name in self.free)

    def known(self, name: str) -> Field | None:
        """The field of that name, whatever its case."""
        found = self.fields.get(name) or self.fields.get(self._lowered.get(name.lower(), ""))
        if found is None and any(name.startswith(parent + ".") for parent in self.open_parents):
            return Field(name, Type.KEYWORD, open=True)
        return found

    def find(self, name: str, *, position: int = 0) -> Field:
        """The same. Raises QueryError with the nearest names."""
        if (known := self.known(name)) is not None:
            return known
        near = self.nearest(name)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise QueryError(
            f"There is no such field.{hint}",
            code="unknown_field",
            position=position,
            length=len(name),
            suggestions=near,
        )

    def nearest(self, name: str) -> tuple[str, ...]:
        """The names most like this one: those that begin or end with it, then those spelt nearly so."""
        wanted = name.lower()
        offered = self.offered
        parts = [one.name for one in offered if wanted in one.name.lower().split(".")]
        # Who writes `ip` means any.
        parts.sort(key=lambda found: not found.startswith("observable."))
        spelt = difflib.get_close_matches(wanted, [one.name for one in offered], MAX_SUGGESTIONS, 0.6)
        return tuple(dict.fromkeys([*parts, *spelt]))[:MAX_SUGGESTIONS]

    @property
    def offered(self) -> list[Field]:
        """The fields that completion offers, by name."""
        return [one for _, one in sorted(self.fields.items()) if not one.hidden]


def catalogue(
    kind: str, fields: Iterable[Field], *, free: tuple[str, ...], open_parents: tuple[str, ...] = ()
) -> Catalogue:
    """A catalogue of these fields. Raises ValueError where two have one name."""
    by_name: dict[str, Field] = {}
    for one in fields:
        if one.name in by_name:
            raise ValueError(f"two fields are called {one.name}")
        by_name[one.name] = one
    return Catalogue(kind, by_name, free, open_parents)
