"""Reads alerts with what belongs to them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import pagination, restricted
from services.api.alerts import clocks, entities, explanation, queries
from services.api.alerts.schemas import AlertDetail, AlertRead, EventRead, ObservableRead
from services.api.pagination import Page
from services.api.principal import Principal
from shared.errors import Damaged, NotFound
from shared.models import Alert
from shared.normalise.body import unpack_body

Read = TypeVar("Read", bound=AlertRead)


class AlertNotFound(NotFound):
    """There is no such alert."""

    code = "alert_not_found"


async def one(session: AsyncSession, alert_id: UUID, *, by: Principal) -> Alert:
    """The alert. Raises AlertNotFound."""
    alert = await session.scalar(queries.one(by, alert_id))
    if alert is None:
        raise AlertNotFound
    return alert


async def shown(session: AsyncSession, alerts: Sequence[Alert], form: type[Read], *, by: Principal) -> list[Read]:
    """The alerts in this form; none names a previous alert that is hidden from the caller."""
    hidden = await restricted.hidden_among(session, by, [alert.previous_alert_id for alert in alerts])
    read = [form.model_validate(alert) for alert in alerts]
    return [
        one.model_copy(update={"previous_alert_id": None}) if one.previous_alert_id in hidden else one for one in read
    ]


async def snoozed_until(session: AsyncSession, alert_ids: Sequence[UUID], *, by: Principal) -> dict[UUID, datetime]:
    """Until when the caller has put these alerts off, of those that are."""
    if by.user_id is None or not alert_ids:
        return {}
    rows = await session.execute(queries.snoozed_until(by, alert_ids))
    return {row.id: row.until for row in rows}


async def detail(session: AsyncSession, alert: Alert, *, by: Principal, events: int) -> AlertDetail:
    """The alert with its observables, explanation, neighbours and latest events."""
    observables = await session.scalars(queries.observables(alert.id))
    successors = await session.scalars(queries.successors(by, alert.id))
    hidden = (await session.execute(queries.hidden(by, alert))).all()
    snoozed = await snoozed_until(session, [alert.id], by=by)
    (read,) = await shown(session, [alert], AlertRead, by=by)
    standing = await clocks.shown(session, alert)
    about = await entities.of(session, [alert.id])
    return AlertDetail(
        **read.model_dump(),
        snoozed_until=snoozed.get(alert.id),
        due_at=standing.due_at if standing is not None and standing.met_at is None else None,
        entities=about.get(alert.id, []),
        clock=standing,
        fingerprint=alert.fingerprint.hex(),
        severity_by_hand=alert.severity_by_hand,
        last_fired_at=alert.last_fired_at,
        quiet_until=alert.quiet_until,
        created_by_id=alert.created_by_id,
        acknowledged_by_id=alert.acknowledged_by_id,
        closed_by_id=alert.closed_by_id,
        hidden=sum(events for _, events in hidden),
        hidden_alert_ids=[hidden_id for hidden_id, _ in hidden],
        next_alert_ids=list(successors),
        explanation=explanation.expand(alert.explanation),
        observables=[ObservableRead.model_validate(each) for each in observables],
        events=await events_of(session, alert, after=None, limit=events),
    )


async def events_of(
    session: AsyncSession, alert: Alert, *, after: tuple[datetime, UUID] | None, limit: int
) -> Page[EventRead]:
    """A page of the alert's events, latest first."""
    rows = (await session.execute(queries.events(alert, after=after, limit=limit))).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.time, row.id))
    # Bodies may be large, and unpacking them would hold up everyone else.
    titles = await asyncio.to_thread(lambda: [title_in(row.body) for row in page])
    items = [
        EventRead(id=row.id, time=row.time, title=title, severity=row.severity)
        for row, title in zip(page, titles, strict=True)
    ]
    return Page(items=items, next_cursor=next_cursor)


def title_in(body: bytes) -> str | None:
    """The title in an event's body, if it can be read."""
    try:
        title = document_in(body)["alert"]["title"]
    except (LookupError, TypeError):
        return None
    return title if isinstance(title, str) else None


def document_in(body: bytes) -> dict[str, Any]:
    """The document in an event's body; empty where the body cannot be read, which must not hide the others."""
    try:
        document = orjson.loads(unpack_body(body)[0])
    except (Damaged, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
