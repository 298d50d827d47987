"""What operators are told of the running system. What cannot be known is null, with the reason."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class Part(BaseModel, Generic[T]):
    """One part, or why it is not known."""

    value: T | None = None
    reason: str | None = None


class Versions(BaseModel):
    """Of the product, and of the schema it was written for and that it found."""

    product: str | None = Field(description="Null where it runs from a checkout.")
    schema_head: str
    schema_found: str | None
    postgres: str


class Queue(BaseModel):
    """Messages that wait, and those handed out and not yet acknowledged; null where nobody counts these."""

    name: str
    ready: int
    unacknowledged: int | None
    consumers: int
    parked: bool = Field(description="What is in it waits for somebody to look.")


class Broker(BaseModel):
    """RabbitMQ; its version is null without the management API."""

    version: str | None
    blocked: bool
    queues: list[Queue]
    parked: int = Field(description="Messages in the parked queues.")


class Backlog(BaseModel):
    """Rows that wait for another process; a count of `most` means that many or more."""

    rows: int
    oldest_at: datetime | None = Field(description="Of the rows that were counted.")
    refused: int | None = Field(default=None, description="Of these, documents that OpenSearch refused.")


class Backlogs(BaseModel):
    """Changes that nobody was told of yet, and rows that search does not know yet."""

    most: int
    outbox: Backlog
    projection: Backlog


class Generation(BaseModel):
    """An index that is read, or that is being filled."""

    line: str
    generation: int
    index: str
    state: str
    updated_at: datetime


class Controls(BaseModel):
    """What processes wrote down, as they did."""

    brake: dict[str, Any] = Field(description="`held_since` while it is held, `released_until` after an override.")
    retention_floors: dict[str, datetime] = Field(description="By kind: what is older is not taken in.")
    disks: dict[str, Any] | None = Field(description="As maintenance last measured them; null before it did.")
    store_jobs: dict[str, dict[str, Any]] = Field(
        description="Jobs on the stores by name: how far, and how the last one ended. `drift` and `repair` name the "
        "indices that differed."
    )


class System(BaseModel):
    """The running system."""

    dependencies: dict[str, Any] = Field(description="As `/readyz` shows them.")
    versions: Part[Versions]
    search: Part[str] = Field(description="OpenSearch's version.")
    broker: Part[Broker]
    backlogs: Part[Backlogs]
    generations: Part[list[Generation]]
    controls: Part[Controls]
