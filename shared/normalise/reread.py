"""Reads a quarantined record anew: the one thing a re-drive and its dry run must do alike. Pure."""

from datetime import datetime
from uuid import UUID

import msgspec

from shared.normalise import pipeline
from shared.normalise.event import Outcome, Rejected, SensorProfile

MAX_PIECES = 100
MAX_PIECES_BYTES = 8 << 20


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A record in quarantine, with what it needs to reach the identity that it would have had at the door."""

    id: UUID
    organization_id: UUID
    sensor_id: UUID
    received_at: datetime
    hint: str | None
    ordinal: int
    idempotency_key: str | None
    record_index: int
    record: bytes


def read(held: Held, sensor: SensorProfile | None) -> list[Outcome]:
    """What the record holds today, for one post of Alertmanager may hold several; `sensor` None is one deleted since.

    Where a record has neither time, id nor key, its place in quarantine is its identity. One of too many pieces is
    Rejected `several_records`.
    """
    sensor = sensor or SensorProfile(id=held.sensor_id, organization_id=held.organization_id)
    key = held.idempotency_key
    pieces = pieces_of(held.record, held.hint or sensor.format)
    if pieces is None:
        return [Rejected("several_records", f"holds more than {MAX_PIECES} records: send it to the door")]
    return [
        pipeline.normalise(
            record,
            hint=held.hint,
            sensor=sensor,
            received_at=held.received_at,
            ordinal=held.ordinal,
            idempotency=(str(held.id), number) if key is None else (key, held.record_index + number),
        )
        for number, record in enumerate(pieces)
    ]


def pieces_of(record: bytes, hint: str | None) -> list[bytes] | None:
    """The records in it; None beyond 100, or beyond 8 MiB together (each line of a Zeek log repeats its header)."""
    pieces: list[bytes] = []
    size = 0
    for piece in pipeline.split(record, hint):
        pieces.append(piece)
        size += len(piece)
        if len(pieces) > MAX_PIECES or size > MAX_PIECES_BYTES:
            return None
    return pieces
