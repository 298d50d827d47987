"""Lists of incidents by a query: OpenSearch finds ids and their order, Postgres tells what they are, and to whom."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, Text, cast, func, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.api import ordering
from services.api.alerts.search import bound, searched
from services.api.deps import Resources
from services.api.incidents import queries
from services.api.incidents.columns import COLUMNS
from services.api.ordering import Order, Sorts
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from shared.models import Incident
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.to_sql import compile_sql
from shared.query.tree import EVERYTHING, Node

SORTS: Sorts = {
    "severity": (Incident.severity, int),
    "number": (Incident.number, int),
    "alerts_count": (Incident.alerts_count, int),
    "created_at": (Incident.created_at, datetime),
    "updated_at": (Incident.updated_at, datetime),
}
"""What lists can be ordered by; columns that are never null."""

QUEUE = Order((("severity", True), ("updated_at", True)), SORTS)
"""The most severe first, of those what changed last."""

FACETS: dict[str, InstrumentedAttribute[Any]] = {
    "status": Incident.status,
    "severity": Incident.severity,
    "verdict": Incident.verdict,
    "assignee": Incident.assignee_id,
    "tlp": Incident.tlp,
    "tags": Incident.tags,
    "technique": Incident.techniques,
}
_SEVERAL = ("tags", "technique")
MOST_VALUES = 10


@dataclass(frozen=True)
class Filters:
    """What a list of incidents is narrowed to; of no statuses, any."""

    statuses: Sequence[str] = ()
    severity: int | None = None
    assignee_id: UUID | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for."""

    filters: Filters
    node: Node
    order: Order
    after: tuple[Any, ...] | None
    limit: int
    counted: bool = False


@dataclass(frozen=True)
class Found:
    """A page of incidents; `place` is where it ends, when more follow. `degraded` says what it was made without."""

    incidents: list[Incident]
    place: tuple[Any, ...] | None
    total: int | None = None
    degraded: str | None = None


async def find(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    """A page of the incidents that answer the query and are the caller's to see.

    What is asked for without a query, or as a change since a moment, Postgres has in its order.
    """
    found: Found | None = None
    reason: str | None = None
    if wanted.node != EVERYTHING and wanted.filters.updated_since is None:
        found, reason = await searched(resources, lambda: _by_search(resources, session, wanted, by=by))
    return found or replace(await _by_rows(session, wanted, by=by), degraded=reason)


async def _by_rows(session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    await bound(session)
    found = matching(wanted.filters, wanted.node, by)
    statement = ordering.ordered(found, wanted.order.columns, Incident.id, wanted.after)
    rows = list(await session.scalars(statement.limit(wanted.limit + 1)))
    page = rows[: wanted.limit]
    total = await session.scalar(_total(found)) if wanted.counted else None
    return Found(page, wanted.order.place(page[-1]) if len(rows) > wanted.limit else None, total)


async def _by_search(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    answer = await ordering.ask(
        resources.search,
        resources.names.incidents,
        _clauses(wanted.filters, wanted.node, by),
        wanted.order,
        after=wanted.after,
        limit=wanted.limit,
        counted=wanted.counted,
    )
    hits = answer["hits"]["hits"]
    page = hits[: wanted.limit]
    known = await _still(session, matching(wanted.filters, wanted.node, by), [UUID(hit["_id"]) for hit in page])
    place = wanted.order.place_of(page[-1]["sort"]) if len(hits) > wanted.limit else None
    total = min(answer["hits"]["total"]["value"], MAX_TOTAL) if wanted.counted else None
    return Found([known[one] for one in (UUID(hit["_id"]) for hit in page) if one in known], place, total)


async def _still(session: AsyncSession, matching: Select[Incident], wanted: Sequence[UUID]) -> dict[UUID, Incident]:
    """Those of these that match now, and are still the caller's to see."""
    rows = await session.scalars(matching.where(Incident.id.in_(wanted)))
    return {incident.id: incident for incident in rows}


def _clauses(filters: Filters, node: Node, by: Principal) -> list[Clause]:
    open_to_all: list[Clause] = [{"term": {"restricted": False}}]
    member: list[Clause] = [] if by.user_id is None else [{"term": {"member_ids": str(by.user_id)}}]
    made: list[Clause] = [
        {"terms": {"organization_id": [str(one) for one in by.organization_ids]}},
        {"bool": {"should": open_to_all + member, "minimum_should_match": 1}},
        # A document may not know yet that its incident was restricted.
        {"bool": {"must_not": {"ids": {"values": [str(one) for one in by.hidden]}}}},
    ]
    if filters.statuses:
        made.append({"terms": {"status": list(filters.statuses)}})
    if filters.severity is not None:
        made.append({"range": {"severity": {"gte": filters.severity}}})
    if filters.assignee_id is not None:
        made.append({"term": {"assignee_id": str(filters.assignee_id)}})
    return [*made, compile_opensearch(node)]


def matching(filters: Filters, node: Node, by: Principal) -> Select[Incident]:
    """The incidents that answer, as far as they are the caller's to see."""
    statement = queries.visible_to(by)
    if filters.statuses:
        statement = statement.where(Incident.status.in_(filters.statuses))
    if filters.severity is not None:
        statement = statement.where(Incident.severity >= filters.severity)
    if filters.assignee_id is not None:
        statement = statement.where(Incident.assignee_id == filters.assignee_id)
    if filters.updated_since is not None:
        statement = statement.where(Incident.updated_at >= filters.updated_since)
    return statement if node == EVERYTHING else statement.where(compile_sql(node, COLUMNS))


def _total(matching: Select[Incident]) -> Select[int]:
    some = matching.with_only_columns(Incident.id).order_by(None).limit(MAX_TOTAL).subquery()
    return select(func.count()).select_from(some)


@dataclass(frozen=True)
class Counted:
    """The most frequent values of each field with their counts, and how many incidents there are, up to MAX_TOTAL."""

    facets: dict[str, list[tuple[Any, int]]]
    total: int
    degraded: str | None = None


async def facets(
    resources: Resources, session: AsyncSession, filters: Filters, node: Node, names: Sequence[str], *, by: Principal
) -> Counted:
    """The ten most frequent values of each field; of what is asked for without a query Postgres has them."""
    found: Counted | None = None
    reason: str | None = None
    if node != EVERYTHING:
        found, reason = await searched(resources, lambda: _facets_by_search(resources, filters, node, names, by))
    return found or replace(await _facets_by_rows(session, matching(filters, node, by), names), degraded=reason)


async def _facets_by_search(
    resources: Resources, filters: Filters, node: Node, names: Sequence[str], by: Principal
) -> Counted:
    body: dict[str, Any] = {
        "size": 0,
        "query": {"bool": {"filter": _clauses(filters, node, by)}},
        "aggs": {name: {"terms": {"field": FACETS[name].key, "size": MOST_VALUES}} for name in names},
        "track_total_hits": MAX_TOTAL,
    }
    answer = await ordering.answered(resources.search, resources.names.incidents, body)
    counted = {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in answer["aggregations"][name]["buckets"]]
        for name in names
    }
    return Counted(counted, min(answer["hits"]["total"]["value"], MAX_TOTAL))


async def _facets_by_rows(session: AsyncSession, matching: Select[Incident], names: Sequence[str]) -> Counted:
    await bound(session)
    counted: dict[str, list[tuple[Any, int]]] = {name: [] for name in names}
    rows = (await session.execute(_facets(matching, names))).all()
    for name, value, count in rows:
        if name is not None and value is not None:
            counted[name].append((int(value) if name == "severity" else value, count))
    for values in counted.values():
        values.sort(key=lambda pair: (-pair[1], pair[0]))
    return Counted(counted, next(count for name, _, count in rows if name is None))


def _facets(matching: Select[Incident], names: Sequence[str]) -> CompoundSelect[str | None, str | None, int]:
    """Each name with a value and its count, and the total without a name: what matches is looked for once."""
    columns = (FACETS[name].label(name) for name in names)
    kept = matching.with_only_columns(Incident.id, *columns).order_by(None).cte("matching")
    total = select(literal(1)).select_from(kept).limit(MAX_TOTAL).subquery()
    parts = [_facet(name, func.unnest(kept.c[name]) if name in _SEVERAL else kept.c[name]) for name in names]
    return union_all(select(null(), null(), func.count()).select_from(total), *parts)


def _facet(name: str, column: ColumnElement[Any]) -> Select[Any]:
    values = select(cast(column, Text).label("value")).subquery()
    most = (
        select(values.c.value, func.count().label("number"))
        .where(values.c.value.is_not(None))
        .group_by(values.c.value)
        .order_by(func.count().desc(), values.c.value)
        .limit(MOST_VALUES)
        .subquery()
    )
    return select(literal(name), most.c.value, most.c.number)
