"""`/alerts/{id}/snooze` and `/snoozes`: one person's "later".

It stops neither clocks nor folding, and hides nothing from others.
"""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi import status as statuses
from pydantic import BaseModel, ConfigDict, StrictBool
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from services.api import pagination, trail
from services.api.alerts import queries, triage
from services.api.alerts.schemas import Body
from services.api.auth.permissions import AlertReader, AlertWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.pagination import Cursor, Limit, Page
from services.api.text import Moment
from shared import clock
from shared.domain.triage import MAX_SNOOZE
from shared.errors import Invalid
from shared.models import Snooze

router = APIRouter(prefix="/alerts/{alert_id}/snooze", tags=["alerts"], responses=problems(404, 409))
mine = APIRouter(prefix="/snoozes", tags=["alerts"])


class BadSnooze(Invalid):
    """A snooze ends later than now, and within seven days."""

    code = "bad_snooze"


class SnoozeWrite(Body):
    """Until when; with `until_event`, or until the next event, whichever is first."""

    until: Moment
    until_event: StrictBool = False


class SnoozeRead(BaseModel):
    """Until when the caller has put the alert off; a higher severity ends it earlier."""

    model_config = ConfigDict(from_attributes=True)

    alert_id: UUID
    until: datetime
    until_event: bool


@mine.get("")
async def list_snoozes(
    caller: AlertReader, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[SnoozeRead]:
    """The alerts that the caller has put off, what comes back first before the others."""
    after = pagination.decode(cursor, datetime, UUID) if cursor is not None else None
    rows = (await session.execute(queries.snoozes(caller, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.until, row.alert_id))
    return Page(items=[SnoozeRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.put("", responses=problems(415))
async def snooze_alert(
    alert_id: UUID, wanted: SnoozeWrite, caller: AlertWriter, session: Session, trace: RequestTrace
) -> SnoozeRead:
    """Put it off for oneself."""
    now = clock.now()
    if not now < wanted.until <= now + MAX_SNOOZE:
        raise BadSnooze
    alert = await triage.locked(session, alert_id, by=caller)
    values = {
        "until": wanted.until,
        "until_event": wanted.until_event,
        "count": alert.count,
        "severity": alert.severity,
    }
    await session.execute(
        insert(Snooze)
        .values(alert_id=alert.id, user_id=caller.person, **values)
        .on_conflict_do_update(index_elements=["alert_id", "user_id"], set_=values)
    )
    trail.record_of(
        session,
        "alert.snoozed",
        alert,
        by=caller,
        trace=trace,
        until=wanted.until,
        until_event=wanted.until_event,
    )
    return SnoozeRead(alert_id=alert.id, until=wanted.until, until_event=wanted.until_event)


@router.delete("", status_code=statuses.HTTP_204_NO_CONTENT)
async def wake_alert(alert_id: UUID, caller: AlertWriter, session: Session, trace: RequestTrace) -> None:
    """Have it back in one's queue."""
    alert = await triage.locked(session, alert_id, by=caller)
    mine = delete(Snooze).where(Snooze.alert_id == alert.id, Snooze.user_id == caller.person)
    if await session.scalar(mine.returning(Snooze.alert_id)) is not None:
        trail.record_of(session, "alert.woken", alert, by=caller, trace=trace)
