"""What is to be done in an incident."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.incident import Incident
    from shared.models.user import User


TASK_STATUSES = ("open", "in_progress", "done", "cancelled")
MAX_TASK_DESCRIPTION = 20_000


class IncidentTask(Base):
    """A task; a `required` one has to be done, or cancelled, before its incident is closed. `revision` is its ETag.

    `phase` groups tasks, as `identification` or `containment`; `position` orders them, and may be shared.
    """

    __tablename__ = "incident_tasks"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    phase: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="open")
    required: Mapped[Flag]
    position: Mapped[int] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    done_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="tasks", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_tasks", foreign_keys=[origin_id], lazy="raise"
    )
    assignee: Mapped["User | None"] = relationship(
        back_populates="assigned_tasks", foreign_keys=[assignee_id], lazy="raise"
    )
    created_by: Mapped["User | None"] = relationship(
        back_populates="created_tasks", foreign_keys=[created_by_id], lazy="raise"
    )
    done_by: Mapped["User | None"] = relationship(back_populates="done_tasks", foreign_keys=[done_by_id], lazy="raise")

    __table_args__ = (
        one_of("status", TASK_STATUSES),
        CheckConstraint(f"char_length(description) <= {MAX_TASK_DESCRIPTION}", name="description"),
        Index("ix_incident_tasks_incident_id", "incident_id", "position", "id"),
        Index(
            "ix_incident_tasks_assignee_id",
            "assignee_id",
            postgresql_where=text("status IN ('open', 'in_progress')"),
        ),
        Index("ix_incident_tasks_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )
