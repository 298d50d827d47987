"""What makes a record itself (digest and ids) and what makes it the same alert again (fingerprint)."""

import re
from hashlib import blake2b
from typing import Any
from uuid import UUID

import orjson

from shared import ids
from shared.normalise.clock_rules import Placed

_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|\d+")


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> bytes:
    """8 bytes that stand for a record's content."""
    return blake2b(data, digest_size=8).digest()


def fingerprint(organization: UUID, format_name: str, values: tuple[Any, ...]) -> bytes:
    """16 bytes that stand for "this alert again" within the organization."""
    return blake2b(canonical([organization, format_name, *values]), digest_size=16).digest()


def without_numbers(title: str) -> str:
    """The title with each of its numbers as `#`: what titles of one template have in common."""
    return _NUMBERS.sub("#", title)


def content_ids(placed: Placed, who: bytes) -> tuple[UUID, UUID | None]:
    """The id at this receipt and its twin, over the encoded identity `who`."""
    hashed = blake2b(who, digest_size=10).digest()
    first = ids.content_id(placed.id_milliseconds, hashed)
    if placed.twin_milliseconds is None:
        return first, None
    return first, ids.content_id(placed.twin_milliseconds, hashed)
