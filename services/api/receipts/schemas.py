"""What is said about something that was sent."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

State = Literal["queued_or_unknown", "storing", "stored", "searchable", "quarantined", "redriven", "discarded"]
Search = Literal["found", "pending", "refused", "unavailable"]


class EventRead(BaseModel):
    """Where an event is: its row, the alert it was folded into, and the index that holds its document."""

    id: UUID
    kind: Literal["alert", "telemetry"]
    alert_id: UUID | None
    alert_opened_at: datetime | None = Field(description="By this event, or by one before it.")
    index: str | None


class QuarantinedRead(BaseModel):
    """A record that is no event, and why. The record itself is not shown here."""

    id: UUID
    status: Literal["open", "redriven", "discarded"]
    reason: str
    detail: str


class Receipt(BaseModel):
    """How far something has come, and when it came to each stage. Times that nobody noted are null.

    A record that was re-driven has the stages of its event: it is stored by the re-drive, or was before as a duplicate.
    """

    id: UUID
    kind: Literal["batch", "event", "quarantine"] | None = None
    state: State
    search: Search | None = Field(
        default=None,
        description="pending: will be found; refused: OpenSearch does not take the document, Postgres has it; "
        "unavailable: OpenSearch could not be asked.",
    )
    sensor_id: UUID | None = None
    batch_id: UUID | None = None
    correlation_id: str | None = None
    accepted_at: datetime | None = Field(default=None, description="At the door.")
    stored_at: datetime | None = Field(default=None, description="Of a batch: when the last of it was settled.")
    searchable_at: datetime | None = Field(
        default=None,
        description="When all that the batch stored could be found; its duplicates are told of by the receipt of the "
        "request that stored them. Nobody notes it for an event that came alone: there it is null for ever, and "
        "`search` says whether it can be found now.",
    )
    redriven_at: datetime | None = Field(default=None, description="When the record left quarantine as an event.")
    discarded_at: datetime | None = Field(default=None, description="When the record was discarded from quarantine.")
    items: int | None = Field(
        default=None, description="Records the broker took, without those that the reply calls ignored or refused."
    )
    stored: int | None = None
    duplicate: int | None = None
    quarantined: int | None = None
    event: EventRead | None = None
    quarantine: QuarantinedRead | None = None
