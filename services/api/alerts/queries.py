"""SQL over alerts and what belongs to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, Select, Uuid, any_, bindparam, func, literal, or_, select, tuple_

from services.api import restricted
from services.api.principal import Principal
from shared import clock
from shared.domain.observable import MAX_PER_ALERT
from shared.models import Alert, AlertObservable, CloseReason, Event, Membership, Observable, Snooze, User
from shared.query.to_sql import caseless
from shared.query.words import folded

MAX_SUCCESSORS = 100
MAX_SNOOZED = 1000


@dataclass(frozen=True)
class Filters:
    """What a list of alerts is narrowed to; of no statuses, any.

    `snoozed` keeps in it what the caller has put off, `unlinked` leaves out what an incident has taken up.
    """

    statuses: Sequence[str] = ()
    severity: int | None = None
    sensor_id: UUID | None = None
    rule_id: str | None = None
    updated_since: datetime | None = None
    last_seen_from: datetime | None = None
    last_seen_to: datetime | None = None
    snoozed: bool = True
    unlinked: bool = False


def visible_to(principal: Principal) -> Select[Alert]:
    """The alerts of the caller's organizations, but for those in restricted incidents of others."""
    return select(Alert).where(Alert.organization_id.in_(principal.organization_ids), restricted.may_see(principal))


def filtered(principal: Principal, filters: Filters) -> Select[Alert]:
    """Those that match."""
    statement = visible_to(principal)
    if filters.statuses:
        # As literals: only then does the planner see that the index of the open queue serves.
        some: BindParameter[Any] = bindparam("statuses", list(filters.statuses), expanding=True, literal_execute=True)
        statement = statement.where(Alert.status.in_(some))
    if filters.severity is not None:
        statement = statement.where(Alert.severity >= filters.severity)
    if filters.sensor_id is not None:
        statement = statement.where(Alert.sensor_id == filters.sensor_id)
    if filters.rule_id is not None:
        # The first is what the index holds.
        statement = statement.where(
            caseless(Alert.rule_id.expression) == folded(filters.rule_id), Alert.rule_id == filters.rule_id
        )
    if filters.updated_since is not None:
        statement = statement.where(Alert.updated_at >= filters.updated_since)
    if filters.last_seen_from is not None:
        statement = statement.where(Alert.last_seen >= filters.last_seen_from)
    if filters.last_seen_to is not None:
        statement = statement.where(Alert.last_seen < filters.last_seen_to)
    if filters.unlinked:
        statement = statement.where(Alert.incident_id.is_(None))
    if not filters.snoozed and principal.user_id is not None:
        statement = statement.where(~_snoozed(principal).correlate(Alert).exists())
    return statement


def _snoozed(principal: Principal) -> Select[int]:
    """What this person put off: until a time, or until another event or a higher severity comes."""
    return select(literal(1)).where(
        Snooze.alert_id == Alert.id,
        Snooze.user_id == principal.user_id,
        Snooze.until > clock.now(),
        Snooze.severity >= Alert.severity,
        or_(~Snooze.until_event, Snooze.count >= Alert.count),
    )


def put_off(principal: Principal) -> Select[UUID]:
    """The ids of those alerts, of more than MAX_SNOOZED the last that were put off."""
    return _snoozed(principal).with_only_columns(Alert.id).order_by(Snooze.until.desc(), Alert.id).limit(MAX_SNOOZED)


def snoozed_until(principal: Principal, alert_ids: Sequence[UUID]) -> Select[UUID, datetime]:
    """Until when this person has put these alerts off, of those that are."""
    return _snoozed(principal).with_only_columns(Alert.id, Snooze.until).where(Alert.id.in_(alert_ids))


def snoozes(principal: Principal, *, after: tuple[datetime, UUID] | None, limit: int) -> Select[UUID, datetime, bool]:
    """What this person has put off, what comes back first before the others; one more than `limit`."""
    statement = (
        _snoozed(principal)
        .with_only_columns(Alert.id.label("alert_id"), Snooze.until, Snooze.until_event)
        .where(Alert.organization_id.in_(principal.organization_ids), restricted.may_see(principal))
        .order_by(Snooze.until, Alert.id)
        .limit(limit + 1)
    )
    if after is None:
        return statement
    until, alert_id = after
    return statement.where(
        tuple_(Snooze.until, Alert.id) > tuple_(literal(until, Snooze.until.type), literal(alert_id, Alert.id.type))
    )


def one(principal: Principal, alert_id: UUID) -> Select[Alert]:
    """That alert, if the caller may see it."""
    return visible_to(principal).where(Alert.id == alert_id)


def successors(principal: Principal, alert_id: UUID) -> Select[Any]:
    """The ids of the alerts that follow on this one, oldest first."""
    return (
        visible_to(principal)
        .with_only_columns(Alert.id)
        .where(Alert.previous_alert_id == alert_id)
        .order_by(Alert.id)
        .limit(MAX_SUCCESSORS)
    )


def hidden(principal: Principal, alert: Alert) -> Select[UUID, int]:
    """The rows in which suppressions count events of the alert's key, and how many each, the latest first."""
    return (
        select(Alert.id, Alert.count)
        .where(
            Alert.organization_id == alert.organization_id,
            Alert.fingerprint == alert.fingerprint,
            Alert.current,
            Alert.suppression_id.is_not(None),
            Alert.id != alert.id,
            restricted.may_see(principal),
        )
        .order_by(Alert.last_seen.desc(), Alert.id)
        .limit(MAX_SUCCESSORS)
    )


def seen(alert_ids: Sequence[UUID], field: str, limit: int) -> Select[str, int]:
    """The values seen in that field of these alerts, the most frequent first, with the number of alerts."""
    return (
        select(Observable.value, func.count())
        .join(AlertObservable, AlertObservable.observable_id == Observable.id)
        .where(
            AlertObservable.alert_id == any_(literal(alert_ids, ARRAY(Uuid))), AlertObservable.fields.contains([field])
        )
        .group_by(Observable.value)
        .order_by(func.count().desc(), Observable.value)
        .limit(limit)
    )


def observables(alert_id: UUID) -> Select[Observable]:
    """What was seen in the alert, by type and value."""
    return (
        select(Observable)
        .join(AlertObservable, AlertObservable.observable_id == Observable.id)
        .where(AlertObservable.alert_id == alert_id)
        .order_by(Observable.type, Observable.value)
        .limit(MAX_PER_ALERT)
    )


def events(alert: Alert, *, after: tuple[datetime, UUID] | None, limit: int) -> Select[UUID, datetime, int, bytes]:
    """The alert's events, latest first, with their bodies; one more than `limit`."""
    statement = (
        select(Event.id, Event.time, Event.severity, Event.body)
        .where(Event.kind == "alert", Event.alert_id == alert.id, Event.organization_id == alert.organization_id)
        .order_by(Event.time.desc(), Event.id.desc())
        .limit(limit + 1)
    )
    if after is None:
        return statement
    time, event_id = after
    return statement.where(
        tuple_(Event.time, Event.id) < tuple_(literal(time, Event.time.type), literal(event_id, Event.id.type))
    )


def current_of(alert: Alert) -> Select[Alert]:
    """The current alert of the same key."""
    return select(Alert).where(
        Alert.organization_id == alert.organization_id,
        Alert.fingerprint == alert.fingerprint,
        Alert.fold_window == alert.fold_window,
        Alert.suppression_id.is_not_distinct_from(alert.suppression_id),
        Alert.current,
    )


def member(organization_id: UUID, user_id: UUID) -> Select[str]:
    """The role of somebody who works there and is not disabled."""
    return (
        select(Membership.role)
        .join(User, Membership.user_id == User.id)
        .where(User.id == user_id, Membership.organization_id == organization_id, User.disabled_at.is_(None))
    )


def own_reasons(organization_id: UUID, verdict: str) -> Select[str]:
    """The reasons of the organization's own that have not been retired."""
    return select(CloseReason.name).where(
        CloseReason.organization_id == organization_id,
        CloseReason.verdict == verdict,
        CloseReason.retired_at.is_(None),
    )
