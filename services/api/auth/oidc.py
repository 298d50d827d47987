"""Signing in with the identity provider: whose account it is, and what the provider's groups make of it here.

A person is (issuer, subject). The e-mail address only finds who was added before the first sign-in, and only when the
provider has proven it; else whoever can choose an address there would choose somebody else's.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Select, String, cast, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.api import trail
from services.api.auth import throttle
from services.api.auth.proof import From, open_session, tell
from services.api.auth.schemas import Email
from services.api.auth.service import forget_means
from services.api.auth.sessions import Lifetime, Opened
from services.api.deps import Resources, Trace
from services.api.openid import Attempt, NotProven, Provider, ProviderAway
from services.api.principal import Principal
from services.api.settings import ApiSettings, GroupRole
from services.api.text import MAX_NAME
from shared import clock, log
from shared.domain.permissions import Role
from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.models import Membership, OidcLogin, Organization, User

logger = log.get(__name__)

SOURCE = "oidc"
AWAY_AT_MOST = timedelta(minutes=10)
MAX_SUBJECT = 255

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
# `1` as well: what Entra ID says of the domain's owner comes in several forms.
_YES = (True, 1, "1", "true", "True")


class NoProvider(NotFound):
    """No identity provider is set up here."""

    code = "oidc_off"


class NotBegunHere(Unauthenticated):
    """This sign-in was not begun in this browser, has been used, or took too long."""

    code = "oidc_state"


class Declined(Unauthenticated):
    """The identity provider, or the person there, declined."""

    code = "oidc_declined"


class Refused(Forbidden):
    """The provider has said who it is, and they may not sign in here; `code` says why."""

    code = "oidc_refused"


@dataclass(frozen=True)
class Identity:
    """Who the provider says somebody is; `email` only where it was proven."""

    issuer: str
    subject: str
    email: str | None
    name: str
    groups: tuple[str, ...]


def local_path(text: str) -> str:
    """The text where it is a page of ours, else `/`: a sign-in must not end on somebody else's.

    Nor on the API: the session's cookie does not go along when another site has sent the browser.
    """
    elsewhere = text.startswith(("//", "/api/")) or "\\" in text or not text.isprintable()
    return text if text.startswith("/") and not elsewhere else "/"


def identity_of(claims: Mapping[str, Any], *, issuer: str, groups_claim: str, verified_claim: str) -> Identity:
    """The claims as we use them. One group may come as a bare string. Raises NotProven."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise NotProven
    email = _email(claims.get("email")) if claims.get(verified_claim) in _YES else None
    names = (claims.get("name"), claims.get("preferred_username"), email, subject)
    name = next(one.strip()[:MAX_NAME] for one in names if isinstance(one, str) and one.strip() and one.isprintable())
    groups = claims.get(groups_claim)
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return Identity(issuer, subject, email, name, tuple(one for one in listed if isinstance(one, str)))


def roles_of(groups: Sequence[str], mapping: Mapping[str, Sequence[GroupRole]]) -> dict[str, Role]:
    """The role in each organization, by its name or id; of several groups the first in the mapping counts."""
    roles: dict[str, Role] = {}
    for group, given in mapping.items():
        if group in groups:
            for one in given:
                roles.setdefault(one.organization, one.role)
    return roles


async def begin(resources: Resources, provider: Provider, *, return_to: str) -> tuple[Attempt, str]:
    """Send a browser on its way: what it keeps, and where it goes. Raises ProviderAway."""
    attempt = Attempt.begin()
    url = await provider.authorization_url(attempt)
    async with resources.sessions.begin() as session:
        await session.execute(delete(OidcLogin).where(OidcLogin.created_at < clock.now() - AWAY_AT_MOST))
        session.add(OidcLogin(key=_key(attempt), return_to=local_path(return_to)))
    return attempt, url


async def take(resources: Resources, secret: str | None, state: str | None) -> tuple[Attempt, str]:
    """The attempt this browser comes back from, and where it wanted to go; once. Raises NotBegunHere.

    Committed at once: whatever comes of it, the same answer is not taken again.
    """
    attempt = Attempt(secret or "")
    if secret is None or not attempt.is_state(state):
        raise NotBegunHere
    taken = (
        delete(OidcLogin)
        .where(OidcLogin.key == _key(attempt), OidcLogin.created_at >= clock.now() - AWAY_AT_MOST)
        .returning(OidcLogin.return_to)
    )
    async with resources.sessions.begin() as session:
        return_to = await session.scalar(taken)
    if return_to is None:
        raise NotBegunHere
    return attempt, return_to


async def identify(resources: Resources, provider: Provider, *, attempt: Attempt, code: str, origin: From) -> Identity:
    """Who the provider says has come back. No transaction is open meanwhile.

    Counted as a failure of the address beforehand, like a login, and taken back unless the answer was a wrong one.
    Raises TooManyLogins, NotProven and ProviderAway.
    """
    settings, keys, now = resources.settings, throttle.keys_of(None, origin.address), clock.now()
    async with resources.sessions.begin() as counting:
        attempted = await throttle.begin(counting, keys, now=now)
    away = None
    try:
        claims = await provider.claims(code, attempt, wanted={"email", settings.oidc_groups_claim}, now=now)
    except ProviderAway as error:
        away, claims = error, {}
    async with resources.sessions.begin() as counting:
        await throttle.take_back(counting, attempted)
    if away is not None:
        raise away
    return identity_of(
        claims,
        issuer=provider.issuer,
        groups_claim=settings.oidc_groups_claim,
        verified_claim=settings.oidc_verified_claim,
    )


async def sign_in(
    session: AsyncSession,
    identity: Identity,
    settings: ApiSettings,
    *,
    origin: From,
    lifetime: Lifetime,
    trace: Trace,
) -> Opened:
    """A fresh session, in the organizations the person's groups have by now a role in.

    Raises Refused; what that says of memberships stands, so the caller commits all the same.
    """
    wanted = await _organizations(session, roles_of(identity.groups, settings.oidc_roles))
    user = await session.scalar(_by_subject(identity).with_for_update(of=User))
    if user is None:
        user = await _first_time(session, identity, settings, known=bool(wanted), origin=origin, trace=trace)
    if user.disabled_at is not None:
        raise _refusal(session, user, "oidc_disabled", origin, trace)
    left = bool(wanted) or any(one.source != SOURCE for one in user.memberships)
    # Said while the organizations that lose the person are still known.
    refusal = None if left else _refusal(session, user, "oidc_no_role", origin, trace)
    await _follow(session, user, wanted, origin=origin, trace=trace)
    if refusal is not None:
        raise refusal
    return await open_session(session, user, origin=origin, lifetime=lifetime, trace=trace, means=SOURCE)


async def _first_time(
    session: AsyncSession, identity: Identity, settings: ApiSettings, *, known: bool, origin: From, trace: Trace
) -> User:
    """Whoever was added with this address, else somebody new where `known` groups allow it. Raises Refused."""
    if identity.email is None:
        raise Refused("The provider has not proven the e-mail address.", code="oidc_email_unverified")
    # Beyond ASCII different letters may have the same small one, and two mailboxes look like one: U+212A is a K.
    found = _by_email(identity.email).with_for_update(of=User)
    user = await session.scalar(found) if identity.email.isascii() else None
    if user is not None:
        return await _linked(session, user, identity, origin=origin, trace=trace)
    if not known or not settings.oidc_create_users:
        raise Refused("Nobody has added this person.", code="oidc_no_role" if not known else "oidc_unknown_user")
    user = User(
        email=identity.email,
        name=identity.name,
        oidc_issuer=identity.issuer,
        oidc_subject=identity.subject,
        memberships=[],
    )
    try:
        async with session.begin_nested():
            session.add(user)
            await session.flush()
    except IntegrityError:
        owner = await session.scalar(_by_email(identity.email))
        if owner is not None and owner.oidc_subject != identity.subject:
            raise _refusal(session, owner, "oidc_email_taken", origin, trace) from None
        raise Refused("The same person is signing in for the first time elsewhere.", code="oidc_try_again") from None
    return user


async def _linked(session: AsyncSession, user: User, identity: Identity, *, origin: From, trace: Trace) -> User:
    if user.oidc_subject is not None:
        raise _refusal(session, user, "oidc_email_taken", origin, trace)
    if user.disabled_at is not None:
        raise _refusal(session, user, "oidc_disabled", origin, trace)
    # Whoever added the address may have signed in as this person until now, and only the provider has proven anything.
    await forget_means(session, user)
    user.oidc_issuer, user.oidc_subject = identity.issuer, identity.subject
    tell(session, "user.linked", user, origin.address, trace, issuer=identity.issuer)
    return user


async def _follow(
    session: AsyncSession, user: User, wanted: Mapping[UUID, Role], *, origin: From, trace: Trace
) -> None:
    """Make the memberships that came from groups what the groups say; those given by hand stay as they are."""
    held = {one.organization_id: one for one in user.memberships}
    by = Principal("user", user.id, user.name, {}, (), user.id, address=origin.address)
    for organization_id in sorted(held.keys() | wanted.keys()):
        one, role = held.get(organization_id), wanted.get(organization_id)
        before = Role(one.role) if one is not None else None
        if before == role or (one is not None and one.source != SOURCE):
            continue
        if one is None:
            action = "user.added"
            session.add(Membership(user_id=user.id, organization_id=organization_id, role=role, source=SOURCE))
        elif role is None:
            action = "user.removed"
            await session.delete(one)
        else:
            action = "user.changed"
            one.role = role
        trail.record(
            session,
            action,
            by=by,
            trace=trace,
            organization_id=organization_id,
            kind="user",
            object_id=user.id,
            changes={"role": (before, role)},
            email=user.email,
            name=user.name,
            source=SOURCE,
        )
    await session.flush()
    await session.refresh(user, ["memberships"])


async def _organizations(session: AsyncSession, roles: Mapping[str, Role]) -> dict[UUID, Role]:
    """The roles by the ids of those organizations there are."""
    if not roles:
        return {}
    named = or_(Organization.name.in_(roles), cast(Organization.id, String).in_(roles))
    rows = await session.execute(select(Organization.id, Organization.name).where(named))
    found: dict[UUID, Role] = {}
    for organization_id, name in rows:
        found[organization_id] = roles[name] if name in roles else roles[str(organization_id)]
    if len(found) < len(roles):
        logger.warning("oidc_organization_unknown", named=sorted(roles))
    return found


def _refusal(session: AsyncSession, user: User, code: str, origin: From, trace: Trace) -> Refused:
    tell(session, "user.sign_in_refused", user, origin.address, trace, reason=code)
    return Refused(code=code)


def _by_subject(identity: Identity) -> Select[User]:
    statement = select(User).where(User.oidc_issuer == identity.issuer, User.oidc_subject == identity.subject)
    return statement.options(selectinload(User.memberships))


def _by_email(email: str) -> Select[User]:
    return select(User).where(func.lower(User.email) == func.lower(email)).options(selectinload(User.memberships))


def _email(given: object) -> str | None:
    try:
        return _EMAIL.validate_python(given)
    except ValidationError:
        return None


def _key(attempt: Attempt) -> bytes:
    return hashlib.sha256(attempt.secret.encode()).digest()
