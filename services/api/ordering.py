"""In which order a list is, and how a page of it goes on: the same in Postgres and in OpenSearch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from opensearchpy import AsyncOpenSearch
from sqlalchemy import TIMESTAMP, BigInteger, Select, literal, or_, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from services.api import pagination
from services.api.pagination import MAX_TOTAL
from shared import clock
from shared.errors import Invalid, Unavailable
from shared.query.to_opensearch import Clause
from shared.search.client import reaching

SECONDS = 2.0

Sorts = Mapping[str, tuple[InstrumentedAttribute[Any], type]]
"""What lists of a kind can be ordered by: columns that are never null, of int or datetime."""


class BadSort(Invalid):
    """The list cannot be ordered by this."""

    code = "bad_sort"


@dataclass(frozen=True)
class Order:
    """The order of a list: by these columns, all of them greatest first (True) or least first, then by id."""

    keys: tuple[tuple[str, bool], ...]
    sorts: Sorts = field(compare=False, repr=False)

    def place(self, row: Any) -> tuple[Any, ...]:
        """Where a row stands in it."""
        return (*(getattr(row, name) for name, _ in self.keys), row.id)

    def encode(self, place: tuple[Any, ...] | None) -> str | None:
        """The cursor that stands there, in this order and no other."""
        return None if place is None else pagination.encode((self._name, *place))

    def decode(self, cursor: str | None) -> tuple[Any, ...] | None:
        """The place behind which the next page begins. Raises BadCursor, for one of another order too."""
        if cursor is None:
            return None
        name, *place = pagination.decode(cursor, str, *(self.sorts[name][1] for name, _ in self.keys), UUID)
        if name != self._name:
            raise pagination.BadCursor
        return tuple(place)

    @property
    def columns(self) -> list[tuple[Any, bool]]:
        """The columns, and whether the greatest comes first."""
        return [(self.sorts[name][0].expression, down) for name, down in self.keys]

    @property
    def searched(self) -> list[dict[str, str]]:
        """The same to OpenSearch."""
        return [*({name: "desc" if down else "asc"} for name, down in self.keys), {"id": "asc"}]

    def place_of(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """OpenSearch's sort values of a hit as a place: times come as milliseconds."""
        kinds = [*(self.sorts[name][1] for name, _ in self.keys), UUID]
        return tuple(
            clock.from_milliseconds(value) if kind is datetime else UUID(value) if kind is UUID else value
            for kind, value in zip(kinds, values, strict=True)
        )

    @property
    def _name(self) -> str:
        return ",".join(f"-{name}" if down else name for name, down in self.keys)


def order_of(text: str | None, sorts: Sorts, default: Order) -> Order:
    """The order that `-risk` or `last_seen` asks for. Raises BadSort."""
    first, down = default.keys[0]
    if text is None or text == (f"-{first}" if down else first):
        return default
    name = text.removeprefix("-")
    if name not in sorts:
        raise BadSort(f"Expected one of: {', '.join(sorts)}; with - in front, the greatest first.")
    return Order(((name, text.startswith("-")),), sorts)


def ordered(
    matching: Select[Any],
    columns: Sequence[tuple[Any, bool]],
    row_id: InstrumentedAttribute[UUID],
    after: tuple[Any, ...] | None,
) -> Select[Any]:
    """The rows in that order, then by id, behind that place."""
    statement = matching.order_by(*(column.desc() if down else column.asc() for column, down in columns), row_id)
    if after is None:
        return statement
    *values, last_id = after
    # A cursor's whole number may be wider than its column.
    literals = [literal(one, BigInteger() if type(one) is int else TIMESTAMP(timezone=True)) for one in values]
    # All columns of an order go in one direction, so that the first line is what an index can start from; the
    # second leaves out what shares the place and came before.
    here, place = tuple_(*(column for column, _ in columns)), tuple_(*literals)
    elsewhere = [column != value for (column, _), value in zip(columns, literals, strict=True)]
    return statement.where(here <= place if columns[0][1] else here >= place, or_(*elsewhere, row_id > last_id))


async def ask(
    client: AsyncOpenSearch,
    index: str,
    clauses: Sequence[Clause],
    order: Order,
    *,
    after: tuple[Any, ...] | None,
    limit: int,
    counted: bool,
) -> Any:
    """The ids of a page and one more, from OpenSearch. Raises Unavailable."""
    body: dict[str, Any] = {
        "size": limit + 1,
        "_source": False,
        "query": {"bool": {"filter": list(clauses)}},
        "sort": order.searched,
        "track_total_hits": MAX_TOTAL if counted else False,
    }
    if after is not None:
        body["search_after"] = [_searched(value) for value in after]
    return await answered(client, index, body)


async def answered(client: AsyncOpenSearch, index: str, body: dict[str, Any]) -> Any:
    """The whole answer within its time. Raises Unavailable."""
    timed = {**body, "timeout": f"{int(SECONDS * 1000)}ms"}
    with reaching():
        answer = await client.search(index=index, body=timed, params={"allow_partial_search_results": "false"})
    if answer["timed_out"]:
        raise Unavailable("OpenSearch: no answer in time")
    return answer


def _searched(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.milliseconds(value)
    return str(value) if isinstance(value, UUID) else value
