"""What is said about sensors over the API."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from services.api.text import AsNumber, Duration, Format, Name, Severity, Word, Zone, optional, whole

MAX_TRIED_BYTES = 64 << 10
MAX_OVERLAP = 30 * 24 * 3600
DAY = 24 * 3600
MIN_INTERVAL, MAX_INTERVAL = timedelta(seconds=1), timedelta(days=366)


def _normal_silence(given: timedelta) -> timedelta:
    if not MIN_INTERVAL <= given <= MAX_INTERVAL:
        raise ValueError("a second to 366 days")
    return whole(given)


Rate = Annotated[
    int, Field(ge=1, le=1_000_000, description="Most records a second; null is the door's default."), AsNumber
]
IgnoredTypes = Annotated[
    list[Word], Field(max_length=100, description="Record types that are counted and not kept: `suricata_eve:stats`.")
]
SeverityOverrides = Annotated[
    dict[Word, Severity],
    Field(max_length=1000, description="Severity (1 to 5) by rule id, in place of the sensor's own."),
]
ExpectedInterval = Annotated[
    timedelta,
    AfterValidator(_normal_silence),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": MIN_INTERVAL.total_seconds(), "maximum": MAX_INTERVAL.total_seconds()},
                {"type": "string", "format": "duration"},
            ]
        },
        mode="validation",
    ),
    Field(description="Longest silence that is normal: whole seconds, or ISO 8601 (`PT5M`)."),
]
Status = Literal["active", "disabled"]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SensorCreate(_Input):
    """A new sensor. What is left out has the default the table has."""

    name: Name
    format: Format | None = Field(default=None, description="Null: found by each record's shape.")
    zone: Zone = "UTC"
    rate_per_second: Rate | None = None
    ignored_types: IgnoredTypes = optional()
    severity_overrides: SeverityOverrides = optional()
    expected_interval: ExpectedInterval | None = None
    organization_id: UUID | None = None


class SensorUpdate(_Input):
    """What is to change; all else stays."""

    name: Name = optional()
    format: Format | None = None
    zone: Zone = optional()
    rate_per_second: Rate | None = None
    ignored_types: IgnoredTypes = optional()
    severity_overrides: SeverityOverrides = optional()
    expected_interval: ExpectedInterval | None = None
    status: Status = optional()


class SensorRead(BaseModel):
    """A sensor."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    organization_id: UUID
    name: str
    format: str | None
    zone: str
    rate_per_second: int | None
    ignored_types: list[str]
    severity_overrides: dict[str, int]
    expected_interval: Duration | None
    status: Status
    last_seen_at: datetime | None = Field(description="The minute in which a record last came.")
    silent: bool | None = Field(
        description="Whether nothing came for longer than `expected_interval`; null where that is not set, or for a "
        "disabled sensor."
    )
    revision: int
    created_at: datetime
    updated_at: datetime


class KeyRead(BaseModel):
    """A key, without the secret: `prefix` tells it from others."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(
        description="The minute in which a request last came with it, be it refused for another reason; null: never."
    )


class KeyCreated(KeyRead):
    """A fresh key. `key` is shown this once and can never be asked for again."""

    key: str


class SensorDetail(SensorRead):
    """A sensor with its keys, the newest hundred."""

    keys: list[KeyRead]


class SensorCreated(SensorRead):
    """A fresh sensor with its key, which is shown this once."""

    key: KeyCreated


class KeyRotate(_Input):
    """How a key is replaced."""

    overlap_seconds: Annotated[int, Field(ge=0, le=MAX_OVERLAP), AsNumber] = Field(
        default=DAY, description="How long the old keys stay good; 0 ends them now (doors hear of it within seconds)."
    )


def _of_a_trial(text: str) -> str:
    if len(text.encode()) > MAX_TRIED_BYTES:
        raise ValueError(f"at most {MAX_TRIED_BYTES} bytes")
    return text


class RecordTrial(_Input):
    """A record as its sender would send it, and the format where the path of the door would name one."""

    record: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TRIED_BYTES), AfterValidator(_of_a_trial)]
    format: Format | None = None


class UnregisteredTrial(RecordTrial):
    """The same without a sensor: as one would be set that nobody has registered yet."""

    zone: Zone = "UTC"
    organization_id: UUID | None = None
