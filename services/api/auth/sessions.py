"""Where people are signed in: an opaque cookie, kept as a hash, that ends by time, by hand, or by another one."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.api import restricted
from services.api.auth import use
from services.api.principal import Principal
from shared import clock
from shared.domain.permissions import PERMISSIONS, Role
from shared.errors import Forbidden, Unauthenticated
from shared.models import Session, User

RANDOM_BYTES = 32
MAX_USER_AGENT = 300
MAX_SESSIONS = 50


class SessionEnded(Unauthenticated):
    """The session has ended; sign in again."""

    code = "session_ended"


class PasswordExpired(Forbidden):
    """The password has to be changed first."""

    code = "password_change_needed"


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts: at most, and unused."""

    most: timedelta
    idle: timedelta


@dataclass(frozen=True)
class Opened:
    """A session just begun; the secret is for the cookie and is kept nowhere."""

    id: UUID
    expires_at: datetime
    secret: str = field(repr=False)

    @property
    def csrf(self) -> str:
        """The token its unsafe requests carry in a header."""
        return csrf_of(self.secret)


def csrf_of(secret: str) -> str:
    """Made from the cookie's value: another site can have it sent, but cannot read it, so it cannot make this."""
    digest = hmac.digest(secret.encode(), b"eventsec csrf", "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_csrf(secret: str, given: str | None) -> bool:
    """True when this is the token of that session."""
    return given is not None and hmac.compare_digest(csrf_of(secret).encode(), given.encode())


async def begin(
    session: AsyncSession, user: User, *, lifetime: Lifetime, address: str, user_agent: str, now: datetime
) -> Opened:
    """A fresh session; whatever cookie came with the request has no part in it.

    The oldest beyond 50 of a person end.
    """
    secret = secrets.token_urlsafe(RANDOM_BYTES)
    row = Session(
        user_id=user.id,
        token_hash=_digest(secret),
        address=address,
        user_agent=user_agent[:MAX_USER_AGENT],
        expires_at=now + lifetime.most,
        last_used_at=now,
    )
    session.add(row)
    await session.flush()
    surplus = (
        select(Session.id)
        .where(Session.user_id == user.id, Session.revoked_at.is_(None))
        .order_by(Session.created_at.desc(), Session.id.desc())
        .offset(MAX_SESSIONS)
    )
    await _revoke(session, Session.id.in_(surplus), now=now)
    return Opened(row.id, row.expires_at, secret)


async def principal(session: AsyncSession, secret: str, *, lifetime: Lifetime, address: str | None) -> Principal:
    """Whoever is signed in with this cookie; notes its use at most once a minute. Raises SessionEnded."""
    now = clock.now()
    # One statement: every request waits for it.
    found = await session.scalars(
        select(Session)
        .where(Session.token_hash == _digest(secret))
        .options(joinedload(Session.user).joinedload(User.memberships))
    )
    row = found.unique().one_or_none()
    if row is None or row.revoked_at is not None or row.user.disabled_at is not None:
        raise SessionEnded
    if row.expires_at <= now or now - row.last_used_at > lifetime.idle:
        raise SessionEnded
    await use.note(session, row, now=now)
    grants = {each.organization_id: PERMISSIONS[Role(each.role)] for each in row.user.memberships}
    return Principal(
        actor="user",
        id=row.user.id,
        name=row.user.name,
        grants=grants,
        organization_ids=tuple(sorted(grants)),
        user_id=row.user.id,
        session_id=row.id,
        address=address,
        limited=row.user.must_change_password,
        hidden=await restricted.hidden_from(session, grants, row.user.id),
    )


async def end(session: AsyncSession, session_id: UUID, *, now: datetime) -> None:
    """End one session; one that has ended stays as it was."""
    await _revoke(session, Session.id == session_id, now=now)


async def end_all(session: AsyncSession, user_id: UUID, *, but: UUID | None = None, now: datetime) -> None:
    """End all sessions of a person, but for one."""
    kept = Session.id != but if but is not None else true()
    await _revoke(session, (Session.user_id == user_id) & kept, now=now)


async def listed(session: AsyncSession, user_id: UUID, *, lifetime: Lifetime) -> list[Session]:
    """The sessions of a person that have not ended, the latest used first."""
    now = clock.now()
    rows = await session.scalars(
        select(Session)
        .where(
            Session.user_id == user_id,
            Session.revoked_at.is_(None),
            Session.expires_at > now,
            Session.last_used_at > now - lifetime.idle,
        )
        .order_by(Session.last_used_at.desc(), Session.id)
        .limit(MAX_SESSIONS)
    )
    return list(rows)


async def _revoke(session: AsyncSession, which: ColumnElement[bool], *, now: datetime) -> None:
    await session.execute(
        update(Session)
        .where(which, Session.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
