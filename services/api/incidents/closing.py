"""How an incident ends: what closing asks for, whose agreement it needs, and that its alerts end with it, or none."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.incidents import locking, members, pauses, queries, reviewers, service, work
from services.api.principal import Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain import triage as alert_rules
from shared.domain.alert import CLOSED
from shared.domain.incident import Status
from shared.domain.notification import Kind
from shared.domain.permissions import Permission
from shared.domain.triage import Verdict
from shared.errors import Conflict, Forbidden
from shared.models import Alert, Incident, IncidentReview


class ReviewNeeded(Conflict):
    """A second person has to agree to this closing: ask for a review."""

    code = "review_needed"


class NoReview(Conflict):
    """No request for closing waits."""

    code = "no_review"


class ReviewNotNeeded(Conflict):
    """No second person has to agree to this closing: close it."""

    code = "review_not_needed"


class NotTheReviewer(Forbidden):
    """Somebody else has to review this."""

    code = "not_the_reviewer"


async def close(
    session: AsyncSession,
    incident_id: UUID,
    verdict: Verdict,
    reason: str,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Incident:
    """End it, and its open alerts with the same verdict, all in this transaction.

    Raises NotComplete, ReviewNeeded, InReview, UnknownReason, what `rules.close` and `work.locked` do.
    """
    (incident,), alerts = await locking.locked_with_alerts(session, [incident_id], by=by, expected=expected)
    await _require_closable(session, incident, verdict, reason)
    if await session.scalar(queries.waiting_review(incident.id)) is not None:
        raise rules.InReview
    if await _needs_review(session, incident, verdict):
        raise ReviewNeeded
    await _end(session, incident, alerts, verdict, reason, by=by, trace=trace)
    return incident


async def _needs_review(session: AsyncSession, incident: Incident, verdict: Verdict) -> bool:
    policy = await service.review_policy(session, incident.organization_id)
    return rules.needs_review(policy, await service.severity_for_review(session, incident), verdict)


async def _require_closable(session: AsyncSession, incident: Incident, verdict: Verdict, reason: str) -> None:
    rules.require_closable(incident)
    await triage.require_reason(session, incident.organization_id, verdict, reason)
    rules.require_complete(await service.missing(session, incident))


async def _end(
    session: AsyncSession,
    incident: Incident,
    alerts: Sequence[Alert],
    verdict: Verdict,
    reason: str,
    *,
    by: Principal,
    trace: Trace,
) -> None:
    now = clock.now()
    before = trail.snapshot(incident, work.EDITED)
    rules.close(incident, by=by.user_id, now=now, verdict=verdict, reason=reason)
    ended = [alert for alert in alerts if alert.status in alert_rules.OPEN]
    await triage.write(
        session,
        [(one, _end_alert(session, incident, one, verdict, reason, now=now, by=by, trace=trace)) for one in ended],
    )
    work.tell_alerts(session, ended, trace)
    number = "1 open alert" if len(ended) == 1 else f"{len(ended)} open alerts"
    said = f"Closed as {verdict.replace('_', ' ')}, with {number}"
    await pauses.follow(session, incident, now=now, in_review=False)
    await work.settle(session, incident, before, "closed", by=by, trace=trace, said=said, alerts=len(ended))


def _end_alert(
    session: AsyncSession,
    incident: Incident,
    alert: Alert,
    verdict: Verdict,
    reason: str,
    *,
    now: datetime,
    by: Principal,
    trace: Trace,
) -> trail.Changes:
    before = trail.snapshot(alert, triage.EDITED)
    quiet = alert_rules.default_quiet(verdict)
    alert_rules.close(alert, by=by.user_id, now=now, verdict=verdict, reason=reason, quiet=quiet)
    return triage.settle(session, alert, before, "closed", by=by, trace=trace, incident_id=incident.id)


async def reopen(
    session: AsyncSession,
    incident_id: UUID,
    reason: str,
    *,
    alerts_too: bool,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> tuple[Incident, int, int]:
    """The incident back at work, how many alerts were opened with it, and how many stay closed for a successor's sake.

    Of its alerts, those that were closed when it was. Raises NotAllowed, InReview, and what `work.locked` does.
    """
    (incident,), alerts = await locking.locked_with_alerts(
        session, [incident_id], by=by, expected=expected, successors=alerts_too
    )
    rules.require_unmerged(incident)
    if incident.status not in (Status.RESOLVED, Status.CLOSED):
        raise rules.NotAllowed("Only what was resolved or closed is reopened.")
    if await session.scalar(queries.waiting_review(incident.id)) is not None:
        raise rules.InReview
    closed_at = incident.closed_at
    before = trail.snapshot(incident, work.EDITED)
    now = clock.now()
    rules.move(incident, Status.INVESTIGATING, by=by.user_id, now=now, reason=reason)
    theirs = (
        [alert for alert in alerts if alert.status == CLOSED and alert.closed_at == closed_at] if alerts_too else []
    )
    opened = [alert for alert in theirs if await _reopen_alert(session, incident, alert, now=now, by=by, trace=trace)]
    work.tell_alerts(session, opened, trace)
    await pauses.follow(session, incident, now=now, in_review=False)
    await work.settle(
        session, incident, before, "reopened", by=by, trace=trace, said=f"Reopened: {reason}", reason=reason
    )
    return incident, len(opened), len(theirs) - len(opened)


async def _reopen_alert(
    session: AsyncSession, incident: Incident, alert: Alert, *, now: datetime, by: Principal, trace: Trace
) -> bool:
    before = trail.snapshot(alert, triage.EDITED)
    try:
        await triage.make_current(session, alert, by=by, trace=trace)
    except triage.SuccessorOpen:
        return False
    alert_rules.reopen(alert, by=by.user_id, now=now)
    # As linking does: what belongs to an incident is taken up.
    alert_rules.acknowledge(alert, by=by.user_id, now=now)
    triage.settle(session, alert, before, "reopened", by=by, trace=trace, incident_id=incident.id)
    return True


async def ask_for_review(
    session: AsyncSession,
    incident_id: UUID,
    verdict: Verdict,
    reason: str,
    comment: str,
    *,
    reviewer_id: UUID | None,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> tuple[Incident, IncidentReview]:
    """The request; while it waits, the clock of resolving stands still. All that closing needs has to be there.

    Raises InReview, ReviewNotNeeded, NotComplete, UnknownReason, UnknownPerson, PersonMayNot, NotTheReviewer,
    NotAMember, NoReviewer, NotAPerson.
    """
    incident = await work.locked(session, incident_id, by=by, expected=expected)
    await _require_closable(session, incident, verdict, reason)
    if await session.scalar(queries.waiting_review(incident.id)) is not None:
        raise rules.InReview
    if not await _needs_review(session, incident, verdict):
        raise ReviewNotNeeded
    if reviewer_id is not None:
        await _require_reviewer(session, incident, reviewer_id, requester=by.person)
    else:
        await reviewers.require(session, incident, requester=by.person)
    review = IncidentReview(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        verdict=verdict,
        reason=reason,
        comment=comment,
        requested_by_id=by.person,
        requested_by_name=by.name,
        reviewer_id=reviewer_id,
    )
    session.add(review)
    await session.flush()
    before = trail.snapshot(incident, work.EDITED)
    incident.reviewer_id = reviewer_id
    await pauses.follow(session, incident, now=clock.now(), in_review=True)
    said = f"Review asked for: to close as {verdict.replace('_', ' ')}"
    await _changed(session, incident, before, "review_asked_for", said=said, review=review, by=by, trace=trace)
    if reviewer_id is not None:
        asked = work.notice(
            incident, Kind.REVIEW_WANTED, str(review.id), "Your review is wanted", to=reviewer_id, by=by, trace=trace
        )
        await outbox.notify(session, asked)
    return incident, review


async def _require_reviewer(session: AsyncSession, incident: Incident, reviewer_id: UUID, *, requester: UUID) -> None:
    at, may = "#/reviewer_id", Permission.INCIDENTS_REVIEW
    await triage.require_member(session, incident.organization_id, reviewer_id, at=at, may=may)
    if against := rules.review_stands_against(reviewer_id, assignee=incident.assignee_id, requester=requester):
        raise NotTheReviewer(against)
    await members.require_seers(session, incident, [reviewer_id])


async def decide(
    session: AsyncSession,
    incident_id: UUID,
    *,
    approve: bool,
    comment: str,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> tuple[Incident, IncidentReview]:
    """Agree, which closes the incident as it was asked for, or send it back.

    Raises NoReview, NotTheReviewer, ReasonNeeded for a sending back without a word, and what closing does.
    """
    (incident,), alerts = await locking.locked_with_alerts(session, [incident_id], by=by, expected=expected)
    review = await _waiting(session, incident)
    requester, assignee = review.requested_by_id, incident.assignee_id
    if against := rules.review_stands_against(by.user_id, assignee=assignee, requester=requester):
        raise NotTheReviewer(against)
    if not approve and not comment:
        raise rules.ReasonNeeded("Say what is to be mended.")
    decision = "approved" if approve else "sent_back"
    _decided(review, decision, comment, by)
    if approve:
        verdict = Verdict(review.verdict)
        await _require_closable(session, incident, verdict, review.reason)
        incident.reviewer_id = by.user_id
        await _end(session, incident, alerts, verdict, review.reason, by=by, trace=trace)
    else:
        before = trail.snapshot(incident, work.EDITED)
        incident.reviewer_id = by.user_id
        await pauses.follow(session, incident, now=clock.now(), in_review=False)
        await _changed(
            session, incident, before, "sent_back", said=f"Sent back: {comment}", review=review, by=by, trace=trace
        )
    told = work.notice(
        incident,
        Kind.REVIEW_DECIDED,
        f"{review.id} {decision}",
        "Closed after review" if approve else "Sent back after review",
        to=requester,
        by=by,
        trace=trace,
    )
    await outbox.notify(session, told)
    return incident, review


async def withdraw(
    session: AsyncSession, incident_id: UUID, *, by: Principal, expected: str | None, trace: Trace
) -> Incident:
    """Take the request back; anybody who works the incident may. Raises NoReview, and what `work.locked` does."""
    incident = await work.locked(session, incident_id, by=by, expected=expected)
    review = await _waiting(session, incident)
    _decided(review, "withdrawn", "", by)
    before = trail.snapshot(incident, work.EDITED)
    incident.reviewer_id = None
    await pauses.follow(session, incident, now=clock.now(), in_review=False)
    await _changed(
        session,
        incident,
        before,
        "review_withdrawn",
        said="Request for review withdrawn",
        review=review,
        by=by,
        trace=trace,
    )
    return incident


async def _waiting(session: AsyncSession, incident: Incident) -> IncidentReview:
    review = await session.scalar(queries.waiting_review(incident.id).with_for_update())
    if review is None:
        raise NoReview
    return review


def _decided(review: IncidentReview, decision: str, comment: str, by: Principal) -> None:
    review.decision, review.decision_comment = decision, comment
    review.decided_by_id, review.decided_by_name, review.decided_at = by.user_id, by.name, clock.now()


async def _changed(
    session: AsyncSession,
    incident: Incident,
    before: dict[str, object],
    action: str,
    *,
    said: str,
    review: IncidentReview,
    by: Principal,
    trace: Trace,
) -> None:
    """Leave word of a step of a review, whether or not it changed a column of the incident."""
    if not await work.settle(session, incident, before, action, by=by, trace=trace, said=said, review_id=review.id):
        await work.touch(session, incident, action, by=by, trace=trace, said=said, review_id=review.id)
