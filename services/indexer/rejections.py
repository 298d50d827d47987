"""Puts records into the table `quarantine`, whole, with the reason: from the door and from the writer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection
from shared import clock
from shared.bus.messages import Quarantined, Request
from shared.normalise.quarantine_id import quarantine_id

IDENTITY_CONFLICT = "identity_conflict"
OLDER_THAN_RETENTION = "older_than_retention"
DATABASE_ERROR = "database_error"

MAX_DETAIL = 1000

INSERT = """
    INSERT INTO quarantine (id, organization_id, sensor_id, batch_id, received_at, hint, ordinal,
                            idempotency_key, record_index, reason, detail, path, record)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::text[],
                         $7::int[], $8::text[], $9::int[], $10::text[], $11::text[], $12::text[], $13::bytea[])
    ON CONFLICT DO NOTHING
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that does not become a row of `events`."""

    id: UUID
    organization_id: UUID
    request: Request
    index: int
    ordinal: int
    record: bytes
    reason: str
    detail: str


def identity_conflict(arrival: Arrival, stored: UUID) -> Rejection:
    """The event has the identity of a stored one, with other content."""
    return _rejection(arrival, IDENTITY_CONFLICT, f"event {stored} has the same identity and other content")


def older_than_retention(arrival: Arrival, floor: datetime) -> Rejection:
    """The event is older than anything retention keeps."""
    time = clock.isoformat(arrival.event.time)
    detail = f"the event's time {time} lies before {clock.isoformat(floor)}, the oldest that retention keeps"
    return _rejection(arrival, OLDER_THAN_RETENTION, detail)


def database_error(arrival: Arrival, error: asyncpg.PostgresError) -> Rejection:
    """The database refuses this event's values."""
    return _rejection(arrival, DATABASE_ERROR, f"SQLSTATE {error.sqlstate}: {error}")


def from_envelope(envelope: Quarantined) -> list[Rejection]:
    """What the door could not read."""
    return [
        Rejection(
            item.id,
            envelope.organization_id,
            envelope.requests[item.request],
            item.index,
            item.ordinal,
            item.record,
            item.reason,
            item.detail,
        )
        for item in envelope.items
    ]


async def insert(connection: Connection, rejections: Iterable[Rejection]) -> set[UUID]:
    """Store them; returns the ids that were new, the others are repeats of records already waiting."""
    rows = sorted(rejections, key=lambda rejection: rejection.id)
    if not rows:
        return set()
    columns = zip(*(_columns(row) for row in rows), strict=True)
    return {row["id"] for row in await connection.fetch(INSERT, *columns)}


def _columns(row: Rejection) -> Sequence[object]:
    request = row.request
    return (
        row.id,
        row.organization_id,
        request.sensor_id,
        request.batch_id,
        request.received_at,
        request.hint,
        row.ordinal,
        request.key,
        row.index,
        row.reason,
        _text(row.detail)[:MAX_DETAIL],
        _text(request.path),
        row.record,
    )


def _text(value: str) -> str:
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _rejection(arrival: Arrival, reason: str, detail: str) -> Rejection:
    request, event = arrival.request, arrival.event
    return Rejection(
        quarantine_id(
            arrival.organization_id,
            request.sensor_id,
            event.original,
            ordinal=arrival.ordinal,
            idempotency=(request.key, arrival.index) if request.key is not None else None,
        ),
        arrival.organization_id,
        request,
        arrival.index,
        arrival.ordinal,
        event.original,
        reason,
        detail,
    )
