"""SQL over API tokens and their organizations."""

from sqlalchemy import Select, select

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
