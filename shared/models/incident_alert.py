"""What ties an incident to its alerts, and the copies of their events that outlive retention."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, one_of
from shared.normalise.event import KINDS

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.incident import Incident
    from shared.models.user import User


class IncidentAlert(Base):
    """One alert's place in an incident; an alert has one open link at most.

    `rule` and `rule_version` say what linked it where no person did; `reason` what a person said. A link that moved
    with a merge remembers its `origin`. `found_status` and `found_assignee_id` are what an open alert was before it was
    taken up, which unlinking gives back to it.
    """

    __tablename__ = "incident_alerts"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    linked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    linked_by_name: Mapped[str]
    reason: Mapped[str | None]
    rule: Mapped[str | None]
    rule_version: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    unlinked_at: Mapped[datetime | None]
    unlinked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    found_status: Mapped[str | None]
    found_assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    incident: Mapped["Incident"] = relationship(back_populates="alert_links", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_alert_links", foreign_keys=[origin_id], lazy="raise"
    )
    alert: Mapped["Alert"] = relationship(back_populates="incident_links", lazy="raise")
    linked_by: Mapped["User | None"] = relationship(
        back_populates="linked_alerts", foreign_keys=[linked_by_id], lazy="raise"
    )
    unlinked_by: Mapped["User | None"] = relationship(
        back_populates="unlinked_alerts", foreign_keys=[unlinked_by_id], lazy="raise"
    )
    found_assignee: Mapped["User | None"] = relationship(
        back_populates="found_alerts", foreign_keys=[found_assignee_id], lazy="raise"
    )

    __table_args__ = (
        Index("uq_incident_alerts_open", "alert_id", unique=True, postgresql_where=text("unlinked_at IS NULL")),
        Index("ix_incident_alerts_incident_id", "incident_id", "id"),
        Index("ix_incident_alerts_alert_id", "alert_id"),
        Index("ix_incident_alerts_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )


class IncidentEvent(Base):
    """An event as it was stored, copied: proof that is still there when its period has been dropped.

    `body` is the frame of the event's row (`shared.normalise.body`), `sha256` that of these bytes. Per alert the first
    and the last hundred are kept; those `picked` by a person stay whatever comes later.
    """

    __tablename__ = "incident_events"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    event_id: Mapped[UUID]
    event_kind: Mapped[str]
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    picked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    picked: Mapped[Flag]
    time: Mapped[datetime]
    received_at: Mapped[datetime]
    sensor_id: Mapped[UUID]
    body: Mapped[bytes]
    sha256: Mapped[bytes]
    created_at: Mapped[CreatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="events", foreign_keys=[incident_id], lazy="raise")
    origin: Mapped["Incident | None"] = relationship(
        back_populates="moved_events", foreign_keys=[origin_id], lazy="raise"
    )
    alert: Mapped["Alert | None"] = relationship(back_populates="copied_events", lazy="raise")
    picked_by: Mapped["User | None"] = relationship(
        back_populates="picked_events", foreign_keys=[picked_by_id], lazy="raise"
    )

    __table_args__ = (
        UniqueConstraint("incident_id", "event_id"),
        one_of("event_kind", KINDS),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        Index("ix_incident_events_time", "incident_id", "time", "event_id"),
        Index("ix_incident_events_alert_id", "alert_id", "time"),
        Index("ix_incident_events_origin_id", "origin_id", postgresql_where=text("origin_id IS NOT NULL")),
    )


class IncidentFollowing(Base):
    """A linked alert on which more has come, or that was linked just now: its events are still to be copied.

    A trigger on `alerts` writes these; the indexer's follower copies, tells of it in the timeline and takes them away.
    `followed_count` is what the alert counted when that was done last, or when it was linked.
    """

    __tablename__ = "incident_following"

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    followed_count: Mapped[BigInt] = mapped_column(server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[CreatedAt]

    alert: Mapped["Alert"] = relationship(back_populates="following", lazy="raise")

    __table_args__ = (Index("ix_incident_following_due_at", "due_at"),)
