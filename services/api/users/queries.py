"""SQL over people and their memberships."""

from uuid import UUID

from sqlalchemy import Select, func, select

from services.api.principal import Principal
from shared.models import Membership, Organization, User


def visible_to(principal: Principal) -> Select[User, Membership]:
    """The people of the caller's organizations, once for each they are in."""
    return (
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id.in_(principal.organization_ids))
    )


def page(
    principal: Principal, *, organization_id: UUID | None, after: UUID | None, limit: int
) -> Select[User, Membership]:
    """By the time they joined; one more than `limit`."""
    statement = visible_to(principal).order_by(Membership.id).limit(limit + 1)
    if organization_id is not None:
        statement = statement.where(Membership.organization_id == organization_id)
    return statement if after is None else statement.where(Membership.id > after)


def one(organization_id: UUID, user_id: UUID) -> Select[User, Membership]:
    """That person there."""
    return (
        select(User, Membership)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id == user_id, Membership.organization_id == organization_id)
    )


def organizations_of(user_id: UUID) -> Select[UUID]:
    """Where the person is a member, in a fixed order."""
    theirs = select(Membership.organization_id).where(Membership.user_id == user_id)
    return select(Organization.id).where(Organization.id.in_(theirs)).order_by(Organization.id)


def by_email(email: str) -> Select[User]:
    """Whoever has this address, whatever its case."""
    return select(User).where(func.lower(User.email) == func.lower(email))


def other_admins(organization_id: UUID, user_id: UUID) -> Select[int]:
    """How many others can administer the organization."""
    return (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == organization_id,
            Membership.role == "admin",
            User.disabled_at.is_(None),
            User.id != user_id,
        )
    )
