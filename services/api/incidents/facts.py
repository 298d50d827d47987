"""All that a report or an export says of an incident, as plain values: who reads this tree needs no session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shared.domain.incident import Pap, Status, Tlp, strictest
from shared.domain.triage import Verdict

Value = str | int | float | bool | datetime | list[str] | None
"""What a custom field may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A typed field of the incident's template; `kind` is the type's word."""

    name: str
    label: str
    kind: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Names, as they were when the facts were gathered; None where it is nobody."""

    assignee: str | None = None
    reporter: str | None = None
    reviewer: str | None = None
    closed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The moments of an incident's life, in the order in which they come about; `received_at` is of its first event."""

    occurred_at: datetime | None = None
    detected_at: datetime | None = None
    received_at: datetime
    acknowledged_at: datetime | None = None
    contained_at: datetime | None = None
    eradicated_at: datetime | None = None
    recovered_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What was promised and what came of it. `due_at` is None while the clock stands still."""

    name: str
    target: timedelta
    due_at: datetime | None = None
    met_at: datetime | None = None
    breached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A span between two moments with the formula it follows; None where one of them is not known."""

    name: str
    formula: str
    value: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A linked alert; `count` are the events folded into it."""

    id: UUID
    title: str
    rule_id: str | None
    severity: int
    count: int
    first_seen: datetime
    last_seen: datetime
    verdict: Verdict | None = None
    sensor_name: str | None = None
    techniques: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observable:
    """A value and what was found out about it; `type` is a word of `shared.normalise.observables.TYPES`."""

    type: str
    value: str
    verdict: str = "unknown"
    ioc: bool = False
    tlp: Tlp | None = None
    tags: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that was to be done; `group` is its phase."""

    title: str
    group: str
    status: str
    assignee: str | None = None
    required: bool = False
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline, at the time at which it happened."""

    occurred_at: datetime
    kind: str
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a person wrote, in Markdown."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """One step of a file's way."""

    action: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file as it was handed in: `size` in bytes, `sha256` in hexadecimal. A removed one keeps its line."""

    name: str
    size: int
    sha256: str
    media_type: str
    by: str
    at: datetime
    description: str = ""
    removed_at: datetime | None = None
    custody: tuple[Custody, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A request to close and, once there is one, the decision on it."""

    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    comment: str = ""
    decision_comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Another incident and what this one is to it or, in `reverse`, that to this one."""

    number: int
    title: str
    relation: str
    reverse: bool = False
    tlp: Tlp | None = None
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """So many of a list, by its name in Facts, are marked more strictly than what they were asked for."""

    name: str
    tlp: Tlp
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An incident with all that hangs on it. Whoever gathers it bounds every list.

    `omitted` says of a list, by its name here, how many were left out by its bound, `left_out` how many by their
    marking. `beyond` are those of the former that are marked, and `elsewhere` the others that are or were one with the
    incident, by their numbers, and the marked values that only these have: no list has them, but texts may name them.
    `notes` is None where they were left out on request. `tlp` is the incident's own. `summary` and notes are Markdown,
    everything else is text.
    """

    id: UUID
    number: int
    organization_id: UUID
    organization_name: str
    title: str
    severity: int
    status: Status
    tlp: Tlp
    pap: Pap
    times: Times
    generated_at: datetime
    generated_by: str
    verdict: Verdict | None = None
    reason: str | None = None
    restricted: bool = False
    summary: str = ""
    tags: tuple[str, ...] = ()
    people: People = People()
    fields: tuple[CustomField, ...] = ()
    clocks: tuple[Clock, ...] = ()
    measures: tuple[Measure, ...] = ()
    alerts: tuple[Alert, ...] = ()
    techniques: tuple[str, ...] = ()
    observables: tuple[Observable, ...] = ()
    tasks: tuple[Task, ...] = ()
    entries: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] | None = ()
    evidence: tuple[Evidence, ...] = ()
    reviews: tuple[Review, ...] = ()
    links: tuple[Link, ...] = ()
    merged_from: tuple[int, ...] = ()
    merged_into: int | None = None
    omitted: Mapping[str, int] = field(default_factory=dict)
    beyond: tuple[Observable | Link, ...] = ()
    elsewhere: tuple[Observable | Link, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def strictest(self) -> Tlp:
        """The strictest marking of all that is held here: whoever has one part has the others."""
        marked = (*self.observables, *self.links, *self.beyond, *self.elsewhere)
        return strictest(self.tlp, *(one.tlp for one in marked))

    @property
    def marking(self) -> str:
        """Its label as FIRST writes it."""
        return f"TLP:{self.strictest.upper()}"
