"""Cursor pages: how a list is cut, and how the next piece is asked for."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from shared import clock
from shared.errors import Invalid

MAX_LIMIT = 200
MAX_CURSOR = 2048
MAX_TOTAL = 10_000

T = TypeVar("T")
R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items in the page.")]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="`next_cursor` of the page before; opaque.")]


class Page(BaseModel, Generic[T]):
    """A piece of a list. Without `next_cursor` it is the last."""

    items: list[T]
    next_cursor: str | None = None
    total: int | None = Field(
        default=None, description=f"How many there are, where it was asked for; {MAX_TOTAL} means that many or more."
    )


class BadCursor(Invalid):
    """The cursor is none of this list in this order; leave it out to begin anew."""

    code = "bad_cursor"


def cut(rows: Sequence[R], limit: int, key: Callable[[R], tuple[Any, ...]]) -> tuple[list[R], str | None]:
    """The page and its cursor, of rows that were asked for with one more than `limit`.

    `key` gives the values the list is ordered by, the last of them unique.
    """
    page = list(rows[:limit])
    return page, encode(key(page[-1])) if len(rows) > limit else None


def encode(values: tuple[Any, ...]) -> str:
    """A cursor that stands behind the row with these values: strings, whole numbers, moments and ids."""
    # `default`: the driver's own subclass of UUID is not what orjson knows as one.
    return base64.urlsafe_b64encode(orjson.dumps(values, default=str)).rstrip(b"=").decode()


def decode(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The values in a cursor, of these kinds: str, int, datetime or UUID. Raises BadCursor."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(_READ[kind](value) for kind, value in zip(kinds, values, strict=True))
    except (ValueError, TypeError, AttributeError, KeyError, binascii.Error):
        raise BadCursor from None


def _text(value: Any) -> str:
    # Postgres knows no U+0000.
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _number(value: Any) -> int:
    if type(value) is not int or abs(value) >= 1 << 31:
        raise TypeError
    return value


def _moment(value: Any) -> datetime:
    return clock.utc(datetime.fromisoformat(value))


_READ: dict[type, Callable[[Any], Any]] = {str: _text, int: _number, datetime: _moment, UUID: UUID}
