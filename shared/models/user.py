"""A person who signs in, and what they are in each organization."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, JsonObject, UpdatedAt, one_of
from shared.domain.permissions import Role

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.alert_note import AlertNote, AlertNoteVersion
    from shared.models.api_token import ApiToken
    from shared.models.job import Job
    from shared.models.notification import Notification, NotificationRoute
    from shared.models.organization import Organization
    from shared.models.saved_view import SavedView
    from shared.models.session import Session
    from shared.models.snooze import Snooze
    from shared.models.suppression import Suppression, SuppressionVersion

MEMBERSHIP_SOURCES = ("local", "oidc")


class User(Base):
    """`email` keeps the case its owner wrote and is unique without it.

    `password_hash` is Argon2id, null for people who sign in through the identity provider, who are known by
    `oidc_issuer` and `oidc_subject`: never both. `totp_secret` is encrypted, and asked for from `totp_confirmed_at` on;
    `totp_step` is the last time step that was used, so that a code is good once. `recovery_hashes` are SHA-256 of
    codes that are good once. `preferences` are what the person chose to see: zone, density, theme.
    Rows are disabled, never deleted: alerts and audit name them for ever.
    """

    __tablename__ = "users"

    id: Mapped[Id]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    must_change_password: Mapped[Flag]
    oidc_issuer: Mapped[str | None]
    oidc_subject: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_confirmed_at: Mapped[datetime | None]
    totp_step: Mapped[BigInt] = mapped_column(server_default=text("0"))
    recovery_hashes: Mapped[list[bytes]] = mapped_column(server_default=text("'{}'::bytea[]"))
    preferences: Mapped[JsonObject]
    last_login_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="raise")
    sessions: Mapped[list["Session"]] = relationship(back_populates="user", lazy="raise")
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
    alert_notes: Mapped[list["AlertNote"]] = relationship(back_populates="author", lazy="raise")
    alert_note_versions: Mapped[list["AlertNoteVersion"]] = relationship(back_populates="author", lazy="raise")
    snoozes: Mapped[list["Snooze"]] = relationship(back_populates="user", lazy="raise")
    saved_views: Mapped[list["SavedView"]] = relationship(back_populates="owner", lazy="raise")
    created_jobs: Mapped[list["Job"]] = relationship(back_populates="created_by", lazy="raise")
    owned_suppressions: Mapped[list["Suppression"]] = relationship(
        back_populates="owner", foreign_keys="Suppression.owner_id", lazy="raise"
    )
    created_suppressions: Mapped[list["Suppression"]] = relationship(
        back_populates="created_by", foreign_keys="Suppression.created_by_id", lazy="raise"
    )
    approved_suppressions: Mapped[list["Suppression"]] = relationship(
        back_populates="approved_by", foreign_keys="Suppression.approved_by_id", lazy="raise"
    )
    ended_suppressions: Mapped[list["Suppression"]] = relationship(
        back_populates="ended_by", foreign_keys="Suppression.ended_by_id", lazy="raise"
    )
    suppression_versions: Mapped[list["SuppressionVersion"]] = relationship(back_populates="changed_by", lazy="raise")
    notification_routes: Mapped[list["NotificationRoute"]] = relationship(back_populates="user", lazy="raise")
    notifications: Mapped[list["Notification"]] = relationship(back_populates="user", lazy="raise")

    __table_args__ = (
        CheckConstraint("(oidc_issuer IS NULL) = (oidc_subject IS NULL)", name="oidc"),
        CheckConstraint("password_hash IS NULL OR oidc_subject IS NULL", name="password_or_oidc"),
        Index("uq_users_email", text("lower(email)"), unique=True),
        Index("uq_users_oidc", "oidc_issuer", "oidc_subject", unique=True),
    )


class Membership(Base):
    """One person's role in one organization. Those of the source `oidc` follow the provider's groups."""

    __tablename__ = "memberships"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    role: Mapped[str]
    source: Mapped[str] = mapped_column(server_default="local")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    user: Mapped["User"] = relationship(back_populates="memberships", lazy="raise")
    organization: Mapped["Organization"] = relationship(back_populates="memberships", lazy="raise")

    __table_args__ = (
        UniqueConstraint("user_id", "organization_id"),
        one_of("role", Role),
        one_of("source", MEMBERSHIP_SOURCES),
    )
