"""A machine's key to the API."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id, Texts

if TYPE_CHECKING:
    from shared.models.organization import Organization
    from shared.models.user import User


class ApiToken(Base):
    """`token_hash` is the SHA-256 of an opaque token that is shown once and stored nowhere."""

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[Texts]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="api_tokens", lazy="raise")
    created_by: Mapped["User | None"] = relationship(back_populates="created_tokens", lazy="raise")
