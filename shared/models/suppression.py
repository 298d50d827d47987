"""What an organization does not want to see for a while: in the query language, with an owner, a reason and an end."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.organization import Organization
    from shared.models.user import User

SUPPRESSION_MODES = ("active", "monitor")


class Suppression(Base):
    """`query` is over events. With a `recurrence`, an RRULE in `zone`, it holds for `duration` from each start.

    In the mode `monitor` it hides nothing and counts what it would have hidden. One that covers critical alerts
    `needs_approval` by a second person before it hides anything. `ended_at` is set where somebody ended it before
    `ends_at`. `revision` is its ETag and the version that explanations name.
    """

    __tablename__ = "suppressions"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]
    query: Mapped[str]
    reason: Mapped[str]
    mode: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    recurrence: Mapped[str | None]
    duration: Mapped[timedelta | None]
    zone: Mapped[str | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    needs_approval: Mapped[Flag]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    proposed_by_alert_id: Mapped[UUID | None]
    revision: Mapped[BigInt] = mapped_column(server_default="1")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="suppressions", lazy="raise")
    owner: Mapped["User | None"] = relationship(
        back_populates="owned_suppressions", foreign_keys=[owner_id], lazy="raise"
    )
    created_by: Mapped["User | None"] = relationship(
        back_populates="created_suppressions", foreign_keys=[created_by_id], lazy="raise"
    )
    approved_by: Mapped["User | None"] = relationship(
        back_populates="approved_suppressions", foreign_keys=[approved_by_id], lazy="raise"
    )
    ended_by: Mapped["User | None"] = relationship(
        back_populates="ended_suppressions", foreign_keys=[ended_by_id], lazy="raise"
    )
    versions: Mapped[list["SuppressionVersion"]] = relationship(
        back_populates="suppression", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    alerts: Mapped[list["Alert"]] = relationship(back_populates="suppression", lazy="raise")
    matches: Mapped[list["SuppressionMatch"]] = relationship(
        back_populates="suppression", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        one_of("mode", SUPPRESSION_MODES),
        CheckConstraint("ends_at > starts_at", name="ends"),
        CheckConstraint(
            "(recurrence IS NULL) = (duration IS NULL) AND (recurrence IS NULL) = (zone IS NULL)", name="recurrence"
        ),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved"),
        Index("ix_suppressions_organization_id", "organization_id", "ends_at", "id"),
    )


class SuppressionVersion(Base):
    """A suppression as it was from then on."""

    __tablename__ = "suppression_versions"

    suppression_id: Mapped[UUID] = mapped_column(ForeignKey("suppressions.id", ondelete="CASCADE"))
    revision: Mapped[BigInt]
    content: Mapped[dict[str, Any]]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    suppression: Mapped["Suppression"] = relationship(back_populates="versions", lazy="raise")
    changed_by: Mapped["User | None"] = relationship(back_populates="suppression_versions", lazy="raise")

    __table_args__ = (PrimaryKeyConstraint("suppression_id", "revision"),)


class SuppressionMatch(Base):
    """An alert with events that a suppression in the mode `monitor` would have hidden; how many, it explains itself."""

    __tablename__ = "suppression_matches"

    suppression_id: Mapped[UUID] = mapped_column(ForeignKey("suppressions.id", ondelete="CASCADE"))
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]

    suppression: Mapped["Suppression"] = relationship(back_populates="matches", lazy="raise")
    alert: Mapped["Alert"] = relationship(back_populates="suppression_matches", lazy="raise")

    __table_args__ = (PrimaryKeyConstraint("suppression_id", "alert_id"),)
