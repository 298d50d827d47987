"""The life of an alert as pure rules: which alert an event joins, and what joining does to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from shared import clock, ids

NEW, ACKNOWLEDGED, IN_PROGRESS, CLOSED, SUPPRESSED = (
    "new",
    "acknowledged",
    "in_progress",
    "closed",
    "suppressed",
)
STATUSES = (NEW, ACKNOWLEDGED, IN_PROGRESS, CLOSED, SUPPRESSED)
OPEN = (NEW, ACKNOWLEDGED, IN_PROGRESS)

RESOLVED_AT_SOURCE = "resolved_at_source"

FOLD_WINDOW = timedelta(days=30)
SILENCE_AFTER_ACKNOWLEDGING = timedelta(hours=24)
GROWTH_AFTER_ACKNOWLEDGING = 10
RESOLVED_CLOSES_AFTER = timedelta(minutes=5)
MAX_TECHNIQUES = 50
MAX_RISK = 100

JOINED_BEFORE_CLOSING = "join.received_before_closing@1"
JOINED_RESOLVED = "join.resolved_at_source@1"
JOINED_QUIET = "join.quiet_period@1"


class Sighting(NamedTuple):
    """One alert-kind event, as far as folding needs it; sorts by (time, event id)."""

    time: datetime
    event_id: UUID
    received_at: datetime
    severity: int
    title: str
    rule_id: str | None
    module: str
    dataset: str
    sensor_id: UUID
    resolved_at: datetime | None
    techniques: list[str]
    grouping: str


class Resolvable(Protocol):
    """What says whether its source considers an alert over."""

    resolved_at: datetime | None
    last_fired_at: datetime | None


@dataclass(slots=True)
class Alert:
    """An alert's columns that folding reads or writes; names are those of the table.

    `severity` is what people see: the greatest one sensors gave (`sensor_severity`), unless set by hand.
    `last_fired_at` is None while only resolving events came. A closed alert without `closed_at` was
    closed by its source and is provisional: later events may still change it. `new_since` is our receipt of what
    made it new: of its first event, or of the one with which it came again.
    """

    id: UUID
    organization_id: UUID
    fingerprint: bytes
    fold_window: int
    title: str
    severity: int
    sensor_severity: int
    first_seen: datetime
    last_seen: datetime
    latest_time: datetime
    latest_id: UUID
    module: str
    dataset: str
    rule_id: str | None = None
    sensor_id: UUID | None = None
    suppression_id: UUID | None = None
    current: bool = True
    severity_by_hand: bool = False
    status: str = NEW
    reason: str | None = None
    count: int = 0
    last_fired_at: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_count: int | None = None
    closed_at: datetime | None = None
    again: bool = False
    new_since: datetime | None = None
    incident_id: UUID | None = None
    previous_alert_id: UUID | None = None
    quiet_until: datetime | None = None
    risk: int = 0
    techniques: list[str] = field(default_factory=list)
    explanation: dict[str, int] = field(default_factory=dict)
    observables_count: int = 0
    observables_dropped: int = 0

    @property
    def provisional(self) -> bool:
        """True while closed by the source only, a state that later firing undoes."""
        return self.status == CLOSED and self.closed_at is None


def fold_window(time: datetime) -> int:
    """The number of the 30-day window of event time, counted from 1970."""
    return (time - clock.EPOCH) // FOLD_WINDOW


def risk(severity: int, *, criticality: float = 1.0) -> int:
    """20 × severity (1 to 5) × the asset's criticality, at most 100."""
    return min(MAX_RISK, round(20 * severity * criticality))


def is_quiet(alert: Alert, sighting: Sighting) -> bool:
    """True when a closing's quiet period covers the event and the event is not more severe."""
    return (
        alert.quiet_until is not None
        and sighting.received_at < alert.quiet_until
        and sighting.severity <= alert.sensor_severity
    )


def joins_closed(alert: Alert, sighting: Sighting) -> str | None:
    """The rule by which an event joins this closed alert instead of opening another; None if it opens."""
    if alert.reason == RESOLVED_AT_SOURCE and _fires_after(alert, sighting):
        # The source itself takes its word back, whenever the message came: maintenance may have closed the
        # alert while this one waited in the queue.
        return JOINED_QUIET if is_quiet(alert, sighting) else None
    if alert.closed_at is None or sighting.received_at <= alert.closed_at:
        return JOINED_BEFORE_CLOSING
    if sighting.resolved_at is not None:
        return JOINED_RESOLVED
    if alert.resolved_at is not None and sighting.time <= alert.resolved_at:
        return JOINED_RESOLVED
    if is_quiet(alert, sighting):
        return JOINED_QUIET
    return None


def comes_again(alert: Alert, sighting: Sighting) -> bool:
    """True when an acknowledged alert must be looked at anew, judged before the event is folded.

    On a higher severity, after 24 h of silence, or at ten times the count it had when acknowledged.
    """
    return (
        sighting.severity > alert.sensor_severity
        or sighting.time - alert.last_seen >= SILENCE_AFTER_ACKNOWLEDGING
        or alert.count + 1 >= GROWTH_AFTER_ACKNOWLEDGING * (alert.acknowledged_count or 1)
    )


def new_again(acknowledged_at: datetime | None, now: datetime) -> datetime:
    """Since when what comes again is new: after it was acknowledged, though what makes it new was received before."""
    return now if acknowledged_at is None else max(now, acknowledged_at + timedelta.resolution)


def opened(
    sighting: Sighting,
    *,
    alert_id: UUID,
    organization_id: UUID,
    fingerprint: bytes,
    previous_alert_id: UUID | None,
    suppression_id: UUID | None = None,
) -> Alert:
    """A fresh alert for this event, which is not folded into it yet.

    An alert that begins with its own resolution is closed, provisionally; what a suppression hides is neither open
    nor closed.
    """
    resolving = sighting.resolved_at is not None and suppression_id is None
    return Alert(
        id=alert_id,
        organization_id=organization_id,
        fingerprint=fingerprint,
        fold_window=fold_window(sighting.time),
        title=sighting.title,
        severity=sighting.severity,
        sensor_severity=sighting.severity,
        first_seen=sighting.time,
        last_seen=sighting.time,
        latest_time=sighting.time,
        latest_id=sighting.event_id,
        new_since=sighting.received_at,
        module=sighting.module,
        dataset=sighting.dataset,
        rule_id=sighting.rule_id,
        sensor_id=sighting.sensor_id,
        suppression_id=suppression_id,
        status=SUPPRESSED if suppression_id is not None else CLOSED if resolving else NEW,
        reason=RESOLVED_AT_SOURCE if resolving else None,
        previous_alert_id=previous_alert_id,
    )


def fold(alert: Alert, sighting: Sighting, rule: str | None = None) -> None:
    """Count one event into an alert. The folded columns do not depend on the order of the events.

    `rule` is what made the event join a closed alert; it is counted in the explanation.
    """
    if alert.status == ACKNOWLEDGED and comes_again(alert, sighting):
        alert.status, alert.again = NEW, True
        alert.new_since = new_again(alert.acknowledged_at, sighting.received_at)
    _take_receipt(alert, sighting)
    alert.count += 1
    alert.first_seen = min(alert.first_seen, sighting.time)
    alert.last_seen = max(alert.last_seen, sighting.time)
    alert.sensor_severity = max(alert.sensor_severity, sighting.severity)
    if not alert.severity_by_hand:
        alert.severity = alert.sensor_severity
    alert.risk = risk(alert.severity)
    if (sighting.time, sighting.event_id) >= (alert.latest_time, alert.latest_id):
        _take_latest(alert, sighting)
    if sighting.techniques:
        alert.techniques = sorted({*alert.techniques, *sighting.techniques})[:MAX_TECHNIQUES]
    _take_resolution(alert, sighting)
    explain(alert, f"fold.{sighting.grouping}")
    if rule is not None:
        explain(alert, rule)


def explain(alert: Alert, word: str) -> None:
    """Count that a rule, at a version, did something to one more event of the alert."""
    alert.explanation[word] = alert.explanation.get(word, 0) + 1


def _take_receipt(alert: Alert, sighting: Sighting) -> None:
    """New since the first receipt, however the events were ordered, until a person has acknowledged or reopened it.

    A reopening is later than the row, whose id tells when that was made; the receipt of its first event is earlier.
    """
    since = alert.new_since
    if since is None or alert.acknowledged_at is not None:
        return
    if clock.milliseconds(since) <= ids.milliseconds_of(alert.id):
        alert.new_since = min(since, sighting.received_at)


def _take_latest(alert: Alert, sighting: Sighting) -> None:
    alert.latest_time, alert.latest_id = sighting.time, sighting.event_id
    alert.title, alert.rule_id, alert.sensor_id = sighting.title, sighting.rule_id, sighting.sensor_id
    alert.module, alert.dataset = sighting.module, sighting.dataset


def _take_resolution(alert: Alert, sighting: Sighting) -> None:
    if sighting.resolved_at is not None:
        alert.resolved_at = max(alert.resolved_at or sighting.resolved_at, sighting.resolved_at)
    else:
        alert.last_fired_at = max(alert.last_fired_at or sighting.time, sighting.time)
    if alert.provisional and not is_resolved(alert):
        alert.status, alert.reason = NEW, None


def _fires_after(alert: Alert, sighting: Sighting) -> bool:
    return sighting.resolved_at is None and alert.resolved_at is not None and sighting.time > alert.resolved_at


def is_resolved(alert: Resolvable) -> bool:
    """True when the source said the matter is over after it last fired."""
    if alert.resolved_at is None:
        return False
    return alert.last_fired_at is None or alert.resolved_at >= alert.last_fired_at


def closes_at_source(alert: Alert, now: datetime) -> bool:
    """True when the source's resolution has stood for five minutes and nobody had taken the alert up."""
    return (
        is_resolved(alert)
        and alert.resolved_at is not None
        and now - alert.resolved_at >= RESOLVED_CLOSES_AFTER
        and alert.acknowledged_at is None
        and alert.incident_id is None
        and alert.closed_at is None
        and alert.status in (NEW, CLOSED)
    )
