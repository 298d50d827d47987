"""A person who signs in; may belong to several organizations."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, relationship

from shared.db.base import Base, CreatedAt, Id, UpdatedAt

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.api_token import ApiToken


class User(Base):
    """`email` keeps the case its owner wrote and is unique without it.

    `password_hash` is Argon2id, null for people who only sign in through an identity provider.
    Rows are disabled, never deleted: alerts and audit name them for ever.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    created_tokens: Mapped[list["ApiToken"]] = relationship(back_populates="created_by", lazy="raise")
    assigned_alerts: Mapped[list["Alert"]] = relationship(
        back_populates="assignee", foreign_keys="Alert.assignee_id", lazy="raise"
    )
    created_alerts: Mapped[list["Alert"]] = relationship(
        back_populates="created_by", foreign_keys="Alert.created_by_id", lazy="raise"
    )
    acknowledged_alerts: Mapped[list["Alert"]] = relationship(
        back_populates="acknowledged_by", foreign_keys="Alert.acknowledged_by_id", lazy="raise"
    )
    closed_alerts: Mapped[list["Alert"]] = relationship(
        back_populates="closed_by", foreign_keys="Alert.closed_by_id", lazy="raise"
    )

    __table_args__ = (Index("uq_users_email", text("lower(email)"), unique=True),)
