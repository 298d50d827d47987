"""What a record becomes: an Event, a Rejected or an Ignored; and what we must know of its sensor."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["alert", "telemetry"]
KINDS: tuple[Kind, Kind] = ("alert", "telemetry")

MAX_RECORD_BYTES = 1 << 20
MAX_DOCUMENT_BYTES = 256 << 10
MAX_OBSERVABLES = 100
MAX_DEPTH = 64


class SensorProfile(msgspec.Struct, frozen=True):
    """The settings of a sensor that change how its records are read.

    `format` is a format's name or None (found by shape); `zone` an IANA name for times without one;
    `ignored_types` are `format:type` words such as `suricata_eve:stats`; `severity_overrides` map a
    rule id to a severity of 1 to 5.
    """

    id: UUID
    organization_id: UUID
    name: str = ""
    format: str | None = None
    zone: str = "UTC"
    ignored_types: frozenset[str] = frozenset({"suricata_eve:stats"})
    severity_overrides: dict[str, int] = {}


class Event(msgspec.Struct, frozen=True, array_like=True):
    """One normalised record, immutable.

    `id` and `twin_id` are the two forms of one identity (with the sensor's time and with time zero);
    which is which depends on the clock rules, the pair itself does not. `twin_id` is None where only one
    form can ever exist. `fingerprint` is 16 bytes, `digest` 8. `severity` is 1 to 5 (OCSF numbers).
    `resolved_at` is set on events by which a source says the matter is over.
    `grouping` names the format's table that made the fingerprint, with its version (`suricata_eve@1`).
    `observable_fields` are, for each of `observables`, the ECS fields it stands in, by commas; an older program's
    message has none. `document` is one JSON object whose last key is `alert`; `original` the record's bytes as
    received.
    """

    id: UUID
    twin_id: UUID | None
    time: datetime
    received_at: datetime
    kind: Kind
    fingerprint: bytes
    severity: int
    title: str
    rule_id: str | None
    module: str
    dataset: str
    resolved_at: datetime | None
    grouping: str
    observables: list[tuple[str, str]]
    techniques: list[str]
    digest: bytes
    document: bytes
    original: bytes
    observable_fields: list[str] = []

    @property
    def resolves(self) -> bool:
        """True when the source says the matter is over."""
        return self.resolved_at is not None


class Rejected(msgspec.Struct, frozen=True):
    """A record we could not turn into an event; it goes to quarantine whole.

    `reason` is a stable word (`not_json`, `too_deep`, `not_utf8`, …), `detail` says what was expected.
    """

    reason: str
    detail: str


class Ignored(msgspec.Struct, frozen=True):
    """A record of a type its sensor is set to leave out, such as `suricata_eve:stats`: counted, not kept."""

    type: str


Outcome = Event | Rejected | Ignored
