"""That somebody may decide on a closing of a restricted incident: nobody but its members can see that it waits."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import queries
from shared.domain.permissions import Permission, Role, allowed
from shared.errors import Conflict
from shared.models import Incident


class NoReviewer(Conflict):
    """No member of this restricted incident may review it; add one who may, and neither asks nor has the incident."""

    code = "no_reviewer"


async def require(session: AsyncSession, incident: Incident, *, requester: UUID | None) -> None:
    """Raises NoReviewer where the incident is restricted and no member may decide."""
    if not incident.restricted:
        return
    own = {requester, incident.assignee_id}
    for member_id, role in await session.execute(queries.roles_of_members(incident)):
        if member_id not in own and allowed(Role(role), Permission.INCIDENTS_REVIEW):
            return
    raise NoReviewer


async def asked(session: AsyncSession, incident: Incident) -> UUID | None:
    """Whom the request that waits, if one does, was made to."""
    review = await session.scalar(queries.waiting_review(incident.id))
    return None if review is None else review.reviewer_id


async def require_for_waiting(session: AsyncSession, incident: Incident) -> None:
    """The same where a request waits."""
    review = await session.scalar(queries.waiting_review(incident.id))
    if review is not None:
        await require(session, incident, requester=review.requested_by_id)
