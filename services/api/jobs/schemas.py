"""What is said about jobs over the API."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["draft", "pending", "running", "done", "failed", "cancelled"]
ItemStatus = Literal["pending", "done", "skipped", "failed"]


class JobRead(BaseModel):
    """A job, and how far it is: `done`, `skipped` and `failed` of `total` rows.

    A `draft` is a preview: its rows are fixed, and nothing is done until it is started, within the hour.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    kind: str
    status: Status
    parameters: dict[str, Any]
    result: dict[str, Any]
    error: str | None
    total: int
    done: int
    skipped: int
    failed: int
    undo_of_id: UUID | None = Field(description="The job that this one takes back.")
    undone_by_id: UUID | None = Field(default=None, description="The job that takes this one back, or has.")
    created_by_id: UUID | None
    cancel_requested_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime


class JobItemRead(BaseModel):
    """What became of one row; `reason` says why it was left or could not be done.

    A `pending` one of a job that was cancelled or has failed is as it was, and stays so.
    """

    model_config = ConfigDict(from_attributes=True)

    ordinal: int
    target_id: UUID
    status: ItemStatus
    reason: str | None = Field(description="A stable word, as problems have in `code`.")
