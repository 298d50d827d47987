"""What is said about handovers over the API."""

from datetime import datetime
from typing import Annotated, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from services.api.alerts.schemas import Body
from services.api.text import Name, storable
from shared.domain.incident import Status
from shared.models.handover import MAX_HANDOVER_NOTES, MAX_NEXT_STEP

T = TypeVar("T")

MAX_ITEMS = 200

Notes = Annotated[str, StringConstraints(max_length=MAX_HANDOVER_NOTES), AfterValidator(storable)]
NextStep = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NEXT_STEP), AfterValidator(storable)]


class IncidentThen(BaseModel):
    """An incident as it was when the snapshot was made."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    title: str
    severity: int
    status: Status
    assignee_id: UUID | None


class SensorThen(BaseModel):
    """A sensor that was silent, and when it was last heard of."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    last_seen_at: datetime | None


class SuppressionThen(BaseModel):
    """A suppression that was to end."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    ends_at: datetime


class Some(BaseModel, Generic[T]):
    """The first hundred, and how many more there were."""

    items: list[T]
    more: int


class Snapshot(BaseModel):
    """What there was at `at`, without restricted incidents. `since` is when the handover before was made."""

    since: datetime
    at: datetime
    new: Some[IncidentThen] = Field(description="Opened since.")
    over_age: Some[IncidentThen] = Field(description="Unfinished for more than 7 days.")
    waiting: Some[IncidentThen] = Field(description="On hold, or waiting for a review.")
    silent_sensors: Some[SensorThen]
    ending_suppressions: Some[SuppressionThen] = Field(description="Within 24 hours.")


class ItemWrite(Body):
    """What is to be done next in an incident; it may be empty until the handover is signed."""

    incident_id: UUID
    next_step: NextStep = ""


class ItemsWrite(Body):
    """The incidents that are handed over, in their order; in place of those there are."""

    items: list[ItemWrite] = Field(max_length=MAX_ITEMS)

    @model_validator(mode="after")
    def _names_each_incident_once(self) -> Self:
        if len({one.incident_id for one in self.items}) != len(self.items):
            raise ValueError("each incident is named once")
        return self


class ItemRead(BaseModel):
    """What is to be done next in an incident, which is shown as it is now."""

    incident_id: UUID
    number: int
    title: str
    severity: int
    status: Status
    next_step: str


class HandoverCreate(Body):
    """A draft. The caller is the outgoing person."""

    organization_id: UUID | None = None
    shift: Name
    notes: Notes = ""
    incoming_id: UUID | None = None


class HandoverUpdate(Body):
    """What is left out stays as it is. Of a signed one only the incoming person may be changed."""

    shift: Name | None = None
    notes: Notes | None = None
    incoming_id: UUID | None = None


class Acceptance(Body):
    """`move_work` makes the outgoing person's unfinished incidents and open alerts the incoming one's."""

    move_work: StrictBool = False


class HandoverSummary(BaseModel):
    """A handover as lists show it; `revision` is its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    shift: str
    status: Literal["draft", "signed", "accepted"]
    outgoing_id: UUID
    signed_at: datetime | None
    incoming_id: UUID | None
    accepted_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


class HandoverRead(HandoverSummary):
    """A handover. Incidents that the caller may not see by now are left out."""

    notes: str
    snapshot: Snapshot
    items: list[ItemRead]


class Moved(BaseModel):
    """How much went over, and how much stays with the outgoing person: beyond 500 of a kind, or in review."""

    incidents: int = 0
    alerts: int = 0
    left_incidents: int = 0
    left_alerts: int = 0


class HandoverAccepted(HandoverRead):
    """The accepted handover, and what was moved with it."""

    moved: Moved
