"""What is said about quarantined records over the API."""

import base64
import binascii
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, model_validator

from services.api.text import Format, Moment, Word
from shared.normalise.event import MAX_RECORD_BYTES

MAX_IDS = 1000
# Room for a record of a mebibyte in base64, always; as text, where few of its characters have to be escaped.
MAX_BODY_BYTES = 2 << 20
MAX_BASE64 = 4 * -(-MAX_RECORD_BYTES // 3)

Status = Literal["open", "redriven", "discarded"]
Request = Literal["redrive", "discard"]
Text = Annotated[str, StringConstraints(max_length=MAX_RECORD_BYTES)]
Base64 = Annotated[str, StringConstraints(max_length=MAX_BASE64)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecordRead(BaseModel):
    """A record as lists show it. `bytes` is the length of what a re-drive would read, `head` its first bytes, as text.

    `event_id` is what a re-drive made of it. `requested` is what somebody wants done and the indexer has not done yet.
    `revision` is its ETag.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    sensor_id: UUID
    batch_id: UUID
    received_at: datetime
    path: str
    format: str | None = Field(description="The format it is read as; null: the sensor's, or found by its shape.")
    reason: str
    detail: str
    status: Status
    event_id: UUID | None
    requested: Request | None
    requested_at: datetime | None
    requested_by: str | None
    edited: bool
    bytes: int
    head: str
    revision: int
    created_at: datetime
    updated_at: datetime


class Content(BaseModel):
    """A record's bytes, twice: in `text` what is not UTF-8 shows as U+FFFD, `base64` is exact."""

    text: str
    base64: str

    @classmethod
    def of(cls, record: bytes) -> Self:
        """The content of these bytes."""
        return cls(text=record.decode("utf-8", "replace"), base64=base64.b64encode(record).decode())


class HistoryEntry(BaseModel):
    """Something that was done to the record."""

    at: datetime
    by: str | None
    what: str


class RecordDetail(RecordRead):
    """One record whole: as it was received, and the edited copy that a re-drive reads instead."""

    record: Content
    edited_record: Content | None
    history: list[HistoryEntry] = Field(description="Oldest first, the last hundred.")


class Group(BaseModel):
    """How many records have this sensor, reason, status and request in common, and when they were received."""

    model_config = ConfigDict(from_attributes=True)

    sensor_id: UUID
    sensor: str | None
    reason: str
    status: Status
    requested: Request | None
    records: int
    oldest: datetime
    newest: datetime


class Summary(BaseModel):
    """The greatest groups first; `more` where there are others beside these."""

    groups: list[Group]
    more: bool


class Mended(_Input):
    """A record's bytes, as `text` (UTF-8) or as `base64`, and the format to read them as."""

    text: Text | None = None
    base64: Base64 | None = None
    format: Format | None = None

    @cached_property
    def record(self) -> bytes | None:
        """The bytes. Raises ValueError."""
        if self.base64 is None:
            return None if self.text is None else self.text.encode()
        try:
            return base64.b64decode(self.base64, validate=True)
        except binascii.Error:
            raise ValueError("base64 is not of the standard alphabet with its padding") from None

    @model_validator(mode="after")
    def _one_record(self) -> Self:
        if self.text is not None and self.base64 is not None:
            raise ValueError("text or base64, not both")
        if self.record is not None and not 0 < len(self.record) <= MAX_RECORD_BYTES:
            raise ValueError(f"a record has 1 to {MAX_RECORD_BYTES} bytes")
        return self


class RecordUpdate(Mended):
    """What is to be read instead of the bytes received; null takes the edit back, what is left out stays."""

    @property
    def edits_record(self) -> bool:
        """True where the bytes are to change, be it back."""
        return bool({"text", "base64"} & self.model_fields_set)

    @property
    def edits_format(self) -> bool:
        """True where the format is to change, be it back."""
        return "format" in self.model_fields_set


class Selection(_Input):
    """Which records: those that all of this is true of. Something must be said, be it `all`."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_IDS)] | None = None
    reason: Word | None = None
    sensor_id: UUID | None = None
    received_from: Moment | None = Field(default=None, description="Received at this moment or later.")
    received_to: Moment | None = Field(default=None, description="Received before this moment.")
    all_: StrictBool = Field(default=False, alias="all", description="All, as far as nothing else is said.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        criteria = (self.ids, self.reason, self.sensor_id, self.received_from, self.received_to)
        if not self.all_ and all(one is None for one in criteria):
            raise ValueError("say which: ids, reason, sensor_id, received_from, received_to, or all")
        return self


class RedriveSelection(Selection):
    """Which records, and the format to read them as from now on; left out, each keeps its own."""

    format: Format | None = None


class Requested(BaseModel):
    """How many records were marked, and whether as many again may be waiting: then ask again.

    0 where no open record matches, or all that do were marked before.
    """

    requested: int
    more: bool


class Cancelled(BaseModel):
    """How many requests were taken back, and whether there are more: then ask again."""

    cancelled: int
    more: bool
