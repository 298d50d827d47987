"""`/incidents`: what people work on, from the first alert to a closed, explained end."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import idempotency, ordering, pagination, queried
from services.api.auth.permissions import IncidentReader, IncidentWriter
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.incidents import links, listed, queries, search, service, work
from services.api.incidents.listed import IncidentFacet, IncidentFacetsRead, IncidentFacetValue, IncidentPage
from services.api.incidents.schemas import (
    AlertLinking,
    IncidentCreate,
    IncidentDetail,
    IncidentRead,
    IncidentUpdate,
    Linked,
    LinkedAlert,
    ReviewRead,
    SummaryVersionRead,
)
from services.api.incidents.search import FACETS, QUEUE, SORTS, Filters, Wanted
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from services.api.queried import FieldRead, QueryText
from services.api.text import Moment, SeverityDigit, Word
from shared.domain.incident import UNFINISHED, Status
from shared.models import Alert, Incident, IncidentAlert
from shared.search.catalogue import INCIDENTS

router = APIRouter(prefix="/incidents", tags=["incidents"])

STATUS = "Any of these; the unfinished ones, if none of this, `query`, `updated_since` is given."
UPDATED_SINCE = "Changed at this moment or later, in any status if none is given."
SORT = f"One of {', '.join(SORTS)}; with - in front, the greatest first."


@router.post("", status_code=statuses.HTTP_201_CREATED, responses=problems(404, 409, 415))
async def create_incident(
    *,
    wanted: IncidentCreate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> IncidentRead:
    """Open an incident, of some alerts or of nothing yet. Its number is the organization's next."""

    async def work_() -> IncidentRead:
        return IncidentRead.model_validate(await service.create(session, wanted, by=caller, trace=trace))

    made = await idempotency.once(session, key, wanted, work_, by=caller, route="incident", reply=IncidentRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.get("")
async def list_incidents(
    *,
    caller: IncidentReader,
    session: Session,
    resources: OpenResources,
    query: QueryText = None,
    status: Annotated[list[Status] | None, Query(max_length=len(Status), description=STATUS)] = None,
    min_severity: Annotated[SeverityDigit | None, Query(description="This severity or a higher one.")] = None,
    assignee_id: Annotated[UUID | None, Query(description="Whose they are.")] = None,
    updated_since: Annotated[Moment | None, Query(description=UPDATED_SINCE)] = None,
    sort: Annotated[Word | None, Query(description=SORT)] = None,
    with_total: Annotated[bool, Query(description="Count all that match, up to 10,000.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> IncidentPage:
    """Incidents, the most severe first, of those what changed last.

    With a `query` OpenSearch finds them; `degraded` says when it is away and Postgres answers.
    """
    order = ordering.order_of(sort, SORTS, QUEUE)
    filters = Filters(_statuses(status, query, updated_since), min_severity, assignee_id, updated_since)
    async with resources.sessions.begin() as reading:
        node = await queried.incidents(reading, query, by=caller)
    wanted = Wanted(filters, node, order, order.decode(cursor), limit, counted=with_total)
    found = await search.find(resources, session, wanted, by=caller)
    return IncidentPage(
        items=await listed.rows(session, found.incidents),
        next_cursor=order.encode(found.place),
        total=found.total,
        degraded=found.degraded,
    )


def _statuses(status: list[Status] | None, query: str | None, updated_since: object) -> Sequence[Status]:
    return status or (() if query or updated_since else UNFINISHED)


@router.get("/facets")
async def count_incidents_by_field(
    *,
    caller: IncidentReader,
    session: Session,
    resources: OpenResources,
    query: QueryText = None,
    status: Annotated[list[Status] | None, Query(max_length=len(Status), description=STATUS)] = None,
    field: Annotated[
        list[IncidentFacet] | None, Query(max_length=len(FACETS), description="Which; all of them, if left out.")
    ] = None,
) -> IncidentFacetsRead:
    """How many incidents there are by value, the ten most frequent of each field."""
    async with resources.sessions.begin() as reading:
        node = await queried.incidents(reading, query, by=caller)
    filters = Filters(_statuses(status, query, None))
    # Each once, however often it is named.
    fields = list(dict.fromkeys(field or FACETS))
    counted = await search.facets(resources, session, filters, node, fields, by=caller)
    shown = {name: [_facet(*pair) for pair in values] for name, values in counted.facets.items()}
    return IncidentFacetsRead(facets=shown, total=counted.total, degraded=counted.degraded)


def _facet(value: object, count: int) -> IncidentFacetValue:
    return IncidentFacetValue(value=value if isinstance(value, int) else str(value), count=count)


@router.get("/fields")
async def list_incident_fields(caller: IncidentReader) -> list[FieldRead]:
    """The fields that queries over incidents may name, with their types: what completion offers."""
    return [FieldRead.model_validate(one) for one in INCIDENTS.offered]


@router.get("/{incident_id}", responses=problems(404))
async def get_incident(
    incident_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> IncidentDetail:
    """One incident with what its page shows first. The ETag is its revision."""
    incident = await work.one(session, incident_id, by=caller)
    response.headers["ETag"] = etag(incident.revision)
    return await service.detail(session, incident, by=caller)


@router.patch("/{incident_id}", responses=problems(404, 409, 412, 415, 428))
async def change_incident(
    *,
    incident_id: UUID,
    wanted: IncidentUpdate,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> IncidentRead:
    """Change what is written on it; every version of the summary is kept."""
    incident = await service.update(session, incident_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(incident.revision)
    return IncidentRead.model_validate(incident)


@router.get("/{incident_id}/summary/versions", responses=problems(404))
async def list_incident_summaries(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[SummaryVersionRead]:
    """All versions of the summary, the latest first."""
    (after,) = pagination.decode(cursor, int) if cursor is not None else (None,)
    incident = await work.one(session, incident_id, by=caller)
    rows = (await session.scalars(queries.summary_versions(incident.id, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.revision,))
    return Page(items=[SummaryVersionRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.get("/{incident_id}/reviews", responses=problems(404))
async def list_incident_reviews(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[ReviewRead]:
    """All requests for closing it, the latest first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    incident = await work.one(session, incident_id, by=caller)
    rows = (await session.scalars(queries.reviews(incident.id, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[ReviewRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.get("/{incident_id}/alerts", responses=problems(404))
async def list_incident_alerts(
    incident_id: UUID, caller: IncidentReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[LinkedAlert]:
    """Its alerts, the first linked first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    incident = await work.one(session, incident_id, by=caller)
    rows = (await session.execute(queries.links(incident.id, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row[0].id,))
    return Page(items=[_linked(*row) for row in page], next_cursor=next_cursor)


@router.post("/{incident_id}/alerts", responses=problems(404, 409, 415))
async def link_alerts(
    *,
    incident_id: UUID,
    wanted: AlertLinking,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
) -> Linked:
    """Link alerts, which acknowledges them and takes them out of the queue. An alert is in one incident at most."""
    incident, changed = await links.link(
        session, incident_id, wanted.alert_ids, by=caller, trace=trace, reason=wanted.reason
    )
    return _done(incident, changed, wanted)


@router.post("/{incident_id}/alerts/unlink", responses=problems(404, 409, 415))
async def unlink_alerts(
    *,
    incident_id: UUID,
    wanted: AlertLinking,
    caller: IncidentWriter,
    session: Session,
    trace: RequestTrace,
) -> Linked:
    """Take alerts out again; what was copied of their events stays with the incident."""
    incident, changed = await links.unlink(
        session, incident_id, wanted.alert_ids, by=caller, trace=trace, reason=wanted.reason
    )
    return _done(incident, changed, wanted)


def _done(incident: Incident, changed: int, wanted: AlertLinking) -> Linked:
    shown = IncidentRead.model_validate(incident)
    return Linked(incident=shown, changed=changed, unchanged=len(set(wanted.alert_ids)) - changed)


def _linked(link: IncidentAlert, alert: Alert) -> LinkedAlert:
    of_alert = ("title", "severity", "status", "verdict", "count", "first_seen", "last_seen", "rule_id", "sensor_id")
    of_link = ("alert_id", "linked_by_id", "linked_by_name", "reason", "rule", "rule_version")
    return LinkedAlert(
        **{name: getattr(alert, name) for name in of_alert},
        **{name: getattr(link, name) for name in of_link},
        linked_at=link.created_at,
    )
