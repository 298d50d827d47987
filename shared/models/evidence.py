"""Files that prove something, and through whose hands they went."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


CUSTODY_ACTIONS = (
    "uploaded",
    "downloaded",
    "verified",
    "found_changed",
    "found_missing",
    "described",
    "moved",
    "removed",
)
MAX_DESCRIPTION = 2000


class Evidence(Base):
    """A file as it was handed in; the store has the bytes under `id`. `revision` is the ETag of its description.

    Removing it deletes the bytes and keeps this row with its hash: that it was there, and who took it away, stays.
    """

    __tablename__ = "evidence"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    name: Mapped[str]
    size: Mapped[BigInt]
    sha256: Mapped[bytes]
    media_type: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="evidence", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_evidence", foreign_keys=[origin_id], lazy="raise"
    )
    added_by: Mapped["User | None"] = relationship(
        back_populates="added_evidence", foreign_keys=[added_by_id], lazy="raise"
    )
    custody: Mapped[list["EvidenceCustody"]] = relationship(
        back_populates="evidence", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint(f"char_length(description) <= {MAX_DESCRIPTION}", name="description"),
        Index("ix_evidence_incident_id", "incident_id", "id"),
        Index("ix_evidence_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )


class EvidenceCustody(Base):
    """One step of a file's way; rows are added and never changed."""

    __tablename__ = "evidence_custody"

    id: Mapped[Id]
    evidence_id: Mapped[UUID] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"))
    action: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str]
    address: Mapped[str | None]
    details: Mapped[JsonObject]
    created_at: Mapped[CreatedAt]

    evidence: Mapped["Evidence"] = relationship(back_populates="custody", lazy="raise")
    actor: Mapped["User | None"] = relationship(back_populates="custody_entries", foreign_keys=[actor_id], lazy="raise")

    __table_args__ = (
        one_of("action", CUSTODY_ACTIONS),
        Index("ix_evidence_custody_evidence_id", "evidence_id", "id"),
    )
