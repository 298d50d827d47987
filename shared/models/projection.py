"""What OpenSearch still has to be told, and which index generation of each alias is whose."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, BigInt, CreatedAt, UpdatedAt, one_of
from shared.models.outbox import QUEUE_LIKE
from shared.normalise.event import KINDS

PENDING_KINDS = ("event", "alert", "incident")
GENERATION_STATES = ("building", "active", "retired")


class ProjectionPending(Base):
    """A row to project again. Upserts keep the greatest `version`; a delete is `WHERE version <= projected`.

    `event_kind` tells an event's partition and index; `reason` is set where OpenSearch refused the document.
    """

    __tablename__ = "projection_pending"

    kind: Mapped[str]
    id: Mapped[UUID]
    organization_id: Mapped[UUID]
    event_kind: Mapped[str | None]
    version: Mapped[BigInt]
    batch_id: Mapped[UUID | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    reason: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        PrimaryKeyConstraint("kind", "id"),
        one_of("kind", PENDING_KINDS),
        one_of("event_kind", KINDS),
        CheckConstraint("(kind = 'event') = (event_kind IS NOT NULL)", name="event_has_kind"),
        Index("ix_projection_pending_next_try_at", "next_try_at"),
        Index("ix_projection_pending_batch_id", "batch_id", postgresql_where=text("kind = 'event'")),
        {"postgresql_with": QUEUE_LIKE},
    )


class SearchGeneration(Base):
    """One index of an alias for rows that change. A new mapping fills a new one, then the alias swaps."""

    __tablename__ = "search_generations"

    alias: Mapped[str]
    generation: Mapped[int]
    index_name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="building")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    __table_args__ = (
        PrimaryKeyConstraint("alias", "generation"),
        one_of("state", GENERATION_STATES),
        Index("uq_search_generations_active", "alias", unique=True, postgresql_where=text("state = 'active'")),
    )
