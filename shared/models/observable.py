"""A value worth pivoting on, and the alerts it was seen in."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Flag, Id, Texts, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.incident_observable import IncidentObservable
    from shared.models.organization import Organization

TLP = ("clear", "green", "amber", "amber+strict", "red")
MAX_OBSERVABLE_CHARACTERS = 1024
MAX_OBSERVABLE_BYTES = 2560

# As the server spells it, line by line: the schema is compared by its text.
_ADDRESS = "(\nCASE\n    WHEN type = 'ip'::text THEN value\n    ELSE NULL::text\nEND::inet)"


class Observable(Base):
    """One (type, value) of an organization.

    A value may be 1,024 characters. The unique index holds rows of up to 2,704 bytes, which 1,024 Latin or
    Cyrillic ones never reach but others can; the check on bytes makes the limit a rule that a writer can
    test beforehand, where the index's own depends on how well a value compresses.
    """

    __tablename__ = "observables"
    __table_args__ = (
        UniqueConstraint("organization_id", "type", "value"),
        CheckConstraint(f"char_length(value) BETWEEN 1 AND {MAX_OBSERVABLE_CHARACTERS}", name="value_length"),
        CheckConstraint(f"octet_length(value) <= {MAX_OBSERVABLE_BYTES}", name="value_bytes"),
        CheckConstraint("char_length(type) BETWEEN 1 AND 64", name="type"),
        one_of("tlp", TLP),
        # As the query language compares: keywords without case, addresses by what they are.
        Index("ix_observables_value", text('lower(value COLLATE "C")')),
        Index("ix_observables_address", text(_ADDRESS)),
    )

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    type: Mapped[str]
    value: Mapped[str]
    ioc: Mapped[Flag]
    verdict: Mapped[str | None]
    tlp: Mapped[str | None]
    tags: Mapped[Texts]
    note: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="observables", lazy="raise")
    alert_links: Mapped[list["AlertObservable"]] = relationship(
        back_populates="observable", passive_deletes="all", lazy="raise"
    )
    incident_links: Mapped[list["IncidentObservable"]] = relationship(
        back_populates="observable", passive_deletes="all", lazy="raise"
    )


class AlertObservable(Base):
    """The observable was seen in the alert, in these ECS fields; at most 1,000 an alert, more are counted there."""

    __tablename__ = "alert_observables"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    observable_id: Mapped[UUID] = mapped_column(ForeignKey("observables.id"), primary_key=True, index=True)
    fields: Mapped[Texts]
    created_at: Mapped[CreatedAt]

    alert: Mapped["Alert"] = relationship(back_populates="observable_links", lazy="raise")
    observable: Mapped["Observable"] = relationship(back_populates="alert_links", lazy="raise")
