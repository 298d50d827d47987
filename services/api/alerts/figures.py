"""Counts over alerts that answer a query: facets, each under all other filters, and a histogram over time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

from opensearchpy.exceptions import OpenSearchException
from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import queries
from services.api.alerts.columns import COLUMNS
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import Facet
from services.api.alerts.search import clauses
from services.api.deps import Resources
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from services.api.timeline import interval_of
from shared import clock, log
from shared.errors import Unavailable
from shared.models import Alert, AlertObservable, Observable
from shared.query.fields import Field
from shared.query.to_opensearch import compile_opensearch
from shared.query.to_sql import compile_sql
from shared.query.tree import And, Has, Node, Not, Or
from shared.search.catalogue import ALERTS
from shared.search.client import reaching, what_went_wrong
from shared.search.templates import alerts as template

logger = log.get(__name__)

VALUES = 10
SECONDS = 2.0

FACETS: tuple[Facet, ...] = get_args(Facet)
"""Fields that can be counted by value."""


@dataclass(frozen=True)
class Asked:
    """What is counted: the query with its filters apart, for a facet leaves its own out."""

    query: Node
    filters: tuple[Node, ...]
    statuses: Filters

    def but_for(self, field: Field) -> And:
        """The query with all filters that are not of this field."""
        kept = [one for one in self.filters if named_in(one) != {field.in_document}]
        return And((self.query, *kept))

    @property
    def whole(self) -> And:
        """The query with all filters."""
        return And((self.query, *self.filters))


@dataclass(frozen=True)
class Counted:
    """The facets by name, each the most frequent values with their counts, and how many alerts match in all."""

    facets: dict[str, list[tuple[Any, int]]]
    total: int
    degraded: str | None = None


class Span(NamedTuple):
    """From when until just before when, in pieces of which length."""

    start: datetime
    end: datetime
    interval: timedelta


@dataclass(frozen=True)
class Bucket:
    """How many alerts were last seen from `start` on, by severity (1 to 5)."""

    start: datetime
    by_severity: dict[int, int]


def named_in(node: Node) -> set[str]:
    """The fields, by their names in documents, that a query names."""
    match node:
        case Has(field, _):
            return {field.in_document}
        case Not(part):
            return named_in(part)
        case And(parts) | Or(parts):
            return set().union(*map(named_in, parts)) if parts else set()


async def facets(
    resources: Resources, session: AsyncSession, asked: Asked, names: Sequence[str], *, by: Principal
) -> Counted:
    """Facets of these fields; from Postgres where OpenSearch cannot."""
    fields = [ALERTS.fields[name] for name in names]
    reason = _away(resources)
    if reason is None:
        try:
            return await _facets_by_search(resources, asked, fields, by)
        except (Unavailable, OpenSearchException) as error:
            reason = _told(error)
    counted = {field.name: await _facet_by_rows(session, asked, field, by) for field in fields}
    some = _matching(asked, asked.whole, by).with_only_columns(Alert.id).limit(MAX_TOTAL).subquery()
    total = await session.scalar(select(func.count()).select_from(some))
    return Counted(counted, total or 0, reason)


async def histogram(
    resources: Resources,
    session: AsyncSession,
    asked: Asked,
    *,
    start: datetime,
    end: datetime,
    by: Principal,
) -> tuple[list[Bucket], timedelta, str | None]:
    """Buckets without gaps from `start` to `end`, their interval, and why OpenSearch did not make them."""
    span = Span(start, end, interval_of(start, end))
    reason = _away(resources)
    counts: dict[tuple[datetime, int], int] | None = None
    if reason is None:
        try:
            counts = await _histogram_by_search(resources, asked, span, by)
        except (Unavailable, OpenSearchException) as error:
            reason = _told(error)
    if counts is None:
        counts = await _histogram_by_rows(session, asked, span, by)
    return _whole(counts, span), span.interval, reason


def _whole(counts: dict[tuple[datetime, int], int], span: Span) -> list[Bucket]:
    first = clock.EPOCH + (span.start - clock.EPOCH) // span.interval * span.interval
    number = -(-(span.end - first) // span.interval)
    starts = [first + step * span.interval for step in range(number)]
    return [
        Bucket(one, {severity: counts[one, severity] for severity in range(1, 6) if (one, severity) in counts})
        for one in starts
    ]


def _away(resources: Resources) -> str | None:
    return None if resources.health.is_up("opensearch") else "OpenSearch is away"


def _told(error: Exception) -> str:
    if isinstance(error, Unavailable):
        return str(error)
    logger.warning("search_refused_query", error=what_went_wrong(error))
    return "OpenSearch could not answer"


async def _search(resources: Resources, body: dict[str, Any]) -> Any:
    body = {"size": 0, "timeout": f"{int(SECONDS * 1000)}ms", **body}
    with reaching():
        async with asyncio.timeout(SECONDS + 1):
            answer = await resources.search.search(
                index=resources.names.alerts, body=body, params={"allow_partial_search_results": "false"}
            )
    if answer["timed_out"]:
        raise Unavailable("OpenSearch: no answer in time")
    return answer


async def _facets_by_search(resources: Resources, asked: Asked, fields: Sequence[Field], by: Principal) -> Counted:
    aggregations = {
        field.name: {
            "filter": compile_opensearch(asked.but_for(field)),
            "aggs": {"values": {"terms": {"field": field.in_document, "size": VALUES}}},
        }
        for field in fields
    }
    aggregations["*"] = {"filter": compile_opensearch(asked.whole)}
    query = {"bool": {"filter": clauses(asked.statuses, asked.query, by)}}
    answer = await _search(resources, {"query": query, "aggs": aggregations, "track_total_hits": False})
    found = answer["aggregations"]
    counted = {
        field.name: [(bucket["key"], bucket["doc_count"]) for bucket in found[field.name]["values"]["buckets"]]
        for field in fields
    }
    return Counted(counted, min(found["*"]["doc_count"], MAX_TOTAL))


async def _histogram_by_search(
    resources: Resources,
    asked: Asked,
    span: Span,
    by: Principal,
) -> dict[tuple[datetime, int], int]:
    within = {"range": {"last_seen": {"gte": clock.isoformat(span.start), "lt": clock.isoformat(span.end)}}}
    query = {"bool": {"filter": [*clauses(asked.statuses, asked.whole, by), within]}}
    over_time = {"field": "last_seen", "fixed_interval": f"{int(span.interval.total_seconds())}s", "min_doc_count": 1}
    by_severity = {"severity": {"terms": {"field": "severity", "size": 5}}}
    aggregations = {"time": {"date_histogram": over_time, "aggs": by_severity}}
    answer = await _search(resources, {"query": query, "aggs": aggregations, "track_total_hits": False})
    return {
        (clock.from_milliseconds(bucket["key"]), severity["key"]): severity["doc_count"]
        for bucket in answer["aggregations"]["time"]["buckets"]
        for severity in bucket["severity"]["buckets"]
    }


def _matching(asked: Asked, node: Node, by: Principal) -> Select[Alert]:
    return queries.filtered(by, asked.statuses).where(compile_sql(node, COLUMNS))


async def _facet_by_rows(session: AsyncSession, asked: Asked, field: Field, by: Principal) -> list[tuple[Any, int]]:
    matching = _matching(asked, asked.but_for(field), by)
    if field.name in template.SEEN:
        value: ColumnElement[Any] = Observable.value.expression
        statement = (
            matching.join(AlertObservable, AlertObservable.alert_id == Alert.id)
            .join(Observable, Observable.id == AlertObservable.observable_id)
            .where(AlertObservable.fields.contains([field.name]))
        )
    elif field.name in ("tags", "technique"):
        value = func.unnest(getattr(Alert, field.in_document))
        statement = matching
    else:
        value = getattr(Alert, field.in_document).expression
        statement = matching.where(value.is_not(None))
    values = statement.with_only_columns(value.label("value")).order_by(None).subquery()
    rows = await session.execute(
        select(values.c.value, func.count())
        .group_by(values.c.value)
        .order_by(func.count().desc(), values.c.value)
        .limit(VALUES)
    )
    return [(str(row[0]) if isinstance(row[0], UUID) else row[0], row[1]) for row in rows]


async def _histogram_by_rows(
    session: AsyncSession,
    asked: Asked,
    span: Span,
    by: Principal,
) -> dict[tuple[datetime, int], int]:
    step = literal(span.interval, INTERVAL())
    bucket = func.date_bin(step, Alert.last_seen, literal(clock.EPOCH, Alert.last_seen.type))
    matching = _matching(asked, asked.whole, by).where(Alert.last_seen >= span.start, Alert.last_seen < span.end)
    rows = await session.execute(
        matching.with_only_columns(bucket, Alert.severity, func.count()).order_by(None).group_by(bucket, Alert.severity)
    )
    return {(clock.utc(row[0]), row[1]): row[2] for row in rows}
