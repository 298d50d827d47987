"""Recognises API tokens by the hash that is kept of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import restricted
from services.api.auth import credentials, use
from services.api.principal import EVERYTHING, Principal
from shared import clock
from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.errors import Unauthenticated
from shared.models import ApiToken, User


class NoToken(Unauthenticated):
    """Sign in, or send an API token: `Authorization: Bearer evt_…`."""

    code = "no_token"


class InvalidToken(Unauthenticated):
    """The token is unknown, has expired or was revoked."""

    code = "invalid_token"


async def principal(session: AsyncSession, secret: str | None, *, address: str | None) -> Principal:
    """Whoever holds this token; notes its use at most once a minute.

    Raises NoToken and InvalidToken.
    """
    if secret is None:
        raise NoToken
    if not credentials.is_token(secret):
        raise InvalidToken
    digest, now = credentials.digest_of(secret), clock.now()
    token = await session.scalar(
        select(ApiToken)
        .where(ApiToken.token_hash == digest)
        .options(selectinload(ApiToken.created_by).selectinload(User.memberships))
    )
    if token is None or token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise InvalidToken
    granted = granted_to(token)
    if granted is None:
        raise InvalidToken
    await use.note(session, token, now=now)
    return Principal(
        actor="token",
        id=token.id,
        name=f"token {token.name}",
        grants={token.organization_id: granted},
        organization_ids=(token.organization_id,),
        maker_id=token.created_by_id,
        address=address,
        hidden=await restricted.hidden_from(session, (token.organization_id,), None),
    )


async def end_all(session: AsyncSession, user_id: UUID, *, now: datetime) -> None:
    """End all tokens that a person made."""
    theirs = (ApiToken.created_by_id == user_id, ApiToken.revoked_at.is_(None))
    await session.execute(
        update(ApiToken).where(*theirs).values(revoked_at=now).execution_options(synchronize_session=False)
    )


def granted_to(token: ApiToken) -> frozenset[Permission] | None:
    """What the token may: its scopes, and no more than its maker may today; None when the maker is gone."""
    scopes = frozenset(Permission) if EVERYTHING in token.scopes else _known(token.scopes)
    maker = token.created_by
    if maker is None:
        return scopes
    roles = [Role(one.role) for one in maker.memberships if one.organization_id == token.organization_id]
    if maker.disabled_at is not None or not roles:
        return None
    return scopes & PERMISSIONS[roles[0]]


def _known(scopes: list[str]) -> frozenset[Permission]:
    return frozenset(one for one in Permission if one in scopes)
