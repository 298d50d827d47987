"""The record of one shift given to the next: what there was, what is to be done, who gave it, and who took it."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, UpdatedAt

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.organization import Organization
    from shared.models.user import User

MAX_HANDOVER_NOTES = 50_000
MAX_NEXT_STEP = 2000


class Handover(Base):
    """`snapshot` is what there was when it was made, and never changes; `notes` are Markdown. `revision` is its ETag.

    The outgoing person signs it, from when on notes and items stay as they are; the incoming one accepts it.
    """

    __tablename__ = "handovers"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    shift: Mapped[str]
    snapshot: Mapped[JsonObject]
    notes: Mapped[str] = mapped_column(server_default="")
    outgoing_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    signed_at: Mapped[datetime | None]
    incoming_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="handovers", lazy="raise")
    outgoing: Mapped["User"] = relationship(back_populates="given_handovers", foreign_keys=[outgoing_id], lazy="raise")
    incoming: Mapped["User | None"] = relationship(
        back_populates="taken_handovers", foreign_keys=[incoming_id], lazy="raise"
    )
    items: Mapped[list["HandoverItem"]] = relationship(
        back_populates="handover", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        CheckConstraint(f"char_length(notes) <= {MAX_HANDOVER_NOTES}", name="notes"),
        CheckConstraint("incoming_id <> outgoing_id", name="two"),
        CheckConstraint("signed_at IS NULL OR incoming_id IS NOT NULL", name="signed"),
        CheckConstraint("accepted_at IS NULL OR signed_at IS NOT NULL", name="accepted"),
        Index("ix_handovers_organization_id", "organization_id", "id"),
    )


class HandoverItem(Base):
    """What is to be done next in an incident."""

    __tablename__ = "handover_items"

    handover_id: Mapped[UUID] = mapped_column(ForeignKey("handovers.id", ondelete="CASCADE"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    next_step: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(server_default=text("0"))

    handover: Mapped["Handover"] = relationship(back_populates="items", lazy="raise")
    incident: Mapped["Incident"] = relationship(back_populates="handover_items", lazy="raise")

    __table_args__ = (
        PrimaryKeyConstraint("handover_id", "incident_id"),
        CheckConstraint(f"char_length(next_step) <= {MAX_NEXT_STEP}", name="next_step"),
    )
