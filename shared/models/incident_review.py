"""Requests for closing an incident, and what a second person said to them."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id, UpdatedAt, one_of
from shared.domain.triage import Verdict

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


REVIEW_DECISIONS = ("approved", "sent_back", "withdrawn")


class IncidentReview(Base):
    """One request to close with this verdict; one at a time is undecided. An approved one closes the incident."""

    __tablename__ = "incident_reviews"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    verdict: Mapped[str]
    reason: Mapped[str]
    comment: Mapped[str] = mapped_column(server_default="")
    requested_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    requested_by_name: Mapped[str]
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decision: Mapped[str | None]
    decision_comment: Mapped[str] = mapped_column(server_default="")
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="reviews", foreign_keys=[incident_id], lazy="raise")
    requested_by: Mapped["User | None"] = relationship(
        back_populates="requested_reviews", foreign_keys=[requested_by_id], lazy="raise"
    )
    reviewer: Mapped["User | None"] = relationship(
        back_populates="wanted_reviews", foreign_keys=[reviewer_id], lazy="raise"
    )
    decided_by: Mapped["User | None"] = relationship(
        back_populates="decided_reviews", foreign_keys=[decided_by_id], lazy="raise"
    )

    __table_args__ = (
        one_of("verdict", Verdict),
        one_of("decision", REVIEW_DECISIONS),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("uq_incident_reviews_undecided", "incident_id", unique=True, postgresql_where=text("decision IS NULL")),
        Index("ix_incident_reviews_incident_id", "incident_id", "id"),
    )
