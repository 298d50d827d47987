"""Counts over alerts that answer a query: facets, each under all other filters, and a histogram over time.

Without OpenSearch facets are of the last seen alone, and the reply says so where there are more.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

import orjson
from opensearchpy.exceptions import TransportError
from sqlalchemy import Row, Select, func, literal
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import queries
from services.api.alerts.columns import COLUMNS
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import Facet
from services.api.alerts.search import bound, clauses, searched
from services.api.deps import Resources
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from services.api.timeline import interval_of
from shared import clock
from shared.errors import Unavailable
from shared.models import Alert
from shared.query.fields import Field
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.to_sql import compile_sql
from shared.query.tree import EVERYTHING, And, Has, Node, Not, Or
from shared.search.catalogue import ALERTS
from shared.search.client import reaching
from shared.search.templates import alerts as template

VALUES = 10
SECONDS = 2.0
WAIT_SECONDS = 5.0
APIECE = 4

FACETS: tuple[Facet, ...] = get_args(Facet)
"""Fields that can be counted by value."""


class TooManyCounts(Unavailable):
    """Other facets are being counted; the same request will work in a moment."""

    code = "busy"


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
    """Facets of these fields; from Postgres where OpenSearch cannot. Raises TooManyCounts."""
    fields = [ALERTS.fields[name] for name in names]
    async with _room(resources):
        found, reason = await searched(resources, lambda: _facets_by_search(resources, asked, fields, by))
    if found is not None:
        return found
    await bound(session)
    return await _facets_by_rows(session, asked, fields, reason or "", by)


@asynccontextmanager
async def _room(resources: Resources) -> AsyncIterator[None]:
    """A turn at OpenSearch. Raises TooManyCounts after a while behind others.

    One who counts a million alerts keeps all processors busy; eight at once took longer than OpenSearch is given, and
    all of it fell to Postgres.
    """
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await resources.counting.acquire()
    except TimeoutError:
        raise TooManyCounts from None
    try:
        yield
    finally:
        resources.counting.release()


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
    counts, reason = await searched(resources, lambda: _histogram_by_search(resources, asked, span, by))
    if counts is None:
        await bound(session)
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


async def _search(resources: Resources, *bodies: dict[str, Any]) -> list[Any]:
    """The answers to these questions, which OpenSearch works on at the same time."""
    asked = {"size": 0, "timeout": f"{int(SECONDS * 1000)}ms"}
    lines = [line for body in bodies for line in ({"allow_partial_search_results": False}, asked | body)]
    with reaching():
        found = await resources.search.msearch(
            index=resources.names.alerts, body=b"".join(orjson.dumps(line) + b"\n" for line in lines)
        )
        answers: list[Any] = found["responses"]
        for answer in answers:
            if "error" in answer:
                raise TransportError(answer["status"], answer["error"]["type"], answer)
    if any(answer["timed_out"] for answer in answers):
        raise Unavailable("OpenSearch: no answer in time")
    return answers


async def _facets_by_search(resources: Resources, asked: Asked, fields: Sequence[Field], by: Principal) -> Counted:
    """Fields with no filter of their own are counted together, under all filters."""
    base = await clauses(resources, asked.statuses, EVERYTHING, by)
    pieces = [(asked.whole, ()), *pieces_of(asked, fields)]
    answers = await _search(resources, *(_counting(base, node, some) for node, some in pieces))
    total, *found = answers
    counted = {
        name: [(bucket["key"], bucket["doc_count"]) for bucket in counts["buckets"]]
        for answer in found
        for name, counts in answer["aggregations"].items()
    }
    return Counted({field.name: counted[field.name] for field in fields}, total["hits"]["total"]["value"])


def pieces_of(asked: Asked, fields: Sequence[Field]) -> list[tuple[And, Sequence[Field]]]:
    """The fields that are counted under the same query, a few at a time: a search is the work of one processor."""
    together: dict[And, list[Field]] = {}
    for field in fields:
        together.setdefault(asked.but_for(field), []).append(field)
    return [
        (node, fields[at : at + APIECE]) for node, fields in together.items() for at in range(0, len(fields), APIECE)
    ]


def _counting(base: Sequence[Clause], node: Node, fields: Sequence[Field]) -> dict[str, Any]:
    """How many alerts there are by each value of these fields; of no field, how many in all."""
    aggregations = {field.name: {"terms": {"field": field.in_document, "size": VALUES}} for field in fields}
    counted = {"aggs": aggregations, "track_total_hits": False} if fields else {"track_total_hits": MAX_TOTAL}
    return {"query": {"bool": {"filter": [*base, compile_opensearch(node)]}}, **counted}


async def _histogram_by_search(
    resources: Resources,
    asked: Asked,
    span: Span,
    by: Principal,
) -> dict[tuple[datetime, int], int]:
    within = {"range": {"last_seen": {"gte": clock.isoformat(span.start), "lt": clock.isoformat(span.end)}}}
    query = {"bool": {"filter": [*await clauses(resources, asked.statuses, asked.whole, by), within]}}
    over_time = {"field": "last_seen", "fixed_interval": f"{int(span.interval.total_seconds())}s", "min_doc_count": 1}
    by_severity = {"severity": {"terms": {"field": "severity", "size": 5}}}
    aggregations = {"time": {"date_histogram": over_time, "aggs": by_severity}}
    (answer,) = await _search(resources, {"query": query, "aggs": aggregations, "track_total_hits": False})
    return {
        (clock.from_milliseconds(bucket["key"]), severity["key"]): severity["doc_count"]
        for bucket in answer["aggregations"]["time"]["buckets"]
        for severity in bucket["severity"]["buckets"]
    }


def _matching(asked: Asked, node: Node, by: Principal) -> Select[Alert]:
    return queries.filtered(by, asked.statuses).where(compile_sql(node, COLUMNS))


async def _facets_by_rows(
    session: AsyncSession, asked: Asked, fields: Sequence[Field], reason: str, by: Principal
) -> Counted:
    """Of the MAX_TOTAL last seen: what all of a million have would take seconds."""
    own = [getattr(Alert, field.in_document) for field in fields if field.name not in template.SEEN]
    latest: dict[And, Sequence[Row[Any]]] = {}
    for node in (asked.whole, *map(asked.but_for, fields)):
        if node not in latest:
            matching = _matching(asked, node, by).with_only_columns(Alert.id, *own)
            ordered = matching.order_by(Alert.last_seen.desc(), Alert.id).limit(MAX_TOTAL)
            latest[node] = (await session.execute(ordered)).all()
    counted = {field.name: await _values(session, field, latest[asked.but_for(field)]) for field in fields}
    if any(len(rows) == MAX_TOTAL for rows in latest.values()):
        reason += f"; counted are the {MAX_TOTAL:,} last seen"
    return Counted(counted, len(latest[asked.whole]), reason)


async def _values(session: AsyncSession, field: Field, alerts: Sequence[Row[Any]]) -> list[tuple[Any, int]]:
    """The most frequent values of the field in these alerts."""
    if field.name in template.SEEN:
        found = await session.execute(queries.seen([alert.id for alert in alerts], field.name, VALUES))
        return [(value, count) for value, count in found]
    values = (getattr(alert, field.in_document) for alert in alerts)
    return most_frequent(one for value in values for one in (value if isinstance(value, list) else [value]))


def most_frequent(values: Iterable[Any]) -> list[tuple[Any, int]]:
    """The VALUES most frequent ones that are not None, of equals the first by name; ids as text."""
    counts = Counter(str(one) if isinstance(one, UUID) else one for one in values if one is not None)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:VALUES]


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
