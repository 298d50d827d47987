"""Whom we tell of what, where, and what became of each telling."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, SmallInt, Texts, UpdatedAt, one_of

if TYPE_CHECKING:
    from shared.models.organization import Organization
    from shared.models.user import User

CHANNEL_KINDS = ("email", "webhook")
NOTIFICATION_STATUSES = ("pending", "sent", "coalesced", "failed")


class NotificationChannel(Base):
    """A place to tell things: a list of addresses, or a URL.

    `settings` are for all to see who may see the channel: `{to}`, or `{format, host}`. `secret` is encrypted: of a
    webhook its URL, which is a password where a chat made it, and what it is signed with.
    """

    __tablename__ = "notification_channels"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str]
    name: Mapped[str]
    settings: Mapped[JsonObject]
    secret: Mapped[bytes | None]
    disabled_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="notification_channels", lazy="raise")
    routes: Mapped[list["NotificationRoute"]] = relationship(back_populates="channel", lazy="raise")
    notifications: Mapped[list["Notification"]] = relationship(back_populates="channel", lazy="raise")

    __table_args__ = (UniqueConstraint("organization_id", "name"), one_of("kind", CHANNEL_KINDS))


class NotificationRoute(Base):
    """Which kinds of things go where: to a channel of the organization, or to one person's address.

    `quiet_hours` are `{from, to, zone, days}`: what comes then waits for their end, but for critical alerts.
    There is one message in `coalesce_seconds`: the first thing is told at once, what follows together. 0 is one each.
    A disabled route of somebody's own means: not of these kinds.
    """

    __tablename__ = "notification_routes"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification_channels.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    kinds: Mapped[Texts]
    min_severity: Mapped[SmallInt] = mapped_column(server_default=text("1"))
    quiet_hours: Mapped[dict[str, Any] | None]
    coalesce_seconds: Mapped[int] = mapped_column(server_default=text("60"))
    disabled_at: Mapped[datetime | None]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="notification_routes", lazy="raise")
    channel: Mapped["NotificationChannel | None"] = relationship(back_populates="routes", lazy="raise")
    user: Mapped["User | None"] = relationship(back_populates="notification_routes", lazy="raise")

    __table_args__ = (
        CheckConstraint("(channel_id IS NULL) <> (user_id IS NULL)", name="one_target"),
        CheckConstraint("min_severity BETWEEN 1 AND 5", name="min_severity"),
        CheckConstraint("coalesce_seconds BETWEEN 0 AND 3600", name="coalesce_seconds"),
        Index("ix_notification_routes_organization_id", "organization_id"),
    )


class Notification(Base):
    """One thing to be told to one target. `dedupe_key` makes a second request for the same a no-op.

    It is tried until it is sent, or `failed` after the last attempt; several told together are `coalesced` into one.
    Which that is, `sent_with_id`, is fixed before the first attempt, so that each further one sends the same again.
    `reached` are the addresses of an e-mail channel that have it while others are still to be written to.
    """

    __tablename__ = "notifications"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str]
    dedupe_key: Mapped[str]
    severity: Mapped[SmallInt] = mapped_column(server_default=text("1"))
    subject: Mapped[str]
    content: Mapped[JsonObject]
    object_kind: Mapped[str | None]
    object_id: Mapped[UUID | None]
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("notification_channels.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(server_default="pending")
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None]
    reached: Mapped[Texts]
    sent_at: Mapped[datetime | None]
    sent_with_id: Mapped[UUID | None] = mapped_column(ForeignKey("notifications.id", ondelete="SET NULL"))
    correlation_id: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    organization: Mapped["Organization"] = relationship(back_populates="notifications", lazy="raise")
    channel: Mapped["NotificationChannel | None"] = relationship(back_populates="notifications", lazy="raise")
    user: Mapped["User | None"] = relationship(back_populates="notifications", lazy="raise")
    sent_with: Mapped["Notification | None"] = relationship(
        back_populates="carried", remote_side="Notification.id", lazy="raise"
    )
    carried: Mapped[list["Notification"]] = relationship(back_populates="sent_with", lazy="raise")

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        one_of("status", NOTIFICATION_STATUSES),
        CheckConstraint("(channel_id IS NULL) <> (user_id IS NULL)", name="one_target"),
        Index("ix_notifications_due", "due_at", postgresql_where=text("status = 'pending'")),
        Index(
            "ix_notifications_pending_target",
            "organization_id",
            "kind",
            "channel_id",
            "user_id",
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_notifications_sent_at", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
        Index("ix_notifications_organization_id", "organization_id", "id"),
        Index("ix_notifications_user_id", "user_id", "id", postgresql_where=text("user_id IS NOT NULL")),
        Index("ix_notifications_sent_with_id", "sent_with_id", postgresql_where=text("sent_with_id IS NOT NULL")),
    )
