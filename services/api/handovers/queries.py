"""SQL over handovers, and over what their snapshots are of."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Select, delete, func, or_, select

from services.api.alerts import queries as alerts
from services.api.dashboard.queries import words
from services.api.incidents import queries as incidents
from services.api.principal import Principal
from services.api.suppressions import queries as suppressions
from shared.domain.incident import UNFINISHED, Status
from shared.models import Alert, Handover, HandoverItem, Incident, IncidentReview, Suppression
from shared.models.alert import OPEN_ALERT_STATUSES

SHOWN = 100
OVER_AGE = timedelta(days=7)
SOON = timedelta(hours=24)


def visible_to(principal: Principal) -> Select[Handover]:
    """The handovers of the caller's organizations."""
    return select(Handover).where(Handover.organization_id.in_(principal.organization_ids))


def page(principal: Principal, *, after: UUID | None, limit: int) -> Select[Handover]:
    """The latest first; one more than `limit`."""
    statement = visible_to(principal).order_by(Handover.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(Handover.id < after)


def one(principal: Principal, handover_id: UUID) -> Select[Handover]:
    """That handover, if the caller may see it."""
    return visible_to(principal).where(Handover.id == handover_id)


def last_signed(organization_id: UUID) -> Select[datetime]:
    """When the last handover that was signed was made."""
    signed = select(Handover.created_at).where(
        Handover.organization_id == organization_id, Handover.signed_at.is_not(None)
    )
    return signed.order_by(Handover.id.desc()).limit(1)


def items(principal: Principal, handover_id: UUID) -> Select[Any]:
    """The items of which the caller may see the incident, with that as it is now, in their order."""
    shown: tuple[Any, ...] = (Incident.number, Incident.title, Incident.severity, Incident.status)
    return (
        incidents.visible_to(principal)
        .join(HandoverItem, HandoverItem.incident_id == Incident.id)
        .where(HandoverItem.handover_id == handover_id)
        .with_only_columns(HandoverItem.incident_id, HandoverItem.next_step, *shown)
        .order_by(HandoverItem.position, HandoverItem.incident_id)
    )


def without(principal: Principal, handover_id: UUID) -> Delete:
    """Take away the items of which the caller may see the incident: what is hidden from it stays."""
    seen = incidents.visible_to(principal).with_only_columns(Incident.id).where(Incident.id == HandoverItem.incident_id)
    return delete(HandoverItem).where(HandoverItem.handover_id == handover_id, seen.correlate(HandoverItem).exists())


def seen_of(principal: Principal, incident_ids: Collection[UUID]) -> Select[UUID]:
    """Those of these incidents that the caller may see."""
    return incidents.visible_to(principal).with_only_columns(Incident.id).where(Incident.id.in_(incident_ids))


def new(principal: Principal, organization_id: UUID, since: datetime) -> Select[Any]:
    """Incidents that were opened since, the first of them first."""
    opened = _open_to_all(principal, organization_id).where(
        Incident.created_at >= since, Incident.status != Status.MERGED
    )
    return _first(opened).order_by(Incident.created_at, Incident.id)


def over_age(principal: Principal, organization_id: UUID, now: datetime) -> Select[Any]:
    """Unfinished ones that came in more than a week ago, the most severe first."""
    old = _open_to_all(principal, organization_id).where(
        Incident.status.in_(words(UNFINISHED)), Incident.received_at < now - OVER_AGE
    )
    return _first(old).order_by(Incident.severity.desc(), Incident.received_at, Incident.id)


def waiting(principal: Principal, organization_id: UUID) -> Select[Any]:
    """Those on which work stands still, the most severe first."""
    asked = select(IncidentReview.id).where(
        IncidentReview.incident_id == Incident.id, IncidentReview.decision.is_(None)
    )
    still = _open_to_all(principal, organization_id).where(or_(Incident.status == Status.ON_HOLD, asked.exists()))
    return _first(still).order_by(Incident.severity.desc(), Incident.received_at, Incident.id)


def ending(principal: Principal, organization_id: UUID, now: datetime) -> Select[Any]:
    """Suppressions that end by themselves soon, the first of them first."""
    soon = suppressions.visible_to(principal).where(
        Suppression.organization_id == organization_id,
        Suppression.ended_at.is_(None),
        Suppression.ends_at > now,
        Suppression.ends_at <= now + SOON,
    )
    told: tuple[Any, ...] = (Suppression.id, Suppression.name, Suppression.ends_at)
    return (
        soon.with_only_columns(*told, func.count().over().label("of"))
        .order_by(Suppression.ends_at, Suppression.id)
        .limit(SHOWN)
    )


def _open_to_all(principal: Principal, organization_id: UUID) -> Select[Incident]:
    """What everybody who can read the snapshot may see."""
    return incidents.visible_to(principal).where(Incident.organization_id == organization_id, ~Incident.restricted)


def _first(statement: Select[Incident]) -> Select[Any]:
    told: tuple[Any, ...] = (
        Incident.id,
        Incident.number,
        Incident.title,
        Incident.severity,
        Incident.status,
        Incident.assignee_id,
    )
    return statement.with_only_columns(*told, func.count().over().label("of")).limit(SHOWN)


def unfinished_of(principal: Principal, organization_id: UUID, person: UUID, limit: int) -> Select[UUID, int]:
    """That person's unfinished incidents as far as the caller may see them, the most severe; and of how many."""
    theirs = incidents.visible_to(principal).where(
        Incident.organization_id == organization_id,
        Incident.assignee_id == person,
        Incident.status.in_(words(UNFINISHED)),
    )
    order = (Incident.severity.desc(), Incident.received_at, Incident.id)
    return theirs.with_only_columns(Incident.id, func.count().over()).order_by(*order).limit(limit)


def open_alerts_of(principal: Principal, organization_id: UUID, person: UUID, limit: int) -> Select[UUID, int]:
    """That person's open alerts as far as the caller may see them, the riskiest; and of how many."""
    theirs = alerts.visible_to(principal).where(
        Alert.organization_id == organization_id,
        Alert.assignee_id == person,
        Alert.status.in_(words(OPEN_ALERT_STATUSES)),
    )
    order = (Alert.risk.desc(), Alert.last_seen.desc(), Alert.id)
    return theirs.with_only_columns(Alert.id, func.count().over()).order_by(*order).limit(limit)
