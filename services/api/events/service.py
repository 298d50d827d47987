"""Finds events in OpenSearch, and tells of them what Postgres has."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import queried, restricted
from services.api.deps import Resources
from services.api.events.schemas import BucketRead, EventDetail, EventFound
from services.api.pagination import MAX_TOTAL
from services.api.principal import Principal
from shared import clock, log
from shared.errors import Damaged, NotFound, Unavailable
from shared.models import Event
from shared.normalise.body import unpack_body
from shared.normalise.event import KINDS
from shared.query.fields import Field
from shared.query.to_opensearch import Clause, compile_opensearch
from shared.query.to_predicate import values_in
from shared.query.tree import Node

logger = log.get(__name__)

SECONDS = 5.0
MAX_VALUES = 10
Kind = Literal["alert", "telemetry"]


class EventNotFound(NotFound):
    """There is no such event."""

    code = "event_not_found"


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for: events of a span, the latest first, behind a place (milliseconds and id)."""

    node: Node
    start: datetime
    end: datetime
    kind: Kind | None
    after: tuple[int, UUID] | None
    limit: int
    counted: bool = False


async def page(
    resources: Resources, session: AsyncSession, wanted: Wanted, fields: Sequence[Field] = (), *, by: Principal
) -> tuple[list[EventFound], tuple[int, UUID] | None, int | None]:
    """Events with these fields of theirs, the place where the page ends if more follow, and how many match.

    Raises Unavailable.
    """
    body: dict[str, Any] = {
        "size": wanted.limit + 1,
        "_source": False,
        "query": {"bool": {"filter": _clauses(wanted, by)}},
        "sort": [{"@timestamp": "desc"}, {"event.id": "desc"}],
        "track_total_hits": MAX_TOTAL if wanted.counted else False,
    }
    if wanted.after is not None:
        body["search_after"] = [wanted.after[0], str(wanted.after[1])]
    answer = await _search(resources, body)
    hits = answer["hits"]["hits"]
    shown = await _rows(session, [UUID(hit["_id"]) for hit in hits[: wanted.limit]], fields, by=by)
    place = None
    if len(hits) > wanted.limit:
        milliseconds, event_id = hits[wanted.limit - 1]["sort"]
        place = (milliseconds, UUID(event_id))
    total = min(answer["hits"]["total"]["value"], MAX_TOTAL) if wanted.counted else None
    return shown, place, total


async def histogram(resources: Resources, wanted: Wanted, interval: timedelta, *, by: Principal) -> list[BucketRead]:
    """Counts by kind from the span's start to its end, without gaps. Raises Unavailable."""
    over_time = {
        "field": "@timestamp",
        "fixed_interval": f"{int(interval.total_seconds())}s",
        "min_doc_count": 0,
        "extended_bounds": {
            "min": clock.isoformat(wanted.start),
            "max": clock.isoformat(wanted.end - clock.MILLISECOND),
        },
    }
    alerts = {"alerts": {"filter": {"term": {"event.kind": "alert"}}}}
    body = {
        "size": 0,
        "query": {"bool": {"filter": _clauses(wanted, by)}},
        "aggs": {"time": {"date_histogram": over_time, "aggs": alerts}},
        "track_total_hits": False,
    }
    answer = await _search(resources, body)
    length, start = int(interval.total_seconds()) * 1000, clock.milliseconds(wanted.start)
    # OpenSearch begins where its segments do, and gives what lies before the span as empty.
    buckets = [
        bucket
        for bucket in answer.get("aggregations", {}).get("time", {}).get("buckets", [])
        if bucket["key"] + length > start
    ]
    return [
        BucketRead(
            start=clock.from_milliseconds(bucket["key"]),
            alert=bucket["alerts"]["doc_count"],
            telemetry=bucket["doc_count"] - bucket["alerts"]["doc_count"],
        )
        for bucket in buckets
    ]


async def one(session: AsyncSession, event_id: UUID, *, by: Principal, original: bool) -> EventDetail:
    """The event with its document, and the record as received if asked for. Raises EventNotFound and Damaged."""
    row = await session.scalar(by_ids([event_id], by))
    if row is None:
        raise EventNotFound
    try:
        document, record = await asyncio.to_thread(unpack_body, row.body)
    except Damaged as error:
        logger.error("event_unreadable", event_id=event_id, error=error.code)
        raise
    text, encoding = as_text(record) if original else (None, None)
    hidden = await restricted.hidden_among(session, by, [row.alert_id])
    return EventDetail(
        id=row.id,
        organization_id=row.organization_id,
        kind=row.kind,
        time=row.time,
        received_at=row.received_at,
        severity=row.severity,
        sensor_id=row.sensor_id,
        batch_id=row.batch_id,
        alert_id=None if row.alert_id in hidden else row.alert_id,
        document=orjson.loads(document),
        original=text,
        original_encoding=encoding,
    )


async def documents(session: AsyncSession, event_ids: Sequence[UUID], *, by: Principal) -> dict[UUID, dict[str, Any]]:
    """The documents of these events, by id, as far as they are there."""
    rows = (await session.scalars(by_ids(event_ids, by))).all()
    return await asyncio.to_thread(lambda: {row.id: _document(row.body) for row in rows})


async def _search(resources: Resources, body: dict[str, Any]) -> Any:
    if not resources.health.is_up("opensearch"):
        raise Unavailable("Events are searched in OpenSearch, which is away.", code="search_unavailable")
    return await queried.in_events(resources, body, seconds=SECONDS)


def _clauses(wanted: Wanted, by: Principal) -> list[Clause]:
    within = {"gte": clock.isoformat(wanted.start), "lt": clock.isoformat(wanted.end)}
    made: list[Clause] = [
        {"terms": {"organization.id": [str(one) for one in by.organization_ids]}},
        {"range": {"@timestamp": within}},
    ]
    if wanted.kind is not None:
        alert: Clause = {"term": {"event.kind": "alert"}}
        made.append(alert if wanted.kind == "alert" else {"bool": {"must_not": [alert]}})
    return [*made, compile_opensearch(wanted.node)]


def by_ids(wanted: Sequence[UUID], by: Principal) -> Select[Event]:
    """The events of these ids that are the caller's to see."""
    # Each kind in a term of its own: the planner then looks into that kind's partitions.
    kinds = or_(*(and_(Event.kind == kind, Event.id.in_(wanted)) for kind in KINDS))
    return select(Event).where(kinds, Event.organization_id.in_(by.organization_ids))


async def _rows(
    session: AsyncSession, wanted: Sequence[UUID], fields: Sequence[Field], *, by: Principal
) -> list[EventFound]:
    """The events of these ids that are there, in their order; none names an alert that is hidden from the caller."""
    if not wanted:
        return []
    rows = {row.id: row for row in await session.scalars(by_ids(wanted, by))}
    found = [rows[one] for one in wanted if one in rows]
    # Bodies may be large, and unpacking them would hold up everyone else.
    listed = await asyncio.to_thread(lambda: [_listed(row, fields) for row in found])
    hidden = await restricted.hidden_among(session, by, [row.alert_id for row in found])
    return [one.model_copy(update={"alert_id": None}) if one.alert_id in hidden else one for one in listed]


def _listed(row: Event, fields: Sequence[Field]) -> EventFound:
    document = _document(row.body)
    return EventFound(
        id=row.id,
        organization_id=row.organization_id,
        kind=row.kind,
        time=row.time,
        severity=row.severity,
        title=_at(document, "alert", "title"),
        module=_at(document, "event", "module"),
        dataset=_at(document, "event", "dataset"),
        rule_id=_at(document, "rule", "id"),
        rule_name=_at(document, "rule", "name"),
        source_ip=_all(document, "source", "ip"),
        destination_ip=_all(document, "destination", "ip"),
        host=_all(document, "host", "name"),
        user=_all(document, "user", "name"),
        sensor_id=row.sensor_id,
        alert_id=row.alert_id,
        fields=held(document, fields),
    )


def held(document: dict[str, Any], fields: Sequence[Field]) -> dict[str, list[Any]]:
    """The first values of these fields, by name; those without any are left out."""
    found = {
        field.name: [value for value in values_in(document, field) if isinstance(value, str | int | float)]
        for field in fields
    }
    return {name: values[:MAX_VALUES] for name, values in found.items() if values}


def _document(body: bytes) -> dict[str, Any]:
    """Empty where the body cannot be read, which must not hide the others."""
    try:
        document = orjson.loads(unpack_body(body)[0])
    except (Damaged, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _all(document: dict[str, Any], parent: str, leaf: str) -> list[str]:
    held = document.get(parent)
    value = held.get(leaf) if isinstance(held, dict) else None
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)][:10]


def _at(document: dict[str, Any], parent: str, leaf: str) -> str | None:
    return next(iter(_all(document, parent, leaf)), None)


def as_text(record: bytes) -> tuple[str, str]:
    """The record for JSON, and how it is encoded there: `utf-8` or `base64`."""
    try:
        return record.decode(), "utf-8"
    except UnicodeDecodeError:
        return base64.b64encode(record).decode(), "base64"
