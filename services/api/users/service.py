"""People and what they are in an organization: made, changed, disabled; never deleted."""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import queried, trail
from services.api.auth import sessions
from services.api.auth.schemas import UserRead
from services.api.auth.service import OfTheProvider, forget_means
from services.api.deps import Trace
from services.api.passwords import Passwords
from services.api.principal import Principal
from services.api.users import queries
from services.api.users.schemas import MemberRead, UserCreate, UserUpdate
from shared import clock
from shared.domain.permissions import Permission, Role
from shared.errors import Conflict, NotFound
from shared.models import Membership, User


class UserNotFound(NotFound):
    """There is no such person in the organization."""

    code = "user_not_found"


class AlreadyMember(Conflict):
    """Somebody with this e-mail address is in the organization already."""

    code = "already_member"


class LastAdmin(Conflict):
    """Nobody would be left who can administer the organization."""

    code = "last_admin"


class Oneself(Conflict):
    """One's own password is changed at `/auth/password`, which asks for it."""

    code = "oneself"


class OfOthersToo(Conflict):
    """The person is in other organizations too; change the role here, or take them out of this one."""

    code = "of_others_too"


class BelongsElsewhere(Conflict):
    """Somebody with this e-mail address has an account already; `POST /invitations` asks them in."""

    code = "belongs_elsewhere"


async def page(
    session: AsyncSession, *, by: Principal, organization_id: UUID | None, after: UUID | None, limit: int
) -> list[tuple[User, Membership]]:
    """People with their memberships, one more than `limit` if there are."""
    rows = await session.execute(queries.page(by, organization_id=organization_id, after=after, limit=limit))
    return [(user, membership) for user, membership in rows]


async def create(
    session: AsyncSession, wanted: UserCreate, passwords: Passwords, *, by: Principal, trace: Trace
) -> tuple[User, Membership, str | None]:
    """Somebody in the organization; with a first password where there was nobody.

    Raises AlreadyMember, NotPermitted for a role beyond the caller's, and BelongsElsewhere for who is in an
    organization that the caller does not administer.
    """
    home = by.home(wanted.organization_id)
    by.refuse_beyond(wanted.role, home)
    password: str | None = first_password()
    # Before anything is asked of the database: whoever waits for a turn to hash must hold nothing.
    hashed = await passwords.hash(password or "")
    user = await session.scalar(queries.by_email(wanted.email).with_for_update())
    if user is None:
        user = User(email=wanted.email, name=wanted.name, must_change_password=True, password_hash=hashed)
        session.add(user)
    else:
        await _refuse_of_strangers(session, user, home, by)
        password = None
    membership = await join(session, user, home, wanted.role)
    trail.record(
        session,
        "user.added",
        by=by,
        trace=trace,
        organization_id=home,
        kind="user",
        object_id=user.id,
        changes={"role": (None, wanted.role)},
        email=user.email,
    )
    return user, membership, password


async def join(session: AsyncSession, user: User, organization_id: UUID, role: Role) -> Membership:
    """Make the person a member. Raises AlreadyMember."""
    try:
        async with session.begin_nested():
            await session.flush()
            membership = Membership(user_id=user.id, organization_id=organization_id, role=role)
            session.add(membership)
            await session.flush()
    except IntegrityError:
        raise AlreadyMember from None
    return membership


async def change(
    session: AsyncSession,
    user_id: UUID,
    wanted: UserUpdate,
    *,
    by: Principal,
    organization_id: UUID | None,
    trace: Trace,
) -> tuple[User, Membership]:
    """Another role, name or state. Raises UserNotFound, LastAdmin, OfOthersToo, and NotPermitted as `create` does."""
    home = by.home(organization_id)
    if wanted.role is not None:
        by.refuse_beyond(wanted.role, home)
    user, membership = await _locked(session, home, user_id)
    before = trail.snapshot(user, ("name", "disabled_at")) | {"role": membership.role}
    if wanted.name is not None or wanted.disabled is not None:
        await _refuse_of_others(session, user, by)
    if wanted.role is not None:
        # Given by hand from now on: what came from the provider's groups is taken back at the next sign-in.
        membership.role, membership.source = wanted.role, "local"
    if wanted.name is not None:
        user.name = wanted.name
    if wanted.disabled is not None:
        user.disabled_at = (user.disabled_at or clock.now()) if wanted.disabled else None
    if membership.role != Role.ADMIN or user.disabled_at is not None:
        await _refuse_last_admin(session, home, user.id, before["role"])
    if wanted.disabled:
        for other in user.memberships:
            if other is not membership:
                await _refuse_last_admin(session, other.organization_id, user.id, other.role)
    if user.disabled_at is not None:
        await sessions.end_all(session, user.id, now=clock.now())
    everywhere = trail.differences(user, {name: before[name] for name in ("name", "disabled_at")})
    here = {"role": (before["role"], membership.role)} if membership.role != before["role"] else {}
    for where in sorted({one.organization_id for one in user.memberships}) if everywhere else [home]:
        if changes := everywhere | (here if where == home else {}):
            trail.record(
                session,
                "user.changed",
                by=by,
                trace=trace,
                organization_id=where,
                kind="user",
                object_id=user.id,
                changes=changes,
            )
    await session.flush()
    return user, membership


async def remove(
    session: AsyncSession, user_id: UUID, *, by: Principal, organization_id: UUID | None, trace: Trace
) -> None:
    """Take the person out of the organization. Raises UserNotFound and LastAdmin."""
    home = by.home(organization_id)
    user, membership = await _locked(session, home, user_id)
    await _refuse_last_admin(session, home, user.id, membership.role)
    await session.delete(membership)
    trail.record(
        session,
        "user.removed",
        by=by,
        trace=trace,
        organization_id=home,
        kind="user",
        object_id=user.id,
        changes={"role": (membership.role, None)},
        email=user.email,
        name=user.name,
    )


async def one(session: AsyncSession, user_id: UUID, *, by: Principal) -> UserRead:
    """Who is a member, or was: as then, for alerts and notes go on naming them. Raises UserNotFound."""
    user = await session.scalar(queried.people(by).where(User.id == user_id).options(selectinload(User.memberships)))
    if user is None:
        raise UserNotFound
    read = UserRead.model_validate(user)
    if any(one.organization_id in by.organization_ids for one in user.memberships):
        return read
    removed = await session.scalar(queried.removal(by, user_id))
    assert removed is not None
    return read.model_copy(update={"name": removed.details.get("name", user.name)})


async def reset(
    session: AsyncSession,
    user_id: UUID,
    passwords: Passwords,
    *,
    by: Principal,
    organization_id: UUID | None,
    trace: Trace,
) -> str:
    """A first password for who has lost theirs, or the telephone.

    Raises UserNotFound, OfOthersToo, Oneself, OfTheProvider, and NotPermitted for who may more than the caller.
    """
    home = by.home(organization_id)
    if user_id == by.author:
        raise Oneself
    password = first_password()
    hashed = await passwords.hash(password)
    user, _ = await _locked(session, home, user_id)
    await _refuse_of_others(session, user, by)
    if user.oidc_subject is not None:
        raise OfTheProvider
    for one in user.memberships:
        by.refuse_beyond(Role(one.role), one.organization_id)
    await begin_anew(session, user, hashed)
    for one in user.memberships:
        trail.record(
            session,
            "user.reset",
            by=by,
            trace=trace,
            organization_id=one.organization_id,
            kind="user",
            object_id=user.id,
        )
    return password


async def begin_anew(session: AsyncSession, user: User, first_hash: str) -> None:
    """Only this first password is left of how the person signed in; their sessions and tokens end."""
    await forget_means(session, user)
    user.password_hash = first_hash
    user.must_change_password, user.password_changed_at = True, clock.now()


def shown(user: User, membership: Membership, *, to: Principal) -> MemberRead:
    """A person as lists show them; how they sign in is for themselves and who administers them."""
    whole = user.id == to.user_id or to.may(Permission.USERS_WRITE, membership.organization_id)
    signing_in: dict[str, Any] = {
        "totp_enabled": user.totp_confirmed_at is not None,
        "last_login_at": user.last_login_at,
    }
    return MemberRead(
        id=user.id,
        organization_id=membership.organization_id,
        email=user.email,
        name=user.name,
        role=Role(membership.role),
        source=membership.source,
        disabled_at=user.disabled_at,
        created_at=membership.created_at,
        **(signing_in if whole else {}),
    )


def first_password() -> str:
    """96 random bits, good until the first sign-in, and for a week at most."""
    return secrets.token_urlsafe(12)


async def _locked(session: AsyncSession, organization_id: UUID, user_id: UUID) -> tuple[User, Membership]:
    # Of two admins who remove each other one waits here, and is then the last.
    await session.execute(queries.organizations_of(user_id).with_for_update(key_share=True))
    statement = queries.one(organization_id, user_id).with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise UserNotFound
    user, membership = row
    return user, membership


async def _refuse_last_admin(session: AsyncSession, organization_id: UUID, user_id: UUID, role: str) -> None:
    if role == Role.ADMIN and not await session.scalar(queries.other_admins(organization_id, user_id)):
        raise LastAdmin


async def _refuse_of_strangers(session: AsyncSession, user: User, home: UUID, by: Principal) -> None:
    """Nobody is made a member unasked by those who do not administer them anyway."""
    theirs = set(await session.scalars(queries.organizations_of(user.id)))
    if home in theirs:
        raise AlreadyMember
    if not theirs or not theirs <= set(by.organization_ids):
        raise BelongsElsewhere


async def _refuse_of_others(session: AsyncSession, user: User, by: Principal) -> None:
    """Whoever administers one organization must not lock somebody out of another."""
    await session.refresh(user, ["memberships"])
    if any(one.organization_id not in by.organization_ids for one in user.memberships):
        raise OfOthersToo
