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
    from shared.models.evidence import Evidence, EvidenceCustody
    from shared.models.handover import Handover
    from shared.models.incident import Incident, IncidentMember
    from shared.models.incident_alert import IncidentAlert, IncidentEvent
    from shared.models.incident_entry import IncidentEntry
    from shared.models.incident_link import IncidentLink
    from shared.models.incident_note import IncidentNote, IncidentNoteVersion, IncidentSummaryVersion
    from shared.models.incident_observable import IncidentObservable
    from shared.models.incident_review import IncidentReview
    from shared.models.incident_task import IncidentTask
    from shared.models.incident_template import IncidentTemplate
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
    linked_alerts: Mapped[list["IncidentAlert"]] = relationship(
        back_populates="linked_by", foreign_keys="IncidentAlert.linked_by_id", lazy="raise"
    )
    unlinked_alerts: Mapped[list["IncidentAlert"]] = relationship(
        back_populates="unlinked_by", foreign_keys="IncidentAlert.unlinked_by_id", lazy="raise"
    )
    found_alerts: Mapped[list["IncidentAlert"]] = relationship(
        back_populates="found_assignee", foreign_keys="IncidentAlert.found_assignee_id", lazy="raise"
    )
    picked_events: Mapped[list["IncidentEvent"]] = relationship(
        back_populates="picked_by", foreign_keys="IncidentEvent.picked_by_id", lazy="raise"
    )
    added_observables: Mapped[list["IncidentObservable"]] = relationship(
        back_populates="added_by", foreign_keys="IncidentObservable.added_by_id", lazy="raise"
    )
    assigned_tasks: Mapped[list["IncidentTask"]] = relationship(
        back_populates="assignee", foreign_keys="IncidentTask.assignee_id", lazy="raise"
    )
    created_tasks: Mapped[list["IncidentTask"]] = relationship(
        back_populates="created_by", foreign_keys="IncidentTask.created_by_id", lazy="raise"
    )
    done_tasks: Mapped[list["IncidentTask"]] = relationship(
        back_populates="done_by", foreign_keys="IncidentTask.done_by_id", lazy="raise"
    )
    incident_notes: Mapped[list["IncidentNote"]] = relationship(
        back_populates="author", foreign_keys="IncidentNote.author_id", lazy="raise"
    )
    incident_note_versions: Mapped[list["IncidentNoteVersion"]] = relationship(
        back_populates="author", foreign_keys="IncidentNoteVersion.author_id", lazy="raise"
    )
    incident_summaries: Mapped[list["IncidentSummaryVersion"]] = relationship(
        back_populates="author", foreign_keys="IncidentSummaryVersion.author_id", lazy="raise"
    )
    incident_entries: Mapped[list["IncidentEntry"]] = relationship(
        back_populates="author", foreign_keys="IncidentEntry.author_id", lazy="raise"
    )
    requested_reviews: Mapped[list["IncidentReview"]] = relationship(
        back_populates="requested_by", foreign_keys="IncidentReview.requested_by_id", lazy="raise"
    )
    wanted_reviews: Mapped[list["IncidentReview"]] = relationship(
        back_populates="reviewer", foreign_keys="IncidentReview.reviewer_id", lazy="raise"
    )
    decided_reviews: Mapped[list["IncidentReview"]] = relationship(
        back_populates="decided_by", foreign_keys="IncidentReview.decided_by_id", lazy="raise"
    )
    created_incident_links: Mapped[list["IncidentLink"]] = relationship(
        back_populates="created_by", foreign_keys="IncidentLink.created_by_id", lazy="raise"
    )
    created_incident_templates: Mapped[list["IncidentTemplate"]] = relationship(
        back_populates="created_by", foreign_keys="IncidentTemplate.created_by_id", lazy="raise"
    )
    added_evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="added_by", foreign_keys="Evidence.added_by_id", lazy="raise"
    )
    custody_entries: Mapped[list["EvidenceCustody"]] = relationship(
        back_populates="actor", foreign_keys="EvidenceCustody.actor_id", lazy="raise"
    )
    incident_memberships: Mapped[list["IncidentMember"]] = relationship(
        back_populates="user", foreign_keys="IncidentMember.user_id", lazy="raise"
    )
    added_incident_members: Mapped[list["IncidentMember"]] = relationship(
        back_populates="added_by", foreign_keys="IncidentMember.added_by_id", lazy="raise"
    )
    assigned_incidents: Mapped[list["Incident"]] = relationship(
        back_populates="assignee", foreign_keys="Incident.assignee_id", lazy="raise"
    )
    reported_incidents: Mapped[list["Incident"]] = relationship(
        back_populates="reporter", foreign_keys="Incident.reporter_id", lazy="raise"
    )
    reviewed_incidents: Mapped[list["Incident"]] = relationship(
        back_populates="reviewer", foreign_keys="Incident.reviewer_id", lazy="raise"
    )
    closed_incidents: Mapped[list["Incident"]] = relationship(
        back_populates="closed_by", foreign_keys="Incident.closed_by_id", lazy="raise"
    )
    given_handovers: Mapped[list["Handover"]] = relationship(
        back_populates="outgoing", foreign_keys="Handover.outgoing_id", lazy="raise"
    )
    taken_handovers: Mapped[list["Handover"]] = relationship(
        back_populates="incoming", foreign_keys="Handover.incoming_id", lazy="raise"
    )

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
