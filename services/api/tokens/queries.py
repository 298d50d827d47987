"""SQL over API tokens and their organizations."""

from uuid import UUID

from sqlalchemy import Select, or_, select

from services.api.principal import Principal
from shared.domain.permissions import Permission
from shared.models import ApiToken, Organization

MOST = 1000


def organization_named(name: str) -> Select[Organization]:
    """The organization of that name."""
    return select(Organization).where(Organization.name == name)


def with_organization() -> Select[ApiToken, str]:
    """Tokens and the names of their organizations, oldest first, at most a thousand."""
    return (
        select(ApiToken, Organization.name)
        .join(Organization, Organization.id == ApiToken.organization_id)
        .order_by(Organization.name, ApiToken.id)
        .limit(MOST)
    )


def visible_to(principal: Principal) -> Select[ApiToken]:
    """One's own tokens, and all of those organizations whose people one administers."""
    return select(ApiToken).where(
        ApiToken.organization_id.in_(principal.organization_ids),
        or_(
            principal.owns(ApiToken.created_by_id),
            ApiToken.organization_id.in_(principal.where(Permission.USERS_WRITE)),
        ),
    )


def page(principal: Principal, *, after: UUID | None, limit: int) -> Select[ApiToken]:
    """The latest first; one more than `limit`."""
    statement = visible_to(principal).order_by(ApiToken.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(ApiToken.id < after)
