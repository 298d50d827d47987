"""What people do to an alert, as pure rules: which moves its state allows, and what each changes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.domain.alert import ACKNOWLEDGED, CLOSED, IN_PROGRESS, NEW, SUPPRESSED, Resolvable, is_resolved, risk
from shared.errors import Conflict

OPEN = frozenset({NEW, ACKNOWLEDGED, IN_PROGRESS})

MAX_SNOOZE = timedelta(days=7)
QUIET_PERIODS = (timedelta(0), timedelta(hours=1), timedelta(hours=24), timedelta(days=7))


class Verdict(StrEnum):
    """What an alert turned out to be. A duplicate is a link, not a verdict."""

    TRUE_POSITIVE = "true_positive"
    BENIGN_POSITIVE = "benign_positive"
    FALSE_POSITIVE = "false_positive"
    UNDETERMINED = "undetermined"


HARMLESS = frozenset({Verdict.FALSE_POSITIVE, Verdict.BENIGN_POSITIVE})
"""Verdicts on what was no attack: more of the same need not be seen."""

REASONS: dict[Verdict, tuple[str, ...]] = {
    Verdict.TRUE_POSITIVE: ("attack", "policy_violation", "misuse"),
    Verdict.BENIGN_POSITIVE: ("authorised_activity", "security_test", "maintenance"),
    Verdict.FALSE_POSITIVE: ("rule_too_broad", "wrong_data", "known_good"),
    Verdict.UNDETERMINED: ("not_enough_data", "not_worth_it"),
}
"""The reasons there are to begin with; an organization adds its own."""


class NotOpen(Conflict):
    """The alert is closed; reopen it first."""

    code = "alert_closed"


class NotClosed(Conflict):
    """The alert is open as it is."""

    code = "alert_open"


class Suppressed(Conflict):
    """The alert counts what a suppression hides; nobody works on it."""

    code = "alert_suppressed"


class Triaged(Resolvable, Protocol):
    """The columns of an alert that people change, and those it depends on."""

    status: str
    severity: int
    sensor_severity: int
    severity_by_hand: bool
    risk: int
    verdict: str | None
    reason: str | None
    assignee_id: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by_id: UUID | None
    acknowledged_count: int | None
    closed_at: datetime | None
    closed_by_id: UUID | None
    quiet_until: datetime | None
    again: bool
    new_since: datetime | None
    count: int


def acknowledge(alert: Triaged, *, by: UUID | None, now: datetime) -> None:
    """Take note of it; the alert is the caller's where it is nobody's. Once more changes nothing.

    Raises NotOpen and Suppressed.
    """
    _require_open(alert)
    if alert.status == NEW:
        alert.status = ACKNOWLEDGED
        alert.acknowledged_at, alert.acknowledged_by_id, alert.acknowledged_count = now, by, alert.count
        alert.again = False
    if alert.assignee_id is None:
        alert.assignee_id = by


def put_back(alert: Triaged, *, status: str, assignee_id: UUID | None, by: UUID | None) -> None:
    """Take back what an acknowledgement by somebody did to an alert that was found so.

    Where status or assignee were changed since, nothing is: whoever did that has decided.
    """
    taken = ACKNOWLEDGED if status == NEW else status
    if (alert.status, alert.assignee_id) != (taken, assignee_id or by):
        return
    if status == NEW and alert.acknowledged_by_id != by:
        return
    alert.status, alert.assignee_id = status, assignee_id
    if status == NEW:
        alert.acknowledged_at = alert.acknowledged_by_id = alert.acknowledged_count = None


def start(alert: Triaged, *, by: UUID | None, now: datetime) -> None:
    """Begin to work on it, which acknowledges it. Raises NotOpen and Suppressed."""
    acknowledge(alert, by=by, now=now)
    alert.status = IN_PROGRESS


def assign(alert: Triaged, *, to: UUID | None) -> None:
    """Give it to somebody, or to nobody. Raises NotOpen and Suppressed."""
    _require_open(alert)
    alert.assignee_id = to


def set_severity(alert: Triaged, severity: int | None) -> None:
    """Set it by hand to 1 to 5, which sensors no longer change; None gives it back to them. Raises Suppressed."""
    if alert.status == SUPPRESSED:
        raise Suppressed
    alert.severity_by_hand = severity is not None
    alert.severity = alert.sensor_severity if severity is None else severity
    alert.risk = risk(alert.severity)


def severity_for_review(alert: Triaged) -> int:
    """The highest that it is and that sensors gave it: who lowers it spares no closing its second person."""
    return max(alert.severity, alert.sensor_severity)


def close(alert: Triaged, *, by: UUID | None, now: datetime, verdict: Verdict, reason: str, quiet: timedelta) -> None:
    """End it with a verdict; events of the quiet period count on it and open nothing, unless they are more severe.

    Raises NotOpen and Suppressed.
    """
    _require_open(alert)
    alert.status = CLOSED
    alert.verdict, alert.reason = verdict, reason
    alert.closed_at, alert.closed_by_id = now, by
    alert.quiet_until = now + quiet if quiet else None
    alert.again = False


def reopen(alert: Triaged, *, by: UUID | None, now: datetime) -> None:
    """Take a closing back: the alert is new, and belongs to whom it did. Raises NotClosed and Suppressed.

    One that its source has resolved is acknowledged by the same hand, or it would be closed again at once.
    Whether a successor stands in the way is for the caller to know.
    """
    if alert.status == SUPPRESSED:
        raise Suppressed
    if alert.status != CLOSED:
        raise NotClosed
    alert.status, alert.new_since = NEW, now
    alert.verdict = alert.reason = None
    alert.closed_at = alert.closed_by_id = alert.quiet_until = None
    alert.acknowledged_at = alert.acknowledged_by_id = alert.acknowledged_count = None
    if is_resolved(alert):
        acknowledge(alert, by=by, now=now)


def default_quiet(verdict: Verdict) -> timedelta:
    """What closing offers: a day for what was no attack, none otherwise."""
    return timedelta(hours=24) if verdict in HARMLESS else timedelta(0)


def _require_open(alert: Triaged) -> None:
    if alert.status == SUPPRESSED:
        raise Suppressed
    if alert.status not in OPEN:
        raise NotOpen
