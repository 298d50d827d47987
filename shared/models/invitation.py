"""Somebody is asked to join an organization."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id, one_of
from shared.domain.permissions import Role

if TYPE_CHECKING:
    from shared.models.organization import Organization


class Invitation(Base):
    """`code_hash` is SHA-256 of what accepts it, until `expires_at`. The row goes when it is accepted or taken back."""

    __tablename__ = "invitations"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    email: Mapped[str]
    role: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="invitations", lazy="raise")

    __table_args__ = (
        one_of("role", Role),
        Index("uq_invitations_email", "organization_id", text("lower(email)"), unique=True),
    )
