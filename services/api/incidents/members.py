"""Who sees a restricted incident: its members, whom they let in, and who breaks the glass, which they are told."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
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

    Raises NotAPerson, Invalid `red_is_restricted`, IncidentMerged, TooManyMembers, and what `work.locked` does.
    """
    lock = locked_with_merged if restricted else work.locked
    incident = await lock(session, incident_id, by=by, expected=expected)
    # It names what it went into, and is shown to whom that is shown to.
    rules.require_unmerged(incident)
    before = trail.snapshot(incident, work.EDITED)
    rules.mark(incident, restricted=restricted)
    if incident.restricted:
        await admit(session, incident, by.person, incident.assignee_id, by=by, trace=trace)
    said = "Restricted to its members" if restricted else "Open to the organization"
    # Somebody may have been admitted though nothing else changed: the document has who may see it.
    if not await work.settle(session, incident, before, "restricted", by=by, trace=trace, said=said):
        await work.touch(session, incident, "restricted", by=by, trace=trace)
    await cover(session, incident, by=by, trace=trace)
    return incident


async def locked_with_merged(
    session: AsyncSession, incident_id: UUID, *, by: Principal, expected: str | None
) -> Incident:
    """The incident as `work.locked` has it, and what was merged into it locked with it, by id."""
    await work.require_seen(session, [incident_id], by=by, expected=expected)
    await work.hold(session, [incident_id])
    return await work.locked(session, incident_id, by=by, expected=expected)


async def cover(session: AsyncSession, incident: Incident, *, by: Principal, trace: Trace) -> None:
    """What was merged into a restricted incident names it, and is restricted too: who are its members now see it."""
    if not incident.restricted:
        return
    everybody = [one.user_id for one in await session.scalars(queries.members(incident.id))]
    merged = select(Incident).where(Incident.id.in_(queries.merged_into(incident.id))).order_by(Incident.id)
    for source in (await session.scalars(merged)).all():
        before = trail.snapshot(source, work.EDITED)
        rules.mark(source, restricted=True)
        entered = await admit(session, source, *everybody, by=by, trace=trace)
        said = f"Restricted, as #{incident.number} is"
        changed = await work.settle(session, source, before, "restricted", by=by, trace=trace, said=said)
        if entered and not changed:
            await work.touch(session, source, "restricted", by=by, trace=trace)


async def admit_first(session: AsyncSession, incident: Incident, *, by: Principal, trace: Trace) -> None:
    """Who restricts it, and whose it is, are its first members. Raises NotAPerson where that would be nobody."""
    me = by.user_id if incident.assignee_id is not None else by.person
    await admit(session, incident, me, incident.assignee_id, by=by, trace=trace)


async def admit(
    session: AsyncSession, incident: Incident, *people: UUID | None, by: Principal, trace: Trace
) -> Sequence[UUID]:
    """Make members of those who are not, with an entry of the audit for each; who they are. Raises TooManyMembers."""
    entered = await enter(session, incident, *people, added_by=by.user_id)
    for one in entered:
        trail.record_of(session, "incident.member_added", incident, by=by, trace=trace, user_id=one)
    return entered


async def enter(
    session: AsyncSession, incident: Incident, *people: UUID | None, added_by: UUID | None
) -> Sequence[UUID]:
    """Make members of those who are not; who they are. Raises TooManyMembers."""
    rows = [
        {"incident_id": incident.id, "user_id": one, "added_by_id": added_by} for one in dict.fromkeys(people) if one
    ]
    if not rows:
        return []
    made = insert(IncidentMember).values(rows).on_conflict_do_nothing().returning(IncidentMember.user_id)
    entered = (await session.scalars(made)).all()
    number = select(func.count()).where(IncidentMember.incident_id == incident.id)
    if entered and (await session.scalar(number) or 0) > queries.MAX_MEMBERS:
        raise TooManyMembers
    return entered


async def add(session: AsyncSession, incident_id: UUID, user_id: UUID, *, by: Principal, trace: Trace) -> Incident:
    """Let somebody in. Raises UnknownPerson, TooManyMembers, and what `work.locked` does."""
    incident = await work.locked(session, incident_id, by=by)
    await triage.require_member(session, incident.organization_id, user_id)
    if not await enter(session, incident, user_id, added_by=by.user_id):
        return incident
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
