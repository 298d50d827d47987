"""What people write about an alert; every version is kept."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, UpdatedAt

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.user import User

MAX_NOTE = 20_000


class AlertNote(Base):
    """The note as it reads now; `revision` is its ETag and the number of its latest version.

    A note that was taken back has an empty body. `mentions` are the people it names.
    """

    __tablename__ = "alert_notes"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    mentions: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    alert: Mapped["Alert"] = relationship(back_populates="notes", lazy="raise")
    author: Mapped["User | None"] = relationship(back_populates="alert_notes", lazy="raise")
    versions: Mapped[list["AlertNoteVersion"]] = relationship(
        back_populates="note", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        CheckConstraint(f"char_length(body) <= {MAX_NOTE}", name="body"),
        Index("ix_alert_notes_alert_id", "alert_id", "id"),
    )


class AlertNoteVersion(Base):
    """A note as it read from then on."""

    __tablename__ = "alert_note_versions"

    note_id: Mapped[UUID] = mapped_column(ForeignKey("alert_notes.id", ondelete="CASCADE"))
    revision: Mapped[BigInt]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[CreatedAt]

    note: Mapped["AlertNote"] = relationship(back_populates="versions", lazy="raise")
    author: Mapped["User | None"] = relationship(back_populates="alert_note_versions", lazy="raise")

    __table_args__ = (PrimaryKeyConstraint("note_id", "revision"),)
