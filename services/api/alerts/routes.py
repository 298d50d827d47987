"""`/alerts`: what analysts triage."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.api import pagination
from services.api.alerts import queried, search, service
from services.api.alerts.queried import QueryText
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import AlertDetail, AlertPage, AlertRead, EventRead, Status
from services.api.alerts.search import SORTS, Wanted
from services.api.auth.permissions import AlertReader
from services.api.deps import OpenResources, Session
from services.api.errors import problems
from services.api.pagination import Cursor, Limit, Page
from services.api.text import Moment, Severity, Word
from shared.models.alert import OPEN_ALERT_STATUSES

router = APIRouter(prefix="/alerts", tags=["alerts"])

EVENTS_SHOWN = 50
UPDATED_SINCE = (
    "Changed at this moment or later. Who polls asks from a minute before the newest change he saw: "
    "one can become visible that much after its time."
)

SORT = f"One of {', '.join(SORTS)}; with - in front, the greatest first."

EventLimit = Annotated[int, Query(ge=1, le=EVENTS_SHOWN, description="Most items in the page.")]


@router.get("")
async def list_alerts(
    *,
    caller: AlertReader,
    session: Session,
    resources: OpenResources,
    query: QueryText = None,
    status: Annotated[
        list[Status] | None,
        Query(max_length=5, description="Any of these; the open ones, if neither this nor `query` is given."),
    ] = None,
    min_severity: Annotated[Severity | None, Query(description="This severity or a higher one.")] = None,
    sensor_id: UUID | None = None,
    rule_id: Annotated[Word | None, Query()] = None,
    updated_since: Annotated[
        Moment | None,
        Query(description=UPDATED_SINCE),
    ] = None,
    snoozed: Annotated[bool, Query(description="Also what the caller has put off.")] = False,
    sort: Annotated[Word | None, Query(description=SORT)] = None,
    with_total: Annotated[bool, Query(description="Count all that match, up to 10,000.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> AlertPage:
    """Alerts in the order of the queue: the riskiest first, of those the last seen.

    With a `query` OpenSearch finds them; `degraded` says when it is away and Postgres answers, more slowly.
    """
    order = search.order_of(sort)
    filters = Filters(status or (() if query else OPEN_ALERT_STATUSES), min_severity, sensor_id, rule_id, updated_since)
    node = await queried.alerts(session, query, by=caller)
    wanted = Wanted(filters, node, order, order.decode(cursor), limit, snoozed=snoozed, counted=with_total)
    if query:
        found = await search.find(resources, session, wanted, by=caller)
    else:
        found = await search.by_rows(session, wanted, by=caller)
    return AlertPage(
        items=[AlertRead.model_validate(alert) for alert in found.alerts],
        next_cursor=pagination.encode(found.place) if found.place is not None else None,
        total=found.total,
        degraded=found.degraded,
    )


@router.get("/{alert_id}", responses=problems(404))
async def get_alert(alert_id: UUID, caller: AlertReader, session: Session, response: Response) -> AlertDetail:
    """One alert with its observables, explanation and latest events. The ETag is its revision."""
    alert = await service.one(session, alert_id, by=caller)
    response.headers["ETag"] = f'"{alert.revision}"'
    return await service.detail(session, alert, by=caller, events=EVENTS_SHOWN)


@router.get("/{alert_id}/events", responses=problems(404))
async def list_alert_events(
    alert_id: UUID, caller: AlertReader, session: Session, limit: EventLimit = EVENTS_SHOWN, cursor: Cursor = None
) -> Page[EventRead]:
    """The alert's events, the latest first."""
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    alert = await service.one(session, alert_id, by=caller)
    return await service.events_of(session, alert, after=after, limit=limit)
