"""`/incidents/{id}/…`: moves of an incident. Each needs the ETag of the incident as it was seen."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.api.auth.permissions import (
    GlassBreaker,
    IncidentConfigurer,
    IncidentReader,
    IncidentReviewer,
    IncidentWriter,
)
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.incidents import members, pauses, queries, work
from services.api.incidents.schemas import (
    Assignment,
    GlassBreaking,
    IncidentRead,
    LegalHold,
    MemberRead,
    MemberWrite,
    Restriction,
    Tagging,
    Transition,
)
from services.api.incidents.work import First, Move
from services.api.preconditions import IfMatch, etag
from shared import clock
from shared.domain import incident as rules
from shared.domain.incident import Status
from shared.domain.tags import tagged
from shared.models import Incident

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=problems(404, 409, 412, 415, 428))
people = APIRouter(prefix="/incidents", tags=["incidents"], responses=problems(404, 409))


@dataclass
class Acting:
    """The caller and the incident as it was seen: what every move needs."""

    caller: IncidentWriter
    session: Session
    trace: RequestTrace
    response: Response
    seen: IfMatch = None

    async def move(
        self, incident_id: UUID, action: str, move: Move, *, first: First | None = None, said: str, **details: object
    ) -> IncidentRead:
        """Make the move, and show what came of it, the incident's ETag in the reply's header."""
        incident = await work.change(
            self.session,
            incident_id,
            action,
            move,
            by=self.caller,
            expected=self.seen,
            trace=self.trace,
            first=first,
            said=said,
            **details,
        )
        return self.show(incident)

    def show(self, incident: Incident) -> IncidentRead:
        """The incident, its ETag in the reply's header."""
        self.response.headers["ETag"] = etag(incident.revision)
        return IncidentRead.model_validate(incident)


@dataclass
class Configuring(Acting):
    """The same of who says how incidents are worked."""

    caller: IncidentConfigurer


@dataclass
class Reviewing(Acting):
    """The same of a second person."""

    caller: IncidentReviewer


Action = Annotated[Acting, Depends()]
Configuration = Annotated[Configuring, Depends()]
Review = Annotated[Reviewing, Depends()]


@router.post("/{incident_id}/transition")
async def move_incident(incident_id: UUID, wanted: Transition, action: Action) -> IncidentRead:
    """Go on to another state, or back; holding and going back need a reason. A closed one is reopened by `reopen`."""
    to, now = Status(wanted.to), clock.now()

    def move(incident: Incident) -> None:
        if incident.status == Status.CLOSED:
            raise rules.IncidentClosed
        rules.move(incident, to, by=action.caller.user_id, now=now, reason=wanted.reason)

    async def pause(incident: Incident) -> None:
        if await action.session.scalar(queries.waiting_review(incident.id)) is not None:
            raise rules.InReview

    said = f"Now {to.replace('_', ' ')}" + (f": {wanted.reason}" if wanted.reason else "")
    shown = await action.move(incident_id, "moved", move, first=pause, said=said, to=to, reason=wanted.reason)
    incident = await action.session.get_one(Incident, incident_id)
    await pauses.follow(action.session, incident, now=now)
    return shown


@router.post("/{incident_id}/assign")
async def assign_incident(incident_id: UUID, wanted: Assignment, action: Action) -> IncidentRead:
    """Give it to somebody, who becomes a member of a restricted one, or to nobody."""
    incident = await members.give(
        action.session,
        incident_id,
        wanted.assignee_id,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    return action.show(incident)


@router.post("/{incident_id}/tags")
async def tag_incident(incident_id: UUID, wanted: Tagging, action: Action) -> IncidentRead:
    """Add tags and take tags off."""

    def move(incident: Incident) -> None:
        rules.require_unmerged(incident)
        incident.tags = tagged(incident.tags, wanted.add, wanted.remove)

    return await action.move(incident_id, "tagged", move, said="Tags changed", add=wanted.add, remove=wanted.remove)


@router.post("/{incident_id}/restrict")
async def restrict_incident(incident_id: UUID, wanted: Restriction, action: Action) -> IncidentRead:
    """Show it and its alerts to its members alone, or to the whole organization again."""
    incident = await members.restrict(
        action.session,
        incident_id,
        restricted=wanted.restricted,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    return action.show(incident)


@router.post("/{incident_id}/legal-hold")
async def hold_incident(incident_id: UUID, wanted: LegalHold, action: Configuration) -> IncidentRead:
    """Keep the incident, its evidence and what was copied into it from every deletion, or no longer."""

    def move(incident: Incident) -> None:
        # What it had lies in the other one, and is held there.
        rules.require_unmerged(incident)
        incident.legal_hold = wanted.legal_hold

    said = "Legal hold begun" if wanted.legal_hold else "Legal hold ended"
    return await action.move(incident_id, "legal_hold", move, said=said)


@people.get("/{incident_id}/members")
async def list_incident_members(incident_id: UUID, caller: IncidentReader, session: Session) -> list[MemberRead]:
    """Who sees it while it is restricted: 200 at most, and who broke the glass."""
    incident = await work.one(session, incident_id, by=caller)
    return [MemberRead.model_validate(one) for one in await session.scalars(queries.members(incident.id))]


@people.post("/{incident_id}/members", responses=problems(415))
async def add_incident_member(
    incident_id: UUID, wanted: MemberWrite, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> list[MemberRead]:
    """Let somebody in."""
    incident = await members.add(session, incident_id, wanted.user_id, by=caller, trace=trace)
    return [MemberRead.model_validate(one) for one in await session.scalars(queries.members(incident.id))]


@people.delete("/{incident_id}/members/{user_id}")
async def remove_incident_member(
    incident_id: UUID, user_id: UUID, caller: IncidentWriter, session: Session, trace: RequestTrace
) -> list[MemberRead]:
    """Let somebody go; the last member of a restricted incident stays."""
    incident = await members.remove(session, incident_id, user_id, by=caller, trace=trace)
    return [MemberRead.model_validate(one) for one in await session.scalars(queries.members(incident.id))]


@people.post("/break-glass", responses=problems(415))
async def break_glass(
    wanted: GlassBreaking, caller: GlassBreaker, session: Session, trace: RequestTrace, response: Response
) -> IncidentRead:
    """Join a restricted incident by its number without being asked. Its members are told, and the audit says why.

    By the number of one that was merged, what it went into is joined and shown.
    """
    home = caller.home(wanted.organization_id)
    incident = await members.break_glass(
        session, wanted.number, wanted.reason, organization_id=home, by=caller, trace=trace
    )
    response.headers["ETag"] = etag(incident.revision)
    return IncidentRead.model_validate(incident)
