"""Work that takes longer than a request: what it is, how far it is, and what became of each row."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.organization import Organization
    from shared.models.user import User

JOB_STATUSES = ("draft", "pending", "running", "done", "failed", "cancelled")
JOB_RUNNERS = ("api", "maintenance")
ITEM_STATUSES = ("pending", "done", "skipped", "failed")


class Job(Base):
    """`kind` names the function that does it, `parameters` are its input.

    A `draft` is a preview: its items are fixed and nothing happens until it is started, or it is forgotten.
    The process that runs it holds a lease; one that ended, or was killed, leaves the job to another, which goes on
    behind the items that are done. Each taking has its `fence`; `attempts` are those since the last progress, of which
    there are so many. `undo_of_id` is the job whose changes this one takes back.
    """

    __tablename__ = "jobs"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str]
    runner: Mapped[str] = mapped_column(server_default="api")
    status: Mapped[str] = mapped_column(server_default="pending")
    parameters: Mapped[JsonObject]
    result: Mapped[JsonObject]
    error: Mapped[str | None]
    total: Mapped[BigInt] = mapped_column(server_default=text("0"))
    done: Mapped[BigInt] = mapped_column(server_default=text("0"))
    skipped: Mapped[BigInt] = mapped_column(server_default=text("0"))
    failed: Mapped[BigInt] = mapped_column(server_default=text("0"))
    undo_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[JsonObject]
    correlation_id: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    fence: Mapped[BigInt] = mapped_column(server_default=text("0"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    undone_by_id: Mapped[UUID | None] = query_expression()
    """The job that takes this one back, where the query asks for it."""

    organization: Mapped["Organization"] = relationship(back_populates="jobs", lazy="raise")
    created_by: Mapped["User | None"] = relationship(back_populates="created_jobs", lazy="raise")
    undo_of: Mapped["Job | None"] = relationship(back_populates="undone_by", remote_side="Job.id", lazy="raise")
    undone_by: Mapped[list["Job"]] = relationship(back_populates="undo_of", lazy="raise")
    items: Mapped[list["JobItem"]] = relationship(
        back_populates="job", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    outputs: Mapped[list["JobOutput"]] = relationship(
        back_populates="job", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        one_of("status", JOB_STATUSES),
        one_of("runner", JOB_RUNNERS),
        CheckConstraint("done + skipped + failed <= total", name="counts"),
        Index("ix_jobs_organization_id", "organization_id", "id"),
        Index("ix_jobs_due", "runner", "lease_until", postgresql_where=text("status IN ('pending', 'running')")),
        Index("uq_jobs_undo_of_id", "undo_of_id", unique=True, postgresql_where=text("undo_of_id IS NOT NULL")),
    )


class JobItem(Base):
    """One row a job touches, in the order it is taken; `before` is what undoing puts back.

    `revision` is the row's after the change: it can be undone while it still has that one.
    """

    __tablename__ = "job_items"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    target_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default="pending")
    reason: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
    revision: Mapped[BigInt | None]

    job: Mapped["Job"] = relationship(back_populates="items", lazy="raise")

    __table_args__ = (
        PrimaryKeyConstraint("job_id", "ordinal"),
        one_of("status", ITEM_STATUSES),
        Index("uq_job_items_target", "job_id", "target_id", unique=True),
        Index("ix_job_items_status", "job_id", "status", "ordinal"),
    )


class JobOutput(Base):
    """A piece of what a job makes: written with its progress, so that what is exported is whole, and once."""

    __tablename__ = "job_outputs"

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    ordinal: Mapped[BigInt]
    content: Mapped[bytes]

    job: Mapped["Job"] = relationship(back_populates="outputs", lazy="raise")

    __table_args__ = (PrimaryKeyConstraint("job_id", "ordinal"),)
