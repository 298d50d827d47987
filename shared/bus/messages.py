"""Every message on the bus: its type, its name with a version, and its bytes (zstd over msgpack)."""

from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

import msgspec
import zstandard

from shared.errors import Reject
from shared.normalise.event import Event

MAX_ENVELOPE_EVENTS = 200
MAX_ENVELOPE_BYTES = 256 << 10
MAX_DECODED_BYTES = 64 << 20


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One HTTP request, as far as the writer needs it; an envelope may hold items of several.

    `items_total` counts the whole request: accepted, rejected and ignored, in all its envelopes.
    """

    batch_id: UUID
    sensor_id: UUID
    received_at: datetime
    path: str
    correlation_id: str
    traceparent: str | None
    items_total: int


class EventBatch(msgspec.Struct, frozen=True, tag="EventBatch.v1", tag_field="schema"):
    """Events of one organization: `items` are (index into requests, index in the request, event)."""

    envelope_id: UUID
    organization_id: UUID
    requests: list[Request]
    items: list[tuple[int, int, Event]]


class QuarantinedRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record on its way to the quarantine, with all that a re-drive needs."""

    id: UUID
    record: bytes
    reason: str
    detail: str
    hint: str | None
    ordinal: int
    key: str | None


class Quarantined(msgspec.Struct, frozen=True, tag="Quarantined.v1", tag_field="schema"):
    """Rejected records of one organization, settled like an EventBatch."""

    envelope_id: UUID
    organization_id: UUID
    requests: list[Request]
    items: list[tuple[int, int, QuarantinedRecord]]


class MinuteAccount(msgspec.Struct, frozen=True, array_like=True):
    """What one door did for one sensor in one minute of receipt; counters are cumulative."""

    organization_id: UUID
    sensor_id: UUID
    minute: datetime
    requests: int
    accepted: int
    ignored: int
    unconfirmed: int
    refused: dict[str, int]


class Accounts(msgspec.Struct, frozen=True, tag="Accounts.v1", tag_field="schema"):
    """A door's minutes; `boot_id` is fresh at each start, so a restarted door never undercuts itself."""

    boot_id: UUID
    minutes: list[MinuteAccount]


class Changed(msgspec.Struct, frozen=True, tag="Changed.v1", tag_field="schema"):
    """Rows that changed: ids only, whoever hears it reads the rows."""

    organization_id: UUID
    kind: Literal["alert", "incident", "sensor"]
    ids: list[UUID]


Message = EventBatch | Quarantined | Accounts | Changed
M = TypeVar("M", EventBatch, Quarantined, Accounts, Changed)

_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")
_COMPRESSOR = zstandard.ZstdCompressor(level=1)


def encode(message: Message) -> bytes:
    """The body to publish."""
    return _COMPRESSOR.compress(_ENCODER.encode(message))


def decode(body: bytes, kind: type[M]) -> M:
    """The message in `body`.

    Raises Reject when it is not one of that kind, or would decode to over 64 MiB.
    """
    return _decoded(unpack(body), kind)


def unpack(body: bytes) -> bytes:
    """The msgpack bytes in a body. Raises Reject when they cannot be had within the limit."""
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as reader:
            raw = reader.read(MAX_DECODED_BYTES + 1)
    except zstandard.ZstdError as error:
        raise Reject(f"body is not zstd: {error}", code="envelope_not_zstd") from error
    if len(raw) > MAX_DECODED_BYTES:
        raise Reject("body decodes to more than 64 MiB", code="envelope_too_large")
    return raw


def _decoded(raw: bytes, kind: type[M]) -> M:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise Reject(f"body is no {kind.__name__}: {error}", code="envelope_undecodable") from error
