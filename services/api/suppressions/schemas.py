"""What is said about suppressions over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.api.text import AsNumber, Moment, Name, Word, storable
from shared.domain.suppression import MAX_RULE
from shared.query.parse import MAX_CHARACTERS

Mode = Literal["active", "monitor"]
State = Literal["waiting_for_approval", "scheduled", "in_force", "ended"]

Query = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS), AfterValidator(storable)]
Rule = Annotated[str, Field(min_length=1, max_length=MAX_RULE), AfterValidator(storable)]
Reason = Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(storable)]
MAX_DURATION_SECONDS = 7 * 24 * 3600


class Body(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")


class Recurrence(Body):
    """A maintenance window: an RRULE (RFC 5545), how long it lasts from each start, and in whose time."""

    rule: Rule
    duration_seconds: Annotated[int, Field(ge=60, le=MAX_DURATION_SECONDS), AsNumber]
    zone: Word = "UTC"


class SuppressionCreate(Body):
    """`query` is over events, in the query language; `monitor` hides nothing and counts."""

    name: Name
    query: Query
    reason: Reason
    mode: Mode = "active"
    starts_at: Moment | None = Field(default=None, description="Now, if left out.")
    ends_at: Moment
    recurrence: Recurrence | None = None
    owner_id: UUID | None = None
    proposed_by_alert_id: UUID | None = None
    organization_id: UUID | None = None


class SuppressionUpdate(Body):
    """What is left out stays as it is; another query, mode or time needs to be approved anew where it was needed."""

    name: Name | None = None
    query: Query | None = None
    reason: Reason | None = None
    mode: Mode | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    recurrence: Recurrence | None = None
    owner_id: UUID | None = None


class DryRunRequest(Body):
    """What a suppression would have hidden in the last days, had it been in force."""

    query: Query
    starts_at: Moment | None = Field(
        default=None, description="When it will start, for its windows depend on that; now, if left out."
    )
    recurrence: Recurrence | None = None
    days: Annotated[int, Field(ge=1, le=90), AsNumber] = 7
    organization_id: UUID | None = None


class DryRun(BaseModel):
    """Of the days up to now: events it would have hidden, the alerts these are in, and which would not have been.

    `true_positives` are alerts that would not have been and were closed as true positives: what it would have cost.
    """

    since: datetime
    until: datetime
    events: int
    already_hidden: int = Field(
        description="Of the events, those that are hidden anyway; they are in none of the alerts."
    )
    alerts: int
    alerts_gone: int
    by_severity: dict[int, int]
    true_positives: int
    true_positive_ids: list[UUID] = Field(max_length=20)
    more: bool = Field(description="There are more alerts than were looked at; the counts of alerts are of those.")
    needs_approval: bool


class SuppressionRead(BaseModel):
    """A suppression; `revision` is its ETag, and the version that explanations name."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    query: str
    reason: str
    mode: Mode
    state: State
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    recurrence: Recurrence | None
    owner_id: UUID | None
    created_by_id: UUID | None
    needs_approval: bool
    approved_by_id: UUID | None
    approved_at: datetime | None
    ended_by_id: UUID | None
    proposed_by_alert_id: UUID | None
    revision: int
    created_at: datetime
    updated_at: datetime


class SuppressionDetail(SuppressionRead):
    """With what it has done: events hidden, or counted on trial, and in how many alerts."""

    events: int
    alerts: int


class SuppressionVersionRead(BaseModel):
    """A suppression as it was from then on."""

    model_config = ConfigDict(from_attributes=True)

    revision: int
    content: dict[str, Any]
    changed_by_id: UUID | None
    created_at: datetime
