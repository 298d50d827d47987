"""What became of what was sent: settled envelopes, batches, and each sensor's minutes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, PrimaryKeyConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, Counter, CreatedAt, JsonObject


class Envelope(Base):
    """A message that was settled; a redelivery finds it here and changes no count. Kept 7 days."""

    __tablename__ = "envelopes"

    envelope_id: Mapped[UUID] = mapped_column(primary_key=True)
    settled_at: Mapped[CreatedAt] = mapped_column(index=True)


class Batch(Base):
    """A request of more than one record.

    `items` counts accepted and rejected ones. `stored_at` is when the last of them settled, `searchable_at`
    when the last was found by search. `projecting` are its envelopes whose events are stored and on their way to
    OpenSearch. `correlation_id` is the request's.
    """

    __tablename__ = "batches"

    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    sensor_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(index=True)
    correlation_id: Mapped[str]
    items: Mapped[int]
    stored: Mapped[int] = mapped_column(server_default=text("0"))
    duplicate: Mapped[int] = mapped_column(server_default=text("0"))
    quarantined: Mapped[int] = mapped_column(server_default=text("0"))
    projecting: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    stored_at: Mapped[datetime | None]
    searchable_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]


class SensorAccount(Base):
    """One sensor's minute of receipt, as told by one source: a door's boot id, or `writer`.

    A door's counters are cumulative, so each keeps its greatest value; the writer's are added to, and whoever takes
    a record out of quarantine moves one from `quarantined` to another.
    Fillfactor leaves room for that: no indexed column ever changes.
    """

    __tablename__ = "sensor_accounts"
    __table_args__ = (
        PrimaryKeyConstraint("sensor_id", "minute", "source"),
        Index("ix_sensor_accounts_organization_id_minute", "organization_id", "minute"),
        Index("ix_sensor_accounts_minute", "minute"),
        {"postgresql_with": {"fillfactor": 70}},
    )

    sensor_id: Mapped[UUID]
    minute: Mapped[datetime]
    source: Mapped[str]
    organization_id: Mapped[UUID]
    requests: Mapped[Counter]
    accepted: Mapped[Counter]
    ignored: Mapped[Counter]
    unconfirmed: Mapped[Counter]
    refused: Mapped[JsonObject]
    stored: Mapped[Counter]
    duplicate: Mapped[Counter]
    quarantined: Mapped[Counter]
    discarded: Mapped[Counter]
