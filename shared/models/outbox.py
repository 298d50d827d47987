"""Messages that a transaction owes the bus: written with the change, deleted once the broker confirmed."""

from uuid import UUID

from sqlalchemy.orm import Mapped

from shared.db.base import Base, CreatedAt, Id

# Rows live for milliseconds, so the table is nearly all dead ones: vacuum by number, not by share.
QUEUE_LIKE = {"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 1000}


class OutboxMessage(Base):
    """Which rows of which kind changed; the relay makes a `Changed` of it."""

    __tablename__ = "outbox"
    __table_args__ = ({"postgresql_with": QUEUE_LIKE},)

    id: Mapped[Id]
    organization_id: Mapped[UUID]
    routing_key: Mapped[str]
    kind: Mapped[str]
    ids: Mapped[list[UUID]]
    correlation_id: Mapped[str | None]
    traceparent: Mapped[str | None]
    created_at: Mapped[CreatedAt]
