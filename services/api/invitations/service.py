"""Somebody who has an account elsewhere joins an organization by a code that its administrator hands over.

An e-mail address proves nothing: whoever administers another organization may have made an account of that name. And
nobody is made a member unasked, for that would tell an organization about people of another.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trail
from services.api.auth import credentials
from services.api.deps import Trace
from services.api.invitations import queries
from services.api.invitations.schemas import InvitationCreate
from services.api.principal import Principal
from services.api.users import service as users
from shared import clock
from shared.domain.permissions import Role
from shared.errors import Conflict, NotFound
from shared.models import Invitation, Membership, User

GOOD_FOR = timedelta(days=7)
MOST_WAITING = 200


class InvitationNotFound(NotFound):
    """There is no such invitation, or it is no longer good, or it is somebody else's."""

    code = "invitation_not_found"


class InvitedJustNow(Conflict):
    """Somebody else has just invited this address."""

    code = "invited_just_now"


class TooManyInvitations(Conflict):
    """So many invitations of the organization wait for an answer; take some back."""

    code = "too_many_invitations"


async def page(session: AsyncSession, *, by: Principal, after: UUID | None, limit: int) -> Sequence[Invitation]:
    """The latest first, one more than `limit` if there are."""
    return (await session.scalars(queries.page(by, after=after, limit=limit))).all()


async def create(
    session: AsyncSession, wanted: InvitationCreate, *, by: Principal, trace: Trace
) -> tuple[Invitation, str]:
    """An invitation and its code.

    Raises AlreadyMember, InvitedJustNow, TooManyInvitations, and NotPermitted for a role beyond the caller's.
    """
    home, now = by.home(wanted.organization_id), clock.now()
    by.refuse_beyond(wanted.role, home)
    if await session.scalar(queries.membership(home, wanted.email)) is not None:
        raise users.AlreadyMember
    await session.execute(queries.replaced(home, wanted.email, now=now))
    if (await session.scalar(queries.waiting(home)) or 0) >= MOST_WAITING:
        raise TooManyInvitations
    credential = credentials.make(credentials.INVITATION)
    invitation = Invitation(
        organization_id=home,
        email=wanted.email,
        role=wanted.role,
        code_hash=credential.digest,
        expires_at=now + GOOD_FOR,
    )
    try:
        async with session.begin_nested():
            session.add(invitation)
            await session.flush()
    except IntegrityError:
        raise InvitedJustNow from None
    trail.record_of(session, "invitation.created", invitation, by=by, trace=trace, email=wanted.email, role=wanted.role)
    return invitation, credential.secret


async def accept(session: AsyncSession, code: str, *, by: Principal, trace: Trace) -> Membership:
    """Join as what one was invited as. Raises NotAPerson, InvitationNotFound and AlreadyMember."""
    user = await session.get_one(User, by.person)
    statement = queries.by_code(credentials.digest_of(code), now=clock.now()).with_for_update()
    invitation = await session.scalar(statement)
    if invitation is None or invitation.email.lower() != user.email.lower():
        raise InvitationNotFound
    membership = await users.join(session, user, invitation.organization_id, Role(invitation.role))
    await session.delete(invitation)
    trail.record_of(
        session, "invitation.accepted", invitation, by=by, trace=trace, email=user.email, role=invitation.role
    )
    return membership


async def take_back(session: AsyncSession, invitation_id: UUID, *, by: Principal, trace: Trace) -> None:
    """Its code is good for nothing any more. Raises InvitationNotFound."""
    statement = queries.visible_to(by).where(Invitation.id == invitation_id).with_for_update()
    invitation = await session.scalar(statement)
    if invitation is None:
        raise InvitationNotFound
    await session.delete(invitation)
    trail.record_of(session, "invitation.taken_back", invitation, by=by, trace=trace, email=invitation.email)
