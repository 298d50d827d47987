"""What is said about organizations over the API."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.api.text import Name
from shared.domain.triage import Verdict


class OrganizationRead(BaseModel):
    """An organization the caller belongs to."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    created_at: datetime


class ReasonCreate(BaseModel):
    """A reason of the organization's own for closing alerts with this verdict."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    name: Name


class ReasonRead(BaseModel):
    """A reason; a built-in one has no id. A retired one is no longer offered."""

    id: UUID | None
    verdict: Verdict
    name: str
    retired_at: datetime | None
