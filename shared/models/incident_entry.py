"""The timeline of an incident."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, Counter, CreatedAt, Id, JsonObject, UpdatedAt

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


MAX_ENTRY = 4000

BY_HAND = "observed"
ENTRY_KINDS = (
    BY_HAND, "created", "changed", "assigned", "moved", "tagged", "closed", "reopened",
    "review_asked_for", "sent_back", "review_withdrawn", "alerts_linked", "alerts_unlinked", "alert_repeated",
    "events_picked", "event_let_go", "events_lost", "observables_added", "observable_changed", "observable_removed",
    "evidence_added", "evidence_removed", "evidence_verified", "task_changed", "restricted", "legal_hold",
    "member_added", "member_removed", "glass_broken", "related", "unrelated", "merged", "merged_away", "unmerged",
    "split",
)  # fmt: skip
"""What people tell, `observed`, and what the product does."""


class IncidentEntry(Base):
    """One thing that happened, at its own time: what people write (`kind` note), and what the product did.

    Entries with a `coalesce_key` are one for as long as nothing else of the kind came between: `count` says how many
    they stand for. A taken back entry has `removed_at`. `revision` is the ETag of those that people wrote.
    """

    __tablename__ = "incident_entries"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    message: Mapped[str]
    details: Mapped[JsonObject]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    coalesce_key: Mapped[str | None]
    count: Mapped[Counter]
    removed_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="entries", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_entries", foreign_keys=[origin_id], lazy="raise"
    )
    author: Mapped["User | None"] = relationship(
        back_populates="incident_entries", foreign_keys=[author_id], lazy="raise"
    )

    __table_args__ = (
        CheckConstraint(f"char_length(message) <= {MAX_ENTRY}", name="message"),
        Index("ix_incident_entries_occurred_at", "incident_id", "occurred_at", "id"),
        Index(
            "uq_incident_entries_coalesce_key",
            "incident_id",
            "coalesce_key",
            unique=True,
            postgresql_where=text("coalesce_key IS NOT NULL"),
        ),
        Index("ix_incident_entries_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )
