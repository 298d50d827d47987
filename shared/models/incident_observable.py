"""A value that matters to an incident, and what was found out about it."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, Texts, UpdatedAt, one_of
from shared.domain.incident import Tlp

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.observable import Observable
    from shared.models.user import User


MAX_OBSERVABLE_NOTE = 2000
OBSERVABLE_VERDICTS = ("malicious", "suspicious", "benign", "unknown")


class IncidentObservable(Base):
    """What is said of an observable is said in one incident, and so seen by whom sees that; `revision` is its ETag.

    `in_alerts` says that it came from a linked alert, and not from a person alone.
    """

    __tablename__ = "incident_observables"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    observable_id: Mapped[UUID] = mapped_column(ForeignKey("observables.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    ioc: Mapped[Flag]
    in_alerts: Mapped[Flag]
    verdict: Mapped[str] = mapped_column(server_default="unknown")
    tlp: Mapped[str | None]
    tags: Mapped[Texts]
    note: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(
        back_populates="observable_links", foreign_keys=[incident_id], lazy="raise"
    )
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_observable_links", foreign_keys=[origin_id], lazy="raise"
    )
    observable: Mapped["Observable"] = relationship(back_populates="incident_links", lazy="raise")
    added_by: Mapped["User | None"] = relationship(
        back_populates="added_observables", foreign_keys=[added_by_id], lazy="raise"
    )

    __table_args__ = (
        UniqueConstraint("incident_id", "observable_id"),
        one_of("verdict", OBSERVABLE_VERDICTS),
        one_of("tlp", Tlp),
        CheckConstraint(f"char_length(note) <= {MAX_OBSERVABLE_NOTE}", name="note"),
        Index("ix_incident_observables_observable_id", "observable_id"),
        Index("ix_incident_observables_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )
