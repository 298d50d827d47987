"""`/alerts`: what analysts triage."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.api import pagination
from services.api.alerts import service
from services.api.alerts.queries import Filters
from services.api.alerts.schemas import AlertDetail, AlertRead, EventRead, Status
from services.api.auth.permissions import AlertReader
from services.api.deps import Session
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

EventLimit = Annotated[int, Query(ge=1, le=EVENTS_SHOWN, description="Most items in the page.")]


@router.get("")
async def list_alerts(
    *,
    caller: AlertReader,
    session: Session,
    status: Annotated[
        list[Status] | None, Query(max_length=5, description="Any of these; the open ones, if left out.")
    ] = None,
    min_severity: Annotated[Severity | None, Query(description="This severity or a higher one.")] = None,
    sensor_id: UUID | None = None,
    rule_id: Annotated[Word | None, Query()] = None,
    updated_since: Annotated[
        Moment | None,
        Query(description=UPDATED_SINCE),
    ] = None,
    with_total: Annotated[bool, Query(description="Count all that match, up to 10,000.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlertRead]:
    """Alerts in the order of the queue: the riskiest first, of those the last seen."""
    after = pagination.decode(cursor, int, datetime, UUID) if cursor is not None else None
    filters = Filters(status or OPEN_ALERT_STATUSES, min_severity, sensor_id, rule_id, updated_since)
    rows, total = await service.page(session, filters, by=caller, after=after, limit=limit, counted=with_total)
    page, next_cursor = pagination.cut(rows, limit, lambda alert: (alert.risk, alert.last_seen, alert.id))
    return Page(items=[AlertRead.model_validate(alert) for alert in page], next_cursor=next_cursor, total=total)


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
