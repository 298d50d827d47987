"""The reasons an organization closes alerts for, by verdict."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, CreatedAt, Id, one_of
from shared.domain.triage import Verdict

if TYPE_CHECKING:
    from shared.models.organization import Organization


class CloseReason(Base):
    """A word of the organization's own beside the built-in ones; a retired one is kept for what was closed with it."""

    __tablename__ = "close_reasons"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    verdict: Mapped[str]
    name: Mapped[str]
    retired_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="close_reasons", lazy="raise")

    __table_args__ = (UniqueConstraint("organization_id", "verdict", "name"), one_of("verdict", Verdict))
