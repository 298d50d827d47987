"""`/alerts/{id}/…`: what people do to an alert. Each needs the ETag of the alert as they saw it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi import status as statuses

from services.api import idempotency, queried
from services.api.alerts import bulk, notes, service, triage
from services.api.alerts.bulk import BulkRequest
from services.api.alerts.schemas import AlertRead, Assignment, Closing, SeverityByHand, Tagging
from services.api.alerts.triage import First, Move
from services.api.auth.permissions import AlertWriter
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import Key
from services.api.jobs import service as jobs
from services.api.jobs.schemas import JobRead
from services.api.preconditions import IfMatch, etag
from shared import clock
from shared.domain.permissions import Permission
from shared.models import Alert

router = APIRouter(prefix="/alerts", tags=["alerts"], responses=problems(404, 409, 412, 428))
many = APIRouter(prefix="/alerts/bulk", tags=["alerts"])


@dataclass
class Acting:
    """The caller and the alert as it was seen: what every action needs."""

    caller: AlertWriter
    session: Session
    trace: RequestTrace
    response: Response
    seen: IfMatch = None

    async def move(
        self, alert_id: UUID, action: str, move: Move, *, first: First | None = None, note: str | None = None
    ) -> AlertRead:
        """Make the move, and show what came of it, the alert's ETag in the reply's header."""
        alert = await triage.change(
            self.session, alert_id, action, move, by=self.caller, expected=self.seen, trace=self.trace, first=first
        )
        if note is not None:
            await notes.add(self.session, [alert], note, by=self.caller, trace=self.trace)
        self.response.headers["ETag"] = etag(alert.revision)
        (read,) = await service.shown(self.session, [alert], AlertRead, by=self.caller)
        return read


Action = Annotated[Acting, Depends()]


@router.post("/{alert_id}/acknowledge")
async def acknowledge_alert(alert_id: UUID, action: Action) -> AlertRead:
    """Take note of it; it is the caller's where it was nobody's."""
    return await action.move(alert_id, "acknowledged", triage.acknowledge(action.caller, clock.now()))


@router.post("/{alert_id}/start")
async def start_alert(alert_id: UUID, action: Action) -> AlertRead:
    """Begin to work on it."""
    return await action.move(alert_id, "started", triage.start(action.caller, clock.now()))


@router.post("/{alert_id}/assign", responses=problems(415))
async def assign_alert(alert_id: UUID, wanted: Assignment, action: Action) -> AlertRead:
    """Give it to somebody whose role may work on it, or to nobody."""

    async def check(alert: Alert) -> None:
        if wanted.assignee_id is not None:
            may = Permission.ALERTS_WRITE
            await triage.require_member(
                action.session, alert.organization_id, wanted.assignee_id, at="#/assignee_id", may=may
            )

    return await action.move(alert_id, "assigned", triage.assign(wanted.assignee_id), first=check)


@router.post("/{alert_id}/severity", responses=problems(415))
async def set_alert_severity(alert_id: UUID, wanted: SeverityByHand, action: Action) -> AlertRead:
    """Set the severity by hand, which sensors then no longer change, or give it back to them."""
    return await action.move(alert_id, "severity_set", triage.set_severity(wanted.severity))


@router.post("/{alert_id}/close", responses=problems(415))
async def close_alert(alert_id: UUID, wanted: Closing, action: Action) -> AlertRead:
    """End it with a verdict and a reason."""

    async def check(alert: Alert) -> None:
        await triage.require_reason(action.session, alert.organization_id, wanted.verdict, wanted.reason)

    quiet = None if wanted.quiet_seconds is None else timedelta(seconds=wanted.quiet_seconds)
    move = triage.close(action.caller, clock.now(), verdict=wanted.verdict, reason=wanted.reason, quiet=quiet)
    return await action.move(alert_id, "closed", move, first=check, note=wanted.note)


@router.post("/{alert_id}/reopen")
async def reopen_alert(alert_id: UUID, action: Action) -> AlertRead:
    """Take a closing back; 409 `successor_open` when a later alert of the same kind is open."""

    async def succeed(alert: Alert) -> None:
        await triage.make_current(action.session, alert, by=action.caller, trace=action.trace)

    return await action.move(alert_id, "reopened", triage.reopen(action.caller, clock.now()), first=succeed)


@router.post("/{alert_id}/tags", responses=problems(415))
async def tag_alert(alert_id: UUID, wanted: Tagging, action: Action) -> AlertRead:
    """Add tags and take tags off."""
    return await action.move(alert_id, "tagged", triage.tag(wanted.add, wanted.remove))


@many.post("", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(409, 415))
async def prepare_bulk_action(
    *, wanted: BulkRequest, caller: AlertWriter, session: Session, trace: RequestTrace, key: Key = None
) -> JobRead:
    """One action on many alerts, as a job: a draft that shows what it would touch, or done at once."""

    async def work() -> JobRead:
        node = await queried.alerts(session, wanted.query, by=caller)
        return JobRead.model_validate(await bulk.prepare(session, wanted, node, by=caller, trace=trace))

    return await idempotency.once(session, key, wanted, work, by=caller, route="bulk", reply=JobRead)


@many.post("/{job_id}/undo", status_code=statuses.HTTP_202_ACCEPTED, responses=problems(404, 409))
async def undo_bulk_action(job_id: UUID, caller: AlertWriter, session: Session, trace: RequestTrace) -> JobRead:
    """Take a bulk action back, as a job: of each alert that nobody has changed since. Notes stay."""
    job = await jobs.undo(session, job_id, bulk.UNDONE_BY, by=caller, trace=trace)
    return (await jobs.shown(session, [job], by=caller))[0]
