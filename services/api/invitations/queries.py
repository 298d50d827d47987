"""SQL over invitations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Delete, Select, delete, func, select

from services.api.principal import Principal
from shared.models import Invitation, Membership, User


def visible_to(principal: Principal) -> Select[Invitation]:
    """Those of the caller's organizations."""
    return select(Invitation).where(Invitation.organization_id.in_(principal.organization_ids))


def page(principal: Principal, *, after: UUID | None, limit: int) -> Select[Invitation]:
    """The latest first; one more than `limit`."""
    statement = visible_to(principal).order_by(Invitation.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(Invitation.id < after)


def by_code(code_hash: bytes, *, now: datetime) -> Select[Invitation]:
    """The one of this code, while it is good."""
    return select(Invitation).where(Invitation.code_hash == code_hash, Invitation.expires_at > now)


def replaced(organization_id: UUID, email: str, *, now: datetime) -> Delete:
    """What another invitation of the same address makes void, and all that nobody came for in time."""
    same = func.lower(Invitation.email) == func.lower(email)
    return delete(Invitation).where(
        Invitation.organization_id == organization_id, same | (Invitation.expires_at <= now)
    )


def waiting(organization_id: UUID) -> Select[int]:
    """How many there are."""
    return select(func.count()).select_from(Invitation).where(Invitation.organization_id == organization_id)


def membership(organization_id: UUID, email: str) -> Select[Membership]:
    """What somebody with this address is in the organization."""
    return (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, func.lower(User.email) == func.lower(email))
    )
