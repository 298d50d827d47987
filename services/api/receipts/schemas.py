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
    index: str | None


class QuarantinedRead(BaseModel):
    """A record that is no event, and why. The record itself is not shown here."""

    id: UUID
    status: Literal["open", "redriven", "discarded"]
    reason: str
    detail: str


class Receipt(BaseModel):
    """How far something has come. Times that nobody noted are null.

    `searchable_at` is noted for batches only; of a single event `search` says whether it can be found now.
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
    accepted_at: datetime | None = None
    stored_at: datetime | None = None
    searchable_at: datetime | None = None
    items: int | None = None
    stored: int | None = None
    duplicate: int | None = None
    quarantined: int | None = None
    event: EventRead | None = None
    quarantine: QuarantinedRead | None = None
