"""Lists of alerts by a query: OpenSearch finds ids and their order, Postgres tells what they are.

A row that no longer answers the query is left out, so no list shows what is not so. Without OpenSearch the same
query runs as SQL; the cursor is the same for both, so that a list goes on when OpenSearch leaves or comes back.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from opensearchpy.exceptions import OpenSearchException
from sqlalchemy import Select, func, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.api import ordering, restricted
from services.api.alerts import queries
from services.api.alerts.columns import COLUMNS
from services.api.alerts.queries import Filters
from services.api.deps import Resources
from services.api.ordering import Order, Sorts
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from shared import log
from shared.errors import Unavailable
from shared.models import Alert
from shared.models.alert import OPEN_ALERT_STATUSES
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.to_sql import compile_sql
from shared.query.tree import EVERYTHING, And, Has, Is, Node
from shared.search.client import what_went_wrong

logger = log.get(__name__)

T = TypeVar("T")

ROWS_SECONDS = 4.0
MOST_APART = 10

SORTS: Sorts = {
    "risk": (Alert.risk, int),
    "severity": (Alert.severity, int),
    "count": (Alert.count, int),
    "last_seen": (Alert.last_seen, datetime),
    "first_seen": (Alert.first_seen, datetime),
    "created_at": (Alert.created_at, datetime),
    "updated_at": (Alert.updated_at, datetime),
}
"""What lists can be ordered by; columns that are never null."""

INDEXED = frozenset({"risk", "last_seen", "updated_at"})
"""Those of them in whose order an index has all alerts of an organization."""


QUEUE = Order((("risk", True), ("last_seen", True)), SORTS)
"""The riskiest first, of those the last seen."""


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
    """A page of alerts; `place` is where it ends, when more follow. `degraded` says what it was made without."""

    alerts: list[Alert]
    place: tuple[Any, ...] | None
    total: int | None = None
    degraded: str | None = None


async def bound(session: AsyncSession) -> None:
    """Statements from here on that read too many alerts end after a while, as `too_slow`."""
    await session.execute(text(f"SET LOCAL statement_timeout = {int(ROWS_SECONDS * 1000)}"))


async def find(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    """A page of the alerts that answer the query and are the caller's to see."""
    found: Found | None = None
    reason: str | None = None
    if not _in_order(wanted):
        found, reason = await searched(resources, lambda: _by_search(resources, session, wanted, by=by))
    return found or replace(await by_rows(session, wanted, by=by), degraded=reason)


def _in_order(wanted: Wanted) -> bool:
    """True when Postgres has the list in its order, or has to sort no more than what is open or has just changed.

    Who follows changes must miss none, and nothing bounds how long a document lags behind its row.
    """
    if wanted.filters.updated_since is not None:
        return True
    statuses = wanted.filters.statuses
    is_open = bool(statuses) and set(statuses) <= set(OPEN_ALERT_STATUSES)
    return wanted.node == EVERYTHING and (is_open or wanted.order.keys[0][0] in INDEXED)


async def searched(resources: Resources, ask: Callable[[], Awaitable[T]]) -> tuple[T | None, str | None]:
    """What OpenSearch answers, or nothing and why it does not: then Postgres has to."""
    if not resources.health.is_up("opensearch"):
        return None, "OpenSearch is away"
    try:
        return await ask(), None
    except Unavailable as error:
        return None, str(error)
    except OpenSearchException as error:
        # The query is ours, made of a checked tree: whatever OpenSearch has against it, Postgres can answer.
        logger.warning("search_refused_query", error=what_went_wrong(error))
        return None, "OpenSearch could not answer"


async def by_rows(session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    """The same page from Postgres alone."""
    await bound(session)
    matching = _matching(wanted, by)
    rows = list(await session.scalars(_first(wanted, by)))
    page = rows[: wanted.limit]
    total = await session.scalar(_total(matching)) if wanted.counted else None
    return Found(page, wanted.order.place(page[-1]) if len(rows) > wanted.limit else None, total)


def _first(wanted: Wanted, by: Principal) -> Select[Alert]:
    """A page's alerts and one more. An index has the order within an organization: of several, each gives its first."""
    organizations = by.organization_ids
    if not 1 < len(organizations) <= MOST_APART:
        return _ordered(_matching(wanted, by), wanted).limit(wanted.limit + 1)
    each = (_first(wanted, replace(by, organization_ids=(one,))) for one in organizations)
    alert = aliased(Alert, union_all(*each).subquery())
    order = (getattr(alert, name).desc() if down else getattr(alert, name) for name, down in wanted.order.keys)
    return select(alert).order_by(*order, alert.id).limit(wanted.limit + 1)


async def _by_search(resources: Resources, session: AsyncSession, wanted: Wanted, *, by: Principal) -> Found:
    listed = await clauses(resources, wanted.filters, wanted.node, by)
    answer = await ordering.ask(
        resources.search,
        resources.names.alerts,
        listed,
        wanted.order,
        after=wanted.after,
        limit=wanted.limit,
        counted=wanted.counted,
    )
    hits = answer["hits"]["hits"]
    page = hits[: wanted.limit]
    wanted_ids = [UUID(hit["_id"]) for hit in page]
    known = await _still(session, _matching(wanted, by), wanted_ids)
    alerts = [known[one] for one in wanted_ids if one in known]
    place = wanted.order.place_of(page[-1]["sort"]) if len(hits) > wanted.limit else None
    total = min(answer["hits"]["total"]["value"], MAX_TOTAL) if wanted.counted else None
    return Found(alerts, place, total)


async def _still(session: AsyncSession, matching: Select[Alert], alert_ids: Sequence[UUID]) -> dict[UUID, Alert]:
    """Those of these alerts that match now.

    The condition is selected, not filtered by: else the planner may begin with it, at all alerts of a busy host.
    """
    assert matching.whereclause is not None
    rows = await session.execute(select(Alert, matching.whereclause.label("matches")).where(Alert.id.in_(alert_ids)))
    return {alert.id: alert for alert, matches in rows if matches}


async def clauses(resources: Resources, filters: Filters, node: Node, by: Principal) -> list[Clause]:
    """What the documents of a list answer: the caller's organizations, the filters but those by time, the query.

    What is hidden or snoozed is read in sessions that end here, so that nothing is held while OpenSearch thinks.
    """
    made: list[Clause] = [{"terms": {"organization_id": [str(one) for one in by.organization_ids]}}]
    if filters.statuses:
        made.append({"terms": {"status": list(filters.statuses)}})
    if filters.severity is not None:
        made.append({"range": {"severity": {"gte": filters.severity}}})
    if filters.sensor_id is not None:
        made.append({"term": {"sensor_id": str(filters.sensor_id)}})
    if filters.rule_id is not None:
        made.append({"term": {"rule_id": filters.rule_id}})
    if filters.unlinked:
        made.append({"bool": {"must_not": [{"exists": {"field": "incident_id"}}]}})
    if by.hidden:
        async with resources.sessions.begin() as session:
            made += await restricted.clauses(session, by)
    if not filters.snoozed and by.user_id is not None:
        async with resources.sessions.begin() as session:
            hidden = [str(one) for one in await session.scalars(queries.put_off(by))]
        made.append({"bool": {"must_not": [{"ids": {"values": hidden}}]}})
    return [*made, compile_opensearch(node)]


def _matching(wanted: Wanted, by: Principal) -> Select[Alert]:
    statement = queries.filtered(by, wanted.filters)
    if wanted.node != EVERYTHING:
        statement = statement.where(compile_sql(wanted.node, COLUMNS))
    return statement


def _ordered(matching: Select[Alert], wanted: Wanted) -> Select[Alert]:
    columns = wanted.order.columns
    if _of_a_rule(wanted) and wanted.order == QUEUE:
        # A rule's alerts have much the same risk: along the index of all alerts by risk, which the planner would
        # choose, they may come last of a million. No index has a sum.
        columns[0] = (columns[0][0] + 0, True)
    return ordering.ordered(matching, columns, Alert.id, wanted.after)


def _of_a_rule(wanted: Wanted) -> bool:
    """True when all alerts of the list are one rule's."""
    parts = wanted.node.parts if isinstance(wanted.node, And) else (wanted.node,)
    named = (one for one in parts if isinstance(one, Has) and isinstance(one.test, Is))
    return wanted.filters.rule_id is not None or any(one.field.in_document == "rule_id" for one in named)


def _total(matching: Select[Alert]) -> Select[int]:
    some = matching.with_only_columns(Alert.id).order_by(None).limit(MAX_TOTAL).subquery()
    return select(func.count()).select_from(some)
