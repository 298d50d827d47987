"""Who sees a restricted incident: its members, whom they let in, and who breaks the glass, which they are told."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.api import outbox, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.incidents import locking, queries, reviewers, work
from services.api.principal import NotPermitted, Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain.incident import Tlp
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.errors import Conflict
from shared.models import Incident, IncidentMember, User


class LastMember(Conflict):
    """A restricted incident needs a member; add another one first."""

    code = "last_member"


class NotAMember(Conflict):
    """The person is no member of the incident."""

    code = "not_a_member"


class TooManyMembers(Conflict):
    """An incident has at most 200 members, beside those who broke the glass."""

    code = "too_many_members"


async def restrict(
    session: AsyncSession, incident_id: UUID, *, restricted: bool, by: Principal, expected: str | None, trace: Trace
) -> Incident:
    """Show it to its members alone, of whom the caller is one, or to everybody again.

    Raises Invalid `red_is_restricted`, IncidentMerged, and what `admit_first` and `work.locked` do.
    """
    incident = await locked_with_merged(session, incident_id, by=by, expected=expected)
    # It names what it went into, and is shown to whom that is shown to.
    rules.require_unmerged(incident)
    before = trail.snapshot(incident, work.EDITED)
    rules.mark(incident, restricted=restricted)
    if incident.restricted:
        await admit(session, incident, by.person, incident.assignee_id, by=by, trace=trace)
        # Later, whoever was let go stays away.
        if not before["restricted"]:
            await admit_first(session, incident, by=by, trace=trace)
    said = "Restricted to its members" if restricted else "Open to the organization"
    # Somebody may have been admitted though nothing else changed: the document has who may see it.
    if not await work.settle(session, incident, before, "restricted", by=by, trace=trace, said=said):
        await work.touch(session, incident, "restricted", by=by, trace=trace)
    await lead_merged(session, incident, by=by, trace=trace)
    return incident


async def give(
    session: AsyncSession, incident_id: UUID, to: UUID | None, *, by: Principal, expected: str | None, trace: Trace
) -> Incident:
    """Make it somebody's, who becomes a member of a restricted one, or nobody's.

    Raises InReview, UnknownPerson, TooManyMembers, what `rules.assign` and `work.locked` do.
    """
    incident = await locked_with_merged(session, incident_id, by=by, expected=expected)
    # Whoever worked on it must not become its reviewer by giving it away.
    if await session.scalar(queries.waiting_review(incident.id)) is not None:
        raise rules.InReview
    before, entered = trail.snapshot(incident, work.EDITED), False
    if to is not None:
        at, may = "#/assignee_id", Permission.INCIDENTS_WRITE
        await triage.require_member(session, incident.organization_id, to, at=at, may=may)
        if incident.restricted:
            entered = bool(await admit(session, incident, to, by=by, trace=trace))
    rules.assign(incident, to=to, now=clock.now())
    said = f"Assigned to {await _name(session, to)}" if to is not None else "Given back to nobody"
    changed = await work.settle(session, incident, before, "assigned", by=by, trace=trace, said=said, assignee_id=to)
    if entered and not changed:
        # It was theirs all the time, and they were let go in between.
        await work.touch(session, incident, "assigned", by=by, trace=trace, said=said, assignee_id=to)
    if entered:
        await lead_merged(session, incident, by=by, trace=trace)
    return incident


async def locked_with_merged(
    session: AsyncSession, incident_id: UUID, *, by: Principal, expected: str | None = "*"
) -> Incident:
    """The incident as `work.locked` has it, and what was merged into it locked with it, by id. Raises Busy too."""
    await locking.require_seen(session, [incident_id], by=by, expected=expected)
    await locking.hold(session, [incident_id])
    return await work.locked(session, incident_id, by=by, expected=expected)


async def lead_merged(session: AsyncSession, incident: Incident, *, by: Principal, trace: Trace) -> None:
    """What was merged into an incident names it: it is shown to whom that is shown, and to nobody else.

    What is TLP:RED itself stays restricted to the members of what it went into, though that may be open. Both have to
    be locked. Of what is open in an open one no member counts, so each keeps its own.
    """
    hiding = or_(Incident.restricted, literal(incident.restricted))
    found = select(Incident).where(Incident.id.in_(queries.merged_into(incident.id)), hiding).order_by(Incident.id)
    if not (merged := (await session.scalars(found)).all()):
        return
    entered = await _share(session, [incident.id], merged)
    gone = await _keep_alone(session, incident, merged)
    for one in merged:
        before = trail.snapshot(one, work.EDITED)
        rules.mark(one, restricted=incident.restricted or one.tlp == Tlp.RED)
        said = f"{'Restricted' if one.restricted else 'Open to the organization'}, as #{incident.number} is"
        await work.settle(session, one, before, "restricted", by=by, trace=trace, said=said)
        added, removed = entered.get(one.id, ()), gone.get(one.id, ())
        if added or removed:
            await work.touch(
                session, one, "members_followed", by=by, trace=trace, into=incident.id, added=added, removed=removed
            )


async def share(
    session: AsyncSession, incident: Incident, others: Iterable[Incident], *, by: Principal, trace: Trace
) -> None:
    """Make the members of other incidents members of this one, as they became it there. Raises TooManyMembers."""
    entered = await _share(session, [one.id for one in others], [incident])
    for one in entered.get(incident.id, ()):
        trail.record_of(session, "incident.member_added", incident, by=by, trace=trace, user_id=one)
    await _require_room(session, incident)


People = Mapping[UUID, Sequence[UUID]]
"""Who, by incident."""


async def _share(session: AsyncSession, from_ids: Sequence[UUID], into: Sequence[Incident]) -> People:
    """Who of the members of some incidents became one of others, and of which."""
    names = ("user_id", "added_by_id", "broke_glass", "reason")
    place = aliased(Incident)
    theirs = (
        select(place.id, *(getattr(IncidentMember, name) for name in names))
        .join(place, place.id.in_([one.id for one in into]))
        .where(IncidentMember.incident_id.in_(from_ids))
        # Of who was let in here and broke the glass there, the first counts.
        .order_by(IncidentMember.broke_glass)
    )
    made = insert(IncidentMember).from_select(["incident_id", *names], theirs).on_conflict_do_nothing()
    return _by_incident(await session.execute(made.returning(IncidentMember.incident_id, IncidentMember.user_id)))


async def _keep_alone(session: AsyncSession, incident: Incident, merged: Sequence[Incident]) -> People:
    """Who was a member of what was merged and is none of the incident, and is no member any more."""
    there = select(IncidentMember.user_id).where(IncidentMember.incident_id == incident.id)
    gone = (
        delete(IncidentMember)
        .where(IncidentMember.incident_id.in_([one.id for one in merged]), IncidentMember.user_id.not_in(there))
        .returning(IncidentMember.incident_id, IncidentMember.user_id)
        .execution_options(synchronize_session=False)
    )
    return _by_incident(await session.execute(gone))


def _by_incident(rows: Iterable[Row[UUID, UUID]]) -> People:
    found: dict[UUID, list[UUID]] = {}
    for incident_id, user_id in rows:
        found.setdefault(incident_id, []).append(user_id)
    return found


async def admit_first(session: AsyncSession, incident: Incident, *, by: Principal, trace: Trace) -> None:
    """Who restricts it, whose it is, and who is asked to review it, are its first members.

    Raises NotAPerson where nobody restricts it and it is nobody's, TooManyMembers, and NoReviewer.
    """
    me, asked = by.user_id if incident.assignee_id is not None else by.person, await reviewers.asked(session, incident)
    await admit(session, incident, me, incident.assignee_id, asked, by=by, trace=trace)
    await reviewers.require_for_waiting(session, incident)


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
    if entered:
        await _require_room(session, incident)
    return entered


async def _require_room(session: AsyncSession, incident: Incident) -> None:
    """Raises TooManyMembers. Who broke the glass is not counted: nobody may be in the way of that."""
    let_in = select(func.count()).where(IncidentMember.incident_id == incident.id, ~IncidentMember.broke_glass)
    if (await session.scalar(let_in) or 0) > queries.MAX_MEMBERS:
        raise TooManyMembers


async def add(session: AsyncSession, incident_id: UUID, user_id: UUID, *, by: Principal, trace: Trace) -> Incident:
    """Let somebody in. Raises IncidentMerged, UnknownPerson, TooManyMembers, and what `work.locked` does."""
    incident = await locked_with_merged(session, incident_id, by=by)
    rules.require_unmerged(incident)
    await triage.require_member(session, incident.organization_id, user_id, at="#/user_id")
    if not await enter(session, incident, user_id, added_by=by.user_id):
        return incident
    said = f"{await _name(session, user_id)} was added as a member"
    await work.touch(session, incident, "member_added", by=by, trace=trace, said=said, user_id=user_id)
    await lead_merged(session, incident, by=by, trace=trace)
    return incident


async def remove(session: AsyncSession, incident_id: UUID, user_id: UUID, *, by: Principal, trace: Trace) -> Incident:
    """Let somebody go. Raises IncidentMerged, NotAMember, LastMember, NoReviewer, and what `work.locked` does."""
    incident = await locked_with_merged(session, incident_id, by=by)
    rules.require_unmerged(incident)
    there = {one.user_id for one in await session.scalars(queries.members(incident.id))}
    if user_id not in there:
        raise NotAMember
    if incident.restricted and len(there) == 1:
        raise LastMember
    of_them = (IncidentMember.incident_id == incident.id) & (IncidentMember.user_id == user_id)
    await session.execute(delete(IncidentMember).where(of_them))
    await reviewers.require_for_waiting(session, incident)
    said = f"{await _name(session, user_id)} was removed as a member"
    await work.touch(session, incident, "member_removed", by=by, trace=trace, said=said, user_id=user_id)
    await lead_merged(session, incident, by=by, trace=trace)
    return incident


async def break_glass(
    session: AsyncSession, number: int, reason: str, *, organization_id: UUID, by: Principal, trace: Trace
) -> Incident:
    """Become a member without being asked. Every member is told, and audit and timeline say why.

    By number, for who is no member is told no id; by that of one that was merged, of what it went into in the end.
    Raises NotPermitted, NotAPerson, IncidentNotFound and Busy.
    """
    if not by.may(Permission.BREAK_GLASS, organization_id):
        raise NotPermitted(f"This needs the permission {Permission.BREAK_GLASS}.")
    named = await session.scalar(queries.by_number(organization_id, number).with_only_columns(Incident.id))
    if named is None:
        raise work.IncidentNotFound
    incident = await session.get_one(Incident, await locking.hold_whole(session, named))
    hiding = incident.restricted or (await session.get_one(Incident, named)).restricted
    if not hiding or await session.scalar(queries.member(incident.id, by.person)) is not None:
        return incident
    there = [one.user_id for one in await session.scalars(queries.members(incident.id))]
    session.add(IncidentMember(incident_id=incident.id, user_id=by.person, broke_glass=True, reason=reason))
    said = f"{by.name} broke the glass: {reason}"
    await work.touch(session, incident, "glass_broken", by=by, trace=trace, said=said, reason=reason)
    await lead_merged(session, incident, by=by, trace=trace)
    thing, subject = f"{incident.id} {by.person} {incident.version}", f"{by.name} broke the glass"
    told = (
        work.notice(incident, Kind.GLASS_BROKEN, f"{thing} {one}", subject, to=one, by=by, trace=trace) for one in there
    )
    await outbox.notify(session, *told)
    return incident


async def require_seers(session: AsyncSession, incident: Incident, people: Sequence[UUID]) -> None:
    """Raises NotAMember for the first of these who cannot see a restricted incident: word of it would not reach them.

    Which members there are, everybody who may write on it can see.
    """
    if not incident.restricted or not people:
        return
    found = select(IncidentMember.user_id).where(
        IncidentMember.incident_id == incident.id, IncidentMember.user_id.in_(people)
    )
    if others := set(people) - set(await session.scalars(found)):
        raise NotAMember("The incident is restricted; add this person to its members first.", user_id=str(min(others)))


async def _name(session: AsyncSession, user_id: UUID) -> str:
    """As people call them; the timeline keeps it as it is now."""
    return (await session.get_one(User, user_id)).name
