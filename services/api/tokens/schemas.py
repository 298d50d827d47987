"""What is said about API tokens over the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.api.auth.schemas import Secret
from services.api.text import AsNumber, Name
from shared.domain.permissions import Permission


class TokenCreate(BaseModel):
    """What a machine may do, at most what its maker may, and until when: a year at most.

    `password` is the maker's, who has one: a token outlives the session it is made in.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name
    scopes: Annotated[list[Permission | Literal["*"]], Field(min_length=1, max_length=len(Permission))]
    expires_days: Annotated[int, Field(ge=1, le=366), AsNumber] = 90
    organization_id: UUID | None = None
    password: Secret | None = None


class TokenRead(BaseModel):
    """A token, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_by_id: UUID | None
    created_at: datetime


class TokenCreated(TokenRead):
    """With the secret, which is shown this once."""

    token: str
