"""What is said about events over the API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.pagination import Page


class EventListed(BaseModel):
    """An event as lists show it; its document is at `/events/{id}`."""

    id: UUID
    organization_id: UUID
    kind: str
    time: datetime
    severity: int
    title: str | None
    module: str | None
    dataset: str | None
    rule_id: str | None
    rule_name: str | None
    source_ip: list[str]
    destination_ip: list[str]
    host: list[str]
    user: list[str]
    sensor_id: UUID
    alert_id: UUID | None


class EventFound(EventListed):
    """An event as its search shows it, with what the fields that were asked for hold, as far as they hold anything."""

    fields: dict[str, list[str | int | float | bool]]


class EventPage(Page[EventFound]):
    """A piece of a list of events, the latest first."""


class EventDetail(BaseModel):
    """One event: `document` by ECS names, and the record as it was received where that was asked for."""

    id: UUID
    organization_id: UUID
    kind: str
    time: datetime
    received_at: datetime
    severity: int
    sensor_id: UUID
    batch_id: UUID
    alert_id: UUID | None
    document: dict[str, Any]
    original: str | None = Field(description="The record's bytes as text, or in base64 where they are no UTF-8.")
    original_encoding: str | None = Field(description="`utf-8` or `base64`.")


class BucketRead(BaseModel):
    """How many events there were from `start` on, by kind."""

    start: datetime
    alert: int
    telemetry: int


class HistogramRead(BaseModel):
    """Buckets of one length, the first one first."""

    interval_seconds: int
    buckets: list[BucketRead]
