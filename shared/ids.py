"""Identifiers: time-ordered random ones (UUIDv7) and content-made ones (UUIDv8), both RFC 9562."""

import secrets
from datetime import datetime
from uuid import UUID

from shared import clock

_TIME_BITS = 80
_MAX_MILLISECONDS = (1 << 48) - 1
_RAND_A_MASK = (1 << 12) - 1
_RAND_B_MASK = (1 << 62) - 1

DIGEST_BITS = 74

NIL = UUID(int=0)

SQL_UUID7 = """(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"""
"""`uuid7` in a statement that alone knows how many ids it needs."""


def uuid7(moment: datetime | None = None) -> UUID:
    """A fresh UUIDv7 of the given moment, or of now."""
    return _compose(7, clock.milliseconds(moment or clock.now()), secrets.randbits(DIGEST_BITS))


def content_id(milliseconds: int, digest: bytes) -> UUID:
    """A UUIDv8: 48 bits of milliseconds since 1970, then the first 74 bits of `digest`.

    The same input gives the same id for ever. Zero milliseconds make an unclocked id.
    Raises ValueError for a digest under 10 bytes or a time outside 48 bits.
    """
    if len(digest) < 10 or not 0 <= milliseconds <= _MAX_MILLISECONDS:
        raise ValueError("content_id needs 10 bytes of digest and a time of 48 bits")
    return _compose(8, milliseconds, int.from_bytes(digest[:10], "big") >> 6)


def milliseconds_of(value: UUID) -> int:
    """The milliseconds since 1970 that a version 7 or 8 id of ours carries; 0 is unclocked."""
    return value.int >> _TIME_BITS


def first_of(milliseconds: int) -> UUID:
    """The least possible id of that millisecond: the bound of a range of ids."""
    return UUID(int=milliseconds << _TIME_BITS)


def plain(value: UUID) -> UUID:
    """The same id as the standard library's own type: a driver's subclass is no key of msgspec's and orjson's."""
    return UUID(int=value.int)


def _compose(version: int, milliseconds: int, bits: int) -> UUID:
    high = milliseconds << 16 | version << 12 | (bits >> 62) & _RAND_A_MASK
    return UUID(int=high << 64 | 0b10 << 62 | bits & _RAND_B_MASK)
