"""Recognises API tokens by the hash that is kept of them."""

import hmac
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api.auth import credentials
from services.api.principal import EVERYTHING, Principal
from shared import clock
from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.errors import Unauthenticated
from shared.models import ApiToken, User

USE_NOTED_EVERY = timedelta(minutes=1)


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
    # The index has compared hashes of a secret, not secrets; this closes even that.
    if token is None or not hmac.compare_digest(token.token_hash, digest):
        raise InvalidToken
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        raise InvalidToken
    granted = granted_to(token)
    if granted is None:
        raise InvalidToken
    if token.last_used_at is None or now - token.last_used_at >= USE_NOTED_EVERY:
        await _note_use(session, token)
    return Principal(
        actor="token",
        id=token.id,
        name=f"token {token.name}",
        grants={token.organization_id: granted},
        organization_ids=(token.organization_id,),
        address=address,
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


async def _note_use(session: AsyncSession, token: ApiToken) -> None:
    """Skips a row that another request is noting: nobody waits for this."""
    free = select(ApiToken.id).where(ApiToken.id == token.id).with_for_update(skip_locked=True, key_share=True)
    await session.execute(
        update(ApiToken)
        .where(ApiToken.id == free.scalar_subquery())
        .values(last_used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
