"""SQL over the audit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from services.api.principal import Principal
from shared.models import AuditEntry, AuditSeal


@dataclass(frozen=True)
class Filters:
    """What a list of entries is narrowed to."""

    object_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def visible_to(principal: Principal) -> Select[AuditEntry, int, bytes]:
    """The entries of the caller's organizations, each with its seal if it has one."""
    return (
        select(AuditEntry, AuditSeal.sequence, AuditSeal.hash)
        .outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id)
        .where(AuditEntry.organization_id.in_(principal.organization_ids))
    )


def page(principal: Principal, filters: Filters, *, after: UUID | None, limit: int) -> Select[AuditEntry, int, bytes]:
    """The latest first; one more than `limit`."""
    statement = visible_to(principal)
    if filters.object_id is not None:
        statement = statement.where(AuditEntry.object_id == filters.object_id)
    if filters.actor_id is not None:
        statement = statement.where(AuditEntry.actor_id == filters.actor_id)
    if filters.action is not None:
        statement = statement.where(AuditEntry.action == filters.action)
    if filters.since is not None:
        statement = statement.where(AuditEntry.created_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(AuditEntry.created_at < filters.until)
    if after is not None:
        statement = statement.where(AuditEntry.id < after)
    return statement.order_by(AuditEntry.id.desc()).limit(limit + 1)


def links(organization_id: UUID, *, after: int, limit: int) -> Select[AuditSeal, AuditEntry]:
    """The seals behind that place, each with its entry: None where that is gone."""
    return (
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.audit_id)
        .where(AuditSeal.organization_id == organization_id, AuditSeal.sequence > after)
        .order_by(AuditSeal.sequence)
        .limit(limit)
    )


def at(organization_id: UUID, sequence: int) -> Select[UUID, bytes]:
    """The entry that was sealed at that place, and the hash there."""
    return select(AuditSeal.audit_id, AuditSeal.hash).where(
        AuditSeal.organization_id == organization_id, AuditSeal.sequence == sequence
    )


def unsealed(organization_id: UUID, *, behind: UUID, up_to: UUID | None) -> Select[int, int]:
    """How many entries between these two have no seal, and how many of them have been there for a minute."""
    old = AuditEntry.created_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 1)
    statement = (
        select(func.count(), func.count().filter(old))
        .select_from(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id)
        .where(AuditEntry.organization_id == organization_id, AuditEntry.id > behind, AuditSeal.audit_id.is_(None))
    )
    return statement if up_to is None else statement.where(AuditEntry.id <= up_to)
