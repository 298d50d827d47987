"""A query somebody wants again, for themselves or for all of the organization."""

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, Texts, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.organization import Organization
    from shared.models.user import User

VIEW_KINDS = ("alert", "event", "incident")


class SavedView(Base):
    """`query` is in the query language; `sort` and `columns` are names of fields. `revision` is its ETag."""

    __tablename__ = "saved_views"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    sort: Mapped[str | None]
    columns: Mapped[Texts]
    shared: Mapped[Flag]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="saved_views", lazy="raise")
    owner: Mapped["User"] = relationship(back_populates="saved_views", lazy="raise")

    __table_args__ = (
        UniqueConstraint("owner_id", "organization_id", "kind", "name"),
        one_of("kind", VIEW_KINDS),
        Index("ix_saved_views_organization_id", "organization_id", "kind", "name"),
    )
