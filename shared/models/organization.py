"""A tenant: every other row names the one it belongs to."""

from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Id, JsonObject, UpdatedAt

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.api_token import ApiToken
    from shared.models.close_reason import CloseReason
    from shared.models.handover import Handover
    from shared.models.incident import Incident
    from shared.models.incident_template import IncidentTemplate
    from shared.models.invitation import Invitation
    from shared.models.job import Job
    from shared.models.notification import Notification, NotificationChannel, NotificationRoute
    from shared.models.observable import Observable
    from shared.models.saved_view import SavedView
    from shared.models.sensor import Sensor
    from shared.models.suppression import Suppression
    from shared.models.user import Membership


class Organization(Base):
    """`settings` holds policies people choose: `review`, `sla`, `calendar`. `revision` is the ETag of those."""

    __tablename__ = "organizations"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    settings: Mapped[JsonObject]
    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    sensors: Mapped[list["Sensor"]] = relationship(back_populates="organization", lazy="raise")
    api_tokens: Mapped[list["ApiToken"]] = relationship(back_populates="organization", lazy="raise")
    alerts: Mapped[list["Alert"]] = relationship(back_populates="organization", lazy="raise")
    observables: Mapped[list["Observable"]] = relationship(back_populates="organization", lazy="raise")
    memberships: Mapped[list["Membership"]] = relationship(back_populates="organization", lazy="raise")
    invitations: Mapped[list["Invitation"]] = relationship(back_populates="organization", lazy="raise")
    saved_views: Mapped[list["SavedView"]] = relationship(back_populates="organization", lazy="raise")
    close_reasons: Mapped[list["CloseReason"]] = relationship(back_populates="organization", lazy="raise")
    jobs: Mapped[list["Job"]] = relationship(back_populates="organization", lazy="raise")
    suppressions: Mapped[list["Suppression"]] = relationship(back_populates="organization", lazy="raise")
    notification_channels: Mapped[list["NotificationChannel"]] = relationship(
        back_populates="organization", lazy="raise"
    )
    notification_routes: Mapped[list["NotificationRoute"]] = relationship(back_populates="organization", lazy="raise")
    notifications: Mapped[list["Notification"]] = relationship(back_populates="organization", lazy="raise")
    incidents: Mapped[list["Incident"]] = relationship(back_populates="organization", lazy="raise")
    incident_templates: Mapped[list["IncidentTemplate"]] = relationship(back_populates="organization", lazy="raise")
    handovers: Mapped[list["Handover"]] = relationship(back_populates="organization", lazy="raise")
