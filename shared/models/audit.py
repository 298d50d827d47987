"""Who did what, when: rows that nobody changes, chained so that a change would show."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.db.base import Base, BigInt, CreatedAt, Id, one_of

ACTORS = ("user", "token", "system")


class AuditEntry(Base):
    """Written in the transaction of the change. `actor_name` is how the actor was called then.

    `changes` maps a field to `[before, after]`; `details` is what else tells what happened. No foreign keys: an
    entry outlives what it speaks of.
    """

    __tablename__ = "audit_log"

    id: Mapped[Id]
    organization_id: Mapped[UUID]
    actor: Mapped[str]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    kind: Mapped[str]
    object_id: Mapped[UUID | None]
    changes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    details: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    correlation_id: Mapped[str | None]
    address: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        one_of("actor", ACTORS),
        Index("ix_audit_log_organization_id", "organization_id", "id"),
        Index("ix_audit_log_object", "object_id", "id", postgresql_where=text("object_id IS NOT NULL")),
        Index("ix_audit_log_actor_id", "actor_id", "id", postgresql_where=text("actor_id IS NOT NULL")),
    )


class AuditPending(Base):
    """Entries that are not in the chain yet; a trigger of `audit_log` fills it, the sealer empties it."""

    __tablename__ = "audit_pending"

    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    created_at: Mapped[CreatedAt]


class AuditSeal(Base):
    """The place of an entry in its organization's chain: `hash` is over the hash before and the entry."""

    __tablename__ = "audit_seals"

    organization_id: Mapped[UUID]
    sequence: Mapped[BigInt]
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_log.id"), unique=True)
    hash: Mapped[bytes]
    created_at: Mapped[CreatedAt]

    __table_args__ = (PrimaryKeyConstraint("organization_id", "sequence"),)
