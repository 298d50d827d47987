"""What people do to alerts: one locked row, one pure move, one entry of the audit, one message."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, preconditions, trail
from services.api.alerts import queries, service
from services.api.alerts.schemas import AlertRead
from services.api.alerts.service import AlertNotFound
from services.api.deps import Trace
from services.api.principal import NotPermitted, Principal
from shared.domain import triage
from shared.domain.alert import CLOSED
from shared.domain.notification import Kind
from shared.domain.permissions import Permission, Role, allowed
from shared.domain.tags import tagged
from shared.domain.triage import Verdict
from shared.errors import Conflict, Invalid, Stale
from shared.models import Alert, CloseReason
from shared.notices import Notice

EDITED = (
    "status", "severity", "severity_by_hand", "risk", "verdict", "reason", "assignee_id", "acknowledged_at",
    "acknowledged_by_id", "acknowledged_count", "closed_at", "closed_by_id", "quiet_until", "again", "tags", "current",
)  # fmt: skip
"""What a person's move may change."""

CHUNK = 1000
"""Alerts that one statement writes."""
MAX_REASONS_SHOWN = 20

Move = Callable[[Alert], None]
First = Callable[[Alert], Awaitable[None]]


class SuccessorOpen(Conflict):
    """A later alert of the same kind is open; work on that one."""

    code = "successor_open"


class UnknownReason(Invalid):
    """The reason is none of this verdict's."""

    code = "unknown_reason"


class UnknownPerson(Invalid):
    """There is no such person in the organization."""

    code = "unknown_person"


class PersonMayNot(Invalid):
    """The role that this person has in the organization does not let them do what they are named for."""

    code = "person_may_not"


async def change(
    session: AsyncSession,
    alert_id: UUID,
    action: str,
    move: Move,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
    first: First | None = None,
    **details: Any,
) -> Alert:
    """The alert after the move, and after what has to be asked of the database first, about the locked alert.

    A move that changes nothing leaves no entry and no new revision.
    Raises AlertNotFound, NotPermitted, what `preconditions.check` raises, and what `first` and the move do.
    """
    alert = await locked(session, alert_id, by=by, revision=preconditions.named(expected))
    current = await _current(session, alert, by)
    preconditions.check(expected, alert.revision, lambda: current)
    before = trail.snapshot(alert, EDITED)
    if first is not None:
        await first(alert)
    move(alert)
    if changes := settle(session, alert, before, action, by=by, trace=trace, **details):
        outbox.changed(session, "alert", [alert.id], organization_id=alert.organization_id, trace=trace)
        await outbox.notify(session, *assigned(alert, changes, by, trace))
        await session.flush()
    return alert


def settle(
    session: AsyncSession,
    alert: Alert,
    before: dict[str, Any],
    action: str,
    *,
    by: Principal,
    trace: Trace,
    **details: Any,
) -> trail.Changes:
    """Raise a changed alert's revision and leave its entry in the audit; what changed.

    Who calls it tells of it: in one message of many alerts, where they are changed together.
    """
    changes = trail.differences(alert, before)
    if changes:
        alert.revision += 1
        trail.record_of(session, f"alert.{action}", alert, by=by, trace=trace, changes=changes, **details)
    return changes


async def write(session: AsyncSession, changed: Iterable[tuple[Alert, trail.Changes]]) -> None:
    """What `settle` said of many locked alerts, in one statement for those that changed alike, instead of one for each.

    They are the session's no longer, which would write them once more.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[UUID]] = {}
    for alert, changes in changed:
        session.expunge(alert)
        alike.setdefault(tuple((name, after) for name, (_, after) in changes.items()), []).append(alert.id)
    for values, alert_ids in alike.items():
        for start in range(0, len(alert_ids), CHUNK):
            chunk = any_(literal(alert_ids[start : start + CHUNK], ARRAY(Uuid)))
            made = update(Alert).where(Alert.id == chunk).values(dict(values) | {"revision": Alert.revision + 1})
            await session.execute(made.execution_options(synchronize_session=False))


def assigned(alert: Alert, changes: trail.Changes, by: Principal, trace: Trace) -> list[Notice]:
    """Word to whom the changed alert was given to."""
    if "assignee_id" not in changes or alert.assignee_id is None:
        return []
    return [
        Notice(
            alert.organization_id,
            Kind.ALERT_ASSIGNED,
            f"{alert.id} {alert.revision}",
            f"Assigned to you: {alert.title}",
            severity=alert.severity,
            content={"by": by.name},
            object_kind="alert",
            object_id=alert.id,
            addressee=alert.assignee_id,
            actor=by.user_id,
            correlation_id=trace.correlation_id,
        )
    ]


async def locked(session: AsyncSession, alert_id: UUID, *, by: Principal, revision: int | None = None) -> Alert:
    """The alert, locked; at that revision if one is named.

    Raises AlertNotFound, NotPermitted where the caller may only read it, and Stale, for which nobody waits in line with
    those who may write: events that fold into the alert hold it too.
    """
    found = queries.one(by, alert_id)
    at = found if revision is None else found.where(Alert.revision == revision)
    alert = await session.scalar(at.with_for_update())
    if alert is not None:
        return alert
    if revision is not None and (alert := await session.scalar(found)) is not None:
        raise Stale(current=await _current(session, alert, by))
    reading = by.where(Permission.ALERTS_READ)
    if reading and await session.scalar(queries.one(by.narrowed(Permission.ALERTS_READ), alert_id)):
        raise NotPermitted("The caller may read this alert, and no more.")
    raise AlertNotFound


async def _current(session: AsyncSession, alert: Alert, by: Principal) -> dict[str, Any]:
    (read,) = await service.shown(session, [alert], AlertRead, by=by)
    return read.model_dump(mode="json")


def acknowledge(by: Principal, now: datetime) -> Move:
    """Take note of it."""
    return lambda alert: triage.acknowledge(alert, by=by.user_id, now=now)


def start(by: Principal, now: datetime) -> Move:
    """Begin to work on it."""
    return lambda alert: triage.start(alert, by=by.user_id, now=now)


def assign(to: UUID | None) -> Move:
    """Give it to somebody."""
    return lambda alert: triage.assign(alert, to=to)


def set_severity(severity: int | None) -> Move:
    """Set it by hand, or give it back to the sensor."""
    return lambda alert: triage.set_severity(alert, severity)


def close(by: Principal, now: datetime, *, verdict: Verdict, reason: str, quiet: timedelta | None) -> Move:
    """End it."""
    period = triage.default_quiet(verdict) if quiet is None else quiet
    return lambda alert: triage.close(alert, by=by.user_id, now=now, verdict=verdict, reason=reason, quiet=period)


def tag(add: list[str], remove: list[str]) -> Move:
    """Add some tags and take some off, in any state. Raises Invalid `too_many_tags`."""

    def move(alert: Alert) -> None:
        alert.tags = tagged(alert.tags, add, remove)

    return move


def reopen(by: Principal, now: datetime) -> Move:
    """Take a closing back, once it is current."""
    return lambda alert: triage.reopen(alert, by=by.user_id, now=now)


async def make_current(session: AsyncSession, alert: Alert, *, by: Principal, trace: Trace) -> None:
    """Have events fold into a locked alert again, and not into its closed successor.

    Raises SuccessorOpen, which names no successor that is hidden from the caller.
    """
    if alert.current:
        return
    head = await session.scalar(queries.current_of(alert).with_for_update())
    if head is not None and head.status != CLOSED:
        raise SuccessorOpen(successor_id=None if head.incident_id in by.hidden else str(head.id))
    if head is not None:
        head.current = False
        outbox.changed(session, "alert", [head.id], organization_id=head.organization_id, trace=trace)
        await session.flush()
    alert.current = True


async def require_member(
    session: AsyncSession, organization_id: UUID, user_id: UUID, *, at: str, may: Permission | None = None
) -> None:
    """Raises UnknownPerson unless that person works in the organization, and PersonMayNot unless they `may` do this.

    `at` points to where in the body they are named.
    """
    role = await session.scalar(queries.member(organization_id, user_id))
    if role is None:
        said = "There is no such person in the organization."
        raise UnknownPerson(said, errors=[{"pointer": at, "code": UnknownPerson.code, "detail": said}])
    if may is not None and not allowed(Role(role), may):
        said = f"Their role {role} lacks the permission {may}."
        wrong = [{"pointer": at, "code": PersonMayNot.code, "detail": said}]
        raise PersonMayNot(said, user_id=str(user_id), errors=wrong)


async def require_reason(session: AsyncSession, organization_id: UUID, verdict: Verdict, reason: str) -> None:
    """Raises UnknownReason unless it is a built-in one or the organization's own."""
    if reason in triage.REASONS[verdict]:
        return
    own = queries.own_reasons(organization_id, verdict)
    if await session.scalar(own.where(CloseReason.name == reason)) is None:
        some = await session.scalars(own.order_by(CloseReason.name).limit(MAX_REASONS_SHOWN))
        known = ", ".join((*triage.REASONS[verdict], *some))
        raise UnknownReason(f"Expected one of: {known}. All are at GET /organizations/{{id}}/close-reasons.")
