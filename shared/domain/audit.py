"""The audit's chain as pure rules: each entry's hash is over the one before and the entry as it is stored."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

FIELDS = (
    "id", "organization_id", "actor", "actor_id", "actor_name", "action", "kind", "object_id", "changes", "details",
    "correlation_id", "address", "created_at",
)  # fmt: skip
"""The columns of an entry that its hash covers, all of them."""

FIRST = bytes(32)
"""What stands before the first entry of a chain."""


class Link(NamedTuple):
    """An entry with its place in the chain and the hash that was kept of it; both None while it is not sealed."""

    entry: Mapping[str, Any]
    sequence: int | None
    hash: bytes | None


class Broken(NamedTuple):
    """The first place where the chain does not hold: the entry, where there is one, its place, and what is wrong."""

    id: UUID | None
    sequence: int | None
    reason: str


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The bytes of an entry that are hashed: JSON with sorted keys, moments in UTC to the microsecond."""
    values = {name: _written(entry[name]) for name in FIELDS}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def sealed(before: bytes, entry: Mapping[str, Any]) -> bytes:
    """The entry's hash behind the one before: SHA-256, 32 bytes."""
    return hashlib.sha256(before + canonical(entry)).digest()


class Chain:
    """Follows a chain link by link, in the order of its sequence; says where it breaks first.

    `withheld` is how many entries it was not shown.
    """

    def __init__(self, before: bytes = FIRST, sequence: int = 0) -> None:
        self.head = before
        self.sequence = sequence
        self.withheld = 0
        self.broken: Broken | None = None

    def follow(self, links: Iterable[Link]) -> None:
        """Check these links, which come next."""
        for link in links:
            if self.broken is None:
                self._check(link)

    def withhold(self, sequence: int, kept: bytes) -> None:
        """The entry of that place, which comes next, is not shown: what was kept of it is taken at its word.

        A hash is over the entry itself, so this one cannot be checked; that it is the one the next was made over can.
        """
        if self.broken is not None:
            return
        if sequence != self.sequence + 1:
            self.broken = Broken(None, sequence, f"place {self.sequence + 1} is gone")
        else:
            self.head, self.sequence, self.withheld = kept, sequence, self.withheld + 1

    def missing(self, sequence: int) -> None:
        """The seal of that place has no entry: it was deleted."""
        if self.broken is None:
            self.broken = Broken(None, sequence, "the entry is gone")

    def _check(self, link: Link) -> None:
        if link.sequence != self.sequence + 1:
            self.broken = Broken(link.entry["id"], link.sequence, f"place {self.sequence + 1} is gone")
        elif link.hash != sealed(self.head, link.entry):
            self.broken = Broken(link.entry["id"], link.sequence, "the entry is not what was sealed")
        else:
            self.head, self.sequence = link.hash, link.sequence


def _written(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
