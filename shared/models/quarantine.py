"""Where a record waits that could not be turned into an event: whole, with the reason, re-drivable."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, BigInt, CreatedAt, Id, UpdatedAt, one_of

QUARANTINE_STATUSES = ("open", "redriven", "discarded")
REQUESTS = ("redrive", "discard")


class QuarantinedRecord(Base):
    """`id` is made from the record's own bytes, so a repeat is a duplicate.

    No foreign keys: nothing may refuse a row here.
    `record` are the bytes received and never change; `edited_record` is what a person made of them.
    `hint`, `ordinal`, `idempotency_key` and `record_index` are what a re-drive needs to reach the same
    identity; `edited_hint` takes the place of `hint`. `event_id` is what a re-drive made of it.
    `requested` is what somebody wants done with it and the indexer has not done yet. `history` is a list of
    {at, by, what}, the last hundred of them. `revision`, its ETag, is raised by whoever changes what a re-drive reads.
    """

    __tablename__ = "quarantine"

    id: Mapped[Id]
    organization_id: Mapped[UUID]
    sensor_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    received_at: Mapped[datetime]
    hint: Mapped[str | None]
    ordinal: Mapped[int] = mapped_column(server_default=text("0"))
    idempotency_key: Mapped[str | None]
    record_index: Mapped[int] = mapped_column(server_default=text("0"))
    reason: Mapped[str]
    detail: Mapped[str] = mapped_column(server_default="")
    path: Mapped[str] = mapped_column(server_default="")
    record: Mapped[bytes]
    edited_record: Mapped[bytes | None]
    edited_hint: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default="open")
    event_id: Mapped[UUID | None]
    requested: Mapped[str | None]
    requested_at: Mapped[datetime | None]
    requested_by: Mapped[str | None]
    history: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    __table_args__ = (
        one_of("status", QUARANTINE_STATUSES),
        one_of("requested", REQUESTS),
        Index("ix_quarantine_status", "organization_id", "status", "created_at", "id"),
        Index("ix_quarantine_sensor_id_reason", "sensor_id", "reason"),
        Index("ix_quarantine_batch_id", "batch_id"),
        Index("ix_quarantine_requested", "requested_at", "id", postgresql_where=text("requested IS NOT NULL")),
        Index(
            "ix_quarantine_open",
            *("organization_id", "sensor_id", "reason", "requested", "received_at"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_quarantine_settled", "updated_at", postgresql_where=text("status <> 'open'")),
    )
