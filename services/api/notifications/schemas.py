"""What is said about channels, routes and notifications over the API."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, AliasPath, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from services.api.text import AsNumber, Name, Severity, Zone, printable
from shared.domain.notification import Kind as Kinds

MAX_URL = 2000
MIN_KEY = 16

Format = Literal["generic", "slack", "teams", "mattermost"]
Status = Literal["pending", "sent", "coalesced", "failed"]
Kind = Literal[
    "alert.critical", "alert.assigned", "note.mention", "job.done", "disk.forecast", "sensor.silent",
    "incident.assigned", "incident.review_wanted", "incident.review_decided", "incident.glass_broken",
    "handover.waiting", "handover.accepted", "clock.warning", "clock.breached",
]  # fmt: skip

assert {*get_args(Kind), Kinds.CHANNEL_TEST} == set(Kinds)


def _callable(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        known = False
    if not known:
        raise ValueError("an https URL, without a login in it")
    return url


def _address(text: str) -> str:
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or " " in text or any(one in text for one in ",;<>\"'()"):
        raise ValueError("an e-mail address")
    return text


Address = Annotated[
    str, StringConstraints(min_length=3, max_length=254), AfterValidator(printable), AfterValidator(_address)
]
Addresses = Annotated[list[Address], Field(min_length=1, max_length=20)]
Url = Annotated[
    str, StringConstraints(min_length=8, max_length=MAX_URL), AfterValidator(printable), AfterValidator(_callable)
]
SigningKey = Annotated[str, StringConstraints(min_length=MIN_KEY, max_length=256), AfterValidator(printable)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", max_length=5)]
Days = Annotated[
    list[Annotated[int, Field(ge=0, le=6), AsNumber]],
    Field(
        min_length=1, max_length=7, description="Days on which it begins: 0 is Monday, 6 is Sunday; all, if left out."
    ),
]


class Body(BaseModel):
    """What is sent."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class EmailChannel(Body):
    """A list of addresses that are written to."""

    kind: Literal["email"]
    name: Name
    to: Addresses
    organization_id: UUID | None = None


class WebhookChannel(Body):
    """A URL that is called. It is a secret, and never shown again: of a chat's it is all that one needs to write there.

    `key` signs what is sent; one is made if none is given, and shown once.
    """

    kind: Literal["webhook"]
    name: Name
    url: Url
    format: Format = "generic"
    key: SigningKey | None = None
    organization_id: UUID | None = None


ChannelCreate = Annotated[EmailChannel | WebhookChannel, Field(discriminator="kind")]


class ChannelUpdate(Body):
    """What is left out stays as it is. `to` is an e-mail channel's, `url`, `format` and `key` are a webhook's."""

    name: Name | None = None
    to: Addresses | None = None
    url: Url | None = None
    format: Format | None = None
    key: SigningKey | None = None
    disabled: StrictBool | None = None


class ChannelRead(BaseModel):
    """A channel; `revision` is its ETag. Of a webhook's URL only the host is shown."""

    id: UUID
    organization_id: UUID
    kind: Literal["email", "webhook"]
    name: str
    to: list[str] | None
    format: Format | None
    host: str | None
    disabled_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


class ChannelCreated(ChannelRead):
    """With what a webhook's messages are signed with, which is not shown again."""

    key: str | None


class QuietHours(Body):
    """From when to when on the wall clock of `zone`, on the `days` (0 is Monday) on which it begins."""

    from_: Clock = Field(alias="from")
    to: Clock
    zone: Zone = "UTC"
    days: Days = Field(default_factory=lambda: list(range(7)))

    def kept(self) -> dict[str, Any]:
        """The column's value."""
        return {"from": self.from_, "to": self.to, "zone": self.zone, "days": sorted(set(self.days))}


RouteKinds = Annotated[list[Kind], Field(min_length=1, max_length=len(get_args(Kind)))]
Coalesce = Annotated[
    int,
    Field(ge=0, le=3600, description="One message in so many seconds; 0 is one for each thing."),
    AsNumber,
]


class RouteCreate(Body):
    """Which kinds go where: to the channel, or without one by e-mail to the caller."""

    channel_id: UUID | None = None
    kinds: RouteKinds
    min_severity: Severity = 1
    quiet_hours: QuietHours | None = None
    coalesce_seconds: Coalesce = 60
    organization_id: UUID | None = None


class RouteUpdate(Body):
    """What is left out stays as it is. A disabled route of one's own means: nothing of these kinds."""

    kinds: RouteKinds | None = None
    min_severity: Severity | None = None
    quiet_hours: QuietHours | None = None
    coalesce_seconds: Coalesce | None = None
    disabled: StrictBool | None = None


class RouteRead(BaseModel):
    """A route; `revision` is its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    channel_id: UUID | None
    user_id: UUID | None
    kinds: list[str]
    min_severity: int
    quiet_hours: QuietHours | None
    coalesce_seconds: int
    disabled_at: datetime | None
    revision: int
    created_at: datetime
    updated_at: datetime


class NotificationRead(BaseModel):
    """What somebody, or a channel, was to be told, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    kind: str
    severity: int
    subject: str
    object_kind: str | None
    object_id: UUID | None
    query: str | None = Field(
        default=None,
        validation_alias=AliasPath("content", "query"),
        description="What finds the things it is of, where it is of several.",
    )
    channel_id: UUID | None
    user_id: UUID | None
    status: Status
    due_at: datetime
    attempts: int
    last_error: str | None
    sent_at: datetime | None
    sent_with_id: UUID | None
    created_at: datetime
