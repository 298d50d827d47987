"""Who sees a restricted incident: its members, whom they let in, and who breaks the glass, which they are told."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.incidents import queries, work
from services.api.principal import NotPermitted, Principal
from shared.domain import incident as rules
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.errors import Conflict
from shared.models import Incident, IncidentMember


class LastMember(Conflict):
    """A restricted incident needs a member; add another one first."""

    code = "last_member"


class NotAMember(Conflict):
    """The person is no member of the incident."""

    code = "not_a_member"


class TooManyMembers(Conflict):
    """An incident has at most 200 members."""

    code = "too_many_members"


async def restrict(
    session: AsyncSession, incident_id: UUID, *, restricted: bool, by: Principal, expected: str | None, trace: Trace
) -> Incident:
    """Show it to its members alone, of whom the caller is one, or to everybody again.

    Raises NotAPerson, Invalid `red_is_restricted`, and what `work.locked` does.
    """
    incident = await work.locked(session, incident_id, by=by, expected=expected)
    before = trail.snapshot(incident, work.EDITED)
    rules.mark(incident, restricted=restricted)
    if incident.restricted:
        await admit(session, incident, by.person, incident.assignee_id, added_by=by.person)
    said = "Restricted to its members" if restricted else "Open to the organization"
    # Somebody may have been admitted though nothing else changed: the document has who may see it.
    if not await work.settle(session, incident, before, "restricted", by=by, trace=trace, said=said):
        await work.touch(session, incident, "restricted", by=by, trace=trace)
    return incident


async def admit_first(session: AsyncSession, incident: Incident, *, by: Principal) -> None:
    """Who restricts it, and whose it is, are its first members. Raises NotAPerson where that would be nobody."""
    me = by.user_id if incident.assignee_id is not None else by.person
    await admit(session, incident, me, incident.assignee_id, added_by=by.user_id)


async def admit(session: AsyncSession, incident: Incident, *people: UUID | None, added_by: UUID | None) -> None:
    """Make members of those who are not."""
    rows = [
        {"incident_id": incident.id, "user_id": one, "added_by_id": added_by} for one in dict.fromkeys(people) if one
    ]
    if rows:
        await session.execute(insert(IncidentMember).values(rows).on_conflict_do_nothing())


async def add(session: AsyncSession, incident_id: UUID, user_id: UUID, *, by: Principal, trace: Trace) -> Incident:
    """Let somebody in. Raises UnknownPerson, TooManyMembers, and what `work.locked` does."""
    incident = await work.locked(session, incident_id, by=by)
    await triage.require_member(session, incident.organization_id, user_id)
    there = {one.user_id for one in await session.scalars(queries.members(incident.id))}
    if user_id in there:
        return incident
    if len(there) >= queries.MAX_MEMBERS:
        raise TooManyMembers
    await admit(session, incident, user_id, added_by=by.user_id)
    await work.touch(session, incident, "member_added", by=by, trace=trace, said="A member was added", user_id=user_id)
    return incident


async def remove(session: AsyncSession, incident_id: UUID, user_id: UUID, *, by: Principal, trace: Trace) -> Incident:
    """Let somebody go. Raises NotAMember, LastMember, and what `work.locked` does."""
    incident = await work.locked(session, incident_id, by=by)
    there = {one.user_id for one in await session.scalars(queries.members(incident.id))}
    if user_id not in there:
        raise NotAMember
    if incident.restricted and len(there) == 1:
        raise LastMember
    of_them = (IncidentMember.incident_id == incident.id) & (IncidentMember.user_id == user_id)
    await session.execute(delete(IncidentMember).where(of_them))
    await work.touch(
        session, incident, "member_removed", by=by, trace=trace, said="A member was removed", user_id=user_id
    )
    return incident


async def break_glass(
    session: AsyncSession, number: int, reason: str, *, organization_id: UUID, by: Principal, trace: Trace
) -> Incident:
    """Become a member without being asked. Every member is told, and audit and timeline say why.

    By number, for who is no member is told no id. Raises NotPermitted, NotAPerson and IncidentNotFound.
    """
    if not by.may(Permission.BREAK_GLASS, organization_id):
        raise NotPermitted(f"This needs the permission {Permission.BREAK_GLASS}.")
    incident = await session.scalar(queries.by_number(organization_id, number).with_for_update())
    if incident is None:
        raise work.IncidentNotFound
    there = {one.user_id for one in await session.scalars(queries.members(incident.id))}
    if not incident.restricted or by.person in there:
        return incident
    session.add(IncidentMember(incident_id=incident.id, user_id=by.person, broke_glass=True, reason=reason))
    await work.touch(
        session,
        incident,
        "glass_broken",
        by=by,
        trace=trace,
        said=f"{by.name} broke the glass: {reason}",
        reason=reason,
    )
    await outbox.notify(
        session,
        *(
            work.notice(
                incident,
                Kind.GLASS_BROKEN,
                f"{incident.id} {by.person} {incident.version} {one}",
                f"{by.name} broke the glass",
                to=one,
                by=by,
                trace=trace,
            )
            for one in there
        ),
    )
    return incident


async def is_member(session: AsyncSession, incident_id: UUID, user_id: UUID) -> bool:
    """True when this person is one of the incident's members."""
    found = select(IncidentMember.user_id).where(
        IncidentMember.incident_id == incident_id, IncidentMember.user_id == user_id
    )
    return await session.scalar(found) is not None
