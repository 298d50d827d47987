"""SQL over suppressions and what they did."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Select, cast, distinct, func, or_, select

from services.api import restricted
from services.api.principal import Principal
from shared.models import Alert, Membership, Suppression, SuppressionMatch, SuppressionVersion, User


def visible_to(principal: Principal) -> Select[Suppression]:
    """The suppressions of the caller's organizations."""
    return select(Suppression).where(Suppression.organization_id.in_(principal.organization_ids))


def page(principal: Principal, *, ended: bool, now: datetime, after: UUID | None, limit: int) -> Select[Suppression]:
    """The latest first; one more than `limit`."""
    over = or_(Suppression.ended_at.is_not(None), Suppression.ends_at <= now)
    statement = visible_to(principal).where(over if ended else ~over)
    statement = statement.order_by(Suppression.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(Suppression.id < after)


def one(principal: Principal, suppression_id: UUID) -> Select[Suppression]:
    """That suppression, if the caller may see it."""
    return visible_to(principal).where(Suppression.id == suppression_id)


def live(organization_id: UUID, *, now: datetime) -> Select[UUID, str]:
    """Id and query of those that have not ended."""
    return select(Suppression.id, Suppression.query).where(
        Suppression.organization_id == organization_id, Suppression.ended_at.is_(None), Suppression.ends_at > now
    )


def versions(suppression_id: UUID, *, after: int | None, limit: int) -> Select[SuppressionVersion]:
    """The latest first; one more than `limit`."""
    statement = (
        select(SuppressionVersion)
        .where(SuppressionVersion.suppression_id == suppression_id)
        .order_by(SuppressionVersion.revision.desc())
        .limit(limit + 1)
    )
    return statement if after is None else statement.where(SuppressionVersion.revision < after)


def authors(suppression_id: UUID) -> Select[UUID | None]:
    """Who wrote what nobody has approved yet: all versions since the last that was approved."""
    approved = (
        select(func.max(SuppressionVersion.revision))
        .where(
            SuppressionVersion.suppression_id == suppression_id,
            SuppressionVersion.content["approved_at"].astext.is_not(None),
        )
        .scalar_subquery()
    )
    return select(SuppressionVersion.changed_by_id).where(
        SuppressionVersion.suppression_id == suppression_id, SuppressionVersion.revision > func.coalesce(approved, 0)
    )


def member(organization_id: UUID, user_id: UUID) -> Select[UUID]:
    """The id of somebody who works there and is not disabled."""
    return (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id == user_id, Membership.organization_id == organization_id, User.disabled_at.is_(None))
    )


def alert(principal: Principal, organization_id: UUID, alert_id: UUID) -> Select[UUID]:
    """The id of an alert that is there, and not hidden from the caller."""
    return select(Alert.id).where(
        Alert.id == alert_id, Alert.organization_id == organization_id, restricted.may_see(principal)
    )


def hidden(principal: Principal, suppression_id: UUID) -> Select[int, int]:
    """How many events it hid, in how many rows."""
    return select(func.coalesce(func.sum(Alert.count), 0), func.count()).where(
        Alert.suppression_id == suppression_id, restricted.may_see(principal)
    )


def tried(principal: Principal, suppression_id: UUID) -> Select[int, int]:
    """How many events it would have hidden, in how many alerts, over all its versions."""
    rule = func.jsonb_each_text(Alert.explanation).table_valued("key", "value")
    return (
        select(func.coalesce(func.sum(cast(rule.c.value, BigInteger)), 0), func.count(distinct(Alert.id)))
        .select_from(SuppressionMatch)
        .join(Alert, Alert.id == SuppressionMatch.alert_id)
        .join(rule, rule.c.key.startswith(f"would_suppress.{suppression_id}@", autoescape=True))
        .where(SuppressionMatch.suppression_id == suppression_id, restricted.may_see(principal))
    )


def judged(
    principal: Principal, alert_ids: Sequence[UUID], organization_id: UUID
) -> Select[UUID, int, int, str | None, str]:
    """Count, severity, verdict and status of those of these alerts that are not hidden from the caller."""
    return select(Alert.id, Alert.count, Alert.severity, Alert.verdict, Alert.status).where(
        Alert.id.in_(alert_ids), Alert.organization_id == organization_id, restricted.may_see(principal)
    )
