"""What belongs to signing in and a person sees to alone: password, authenticator app, open sessions."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import passwords
from services.api.auth import profile, proof, sessions, tokens, totp
from services.api.auth.proof import From, Unproven, open_session, prove, tell
from services.api.auth.schemas import MembershipRead, SessionListed, SessionRead, UserRead
from services.api.auth.sessions import Lifetime, Opened
from services.api.deps import Resources, Trace
from services.api.principal import Principal
from shared import clock
from shared.domain.permissions import PERMISSIONS, Role
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Membership, Session, User


class SamePassword(Invalid):
    """The new password is the one there was; choose another."""

    code = "same_password"


class OfTheProvider(Conflict):
    """The person signs in with the identity provider, and has no password here."""

    code = "of_the_provider"


class NoTotp(Conflict):
    """No authenticator app was set up."""

    code = "no_totp"


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session_not_found"


async def describe(session: AsyncSession, user_id: UUID, *, csrf: str, session_id: UUID) -> SessionRead:
    """What the page needs to know of who is signed in."""
    user = (
        await session.scalars(
            select(User)
            .where(User.id == user_id)
            .options(selectinload(User.memberships).selectinload(Membership.organization))
        )
    ).one()
    row = await session.get_one(Session, session_id)
    memberships = [
        MembershipRead(
            organization_id=one.organization_id,
            organization=one.organization.name,
            role=Role(one.role),
            permissions=sorted(PERMISSIONS[Role(one.role)]),
        )
        for one in sorted(user.memberships, key=lambda one: one.organization.name)
    ]
    return SessionRead(
        user=UserRead.model_validate(user),
        memberships=memberships,
        csrf_token=csrf,
        expires_at=row.expires_at,
        totp_enabled=user.totp_confirmed_at is not None,
        must_change_password=user.must_change_password,
        preferences=profile.read(user.preferences),
    )


async def change_password(
    resources: Resources,
    session: AsyncSession,
    *,
    by: Principal,
    current: str,
    new: str,
    end_tokens: bool,
    origin: From,
    lifetime: Lifetime,
    trace: Trace,
) -> Opened:
    """Another password, and another session: all that were open end, and with `end_tokens` the person's tokens.

    Raises OfTheProvider, Unproven, SamePassword and WeakPassword.
    """
    user = await proof.read(resources, by)
    if user.oidc_subject is not None:
        raise OfTheProvider
    await proof.show(resources, user, by, current, origin=origin, trace=trace)
    if new == current:
        raise SamePassword
    passwords.refuse_weak(new, email=user.email)
    # Whoever waits for a turn to hash must hold nothing; whoever guesses has no turn.
    hashed = await resources.passwords.hash(new)
    user = await proof.unchanged(session, user)
    user.password_hash = hashed
    user.password_changed_at, user.must_change_password = clock.now(), False
    await sessions.end_all(session, user.id, now=clock.now())
    if end_tokens:
        await tokens.end_all(session, user.id, now=clock.now())
    tell(session, "user.password_changed", user, origin.address, trace, tokens_ended=end_tokens)
    return await open_session(session, user, origin=origin, lifetime=lifetime, trace=trace)


async def begin_totp(resources: Resources, session: AsyncSession, *, by: Principal) -> tuple[str, str]:
    """A secret for an authenticator app, and its URI; the app that was set up goes on until this one is confirmed.

    Raises Conflict `totp_enabled`: one is taken off before another is set up.
    """
    user = await proof.locked(session, by.person)
    if user.totp_confirmed_at is not None:
        raise Conflict("An authenticator app is set up; take it off first.", code="totp_enabled")
    secret = totp.make_secret()
    user.totp_secret = resources.cipher.encrypt(secret)
    return secret, totp.uri(secret, email=user.email)


async def confirm_totp(
    resources: Resources,
    session: AsyncSession,
    *,
    by: Principal,
    password: str | None,
    code: str,
    origin: From,
    trace: Trace,
) -> list[str]:
    """Codes are asked for from now on; the recovery codes. Raises NoTotp and what `prove` does.

    Without the password, a stolen session would lock its owner out for good.
    """
    user = await prove(resources, session, by, password, origin=origin, trace=trace)
    if user.totp_secret is None or user.totp_confirmed_at is not None:
        raise NoTotp
    if not proof.use_step(resources, user, code):
        raise Unproven
    codes = totp.make_recovery_codes()
    user.recovery_hashes = [totp.recovery_hash(one) for one in codes]
    user.totp_confirmed_at = clock.now()
    await sessions.end_all(session, user.id, but=by.session_id, now=clock.now())
    tell(session, "user.totp_enabled", user, by.address, trace)
    return codes


async def remove_totp(
    resources: Resources, session: AsyncSession, *, by: Principal, password: str, origin: From, trace: Trace
) -> None:
    """No codes are asked for any more. Raises what `prove` does."""
    user = await prove(resources, session, by, password, origin=origin, trace=trace)
    user.totp_secret = user.totp_confirmed_at = None
    user.recovery_hashes = []
    tell(session, "user.totp_disabled", user, origin.address, trace)


async def list_sessions(session: AsyncSession, *, by: Principal, lifetime: Lifetime) -> list[SessionListed]:
    """Where the caller is signed in."""
    rows = await sessions.listed(session, by.person, lifetime=lifetime)
    return [SessionListed.model_validate(row).model_copy(update={"current": row.id == by.session_id}) for row in rows]


async def end_session(session: AsyncSession, session_id: UUID, *, by: Principal, trace: Trace) -> None:
    """End one of the caller's sessions. Raises SessionNotFound."""
    row = await session.get(Session, session_id, options=[selectinload(Session.user).selectinload(User.memberships)])
    if row is None or row.user_id != by.person:
        raise SessionNotFound
    await sessions.end(session, session_id, now=clock.now())
    tell(session, "user.session_ended", row.user, by.address, trace, session_id=session_id)


async def forget_means(session: AsyncSession, user: User) -> None:
    """Nothing by which the person has signed in is good any more; their sessions and tokens end."""
    user.password_hash, user.must_change_password = None, False
    user.totp_secret = user.totp_confirmed_at = None
    user.recovery_hashes = []
    user.oidc_issuer = user.oidc_subject = None
    await sessions.end_all(session, user.id, now=clock.now())
    await tokens.end_all(session, user.id, now=clock.now())
