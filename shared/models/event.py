"""Stored events and the periods their partitions stand for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from shared.db.base import Base, CreatedAt, SmallInt, one_of
from shared.normalise.event import KINDS


class Event(Base):
    """One normalised record; immutable. Partitioned by kind, then by range of id.

    No foreign keys: each would cost a look-up and a row lock per event on the hottest path, and the rows
    of an event outlive neither its sensor's nor its organization's by a rule of theirs (retention is by
    whole periods). The writer takes the ids from the door, which took them from the same tables.

    `body` is `shared.normalise.body.pack_body` of document and original, stored as it is (STORAGE EXTERNAL:
    it is already compressed). `created_at` is when it was stored. Columns stand in the order of their
    alignment, so that a row has no padding.
    """

    __tablename__ = "events"
    __table_args__ = (
        PrimaryKeyConstraint("kind", "id"),
        one_of("kind", KINDS),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        {"postgresql_partition_by": "LIST (kind)"},
    )

    id: Mapped[UUID]
    organization_id: Mapped[UUID]
    sensor_id: Mapped[UUID]
    batch_id: Mapped[UUID]
    alert_id: Mapped[UUID | None]
    time: Mapped[datetime]
    received_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
    severity: Mapped[SmallInt]
    kind: Mapped[str]
    digest: Mapped[bytes]
    body: Mapped[bytes]


class EventPeriod(Base):
    """One range of event time of one kind: a partition here, an index there.

    Rows are written by the functions `ensure_period` and `drop_period` alone. `ends_at` is exclusive.
    Unclocked ids have a fixed partition per kind and no row here.
    """

    __tablename__ = "event_periods"
    __table_args__ = (
        PrimaryKeyConstraint("kind", "starts_at"),
        one_of("kind", KINDS),
        CheckConstraint("starts_at < ends_at", name="bounds"),
        CheckConstraint("shards BETWEEN 1 AND 1024", name="shards"),
    )

    kind: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    index_name: Mapped[str]
    shards: Mapped[SmallInt]
    dropped_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
