"""By when an alert has to be acknowledged, and how that stands; nothing of it is stored."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import timing
from services.api.timing import ClockRead, Rules
from shared import clock
from shared.domain import sla
from shared.domain.alert import NEW
from shared.domain.sla import Clock
from shared.models import Alert


def runs(alert: Alert) -> bool:
    """True while it is to be acknowledged: of one in an incident the incident's clocks count."""
    return alert.status == NEW and alert.incident_id is None and _met_at(alert) is None


async def due(session: AsyncSession, alerts: Sequence[Alert]) -> dict[UUID, datetime]:
    """By when those of the alerts have to be acknowledged whose clock runs, where anybody can know it."""
    waiting = [alert for alert in alerts if runs(alert)]
    rules = await timing.rules(session, {alert.organization_id for alert in waiting})

    def of(alert: Alert) -> datetime | None:
        policy, calendar = rules[alert.organization_id]
        return sla.due_at(policy, calendar, Clock.ACKNOWLEDGE, severity=alert.severity, started_at=_since(alert))

    known = [alert for alert in waiting if alert.organization_id in rules]
    found = await asyncio.to_thread(lambda: [(alert.id, timing.tried(of, alert)) for alert in known])
    return {alert_id: moment for alert_id, moment in found if moment is not None}


async def shown(session: AsyncSession, alert: Alert) -> ClockRead | None:
    """Its clock; None where it has none: suppressed, without a target, or come again in an incident."""
    if not runs(alert) and _met_at(alert) is None:
        return None
    rules = await timing.rules(session, {alert.organization_id})
    return await asyncio.to_thread(timing.tried, lambda one: _shown(rules, one), alert)


def _shown(rules: Rules, alert: Alert) -> ClockRead | None:
    if alert.organization_id not in rules:
        return None
    policy, calendar = rules[alert.organization_id]
    found = sla.state(
        policy, calendar, severity=alert.severity, started_at=_since(alert), runs=_runs(alert), now=clock.now()
    )
    return next((timing.shown(name, reading) for name, reading in found.items()), None)


def _since(alert: Alert) -> datetime:
    """Our receipt of its first event, or of the one with which it came again."""
    return alert.new_since or alert.created_at


def _runs(alert: Alert) -> dict[Clock, sla.Run]:
    return sla.alert_runs(acknowledged_at=alert.acknowledged_at, closed_at=alert.closed_at, new_since=alert.new_since)


def _met_at(alert: Alert) -> datetime | None:
    return _runs(alert)[Clock.ACKNOWLEDGE].met_at
