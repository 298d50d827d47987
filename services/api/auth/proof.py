"""Proving who one is: at the sign-in, and again before what a stolen session must not do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import passwords, trail
from services.api.auth import sessions, throttle, totp
from services.api.auth.sessions import Lifetime, Opened
from services.api.auth.throttle import Attempt
from services.api.deps import Resources, Trace
from services.api.principal import Principal
from shared import clock
from shared.errors import Forbidden, Unauthenticated
from shared.models import Session, User

JUST_NOW = timedelta(minutes=10)
FIRST_GOOD_FOR = timedelta(days=7)


class BadCredentials(Unauthenticated):
    """The e-mail address, the password or the code is wrong."""

    code = "bad_credentials"


class Unproven(Forbidden):
    """The password or the code is wrong; the session goes on."""

    code = "bad_credentials"


class PasswordNeeded(Forbidden):
    """The password is needed too: send it as `password`."""

    code = "password_needed"


class CodeNeeded(Unauthenticated):
    """The password is right; a code of the authenticator app, or a recovery code, is needed too."""

    code = "totp_required"


class SignInAgain(Forbidden):
    """Sign in again with the identity provider, and do this within ten minutes."""

    code = "sign_in_again"


@dataclass(frozen=True)
class From:
    """Where a request came from."""

    address: str
    user_agent: str


async def login(
    resources: Resources,
    session: AsyncSession,
    *,
    email: str,
    password: str,
    code: str | None,
    origin: From,
    lifetime: Lifetime,
    trace: Trace,
) -> tuple[Opened, User]:
    """A fresh session for who proves to be that person.

    Failed attempts are counted before anything is looked at, in a transaction of their own: it must stand when
    this one is rolled back. Raises TooManyLogins, BadCredentials and CodeNeeded.
    """
    attempt = await _count(resources, email, origin)
    async with resources.sessions.begin() as reading:
        user = await reading.scalar(_by_email(email).where(User.disabled_at.is_(None)))
    known = user.password_hash if user is not None else None
    try:
        # Many may wait for their turn here: with no connection and no lock.
        if not await resources.passwords.verify(password, known) or user is None or known is None:
            raise BadCredentials
        fresh = await resources.passwords.hash(password) if passwords.is_outdated(known) else known
        user = await locked(session, user.id)
        if user.password_hash != known or user.disabled_at is not None or _has_expired(user):
            raise BadCredentials
        if user.totp_confirmed_at is not None and user.totp_secret is not None:
            _check_code(resources, user, code)
    except CodeNeeded:
        await session.rollback()
        async with resources.sessions.begin() as counting:
            await throttle.take_back(counting, attempt)
        raise
    except BadCredentials:
        await session.rollback()
        async with resources.sessions.begin() as telling:
            if (failed := await telling.scalar(_by_email(email))) is not None:
                tell(telling, "user.sign_in_failed", failed, origin.address, trace)
        raise
    user.password_hash = fresh
    await throttle.succeeded(session, attempt)
    return await open_session(session, user, origin=origin, lifetime=lifetime, trace=trace), user


async def open_session(
    session: AsyncSession, user: User, *, origin: From, lifetime: Lifetime, trace: Trace, means: str = "password"
) -> Opened:
    """A session for somebody who has proved who they are, by whatever means."""
    now = clock.now()
    opened = await sessions.begin(
        session, user, lifetime=lifetime, address=origin.address, user_agent=origin.user_agent, now=now
    )
    user.last_login_at = now
    tell(session, "user.signed_in", user, origin.address, trace, session_id=opened.id, means=means)
    return opened


async def prove(
    resources: Resources, session: AsyncSession, by: Principal, password: str | None, *, origin: From, trace: Trace
) -> User:
    """The caller, locked, who has shown to be still there: somebody at an unlocked screen may guess too.

    By the password; who has none, by having signed in just now. Forbidden what they ask for, they stay signed in.
    Raises PasswordNeeded, TooManyLogins, Unproven and SignInAgain.
    """
    user = await read(resources, by)
    await show(resources, user, by, password, origin=origin, trace=trace)
    return await unchanged(session, user)


async def show(
    resources: Resources, user: User, by: Principal, password: str | None, *, origin: From, trace: Trace
) -> None:
    """That the caller is `user` still, holding no lock nor connection meanwhile. Raises what `prove` does."""
    known = user.password_hash
    if known is None:
        async with resources.sessions.begin() as reading:
            row = await reading.get_one(Session, by.session_id)
        # Linking to the provider ends the sessions that a password has begun, while their requests go on.
        if row.revoked_at is not None or clock.now() - row.created_at > JUST_NOW:
            raise SignInAgain
        return
    if password is None:
        raise PasswordNeeded
    attempt = await _count(resources, user.email, origin)
    if not await resources.passwords.verify(password, known):
        async with resources.sessions.begin() as telling:
            tell(telling, "user.password_failed", user, origin.address, trace)
        raise Unproven
    async with resources.sessions.begin() as counting:
        await throttle.succeeded(counting, attempt)


async def unchanged(session: AsyncSession, shown: User) -> User:
    """The person, locked, whose password is the one that was shown. Raises Unproven."""
    user = await locked(session, shown.id)
    if user.password_hash != shown.password_hash:
        raise Unproven
    return user


def _check_code(resources: Resources, user: User, code: str | None) -> None:
    if code is None:
        raise CodeNeeded
    if (left := totp.without(user.recovery_hashes, code)) is not None:
        user.recovery_hashes = left
        return
    if not use_step(resources, user, code):
        raise BadCredentials


def use_step(resources: Resources, user: User, code: str) -> bool:
    """True for the app's code, which is good this once."""
    assert user.totp_secret is not None
    secret = resources.cipher.decrypt(user.totp_secret)
    step = totp.step_of(secret, code, now=clock.now(), after=user.totp_step)
    if step is not None:
        user.totp_step = step
    return step is not None


def _has_expired(user: User) -> bool:
    """A first password, known to who made it, that nobody came for."""
    made = user.password_changed_at or user.created_at
    return user.must_change_password and clock.now() - made > FIRST_GOOD_FOR


async def read(resources: Resources, by: Principal) -> User:
    """The caller, in a transaction that is over: for what may wait long before it changes anything."""
    async with resources.sessions.begin() as reading:
        return (await reading.scalars(_by_id(by.person))).one()


async def _count(resources: Resources, email: str, origin: From) -> Attempt:
    async with resources.sessions.begin() as counting:
        # As the database tells accounts apart: beyond ASCII its small letters are not Python's, U+0130's among them.
        account = await counting.scalar(select(func.lower(email.strip())))
        return await throttle.begin(counting, throttle.keys_of(account, origin.address), now=clock.now())


async def locked(session: AsyncSession, user_id: UUID) -> User:
    """The person as they are now, and as they stay until this transaction ends."""
    statement = _by_id(user_id).with_for_update(of=User).execution_options(populate_existing=True)
    return (await session.scalars(statement)).one()


def _by_id(user_id: UUID) -> Select[User]:
    return select(User).where(User.id == user_id).options(selectinload(User.memberships))


def _by_email(email: str) -> Select[User]:
    statement = select(User).where(func.lower(User.email) == func.lower(email.strip()))
    return statement.options(selectinload(User.memberships))


def tell(session: AsyncSession, action: str, user: User, address: str | None, trace: Trace, **details: Any) -> None:
    """An entry in the audit of each organization the person belongs to."""
    actor = Principal("user", user.id, user.name, {}, (), user.id, address=address)
    for membership in user.memberships:
        trail.record(
            session,
            action,
            by=actor,
            trace=trace,
            organization_id=membership.organization_id,
            kind="user",
            object_id=user.id,
            **details,
        )
