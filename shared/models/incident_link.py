"""What incidents have to do with each other."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id, one_of

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


LINK_RELATIONS = ("related", "duplicate_of", "caused_by", "split_from", "recurrence_of")


class IncidentLink(Base):
    """`incident` stands in this relation to `other`; a plain relation is read from both ends."""

    __tablename__ = "incident_links"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    relation: Mapped[str]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="links", foreign_keys=[incident_id], lazy="raise")
    other: Mapped["Incident"] = relationship(back_populates="linked_from", foreign_keys=[other_id], lazy="raise")
    created_by: Mapped["User | None"] = relationship(
        back_populates="created_incident_links", foreign_keys=[created_by_id], lazy="raise"
    )

    __table_args__ = (
        UniqueConstraint("incident_id", "other_id", "relation"),
        one_of("relation", LINK_RELATIONS),
        CheckConstraint("incident_id <> other_id", name="two"),
        Index("ix_incident_links_other_id", "other_id"),
    )
