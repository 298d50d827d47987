"""What is said about incidents over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from services.api.alerts.schemas import Assignment, Body, Tagging, Tags
from services.api.incidents.clocks import MeasureRead
from services.api.text import NOT_BLANK, Moment, Name, Severity, Word, optional, storable
from services.api.timing import ClockRead
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict
from shared.models.incident import MAX_SUMMARY

__all__ = ["Assignment", "Tagging"]

MAX_LINKED_AT_ONCE = 200
MAX_REASON = 2000
MAX_FIELDS = 100

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON, pattern=NOT_BLANK),
    AfterValidator(storable),
]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REASON), AfterValidator(storable)]
Summary = Annotated[str, StringConstraints(max_length=MAX_SUMMARY), AfterValidator(storable)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
FieldText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(storable)]
Number = Annotated[int, Field(ge=-(2**53), le=2**53)] | Annotated[float, Field(allow_inf_nan=False)]
FieldValue = StrictBool | Number | FieldText | Annotated[list[FieldText], Field(max_length=MAX_FIELDS)] | None
# Of the names, pydantic describes those that fit, and does not say that there are no others.
Fields = Annotated[
    dict[FieldName, FieldValue], Field(max_length=MAX_FIELDS, json_schema_extra={"additionalProperties": False})
]
AlertIds = Annotated[list[UUID], Field(min_length=1, max_length=MAX_LINKED_AT_ONCE)]


def not_closing(given: object) -> object:
    """The state itself. Raises ValueError for closed, which needs a verdict."""
    if given == Status.CLOSED:
        raise ValueError("an incident is closed by POST /incidents/{incident_id}/close, with a verdict and a reason")
    return given


TransitionTo = Annotated[
    Literal["investigating", "contained", "on_hold", "resolved", "open"], BeforeValidator(not_closing)
]


class IncidentRead(BaseModel):
    """An incident as lists show it. `severity` is 1 (informational) to 5 (critical), `revision` its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    number: int
    title: str
    severity: int
    status: Status
    verdict: Verdict | None
    reason: str | None
    assignee_id: UUID | None
    reporter_id: UUID | None
    reviewer_id: UUID | None
    closed_by_id: UUID | None
    tlp: Tlp
    pap: Pap
    restricted: bool
    legal_hold: bool
    tags: list[str]
    techniques: list[str]
    alerts_count: int
    received_at: datetime
    occurred_at: datetime | None
    detected_at: datetime | None
    acknowledged_at: datetime | None
    contained_at: datetime | None
    eradicated_at: datetime | None
    recovered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    template_id: UUID | None
    merged_into_id: UUID | None
    revision: int
    created_at: datetime
    updated_at: datetime


class MissingRead(BaseModel):
    """One thing that closing still needs."""

    kind: Literal["summary", "field", "task"]
    name: str
    id: UUID | None = None


class ReviewRead(BaseModel):
    """A request for closing, and what was decided. Without a decision it waits."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    verdict: Verdict
    reason: str
    comment: str
    requested_by_id: UUID | None
    requested_by_name: str
    reviewer_id: UUID | None
    decision: Literal["approved", "sent_back", "withdrawn"] | None
    decision_comment: str
    decided_by_id: UUID | None
    decided_by_name: str | None
    decided_at: datetime | None
    created_at: datetime


class MemberRead(BaseModel):
    """Somebody who sees the incident while it is restricted."""

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    added_by_id: UUID | None
    broke_glass: bool
    reason: str | None
    created_at: datetime


class Counts(BaseModel):
    """How much hangs on an incident; what was taken back or removed is not counted."""

    alerts: int
    open_alerts: int
    tasks: int
    open_tasks: int
    notes: int
    observables: int
    entries: int
    evidence: int


class IncidentDetail(IncidentRead):
    """One incident with what its page shows first; the rest has lists of its own."""

    summary: str
    fields: dict[str, Any]
    counts: Counts
    missing: list[MissingRead] = Field(description="What closing still needs.")
    peak_severity: int | None = Field(
        description="The highest that it, an alert that is or was linked to it, or what was merged into it has had; "
        "null where that is the severity it has."
    )
    needs_review: bool = Field(
        description="By that highest severity, a second person has to agree to any closing; "
        "to one as false positive perhaps even where this is false."
    )
    review: ReviewRead | None = Field(description="The request for closing that waits, if one does.")
    members: list[MemberRead]
    merged_numbers: list[int] = Field(description="The incidents that were merged into this one.")
    merged_into_number: int | None
    clocks: list[ClockRead]
    measures: list[MeasureRead]


class IncidentCreate(Body):
    """An incident, of alerts, events or nothing yet. What is left out comes from the template, then from the alerts."""

    title: Name | None = None
    severity: Severity | None = None
    summary: Summary | None = None
    tlp: Tlp | None = None
    pap: Pap | None = None
    restricted: StrictBool = False
    tags: Tags = Field(default_factory=list)
    fields: Fields = Field(default_factory=dict)
    occurred_at: Moment | None = None
    detected_at: Moment | None = None
    assignee_id: UUID | None = None
    template_id: UUID | None = None
    alert_ids: list[UUID] = Field(default_factory=list, max_length=MAX_LINKED_AT_ONCE)
    event_ids: list[UUID] = Field(
        default_factory=list, max_length=MAX_LINKED_AT_ONCE, description="Events that are copied into it."
    )
    organization_id: UUID | None = None


class IncidentUpdate(Body):
    """What is left out stays as it is. Times may be set to null; fields are changed one by one, null empties one."""

    title: Name = optional()
    severity: Severity = optional()
    summary: Summary = optional()
    tlp: Tlp = optional()
    pap: Pap = optional()
    fields: Fields = Field(default_factory=dict)
    occurred_at: Moment | None = None
    detected_at: Moment | None = None
    contained_at: Moment | None = None
    eradicated_at: Moment | None = None
    recovered_at: Moment | None = None


class Transition(Body):
    """Where to. Holding and going back need a reason; to close there is `close`."""

    to: TransitionTo
    reason: Reason | None = None


class Closing(Body):
    """What it turned out to be; its open alerts are closed with it."""

    verdict: Verdict
    reason: Word


class ReviewRequest(Body):
    """To close it so, once a second person agrees; a particular one, if named."""

    verdict: Verdict
    reason: Word
    comment: Comment = ""
    reviewer_id: UUID | None = None


class ReviewDecision(Body):
    """Agree, which closes the incident, or send it back and say why."""

    decision: Literal["approved", "sent_back"]
    comment: Comment = ""


class Reopening(Body):
    """Why; and whether the alerts that were closed with it are opened too."""

    reason: Reason
    reopen_alerts: StrictBool = False


class Reopened(IncidentRead):
    """The incident, and which of its alerts were opened; the others have an open successor."""

    alerts_reopened: int
    alerts_left_closed: int


class AlertLinking(Body):
    """Alerts to link, and why."""

    alert_ids: AlertIds
    reason: Reason | None = None


class LinkedAlert(BaseModel):
    """A link to an alert, with what a row of the incident's page shows of it."""

    model_config = ConfigDict(from_attributes=True)

    alert_id: UUID
    title: str
    severity: int
    status: str
    verdict: str | None
    count: int
    first_seen: datetime
    last_seen: datetime
    rule_id: str | None
    sensor_id: UUID | None
    linked_by_id: UUID | None
    linked_by_name: str
    reason: str | None
    rule: str | None
    rule_version: str | None
    linked_at: datetime


class Linked(BaseModel):
    """What linking or unlinking did: the incident, and how many alerts were so already."""

    incident: IncidentRead
    changed: int
    unchanged: int


class Restriction(Body):
    """True shows it to its members alone, of whom the caller is one."""

    restricted: StrictBool


class LegalHold(Body):
    """True keeps the incident and its evidence from every deletion."""

    legal_hold: StrictBool


class MemberWrite(Body):
    """Who is to see it."""

    user_id: UUID


class GlassBreaking(Body):
    """By number, for who is no member sees no id; and why."""

    number: Annotated[int, Field(ge=1, le=2**53)]
    reason: Reason
    organization_id: UUID | None = None


class Merging(Body):
    """The incidents that become part of this one."""

    incident_ids: Annotated[list[UUID], Field(min_length=1, max_length=20)]
    reason: Reason | None = None


class Unmerging(Body):
    """The incident that was merged into this one and shall be one of its own again."""

    incident_id: UUID


class SummaryVersionRead(BaseModel):
    """The summary as it read from then on."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    author_id: UUID | None
    author_name: str
    body: str
    created_at: datetime
