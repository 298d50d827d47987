"""SQL over the audit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, false, func, or_, select

from services.api import restricted
from services.api.jobs import queries as jobs
from services.api.principal import Principal
from shared.models import AuditEntry, AuditSeal, Job


@dataclass(frozen=True)
class Filters:
    """What a list of entries is narrowed to."""

    object_id: UUID | None = None
    actor_id: UUID | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def visible_to(principal: Principal) -> Select[AuditEntry, int, bytes]:
    """The entries of the caller's organizations, each with its seal if it has one; none of what is hidden from them."""
    return (
        select(AuditEntry, AuditSeal.sequence, AuditSeal.hash)
        .outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id)
        .where(AuditEntry.organization_id.in_(principal.organization_ids), ~withheld(principal))
    )


def withheld(principal: Principal) -> ColumnElement[bool]:
    """SQL: the entry is of an incident, alert or job that is hidden from the caller, or names one it is hidden in."""
    if not principal.hidden:
        return false()
    written = cast(AuditEntry.changes, Text).concat(cast(AuditEntry.details, Text))
    of_job = select(Job.id).where(Job.id == AuditEntry.object_id, jobs.of_hidden(principal))
    return or_(
        ~restricted.may_see_object(principal, AuditEntry.object_id.expression),
        of_job.exists(),
        restricted.names_hidden(principal, written),
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


def links(
    organization_id: UUID, *, after: int, limit: int, by: Principal | None = None
) -> Select[AuditSeal, AuditEntry, bool]:
    """The seals behind that place, each with its entry, None where that is gone, and whether `by` may not see it."""
    hidden = false() if by is None else withheld(by)
    return (
        select(AuditSeal, AuditEntry, hidden.label("withheld"))
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
