"""`/alerts/{id}/incident-offers`: the incidents a new alert may belong to, as what came back to one of them."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import ARRAY, Select, Text, Uuid, and_, any_, case, exists, false, literal, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts import service as alerts
from services.api.alerts.search import bound
from services.api.auth.permissions import IncidentReader
from services.api.deps import Session
from services.api.errors import problems
from services.api.incidents import queries
from services.api.principal import Principal
from shared import clock
from shared.domain.incident import Status
from shared.domain.observable import MAX_PER_ALERT
from shared.domain.triage import Verdict
from shared.models import Alert, AlertObservable, Incident

router = APIRouter(prefix="/alerts/{alert_id}/incident-offers", tags=["incidents"], responses=problems(404))

MAX_OFFERS = 5
MAX_LOOKED_AT = 1000
"""Incidents that are looked at, the newest ones."""

CLOSED_WITHIN = timedelta(days=7)
SOURCE = ("source.ip", "source.address", "source.domain")
"""Where a value stands in an event that names from where something came, by ECS."""

Because = Literal["same_fingerprint", "same_rule_and_source"]


class IncidentOffer(BaseModel):
    """An incident, why it is offered, and that alert of its own that is like this one.

    A closed one has to be reopened before the alert is linked.
    """

    id: UUID
    number: int
    title: str
    severity: int
    status: Status
    verdict: Verdict | None
    closed_at: datetime | None
    reason: Because
    alert_id: UUID


@router.get("")
async def list_incident_offers(alert_id: UUID, caller: IncidentReader, session: Session) -> list[IncidentOffer]:
    """Incidents that are open, or were closed within seven days, of which an alert is like this one: the newest first.

    Alike is what has the same fingerprint, or the same rule and a source in common. An alert that is in an incident is
    offered none.
    """
    alert = await alerts.one(session, alert_id, by=caller)
    if alert.incident_id is not None:
        return []
    await bound(session)
    sources = await _sources(session, alert)
    return [_shown(*row) for row in await session.execute(_offers(caller, alert, sources, now=clock.now()))]


async def _sources(session: AsyncSession, alert: Alert) -> list[UUID]:
    found = select(AlertObservable.observable_id).where(AlertObservable.alert_id == alert.id, _is_source())
    return list(await session.scalars(found.limit(MAX_PER_ALERT)))


def _is_source() -> Any:
    return AlertObservable.fields.overlap(literal(list(SOURCE), ARRAY(Text)))


def _offers(by: Principal, alert: Alert, sources: list[UUID], *, now: datetime) -> Select[Any]:
    """The newest that fit, with the reason and the latest alert that gives it; the stronger reason first."""
    incident = _candidates(by, alert, now=now)
    same = Alert.fingerprint == alert.fingerprint
    shared = exists().where(
        AlertObservable.alert_id == Alert.id,
        AlertObservable.observable_id == any_(literal(sources, ARRAY(Uuid))),
        _is_source(),
    )
    alike = false() if alert.rule_id is None or not sources else and_(Alert.rule_id == alert.rule_id, shared)
    reason = case((same, "same_fingerprint"), else_="same_rule_and_source").label("reason")
    first = (
        select(Alert.incident_id, reason, Alert.id.label("alert_id"))
        .join(incident, incident.c.id == Alert.incident_id)
        .where(or_(same, alike))
        .ext(distinct_on(Alert.incident_id))
        .order_by(Alert.incident_id, reason, Alert.last_seen.desc(), Alert.id)
        .subquery()
    )
    return (
        select(Incident, first.c.reason, first.c.alert_id)
        .join(first, first.c.incident_id == Incident.id)
        .order_by(Incident.created_at.desc(), Incident.id)
        .limit(MAX_OFFERS)
    )


def _candidates(by: Principal, alert: Alert, *, now: datetime) -> Any:
    lately = and_(Incident.status == Status.CLOSED, Incident.closed_at > now - CLOSED_WITHIN)
    open_ = Incident.status.not_in((Status.CLOSED, Status.MERGED))
    visible = queries.visible_to(by).with_only_columns(Incident.id, Incident.created_at)
    return (
        visible.where(Incident.organization_id == alert.organization_id, or_(open_, lately))
        .order_by(Incident.created_at.desc(), Incident.id)
        .limit(MAX_LOOKED_AT)
        .subquery()
    )


def _shown(incident: Incident, reason: Because, alert_id: UUID) -> IncidentOffer:
    of_it = ("id", "number", "title", "severity", "status", "verdict", "closed_at")
    return IncidentOffer(**{name: getattr(incident, name) for name in of_it}, reason=reason, alert_id=alert_id)
