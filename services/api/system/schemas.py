"""What operators are told of the running system. What cannot be known is null, with the reason."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.api.text import Word
from shared.jobs import period

T = TypeVar("T")


class Part(BaseModel, Generic[T]):
    """One part, or why it is not known."""

    value: T | None = None
    reason: str | None = None


class Versions(BaseModel):
    """Of the product, and of the schema it was written for and that it found."""

    product: str | None = Field(
        description="The installed version; `+checkout` behind it where it runs from one, whose code may be any."
    )
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
    disks: dict[str, Any] | None = Field(
        description="As maintenance last measured them; null before it did. `bytes_per_day` is null where it is not "
        "known, and `measured_over_seconds` says in how much time it was seen: null for the first 15 minutes."
    )
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


ParkedQueue = Literal["events.parked", "changes.parked"]


class ParkedMessage(BaseModel):
    """A message that was given up on: the work queue it came from, the broker's reason, and since when."""

    message_id: str | None
    queue: str | None
    reason: str | None
    at: datetime | None
    attempt: int
    schema_: str | None = Field(alias="schema")
    correlation_id: str | None
    bytes: int
    head: str | None = Field(
        description="How it begins. Null for who operates some organizations only: it may be another's."
    )


class ParkedMessages(BaseModel):
    """How many are in the queue, and the first of them."""

    messages: int
    items: list[ParkedMessage]


class Body(BaseModel):
    """What is sent. `organization_id` is needed of who operates several: in whose audit and jobs it is."""

    model_config = ConfigDict(extra="forbid")

    organization_id: UUID | None = None


def _of_a_period(text: str) -> str:
    period(text)
    return text


class Comparison(Body):
    """Compare both stores, and with `repair` mend what differs; all of them, or one index, or `alerts`,
    or `incidents`."""

    kind: Literal["drift", "repair"]
    index: Word | None = None


class Reindex(Body):
    """Fill a new index of alerts, or of incidents, with today's mapping, then switch to it."""

    kind: Literal["reindex"]
    what: Literal["alerts", "incidents"] = "alerts"


class Rebuild(Body):
    """The same for one period of events: any day of it, or `unclocked`."""

    kind: Literal["rebuild"]
    period: Annotated[
        str,
        Field(
            max_length=30, pattern=r"^(alert|telemetry)/(unclocked|\d{4}-\d{2}-\d{2})$", examples=["alert/2026-11-23"]
        ),
        AfterValidator(_of_a_period),
    ]


class ParkedJob(Body):
    """Put parked messages back on their work queues, or drop them, of which a copy stays with the job.

    Of the first `limit` messages those that fit all that is said; `attempts` is how often a message was tried at most,
    `rate` how many a second are taken at most.
    """

    kind: Literal["parked_requeue", "parked_drop"]
    queue: ParkedQueue
    limit: int = Field(default=100, ge=1, le=10_000)
    origin: Word | None = None
    reason: Word | None = None
    schema_: Word | None = Field(default=None, alias="schema")
    older_than_hours: float | None = Field(default=None, ge=0, le=100_000)
    attempts: int | None = Field(default=None, ge=0, le=1_000_000)
    rate: float | None = Field(default=None, ge=0.1, le=10_000)


JobRequest = Annotated[Comparison | Reindex | Rebuild | ParkedJob, Field(discriminator="kind")]
