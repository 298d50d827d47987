"""What people write about an incident, and its summary; every version is kept."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, UpdatedAt
from shared.models.alert_note import MAX_NOTE

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


class IncidentNote(Base):
    """The note as it reads now; `revision` is its ETag and the number of its latest version.

    A note that was taken back has an empty body. `mentions` are the people it names.
    """

    __tablename__ = "incident_notes"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    mentions: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="notes", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_notes", foreign_keys=[origin_id], lazy="raise"
    )
    author: Mapped["User | None"] = relationship(
        back_populates="incident_notes", foreign_keys=[author_id], lazy="raise"
    )
    versions: Mapped[list["IncidentNoteVersion"]] = relationship(
        back_populates="note", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        CheckConstraint(f"char_length(body) <= {MAX_NOTE}", name="body"),
        Index("ix_incident_notes_incident_id", "incident_id", "id"),
        Index("ix_incident_notes_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )


class IncidentNoteVersion(Base):
    """A note as it read from then on."""

    __tablename__ = "incident_note_versions"

    note_id: Mapped[UUID] = mapped_column(ForeignKey("incident_notes.id", ondelete="CASCADE"))
    revision: Mapped[BigInt]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[CreatedAt]

    note: Mapped["IncidentNote"] = relationship(back_populates="versions", lazy="raise")
    author: Mapped["User | None"] = relationship(
        back_populates="incident_note_versions", foreign_keys=[author_id], lazy="raise"
    )

    __table_args__ = (PrimaryKeyConstraint("note_id", "revision"),)


class IncidentSummaryVersion(Base):
    """The summary of an incident as it read from then on; `revision` is the incident's at that time."""

    __tablename__ = "incident_summary_versions"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    revision: Mapped[BigInt]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[CreatedAt]

    incident: Mapped["Incident"] = relationship(
        back_populates="summary_versions", foreign_keys=[incident_id], lazy="raise"
    )
    author: Mapped["User | None"] = relationship(
        back_populates="incident_summaries", foreign_keys=[author_id], lazy="raise"
    )

    __table_args__ = (PrimaryKeyConstraint("incident_id", "revision"),)
