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
    """Whether a chain is whole, as far as it was followed: `complete` says to its end.

    Who keeps `entries` and `head` can have it followed from there, and can tell later that nothing was cut off.
    """

    organization_id: UUID
    whole: bool
    complete: bool = Field(description="False where the chain goes on: ask again with `after` and `head` as here.")
    entries: int = Field(description="How many entries of the chain were followed, those before `after` included.")
    waiting: int = Field(description="Entries that are not sealed yet; for more than a minute they are a break.")
    head: str = Field(description="The hash of the last of them, in hex.")
    broken: BrokenRead | None
