"""The life of an incident as pure rules: its moves, what closing asks for, and who has to look first.

The words are NIST SP 800-61's where it has them; markings are FIRST's TLP 2.0 and MISP's PAP.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from shared.domain.triage import Verdict
from shared.errors import Conflict, Invalid


class Status(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    INVESTIGATING = "investigating"
    CONTAINED = "contained"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


class Tlp(StrEnum):
    """Who may be told, after FIRST's Traffic Light Protocol 2.0."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


def strictest(*tlps: Tlp | None) -> Tlp:
    """The strictest of those that there are, CLEAR of none."""
    return max((one for one in tlps if one is not None), key=list(Tlp).index, default=Tlp.CLEAR)


def is_stricter(tlp: Tlp, other: Tlp) -> bool:
    """True when fewer people may be told of the first."""
    return tlp != other and strictest(tlp, other) == tlp


class Pap(StrEnum):
    """What may be done with what is known, after MISP's Permissible Actions Protocol."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


KEPT_EVENTS = 100
"""Events of a linked alert that an incident keeps from its beginning, and as many from its end, picked or not."""

S = Status
ACTIVE = (S.OPEN, S.INVESTIGATING, S.CONTAINED)
UNFINISHED = (*ACTIVE, S.ON_HOLD)
"""Those somebody has to go on with; what a list shows when nothing is asked for."""

_ON = frozenset({S.ON_HOLD, S.RESOLVED})
MOVES: Mapping[Status, frozenset[Status]] = {
    S.OPEN: frozenset({S.INVESTIGATING, S.CONTAINED}) | _ON,
    S.INVESTIGATING: frozenset({S.CONTAINED}) | _ON,
    S.CONTAINED: frozenset({S.INVESTIGATING}) | _ON,
    S.ON_HOLD: frozenset(ACTIVE),
    S.RESOLVED: frozenset({S.INVESTIGATING}),
    S.CLOSED: frozenset({S.INVESTIGATING}),
    S.MERGED: frozenset(),
}
"""Where each may go by a transition. To `closed` it comes by closing and to `merged` by merging, by their own rules."""

CLOSABLE = frozenset({*ACTIVE, S.RESOLVED})
"""From where it may be closed: of one on hold, nobody is at work who could say what came of it."""

MOMENTS = ("occurred_at", "detected_at", "contained_at", "eradicated_at", "recovered_at")
"""The times that people may set, in the order in which they come about."""


class NotAllowed(Conflict):
    """The incident's state does not allow this move; `allowed` says which it does."""

    code = "move_not_allowed"


class ReasonNeeded(Invalid):
    """This move needs a reason."""

    code = "reason_needed"


class IncidentClosed(Conflict):
    """The incident is closed; reopen it first."""

    code = "incident_closed"


class IncidentMerged(Conflict):
    """The incident was merged into another; work on that one."""

    code = "incident_merged"


class OnLegalHold(Conflict):
    """The incident is on legal hold: nothing of it is deleted."""

    code = "on_legal_hold"


class InReview(Conflict):
    """A request for closing waits for its reviewer; take it back first."""

    code = "in_review"


class NotComplete(Conflict):
    """Closing still needs what `missing` lists."""

    code = "closing_incomplete"


class Worked(Protocol):
    """The columns of an incident that moves change, and those they depend on."""

    status: str
    severity: int
    peak_severity: int | None
    verdict: str | None
    reason: str | None
    assignee_id: UUID | None
    closed_by_id: UUID | None
    tlp: str
    restricted: bool
    summary: str
    detected_at: datetime | None
    acknowledged_at: datetime | None
    contained_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    merged_into_id: UUID | None


class Holdable(Protocol):
    """Of an incident, whether the law has it kept."""

    legal_hold: bool


def needs_reason(before: str, after: str, *, contained: bool = False) -> bool:
    """True of holding, and of going back: whoever reads it later will ask why.

    From hold, what was `contained` once goes back unless it is contained from then on.
    """
    back = {(S.CONTAINED, S.INVESTIGATING), (S.RESOLVED, S.INVESTIGATING), (S.CLOSED, S.INVESTIGATING)}
    if contained:
        back |= {(S.ON_HOLD, S.INVESTIGATING), (S.ON_HOLD, S.OPEN)}
    return after == S.ON_HOLD or (before, after) in back


def move(incident: Worked, to: Status, *, by: UUID | None, now: datetime, reason: str | None = None) -> None:
    """Go on to another state. The first entry to `contained` sets its time, every entry to `resolved` sets that.

    Where it is already there nothing changes. Raises NotAllowed and ReasonNeeded.
    """
    require_unmerged(incident)
    before = Status(incident.status)
    if before == to:
        return
    if to not in MOVES[before]:
        raise NotAllowed(allowed=sorted(MOVES[before]))
    if needs_reason(before, to, contained=incident.contained_at is not None) and not reason:
        raise ReasonNeeded
    if before in (S.RESOLVED, S.CLOSED):
        _take_back(incident)
    incident.status = to
    if to != S.ON_HOLD:
        acknowledge(incident, by=by, now=now)
    if to == S.CONTAINED:
        incident.contained_at = incident.contained_at or now
    if to == S.RESOLVED:
        incident.resolved_at = now


def acknowledge(incident: Worked, *, by: UUID | None, now: datetime) -> None:
    """Somebody has begun: its time is the first time, and it is theirs where it was nobody's."""
    incident.acknowledged_at = incident.acknowledged_at or now
    if incident.assignee_id is None:
        incident.assignee_id = by


def assign(incident: Worked, *, to: UUID | None, now: datetime) -> None:
    """Give it to somebody, which is an acknowledgement, or to nobody. Raises IncidentClosed and IncidentMerged."""
    require_open(incident)
    incident.assignee_id = to
    if to is not None:
        incident.acknowledged_at = incident.acknowledged_at or now


def mark(incident: Worked, *, tlp: Tlp | None = None, restricted: bool | None = None) -> None:
    """Mark whom it is for. RED is for those who are named, so it implies restricted. Raises Invalid."""
    incident.tlp = tlp or incident.tlp
    if incident.tlp == Tlp.RED and restricted is False:
        raise Invalid("What is TLP:RED is restricted; mark it otherwise first.", code="red_is_restricted")
    incident.restricted = incident.tlp == Tlp.RED or (incident.restricted if restricted is None else restricted)


def close(incident: Worked, *, by: UUID | None, now: datetime, verdict: Verdict, reason: str) -> None:
    """End it. What was still to be resolved is resolved by that. Raises NotAllowed and IncidentMerged."""
    require_closable(incident)
    acknowledge(incident, by=by, now=now)
    incident.status = S.CLOSED
    incident.verdict, incident.reason = verdict, reason
    incident.resolved_at = incident.resolved_at or now
    incident.closed_at, incident.closed_by_id = now, by


def set_severity(incident: Worked, severity: int) -> None:
    """Judge it anew; what it was thought to be before it was lowered is kept."""
    if severity < incident.severity:
        incident.peak_severity = max(incident.severity, incident.peak_severity or 0)
    incident.severity = severity


def note_severity(incident: Worked, severity: int) -> None:
    """Keep what an alert of it, or what is merged into it, was thought to be, where that is more than it is itself."""
    if severity > severity_for_review(incident):
        incident.peak_severity = severity


def severity_for_review(incident: Worked) -> int:
    """The highest it has had: who lowers a severity does not spare a closing its second person."""
    return max(incident.severity, incident.peak_severity or 0)


def _take_back(incident: Worked) -> None:
    incident.verdict = incident.reason = None
    incident.resolved_at = incident.closed_at = incident.closed_by_id = None


def require_closable(incident: Worked) -> None:
    """Raises IncidentClosed, IncidentMerged and NotAllowed."""
    require_open(incident)
    if incident.status not in CLOSABLE:
        raise NotAllowed(allowed=sorted(MOVES[Status(incident.status)]))


def require_open(incident: Worked) -> None:
    """Raises IncidentClosed and IncidentMerged."""
    require_unmerged(incident)
    if incident.status == S.CLOSED:
        raise IncidentClosed


def require_unmerged(incident: Worked) -> None:
    """Raises IncidentMerged, which says into which."""
    if incident.status == S.MERGED:
        raise IncidentMerged(merged_into_id=str(incident.merged_into_id))


def require_unheld(incident: Holdable) -> None:
    """Of what a legal hold keeps, people delete nothing. Raises OnLegalHold."""
    if incident.legal_hold:
        raise OnLegalHold


@dataclass(frozen=True)
class ReviewPolicy:
    """Which closings a second person has to see: any from a severity up, and false positives from another up.

    None turns a part off. An organization keeps its own in its settings.
    """

    from_severity: int | None = 5
    false_positive_from: int | None = 4

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> "ReviewPolicy":
        """Of an organization's settings, `{"review": {"from_severity": 5, "false_positive_from": 4}}`."""
        kept = settings.get("review", {})
        return cls(**{name: kept[name] for name in ("from_severity", "false_positive_from") if name in kept})


def needs_review(policy: ReviewPolicy, severity: int, verdict: Verdict) -> bool:
    """True when a second person has to agree before the incident is closed so."""
    least = [policy.from_severity]
    if verdict == Verdict.FALSE_POSITIVE:
        least.append(policy.false_positive_from)
    return any(severity >= one for one in least if one is not None)


@dataclass(frozen=True)
class Missing:
    """One thing that closing still needs: its kind, and which one of the kind."""

    kind: str
    name: str
    id: UUID | None = None

    def said(self) -> dict[str, str]:
        """As a problem tells it."""
        named = {"kind": self.kind, "name": self.name}
        return named if self.id is None else {**named, "id": str(self.id)}


def missing(
    *,
    summary: str,
    skeleton: str = "",
    required_fields: Iterable[tuple[str, str]],
    fields: Mapping[str, Any],
    open_required_tasks: Sequence[tuple[UUID, str]],
) -> list[Missing]:
    """What an incident lacks to be closed, in the order in which people would fill it in.

    Fields are (name, label); tasks are those that are required and neither done nor cancelled, as (id, title). A
    summary that is still its template's `skeleton` says nothing yet.
    """
    found = [] if summary.strip() not in ("", skeleton.strip()) else [Missing("summary", "summary")]
    found += [Missing("field", label) for name, label in required_fields if is_empty(fields.get(name))]
    found += [Missing("task", title, task_id) for task_id, title in open_required_tasks]
    return found


def is_empty(value: Any) -> bool:
    """True of what says nothing; false and 0 say something."""
    return value is None or value in ("", [])


def require_complete(found: Sequence[Missing]) -> None:
    """Raises NotComplete with the list of what is missing."""
    if found:
        raise NotComplete(missing=[one.said() for one in found])


def review_stands_against(reviewer: UUID | None, *, assignee: UUID | None, requester: UUID | None) -> str | None:
    """Why this person may not decide on a closing, if so: nobody reviews work of their own."""
    if reviewer is None:
        return "A token cannot review; a person has to."
    if reviewer == requester:
        return "Who asks for a review cannot give it."
    if reviewer == assignee:
        return "Whose incident it is cannot review it."
    return None
