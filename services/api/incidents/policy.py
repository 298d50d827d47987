"""`/organizations/{id}/incident-policy`: who has to look before a closing, and by when work is to be done."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StrictBool, StringConstraints
from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, timing, trail
from services.api.alerts.schemas import Body
from services.api.auth.permissions import IncidentConfigurer, IncidentReader
from services.api.deps import RequestTrace, Session
from services.api.errors import problems
from services.api.preconditions import IfMatch, etag
from services.api.principal import NotPermitted, Principal
from services.api.text import AsNumber, Severity, Word
from shared import clock
from shared.domain import sla
from shared.domain.calendar import MAX_DAYS, MAX_SPANS, Calendar
from shared.domain.incident import UNFINISHED, ReviewPolicy
from shared.domain.sla import Policy
from shared.models import Incident, IncidentWatch, Organization

router = APIRouter(prefix="/organizations/{organization_id}/incident-policy", tags=["incidents"])

PARTS = ("review", "sla", "calendar")
Minutes = Annotated[int, Field(ge=1, le=sla.MAX_MINUTES), AsNumber]
Time = Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Span = Annotated[list[Time], Field(min_length=2, max_length=2)]
Hours = Annotated[list[Span], Field(max_length=MAX_SPANS)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,6}$")]


class ReviewRules(Body):
    """Which closings a second person has to agree to; null for none of the sort."""

    from_severity: Severity | None = None
    false_positive_from: Severity | None = None


class Targets(Body):
    """Minutes by clock, null for no such clock; by the calendar, unless around the clock.

    All three are named, and a later one has as many minutes as an earlier one, or more.
    """

    acknowledge: Minutes | None = None
    contain: Minutes | None = None
    resolve: Minutes | None = None
    around_the_clock: StrictBool = False


class TargetsBySeverity(Body):
    """All five are named: whoever sets one, sets all."""

    informational: Targets | None = None
    low: Targets | None = None
    medium: Targets | None = None
    high: Targets | None = None
    critical: Targets | None = None


class Week(Body):
    """Hours by weekday, as `[["09:00", "17:00"]]`."""

    monday: Hours = Field(default_factory=list)
    tuesday: Hours = Field(default_factory=list)
    wednesday: Hours = Field(default_factory=list)
    thursday: Hours = Field(default_factory=list)
    friday: Hours = Field(default_factory=list)
    saturday: Hours = Field(default_factory=list)
    sunday: Hours = Field(default_factory=list)


class Holidays(Body):
    """The public holidays of a country (ISO 3166-1 alpha-2), or of a part of it, have no working hours."""

    country: Code
    subdivision: Code | None = None


class CalendarWrite(Body):
    """When people work, in a zone of the IANA; days off, and days of other hours."""

    zone: Word
    hours: Week = Field(default_factory=Week)
    holidays: Holidays | None = None
    days_off: list[Day] = Field(default_factory=list, max_length=MAX_DAYS)
    days_on: dict[Day, Hours] = Field(default_factory=dict, max_length=MAX_DAYS)


class PolicyWrite(Body):
    """All of it: a part that is left out or null is as it is to begin with. docs/clocks.md has the form of each.

    Without a calendar all times count day and night.
    """

    review: ReviewRules | None = None
    sla: TargetsBySeverity | None = None
    calendar: CalendarWrite | None = None


class PolicyRead(BaseModel):
    """What holds; `revision` is its ETag."""

    organization_id: UUID
    review: ReviewRules
    sla: dict[str, Any]
    calendar: dict[str, Any] | None
    revision: int


@router.get("", responses=problems(404))
async def get_incident_policy(
    organization_id: UUID, caller: IncidentReader, session: Session, response: Response
) -> PolicyRead:
    """The organization's policy, and what holds where it says nothing."""
    row = await _one(session, organization_id, by=caller)
    response.headers["ETag"] = etag(row.revision)
    return _shown(row)


@router.put("", responses=problems(404, 412, 415, 428))
async def write_incident_policy(
    *,
    organization_id: UUID,
    wanted: PolicyWrite,
    caller: IncidentConfigurer,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> PolicyRead:
    """Write it anew. The clocks of all that is unfinished are worked out again, from the start."""
    row = await _one(session, organization_id, by=caller, lock=True)
    preconditions.check(seen, row.revision, lambda: _shown(row).model_dump(mode="json"))
    before = trail.snapshot(row, ("settings",))
    row.settings = {name: value for name, value in row.settings.items() if name not in PARTS} | _checked(wanted)
    if changes := trail.differences(row, before):
        row.revision += 1
        await session.flush()
        trail.record(
            session,
            "organization.incident_policy_changed",
            by=caller,
            trace=trace,
            organization_id=row.id,
            kind="organization",
            object_id=row.id,
            changes=changes,
        )
        await _look_again(session, row.id)
    response.headers["ETag"] = etag(row.revision)
    return _shown(row)


def _checked(wanted: PolicyWrite) -> dict[str, Any]:
    """The parts as they are kept. Raises BadPolicy and BadCalendar."""
    kept: dict[str, Any] = {}
    if wanted.review is not None:
        kept["review"] = wanted.review.model_dump()
    if wanted.sla is not None:
        kept["sla"] = Policy.written(wanted.sla.model_dump(exclude_unset=True)).as_json()
    if wanted.calendar is not None:
        kept["calendar"] = Calendar.read(wanted.calendar.model_dump()).as_json()
    return kept


async def _look_again(session: AsyncSession, organization_id: UUID) -> None:
    due = literal(clock.now(), IncidentWatch.due_at.type)
    unfinished = select(Incident.id, due).where(
        Incident.organization_id == organization_id, Incident.status.in_(UNFINISHED)
    )
    unfinished = unfinished.order_by(Incident.id)
    made = insert(IncidentWatch).from_select(["incident_id", "due_at"], unfinished)
    await session.execute(
        made.on_conflict_do_update(index_elements=["incident_id"], set_={"due_at": made.excluded.due_at})
    )


def _shown(row: Organization) -> PolicyRead:
    review = ReviewPolicy.read(row.settings)
    policy, calendar = timing.of(row.settings)
    return PolicyRead(
        organization_id=row.id,
        review=ReviewRules(from_severity=review.from_severity, false_positive_from=review.false_positive_from),
        sla=policy.as_json(),
        calendar=calendar.as_json() if calendar is not None else None,
        revision=row.revision,
    )


async def _one(session: AsyncSession, organization_id: UUID, *, by: Principal, lock: bool = False) -> Organization:
    if organization_id not in by.organization_ids:
        raise NotPermitted
    # Not so that whoever writes rows of the organization would wait, who may hold what is looked at again here.
    lock_row = {"key_share": True} if lock else None
    return await session.get_one(Organization, organization_id, with_for_update=lock_row)
