"""What is said about the audit over the API."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class EntryRead(BaseModel):
    """Who did what to what. `changes` map a field to its value before and after.

    `sequence` is its place in its organization's chain, `hash` what the chain keeps of it, in hex; both null for the
    second until it is sealed.
    """

    id: UUID
    organization_id: UUID
    actor: Literal["user", "token", "system"]
    actor_id: UUID | None
    actor_name: str
    action: str
    kind: str
    object_id: UUID | None
    changes: dict[str, Any]
    details: dict[str, Any]
    correlation_id: str | None
    address: str | None
    created_at: datetime
    sequence: int | None
    hash: str | None


class BrokenRead(BaseModel):
    """The first place where a chain does not hold."""

    id: UUID | None
    sequence: int | None
    reason: str


class ChainRead(BaseModel):
    """Whether a chain is whole. Who keeps `head` elsewhere can tell later that nothing was cut off its end."""

    organization_id: UUID
    whole: bool
    entries: int = Field(description="How many entries the chain has.")
    waiting: int = Field(description="Entries that are not sealed yet; for more than a minute they are a break.")
    head: str = Field(description="The hash of the last entry, in hex.")
    broken: BrokenRead | None
