"""What is said about people and their roles over the API."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.api.auth.schemas import Email
from services.api.text import Name
from shared.domain.permissions import Role


class Body(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid")


class UserCreate(Body):
    """Somebody new, or somebody of another organization that the caller administers too."""

    email: Email
    name: Name
    role: Role
    organization_id: UUID | None = None


class UserUpdate(Body):
    """Another role here. `disabled` ends all sessions at once, and all that the person made stays."""

    role: Role | None = None
    name: Name | None = None
    disabled: StrictBool | None = None


class MemberRead(BaseModel):
    """A person in an organization; how they sign in is told to themselves and to who administers it, left out else."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    email: str
    name: str
    role: Role
    source: str
    disabled_at: datetime | None
    created_at: datetime
    totp_enabled: bool | None = None
    last_login_at: datetime | None = Field(default=None, description="Null is never.")


class FirstPassword(BaseModel):
    """It has to be changed at the first sign-in, within a week, and is shown this once."""

    password: str


class MemberCreated(MemberRead):
    """With a first password that has to be changed, shown this once; none for who had one already."""

    password: str | None
