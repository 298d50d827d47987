"""What is said about invitations over the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.api.auth.schemas import Email
from services.api.text import printable
from shared.domain.permissions import Role


class Body(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")


class InvitationCreate(Body):
    """Who is asked to join, and as what. Another invitation of the same address takes the place of the first."""

    email: Email
    role: Role
    organization_id: UUID | None = None


class InvitationRead(BaseModel):
    """An invitation nobody has accepted yet; after `expires_at` nobody can."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    email: str
    role: Role
    expires_at: datetime
    created_at: datetime


class InvitationCreated(InvitationRead):
    """With the code that accepts it, shown this once: for the person, and not for who administers the account."""

    code: str


class InvitationAccept(Body):
    """The code that the inviting organization handed over."""

    code: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(printable)]
