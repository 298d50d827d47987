"""Lists of alerts by a query: OpenSearch finds ids and their order, Postgres tells what they are.

A row that no longer answers the query is left out, so no list shows what is not so. Without OpenSearch the same
query runs as SQL; the cursor is the same for both, so that a list goes on when OpenSearch leaves or comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException
from sqlalchemy import Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.api import pagination
from services.api.alerts import queries
from services.api.alerts.columns import COLUMNS
from services.api.alerts.queries import Filters
from services.api.deps import Resources
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from shared import clock, log
from shared.errors import Invalid, Unavailable
from shared.models import Alert, Snooze
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.to_sql import compile_sql
from shared.query.tree import EVERYTHING, Node
from shared.search.client import reaching, what_went_wrong

logger = log.get(__name__)

SECONDS = 2.0

SORTS: dict[str, tuple[InstrumentedAttribute[Any], type]] = {
    "risk": (Alert.risk, int),
    "severity": (Alert.severity, int),
    "count": (Alert.count, int),
    "last_seen": (Alert.last_seen, datetime),
    "first_seen": (Alert.first_seen, datetime),
    "created_at": (Alert.created_at, datetime),
    "updated_at": (Alert.updated_at, datetime),
}
"""What lists can be ordered by; columns that are never null."""


class BadSort(Invalid):
    """The list cannot be ordered by this."""

    code = "bad_sort"


@dataclass(frozen=True)
class Order:
    """The order of a list: by these columns, all of them greatest first (True) or least first, then by id."""

    keys: tuple[tuple[str, bool], ...]

    def place(self, alert: Alert) -> tuple[Any, ...]:
        """Where an alert stands in it; what a cursor holds."""
        return (*(getattr(alert, name) for name, _ in self.keys), alert.id)

    def decode(self, cursor: str | None) -> tuple[Any, ...] | None:
        """The place behind which the next page begins. Raises BadCursor."""
        if cursor is None:
            return None
        return pagination.decode(cursor, *(SORTS[name][1] for name, _ in self.keys), UUID)


QUEUE = Order((("risk", True), ("last_seen", True)))
"""The riskiest first, of those the last seen."""


def order_of(text: str | None) -> Order:
    """The order that `-risk` or `last_seen` asks for. Raises BadSort."""
    if text is None:
        return QUEUE
    name = text.removeprefix("-")
    if name not in SORTS:
        raise BadSort(f"Expected one of: {', '.join(SORTS)}; with - in front, the greatest first.")
    if text == "-risk":
        return QUEUE
    return Order(((name, text.startswith("-")),))


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for. `snoozed` tells whether what the caller has put off is in it."""

    filters: Filters
    node: Node
    order: Order
    after: tuple[Any, ...] | None
    limit: int
    snoozed: bool = False
    counted: bool = False


@dataclass(frozen=True)
class Found:
    """A page of alerts; `place` is where it ends, when more follow. `degraded` says what it was made without."""

    alerts: list[Alert]
    place: tuple[Any, ...] | None
    total: int | None = None
    degraded: str | None = None


async def find(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    """A page of the alerts that answer the query and are the caller's to see."""
    if resources.health.is_up("opensearch"):
        try:
            return await _by_search(resources, session, wanted, by=by)
        except Unavailable as error:
            reason = str(error)
        except OpenSearchException as error:
            # The query is ours, made of a checked tree: whatever OpenSearch has against it, Postgres can answer.
            logger.warning("search_refused_query", error=what_went_wrong(error))
            reason = "OpenSearch could not answer"
    else:
        reason = "OpenSearch is away"
    return replace(await by_rows(session, wanted, by=by), degraded=reason)


async def by_rows(session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    """The same page from Postgres alone."""
    matching = _matching(wanted, by)
    rows = list(await session.scalars(_ordered(matching, wanted.order, wanted.after).limit(wanted.limit + 1)))
    page = rows[: wanted.limit]
    total = await session.scalar(_total(matching)) if wanted.counted else None
    return Found(page, wanted.order.place(page[-1]) if len(rows) > wanted.limit else None, total)


async def _by_search(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    answer = await _ask(resources.search, resources.names.alerts, wanted, by)
    hits = answer["hits"]["hits"]
    page = hits[: wanted.limit]
    rows = await session.scalars(_matching(wanted, by).where(Alert.id.in_([UUID(hit["_id"]) for hit in page])))
    known = {row.id: row for row in rows}
    alerts = [known[one] for one in (UUID(hit["_id"]) for hit in page) if one in known]
    place = _place(wanted.order, page[-1]["sort"]) if len(hits) > wanted.limit else None
    total = min(answer["hits"]["total"]["value"], MAX_TOTAL) if wanted.counted else None
    return Found(alerts, place, total)


async def _ask(client: AsyncOpenSearch, index: str, wanted: Wanted, by: Principal) -> Any:
    body: dict[str, Any] = {
        "size": wanted.limit + 1,
        "_source": False,
        "query": {"bool": {"filter": clauses(wanted.filters, wanted.node, by)}},
        "sort": [*({name: "desc" if down else "asc"} for name, down in wanted.order.keys), {"id": "asc"}],
        "track_total_hits": MAX_TOTAL if wanted.counted else False,
        "timeout": f"{int(SECONDS * 1000)}ms",
    }
    if wanted.after is not None:
        body["search_after"] = [_searched(value) for value in wanted.after]
    with reaching():
        answer = await client.search(index=index, body=body, params={"allow_partial_search_results": "false"})
    if answer["timed_out"]:
        raise Unavailable("OpenSearch: no answer in time")
    return answer


def clauses(filters: Filters, node: Node, by: Principal) -> list[Clause]:
    """What the documents of a list answer: the caller's organizations, the filters, the query."""
    made: list[Clause] = [{"terms": {"organization_id": [str(one) for one in by.organization_ids]}}]
    if filters.statuses:
        made.append({"terms": {"status": list(filters.statuses)}})
    if filters.severity is not None:
        made.append({"range": {"severity": {"gte": filters.severity}}})
    if filters.sensor_id is not None:
        made.append({"term": {"sensor_id": str(filters.sensor_id)}})
    if filters.rule_id is not None:
        made.append({"term": {"rule_id": filters.rule_id}})
    if filters.updated_since is not None:
        made.append({"range": {"updated_at": {"gte": clock.isoformat(filters.updated_since)}}})
    return [*made, compile_opensearch(node)]


def _matching(wanted: Wanted, by: Principal) -> Select[Alert]:
    statement = queries.filtered(by, wanted.filters)
    if wanted.node != EVERYTHING:
        statement = statement.where(compile_sql(wanted.node, COLUMNS))
    if wanted.snoozed or by.user_id is None:
        return statement
    return statement.where(~_put_off(by.user_id))


def _put_off(user_id: UUID) -> Any:
    """True for what this person snoozed: until a time, or until another event or a higher severity comes."""
    return (
        select(literal(1))
        .where(
            Snooze.alert_id == Alert.id,
            Snooze.user_id == user_id,
            Snooze.until > clock.now(),
            Snooze.severity >= Alert.severity,
            or_(~Snooze.until_event, Snooze.count >= Alert.count),
        )
        .correlate(Alert)
        .exists()
    )


def _ordered(matching: Select[Alert], order: Order, after: tuple[Any, ...] | None) -> Select[Alert]:
    columns = [(SORTS[name][0], down) for name, down in order.keys]
    statement = matching.order_by(*(column.desc() if down else column.asc() for column, down in columns), Alert.id)
    if after is None:
        return statement
    *values, alert_id = after
    literals = [literal(value, column.type) for value, (column, _) in zip(values, columns, strict=True)]
    # All columns of an order go in one direction, so that the first line is what an index can start from; the
    # second leaves out what shares the place and came before.
    here, place = tuple_(*(column for column, _ in columns)), tuple_(*literals)
    elsewhere = [column != value for (column, _), value in zip(columns, literals, strict=True)]
    return statement.where(here <= place if columns[0][1] else here >= place, or_(*elsewhere, Alert.id > alert_id))


def _total(matching: Select[Alert]) -> Select[int]:
    some = matching.with_only_columns(Alert.id).order_by(None).limit(MAX_TOTAL).subquery()
    return select(func.count()).select_from(some)


def _searched(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.milliseconds(value)
    return str(value) if isinstance(value, UUID) else value


def _place(order: Order, values: Sequence[Any]) -> tuple[Any, ...]:
    """OpenSearch's sort values of a hit as a place of ours: times come as milliseconds."""
    kinds = [*(SORTS[name][1] for name, _ in order.keys), UUID]
    return tuple(
        clock.from_milliseconds(value) if kind is datetime else UUID(value) if kind is UUID else value
        for kind, value in zip(kinds, values, strict=True)
    )
