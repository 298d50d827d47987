"""An alert: repeats of one fingerprint, folded into the row that analysts triage."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, FetchedValue, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import (
    Base,
    BigInt,
    Counter,
    Flag,
    Id,
    JsonObject,
    SmallInt,
    Texts,
    one_of,
)
from shared.domain.alert import ACKNOWLEDGED, IN_PROGRESS, NEW, STATUSES
from shared.domain.triage import Verdict

if TYPE_CHECKING:
    from shared.models.alert_note import AlertNote
    from shared.models.incident import Incident
    from shared.models.incident_alert import IncidentAlert, IncidentEvent, IncidentFollowing
    from shared.models.observable import AlertObservable
    from shared.models.organization import Organization
    from shared.models.snooze import Snooze
    from shared.models.suppression import Suppression, SuppressionMatch
    from shared.models.user import User

OPEN_ALERT_STATUSES = (NEW, ACKNOWLEDGED, IN_PROGRESS)
ALERT_RUNS = "status = 'new' AND incident_id IS NULL AND (acknowledged_at IS NULL OR acknowledged_at < new_since)"
"""Of which alerts the clock runs; of one in an incident the incident's do."""
ALERT_SINCE = "coalesce(new_since, created_at)"
"""Since when."""
NOW = "date_trunc('milliseconds', now())"


class Alert(Base):
    """Folded events of one (organization, fingerprint, 30-day window, suppression).

    `current` is the newest row of its key; a successor sets it false, and only a closed row can be
    succeeded. So the unique index over current rows is stricter than "unique where status <> 'closed'"
    and implies it.

    `severity` is the one shown, set by hand or by folding; `sensor_severity` the greatest folded.
    `latest_time` and `latest_id` order the event that gave title and rule; both are null on an alert made
    by hand, which has no events. `last_fired_at` is null when only resolving events came. `closed_at` is
    null while closed by the source itself (provisional). `acknowledged_count` is `count` as it was then.
    `new_since` is our receipt of what made it new, or its reopening: its clock counts from then; of alerts that
    have none from `created_at`, which is when their row was made.
    `sensor_id` is the latest event's; no foreign key, for the alert outlives its sensor.
    `incident_id` is the incident of its one open link. `explanation` maps `rule@version` to its count.

    `version` is raised by a trigger on every change and is the projection's external version; `revision`
    by people's and rules' edits only, and is the ETag.
    """

    __tablename__ = "alerts"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    fingerprint: Mapped[bytes]
    fold_window: Mapped[int]
    suppression_id: Mapped[UUID | None] = mapped_column(ForeignKey("suppressions.id"))
    current: Mapped[bool] = mapped_column(server_default=text("true"))

    title: Mapped[str]
    severity: Mapped[SmallInt]
    sensor_severity: Mapped[SmallInt]
    severity_by_hand: Mapped[Flag]
    status: Mapped[str] = mapped_column(server_default="new")
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    acknowledged_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    count: Mapped[Counter]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    latest_time: Mapped[datetime | None]
    latest_id: Mapped[UUID | None]
    last_fired_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_count: Mapped[BigInt | None]
    closed_at: Mapped[datetime | None]
    again: Mapped[Flag]
    new_since: Mapped[datetime | None]
    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    previous_alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id"))
    quiet_until: Mapped[datetime | None]

    risk: Mapped[SmallInt] = mapped_column(server_default=text("0"))
    tags: Mapped[Texts]
    techniques: Mapped[Texts]
    rule_id: Mapped[str | None]
    module: Mapped[str] = mapped_column(server_default="")
    dataset: Mapped[str] = mapped_column(server_default="")
    sensor_id: Mapped[UUID | None]
    observables_count: Mapped[int] = mapped_column(server_default=text("0"))
    observables_dropped: Mapped[Counter]
    explanation: Mapped[JsonObject]

    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    version: Mapped[BigInt] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue(for_update=True))
    # In whole milliseconds, as OpenSearch has them: a list in their order goes on in either store.
    created_at: Mapped[datetime] = mapped_column(server_default=text(NOW))
    updated_at: Mapped[datetime] = mapped_column(
        server_default=text(NOW), server_onupdate=FetchedValue(for_update=True)
    )

    organization: Mapped["Organization"] = relationship(back_populates="alerts", lazy="raise")
    assignee: Mapped["User | None"] = relationship(
        back_populates="assigned_alerts", foreign_keys=[assignee_id], lazy="raise"
    )
    created_by: Mapped["User | None"] = relationship(
        back_populates="created_alerts", foreign_keys=[created_by_id], lazy="raise"
    )
    acknowledged_by: Mapped["User | None"] = relationship(
        back_populates="acknowledged_alerts", foreign_keys=[acknowledged_by_id], lazy="raise"
    )
    closed_by: Mapped["User | None"] = relationship(
        back_populates="closed_alerts", foreign_keys=[closed_by_id], lazy="raise"
    )
    previous_alert: Mapped["Alert | None"] = relationship(
        back_populates="successors", remote_side="Alert.id", lazy="raise"
    )
    successors: Mapped[list["Alert"]] = relationship(back_populates="previous_alert", lazy="raise")
    observable_links: Mapped[list["AlertObservable"]] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    suppression: Mapped["Suppression | None"] = relationship(back_populates="alerts", lazy="raise")
    suppression_matches: Mapped[list["SuppressionMatch"]] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    notes: Mapped[list["AlertNote"]] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    snoozes: Mapped[list["Snooze"]] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )
    incident: Mapped["Incident | None"] = relationship(back_populates="alerts", lazy="raise")
    incident_links: Mapped[list["IncidentAlert"]] = relationship(back_populates="alert", lazy="raise")
    copied_events: Mapped[list["IncidentEvent"]] = relationship(back_populates="alert", lazy="raise")
    following: Mapped["IncidentFollowing | None"] = relationship(
        back_populates="alert", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        one_of("status", STATUSES),
        one_of("verdict", Verdict),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        CheckConstraint("sensor_severity BETWEEN 1 AND 5", name="sensor_severity"),
        CheckConstraint("risk BETWEEN 0 AND 100", name="risk"),
        CheckConstraint("current OR status = 'closed'", name="succeeded_is_closed"),
        Index(
            "uq_alerts_current",
            "organization_id",
            "fingerprint",
            "fold_window",
            text("coalesce(suppression_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            unique=True,
            postgresql_where=text("current"),
        ),
        Index(
            "ix_alerts_queue",
            "organization_id",
            text("risk DESC"),
            text("last_seen DESC"),
            "id",
            postgresql_where=text("status IN ('new', 'acknowledged', 'in_progress')"),
        ),
        Index("ix_alerts_risk", "organization_id", text("risk DESC"), text("last_seen DESC"), "id"),
        # With what a histogram counts.
        Index(
            "ix_alerts_last_seen",
            "organization_id",
            text("last_seen DESC"),
            "id",
            postgresql_include=["severity", "status"],
        ),
        Index("ix_alerts_updated", "organization_id", "updated_at", "id"),
        Index(
            "ix_alerts_resolved_at",
            "resolved_at",
            postgresql_where=text(
                "resolved_at IS NOT NULL AND closed_at IS NULL AND acknowledged_at IS NULL AND incident_id IS NULL"
            ),
        ),
        Index("ix_alerts_closed_at", "closed_at", postgresql_where=text("status = 'closed'")),
        Index("ix_alerts_suppressed", "last_seen", postgresql_where=text("status = 'suppressed'")),
        Index("ix_alerts_incident_id", "incident_id", postgresql_where=text("incident_id IS NOT NULL")),
        Index("ix_alerts_suppression_id", "suppression_id", postgresql_where=text("suppression_id IS NOT NULL")),
        # With all that figures per rule count.
        Index(
            "ix_alerts_rule_id",
            *("organization_id", text('lower(rule_id COLLATE "C")'), "last_seen"),
            postgresql_include=["rule_id", "status", "verdict", "created_at", "closed_at", "last_fired_at"],
        ),
        Index(
            "ix_alerts_assignee_id",
            "assignee_id",
            postgresql_where=text("status IN ('new', 'acknowledged', 'in_progress')"),
        ),
        # The clocks that run, by when they began: of somebody's alerts, and of nobody's.
        Index(
            "ix_alerts_running_owned",
            *("organization_id", "severity", text(ALERT_SINCE)),
            postgresql_where=text(f"{ALERT_RUNS} AND assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_alerts_running_unowned",
            *("organization_id", "severity", text(ALERT_SINCE)),
            postgresql_where=text(f"{ALERT_RUNS} AND assignee_id IS NULL"),
        ),
        Index(
            "ix_alerts_previous_alert_id",
            "previous_alert_id",
            postgresql_where=text("previous_alert_id IS NOT NULL"),
        ),
        # Room for folds on the row's own page.
        {"postgresql_with": {"fillfactor": 70}},
    )
