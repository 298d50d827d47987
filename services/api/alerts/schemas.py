"""What is said about alerts over the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.api.alerts.entities import MAX_ENTITIES, EntityRead
from services.api.pagination import Page
from services.api.suppressions.schemas import DryRun
from services.api.text import NOT_BLANK, AsNumber, Moment, Name, NoteText, Severity, Word, printable
from services.api.timing import ClockRead
from shared.domain.tags import MAX_TAGS, tagged
from shared.domain.triage import Verdict
from shared.normalise.observables import MAX_VALUE, TYPES

Status = Literal["new", "acknowledged", "in_progress", "closed", "suppressed"]


class AlertRead(BaseModel):
    """An alert as lists show it. `severity` is 1 (informational) to 5 (critical), `revision` its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    title: str
    severity: int
    risk: int
    status: Status
    verdict: str | None
    reason: str | None
    assignee_id: UUID | None
    count: int
    first_seen: datetime
    last_seen: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    again: bool
    incident_id: UUID | None
    previous_alert_id: UUID | None
    rule_id: str | None
    module: str
    dataset: str
    sensor_id: UUID | None
    tags: list[str]
    techniques: list[str]
    observables_count: int
    observables_dropped: int
    revision: int
    created_at: datetime
    updated_at: datetime


class AlertListed(AlertRead):
    """The same, with what is the caller's own of it, and with what is worked out when it is looked at."""

    snoozed_until: datetime | None = Field(default=None, description="Until when the caller has put it off.")
    due_at: datetime | None = Field(
        default=None, description="By when somebody has to acknowledge it; null once one has, and in an incident."
    )
    entities: list[EntityRead] = Field(
        default=[], max_length=MAX_ENTITIES, description="A few of what it is about; all are in `observables` of one."
    )


class AlertPage(Page[AlertListed]):
    """A piece of a list of alerts; `degraded` says why it was made without OpenSearch."""

    degraded: str | None = None


Facet = Literal[
    "severity", "status", "verdict", "assignee", "module", "dataset", "rule.name", "sensor_id", "tags", "technique",
    "source.ip", "destination.ip", "host.name", "user.name",
]  # fmt: skip


class FacetValue(BaseModel):
    """A value, and how many alerts have it."""

    value: str | int
    count: int


class FacetsRead(BaseModel):
    """Values by field. `total` is how many alerts match the query and all filters, 10,000 for that many or more."""

    facets: dict[str, list[FacetValue]]
    total: int
    degraded: str | None


class BucketRead(BaseModel):
    """How many alerts were last seen from `start` on, by severity; those that are not there are 0."""

    start: datetime
    by_severity: dict[int, int]


class HistogramRead(BaseModel):
    """Buckets of one length, the first one first."""

    interval_seconds: int
    buckets: list[BucketRead]
    degraded: str | None


def known_type(name: str) -> str:
    """The name itself. Raises ValueError when observables have no such type."""
    if name not in TYPES:
        raise ValueError(f"one of: {', '.join(TYPES)}")
    return name


def each_once(tags: list[str]) -> list[str]:
    """The tags, of those that are the same only the first."""
    return tagged(tags, (), ())


Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=NOT_BLANK),
    AfterValidator(printable),
]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(each_once)]
Technique = Annotated[str, StringConstraints(pattern=r"^T[0-9]{4}(\.[0-9]{3})?$", max_length=9)]
ObservableType = Annotated[Word, AfterValidator(known_type), Field(json_schema_extra={"enum": list(TYPES)})]
ObservableValue = Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE), AfterValidator(printable)]
MAX_QUIET_SECONDS = 7 * 24 * 3600


class Body(BaseModel):
    """What is sent with an action."""

    model_config = ConfigDict(extra="forbid")


class Assignment(Body):
    """To whom; to nobody, if null."""

    assignee_id: UUID | None


class SeverityByHand(Body):
    """1 to 5; null gives it back to the sensor."""

    severity: Severity | None


class Closing(Body):
    """What it turned out to be. For `quiet_seconds` its events open nothing new, unless they are more severe.

    Left out, that is a day for false and benign positives, and nothing otherwise.
    """

    verdict: Verdict
    reason: Word
    quiet_seconds: Annotated[int, Field(ge=0, le=MAX_QUIET_SECONDS), AsNumber] | None = None
    note: NoteText | None = None


class ObservableWrite(Body):
    """A value as somebody saw it; it is brought into the form in which sensors' values are kept."""

    type: ObservableType
    value: ObservableValue


class AlertCreate(Body):
    """An alert that somebody makes by hand: what was seen, and when."""

    title: Name
    severity: Severity
    first_seen: Moment | None = Field(default=None, description="Now, if left out.")
    last_seen: Moment | None = Field(default=None, description="As `first_seen`, if left out.")
    tags: Tags = []
    techniques: Annotated[list[Technique], Field(max_length=50)] = []
    observables: Annotated[list[ObservableWrite], Field(max_length=200)] = []
    note: NoteText | None = None
    organization_id: UUID | None = None


class Tagging(Body):
    """Tags to add, and tags to take off."""

    add: Tags = []
    remove: Tags = []


class ObservableRead(BaseModel):
    """A value seen in the alert's events."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    type: str
    value: str
    ioc: bool
    verdict: str | None
    tlp: str | None
    tags: list[str]


class ProposedSuppression(BaseModel):
    """What `POST /suppressions` takes as it is, or after its author has changed it."""

    name: str
    query: str
    reason: str
    ends_at: datetime
    owner_id: UUID | None
    proposed_by_alert_id: UUID
    organization_id: UUID


class SuppressionProposal(BaseModel):
    """A suppression of what the alert folds, and what it would have hidden in as many days as it is to last."""

    suppression: ProposedSuppression
    effect: DryRun


class RuleApplied(BaseModel):
    """A rule that did something to the alert, and to how many events of it. `fields` are those it compared."""

    rule: str
    version: str
    count: int
    fields: list[str]


class EventRead(BaseModel):
    """An event of the alert; `severity` is its own. The document is not part of lists."""

    id: UUID
    time: datetime
    title: str | None
    severity: int


class AlertDetail(AlertListed):
    """One alert with what belongs to it."""

    clock: ClockRead | None = Field(description="That of acknowledging it; null where it has none.")
    fingerprint: str
    severity_by_hand: bool
    last_fired_at: datetime | None
    quiet_until: datetime | None
    created_by_id: UUID | None
    acknowledged_by_id: UUID | None
    closed_by_id: UUID | None
    hidden: int = Field(description="Events of the same key that suppressions hid, and so are not in `count`.")
    hidden_alert_ids: list[UUID] = Field(description="The alerts these are counted in, the latest first.")
    next_alert_ids: list[UUID] = Field(description="Alerts that name this one as their previous, oldest first.")
    explanation: list[RuleApplied]
    observables: list[ObservableRead]
    events: Page[EventRead] = Field(description="The latest; `next_cursor` goes on at `/alerts/{id}/events`.")
