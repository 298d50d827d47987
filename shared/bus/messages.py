"""Every message on the bus: its type, its name with a version, and its bytes (zstd over msgpack)."""

from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

import msgspec
import zstandard

from shared.errors import Reject
from shared.normalise.event import Event

MAX_ENVELOPE_EVENTS = 200
MAX_ENVELOPE_BYTES = 1 << 20
MAX_DECODED_BYTES = 64 << 20


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One HTTP request, as far as the writer needs it; an envelope may hold items of several.

    `items_total` counts the records of the whole request that travel, events and quarantined ones, in
    all its envelopes: a receipt is complete when as many are settled. `hint` (a format's name) and `key`
    (the Idempotency-Key) are kept so that a re-drive reads a record as the door did.
    """

    batch_id: UUID
    sensor_id: UUID
    received_at: datetime
    path: str
    correlation_id: str
    traceparent: str | None
    items_total: int
    hint: str | None = None
    key: str | None = None


class EventItem(msgspec.Struct, frozen=True, array_like=True):
    """An event and where it came from: which of the envelope's requests, index and ordinal within it."""

    request: int
    index: int
    ordinal: int
    event: Event


class EventBatch(msgspec.Struct, frozen=True, tag="EventBatch.v1", tag_field="schema"):
    """Events of one organization."""

    envelope_id: UUID
    organization_id: UUID
    requests: list[Request]
    items: list[EventItem]


class QuarantinedItem(msgspec.Struct, frozen=True, array_like=True):
    """A record on its way to the quarantine: its id there, its bytes, and where it came from."""

    request: int
    index: int
    ordinal: int
    id: UUID
    record: bytes
    reason: str
    detail: str


class Quarantined(msgspec.Struct, frozen=True, tag="Quarantined.v1", tag_field="schema"):
    """Rejected records of one organization, settled like an EventBatch."""

    envelope_id: UUID
    organization_id: UUID
    requests: list[Request]
    items: list[QuarantinedItem]


class MinuteAccount(msgspec.Struct, frozen=True, array_like=True):
    """What one door did for one sensor in one minute of receipt; counters are cumulative.

    `keys` are the ids of the sensor's keys that it was shown; doors of earlier versions do not tell.
    """

    organization_id: UUID
    sensor_id: UUID
    minute: datetime
    requests: int
    accepted: int
    ignored: int
    unconfirmed: int
    refused: dict[str, int]
    keys: list[UUID] = []


class Accounts(msgspec.Struct, frozen=True, tag="Accounts.v1", tag_field="schema"):
    """A door's minutes; `boot_id` is fresh at each start, so a restarted door never undercuts itself."""

    boot_id: UUID
    minutes: list[MinuteAccount]


class Changed(msgspec.Struct, frozen=True, tag="Changed.v1", tag_field="schema"):
    """Rows that changed: ids only, whoever hears it reads the rows."""

    organization_id: UUID
    kind: Literal["alert", "incident", "sensor", "job", "suppression"]
    ids: list[UUID]


Message = EventBatch | Quarantined | Accounts | Changed
M = TypeVar("M", EventBatch, Quarantined, Accounts, Changed)

_ENCODER = msgspec.msgpack.Encoder(uuid_format="bytes")
_COMPRESSOR = zstandard.ZstdCompressor(level=1)


def encode(message: Message) -> bytes:
    """The body to publish."""
    return _COMPRESSOR.compress(_ENCODER.encode(message))


def encoded(event: Event) -> msgspec.Raw:
    """An event encoded ahead, to stand in its `EventItem` as it is: so its size is known, and one that
    cannot be encoded cannot spoil an envelope.

    Raises what the encoder raises for a value it cannot write.
    """
    return msgspec.Raw(_ENCODER.encode(event))


def decode(body: bytes, kind: type[M]) -> M:
    """The message in `body`.

    Raises Reject when it is not one of that kind, or would decode to over 64 MiB.
    """
    return _decoded(unpack(body), kind)


def unpack(body: bytes) -> bytes:
    """The msgpack bytes in a body. Raises Reject when they cannot be had within the limit."""
    try:
        # Our compressor writes the size into the frame; a frame without it is not ours.
        if (size := zstandard.frame_content_size(body)) > MAX_DECODED_BYTES:
            raise Reject("body decodes to more than 64 MiB", code="envelope_too_large")
        if size < 0:
            raise Reject("body is zstd that does not tell its size", code="envelope_not_zstd")
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(body)
    except zstandard.ZstdError as error:
        raise Reject(f"body is not zstd: {error}", code="envelope_not_zstd") from error


def _decoded(raw: bytes, kind: type[M]) -> M:
    try:
        return msgspec.msgpack.decode(raw, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise Reject(f"body is no {kind.__name__}: {error}", code="envelope_undecodable") from error
