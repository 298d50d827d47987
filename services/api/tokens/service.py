"""Makes and ends API tokens."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trail
from services.api.auth import credentials
from services.api.auth.credentials import Credential
from services.api.deps import Trace
from services.api.principal import EVERYTHING, NotPermitted, Principal
from services.api.tokens import queries
from shared import clock, ids
from shared.domain.permissions import Permission
from shared.errors import NotFound
from shared.models import ApiToken, Organization


class NoSuchToken(NotFound):
    """There is no such token."""

    code = "token_not_found"


async def create(
    session: AsyncSession, *, organization: str, name: str, scopes: Iterable[str], expires_at: datetime | None
) -> Credential:
    """A token of that organization, which is made where it is missing."""
    # Two first runs may meet here; the loser's insert does nothing and the row is read.
    await session.execute(insert(Organization).values(id=ids.uuid7(), name=organization).on_conflict_do_nothing())
    owner = (await session.scalars(queries.organization_named(organization))).one()
    credential = credentials.make(credentials.TOKEN)
    token = ApiToken(
        organization_id=owner.id,
        name=name,
        token_hash=credential.digest,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    session.add(token)
    await session.flush()
    _tell_program(session, "token.created", token, scopes=token.scopes, expires_at=expires_at)
    return credential


async def revoke(session: AsyncSession, token_id: UUID) -> ApiToken:
    """End a token at once; one that has ended stays as it was. Raises NoSuchToken."""
    token = await session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise NoSuchToken
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        _tell_program(session, "token.revoked", token)
        await session.flush()
    return token


async def create_own(
    session: AsyncSession,
    *,
    name: str,
    scopes: list[str],
    expires_at: datetime,
    organization_id: UUID | None,
    by: Principal,
    trace: Trace,
) -> tuple[ApiToken, str]:
    """A token of the caller's, and its secret. Raises NotAPerson, and NotPermitted for scopes beyond the caller's."""
    home = by.home(organization_id)
    beyond = [one for one in scopes if one != EVERYTHING and not by.may(Permission(one), home)]
    if beyond:
        raise NotPermitted(f"The caller may not do this, and so cannot let a token: {', '.join(sorted(beyond))}.")
    credential = credentials.make(credentials.TOKEN)
    token = ApiToken(
        organization_id=home,
        name=name,
        token_hash=credential.digest,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_by_id=by.person,
    )
    session.add(token)
    await session.flush()
    trail.record_of(
        session, "token.created", token, by=by, trace=trace, name=name, scopes=token.scopes, expires_at=expires_at
    )
    return token, credential.secret


async def revoke_visible(session: AsyncSession, token_id: UUID, *, by: Principal, trace: Trace) -> None:
    """End one of the caller's tokens, or of those of an organization it administers. Raises NoSuchToken."""
    token = await session.scalar(queries.visible_to(by).where(ApiToken.id == token_id).with_for_update())
    if token is None:
        raise NoSuchToken
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        trail.record_of(session, "token.revoked", token, by=by, trace=trace, name=token.name)
    await session.flush()


def _tell_program(session: AsyncSession, action: str, token: ApiToken, **details: object) -> None:
    trail.record_program(
        session,
        action,
        program="services.api.tokens",
        organization_id=token.organization_id,
        kind="token",
        object_id=token.id,
        changes=None,
        name=token.name,
        **details,
    )
