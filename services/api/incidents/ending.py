"""`/incidents/{id}/close`, `/review`, `/reopen`, `/merge`, `/unmerge`: what takes the alerts of an incident along."""

from uuid import UUID

from fastapi import APIRouter

from services.api.errors import problems
from services.api.incidents import closing, merging
from services.api.incidents.actions import Action, Review
from services.api.incidents.schemas import (
    Closing,
    IncidentRead,
    Merging,
    Reopened,
    Reopening,
    ReviewDecision,
    ReviewRead,
    ReviewRequest,
    Unmerging,
)

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=problems(404, 409, 412, 415, 428))


@router.post("/{incident_id}/close")
async def close_incident(incident_id: UUID, wanted: Closing, action: Action) -> IncidentRead:
    """End it and its open alerts with one verdict; 409 `closing_incomplete` lists what is missing.

    409 `review_needed` says that a second person has to agree: ask for a review.
    """
    incident = await closing.close(
        action.session,
        incident_id,
        wanted.verdict,
        wanted.reason,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    return action.show(incident)


@router.post("/{incident_id}/reopen")
async def reopen_incident(incident_id: UUID, wanted: Reopening, action: Action) -> Reopened:
    """Take a closing back, and open the alerts that were closed with it, if that is wanted."""
    incident, opened, left = await closing.reopen(
        action.session,
        incident_id,
        wanted.reason,
        alerts_too=wanted.reopen_alerts,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    return Reopened(**action.show(incident).model_dump(), alerts_reopened=opened, alerts_left_closed=left)


@router.post("/{incident_id}/review")
async def ask_for_review(incident_id: UUID, wanted: ReviewRequest, action: Action) -> ReviewRead:
    """Ask a second person to agree to a closing. All that closing needs has to be there already."""
    incident, review = await closing.ask_for_review(
        action.session,
        incident_id,
        wanted.verdict,
        wanted.reason,
        wanted.comment,
        reviewer_id=wanted.reviewer_id,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    action.show(incident)
    return ReviewRead.model_validate(review)


@router.post("/{incident_id}/review/decide")
async def decide_review(incident_id: UUID, wanted: ReviewDecision, action: Review) -> ReviewRead:
    """Agree, which closes the incident, or send it back with a comment. Neither assignee nor requester can."""
    incident, review = await closing.decide(
        action.session,
        incident_id,
        approve=wanted.decision == "approved",
        comment=wanted.comment,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    action.show(incident)
    return ReviewRead.model_validate(review)


@router.post("/{incident_id}/review/withdraw")
async def withdraw_review(incident_id: UUID, action: Action) -> IncidentRead:
    """Take the request for closing back."""
    incident = await closing.withdraw(
        action.session, incident_id, by=action.caller, expected=action.seen, trace=action.trace
    )
    return action.show(incident)


@router.post("/{incident_id}/merge")
async def merge_incidents(incident_id: UUID, wanted: Merging, action: Action) -> IncidentRead:
    """Make other incidents part of this one; each thing remembers where it was written."""
    incident = await merging.merge(
        action.session,
        incident_id,
        wanted.incident_ids,
        wanted.reason,
        by=action.caller,
        expected=action.seen,
        trace=action.trace,
    )
    return action.show(incident)


@router.post("/{incident_id}/unmerge")
async def unmerge_incident(incident_id: UUID, wanted: Unmerging, action: Action) -> IncidentRead:
    """Make an incident that was merged into this one an incident of its own again; the reply is this one."""
    incident, _ = await merging.unmerge(
        action.session, incident_id, wanted.incident_id, by=action.caller, expected=action.seen, trace=action.trace
    )
    return action.show(incident)
