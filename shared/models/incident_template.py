"""What incidents of a sort begin with, and what has to be filled in before they are closed."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, Texts, UpdatedAt, one_of
from shared.domain.incident import Pap, Tlp

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.organization import Organization
    from shared.models.user import User


class IncidentTemplate(Base):
    """`tasks` are `{title, description, phase, required, due_seconds}`, `fields` are
    `{name, label, kind, required, choices}`. Who uses it copies it: a later change changes no incident's tasks. A
    retired one is offered no longer, and its name is free. `revision` is its ETag.
    """

    __tablename__ = "incident_templates"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str] = mapped_column(server_default="")
    summary: Mapped[str] = mapped_column(server_default="")
    severity: Mapped[int | None]
    tlp: Mapped[str | None]
    pap: Mapped[str | None]
    tags: Mapped[Texts]
    tasks: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    fields: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="incident_templates", lazy="raise")
    incidents: Mapped[list["Incident"]] = relationship(back_populates="template", lazy="raise")
    created_by: Mapped["User | None"] = relationship(
        back_populates="created_incident_templates", foreign_keys=[created_by_id], lazy="raise"
    )

    __table_args__ = (
        one_of("tlp", Tlp),
        one_of("pap", Pap),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        Index(
            "uq_incident_templates_name",
            *("organization_id", text("lower(name)")),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )
