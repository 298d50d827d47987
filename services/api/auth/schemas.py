"""What is said about signing in over the API."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StrictBool, StringConstraints

from services.api.passwords import MOST
from services.api.text import Name, Word, known_zone, printable, storable
from shared.domain.permissions import Permission, Role

MAX_EMAIL = 254
# One @ with something on both sides: whether mail arrives there is for a mail to show.
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=MAX_EMAIL, pattern=r"^[^@\s]+@[^@\s]+$"),
    AfterValidator(printable),
]


def _encodable(secret: SecretStr) -> SecretStr:
    storable(secret.get_secret_value())
    return secret


Secret = Annotated[SecretStr, Field(min_length=1, max_length=MOST), AfterValidator(_encodable)]
Code = Annotated[SecretStr, Field(min_length=6, max_length=20), AfterValidator(_encodable)]


class Login(BaseModel):
    """`code` is of the authenticator app, or a recovery code; it is asked for where the person has set one up."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Secret
    code: Code | None = None


class MembershipRead(BaseModel):
    """What a person is in an organization, and what that allows."""

    organization_id: UUID
    organization: str
    role: Role
    permissions: list[Permission]


class UserRead(BaseModel):
    """A person."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str


def _shown_zone(name: str) -> str:
    return name if name in ("utc", "local") else known_zone(name)


ShownZone = Annotated[Word, AfterValidator(_shown_zone)]


class Preferences(BaseModel):
    """How somebody likes to see things, in every browser of theirs; null where they left it to the browser."""

    model_config = ConfigDict(extra="forbid")

    theme: Literal["system", "dark", "light"] | None = None
    density: Literal["compact", "default", "comfortable"] | None = None
    zone: ShownZone | None = Field(default=None, description="`utc`, `local` as the browser has it, or an IANA zone.")
    shortcuts: StrictBool | None = Field(default=None, description="Whether single keys do something.")


class ProfileUpdate(BaseModel):
    """Another name, or other preferences: of these only what is named changes, and null leaves it to the browser."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    preferences: Preferences | None = None


class ProfileRead(BaseModel):
    """A person as they see to themselves."""

    user: UserRead
    preferences: Preferences


class SessionRead(BaseModel):
    """Who is signed in. Requests that change something carry `csrf_token` in the header X-CSRF-Token."""

    user: UserRead
    memberships: list[MembershipRead]
    csrf_token: str
    expires_at: datetime
    totp_enabled: bool
    must_change_password: bool
    preferences: Preferences


class SessionListed(BaseModel):
    """One place where the person is signed in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    address: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool = False


class PasswordChange(BaseModel):
    """The password now, and the next one; `end_tokens` ends the person's API tokens too."""

    model_config = ConfigDict(extra="forbid")

    current: Secret
    new: Secret
    end_tokens: bool = False


class PasswordGiven(BaseModel):
    """For what somebody at an unlocked screen must not do."""

    model_config = ConfigDict(extra="forbid")

    password: Secret


class TotpBegun(BaseModel):
    """For the authenticator app; it is asked for once `confirm` has seen a code of it."""

    secret: str
    uri: str


class TotpConfirm(BaseModel):
    """A code of the authenticator app, and the password of who has one."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    password: Secret | None = None


class RecoveryCodes(BaseModel):
    """Each stands in for one code of the app; they are shown this once."""

    codes: list[str]


class Methods(BaseModel):
    """How people sign in here."""

    password: bool
    oidc: str | None = Field(description="The identity provider's name for the button, where there is one.")
