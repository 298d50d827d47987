"""An incident: what people work on, from the first alert to a closed, explained end."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.db.base import Base, BigInt, CreatedAt, Flag, Id, JsonObject, SmallInt, Texts, one_of
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict
from shared.models.alert import NOW

if TYPE_CHECKING:
    from shared.models.alert import Alert
    from shared.models.evidence import Evidence
    from shared.models.handover import HandoverItem
    from shared.models.incident_alert import IncidentAlert, IncidentEvent
    from shared.models.incident_entry import IncidentEntry
    from shared.models.incident_link import IncidentLink
    from shared.models.incident_note import IncidentNote, IncidentSummaryVersion
    from shared.models.incident_observable import IncidentObservable
    from shared.models.incident_review import IncidentReview
    from shared.models.incident_task import IncidentTask
    from shared.models.incident_template import IncidentTemplate
    from shared.models.organization import Organization
    from shared.models.user import User

MAX_SUMMARY = 50_000
PAUSE_KINDS = ("hold", "review")


class Incident(Base):
    """`number` is the organization's own, from 1 on and without gaps; people call the incident by it.

    `received_at` is our receipt of the first event of its first alert, from which its clocks run. `fields` are custom
    ones by name, typed by the template. `before_merge` is the status that unmerging puts back, `peak_severity` the
    highest severity that it, an alert linked to it, or what was merged into it has had, where that was a higher one. A
    `legal_hold` keeps the incident and all that is in it from every deletion. `alerts_count` counts open links.

    `version` is raised by a trigger on every change and is the projection's external version; `revision` by people's
    edits only, and is the ETag.
    """

    __tablename__ = "incidents"

    id: Mapped[Id]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    number: Mapped[BigInt]
    title: Mapped[str]
    severity: Mapped[SmallInt]
    peak_severity: Mapped[int | None] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(server_default="open")
    verdict: Mapped[str | None]
    reason: Mapped[str | None]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    tlp: Mapped[str] = mapped_column(server_default=Tlp.AMBER)
    pap: Mapped[str] = mapped_column(server_default=Pap.AMBER)
    restricted: Mapped[Flag]
    legal_hold: Mapped[Flag]
    summary: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[Texts]
    techniques: Mapped[Texts]
    fields: Mapped[JsonObject]
    alerts_count: Mapped[int] = mapped_column(server_default=text("0"))

    received_at: Mapped[datetime]
    occurred_at: Mapped[datetime | None]
    detected_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    contained_at: Mapped[datetime | None]
    eradicated_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    template_id: Mapped[UUID | None] = mapped_column(ForeignKey("incident_templates.id"))
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    before_merge: Mapped[str | None]

    revision: Mapped[BigInt] = mapped_column(server_default=text("1"))
    version: Mapped[BigInt] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue(for_update=True))
    # In whole milliseconds, as OpenSearch has them: a list in their order goes on in either store.
    created_at: Mapped[datetime] = mapped_column(server_default=text(NOW))
    updated_at: Mapped[datetime] = mapped_column(
        server_default=text(NOW), server_onupdate=FetchedValue(for_update=True)
    )

    organization: Mapped["Organization"] = relationship(back_populates="incidents", lazy="raise")
    assignee: Mapped["User | None"] = relationship(
        back_populates="assigned_incidents", foreign_keys=[assignee_id], lazy="raise"
    )
    reporter: Mapped["User | None"] = relationship(
        back_populates="reported_incidents", foreign_keys=[reporter_id], lazy="raise"
    )
    reviewer: Mapped["User | None"] = relationship(
        back_populates="reviewed_incidents", foreign_keys=[reviewer_id], lazy="raise"
    )
    closed_by: Mapped["User | None"] = relationship(
        back_populates="closed_incidents", foreign_keys=[closed_by_id], lazy="raise"
    )
    template: Mapped["IncidentTemplate | None"] = relationship(back_populates="incidents", lazy="raise")
    merged_into: Mapped["Incident | None"] = relationship(
        back_populates="merged", remote_side="Incident.id", lazy="raise"
    )
    merged: Mapped[list["Incident"]] = relationship(back_populates="merged_into", lazy="raise")
    alerts: Mapped[list["Alert"]] = relationship(back_populates="incident", lazy="raise")
    watch: Mapped["IncidentWatch | None"] = relationship(
        back_populates="incident", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    alert_links: Mapped[list["IncidentAlert"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentAlert.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_alert_links: Mapped[list["IncidentAlert"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentAlert.origin_id",
        lazy="raise",
    )
    events: Mapped[list["IncidentEvent"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentEvent.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_events: Mapped[list["IncidentEvent"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentEvent.origin_id",
        lazy="raise",
    )
    observable_links: Mapped[list["IncidentObservable"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentObservable.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_observable_links: Mapped[list["IncidentObservable"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentObservable.origin_id",
        lazy="raise",
    )
    tasks: Mapped[list["IncidentTask"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentTask.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_tasks: Mapped[list["IncidentTask"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentTask.origin_id",
        lazy="raise",
    )
    notes: Mapped[list["IncidentNote"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentNote.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_notes: Mapped[list["IncidentNote"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentNote.origin_id",
        lazy="raise",
    )
    summary_versions: Mapped[list["IncidentSummaryVersion"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentSummaryVersion.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    entries: Mapped[list["IncidentEntry"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentEntry.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_entries: Mapped[list["IncidentEntry"]] = relationship(
        back_populates="origin",
        foreign_keys="IncidentEntry.origin_id",
        lazy="raise",
    )
    reviews: Mapped[list["IncidentReview"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentReview.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    links: Mapped[list["IncidentLink"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentLink.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    linked_from: Mapped[list["IncidentLink"]] = relationship(
        back_populates="other",
        foreign_keys="IncidentLink.other_id",
        lazy="raise",
    )
    evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="incident",
        foreign_keys="Evidence.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    moved_evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="origin",
        foreign_keys="Evidence.origin_id",
        lazy="raise",
    )
    members: Mapped[list["IncidentMember"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentMember.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    pauses: Mapped[list["IncidentPause"]] = relationship(
        back_populates="incident",
        foreign_keys="IncidentPause.incident_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
        lazy="raise",
    )
    handover_items: Mapped[list["HandoverItem"]] = relationship(
        back_populates="incident", cascade="all, delete-orphan", passive_deletes=True, lazy="raise"
    )

    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        one_of("status", Status),
        one_of("verdict", Verdict),
        one_of("tlp", Tlp),
        one_of("pap", Pap),
        CheckConstraint("severity BETWEEN 1 AND 5", name="severity"),
        CheckConstraint(f"char_length(summary) <= {MAX_SUMMARY}", name="summary"),
        CheckConstraint("tlp <> 'red' OR restricted", name="red_is_restricted"),
        CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged"),
        CheckConstraint("(status = 'closed') = (verdict IS NOT NULL AND closed_at IS NOT NULL)", name="closed"),
        Index(
            "ix_incidents_queue",
            "organization_id",
            text("severity DESC"),
            text("updated_at DESC"),
            "id",
            postgresql_where=text("status IN ('open', 'investigating', 'contained', 'on_hold')"),
        ),
        Index("ix_incidents_updated", "organization_id", "updated_at", "id"),
        Index("ix_incidents_created", "organization_id", "created_at", "id"),
        Index("ix_incidents_closed_at", "organization_id", "closed_at", postgresql_where=text("status = 'closed'")),
        Index(
            "ix_incidents_assignee_id",
            "assignee_id",
            postgresql_where=text("status IN ('open', 'investigating', 'contained', 'on_hold')"),
        ),
        Index("ix_incidents_restricted", "organization_id", postgresql_where=text("restricted")),
        Index("ix_incidents_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )


class IncidentCounter(Base):
    """The last number an organization has given. Taken in the transaction that makes the incident, so without gaps."""

    __tablename__ = "incident_counters"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    last: Mapped[BigInt]


class IncidentMember(Base):
    """Somebody who may see a restricted incident. Who broke the glass is one too, and says why."""

    __tablename__ = "incident_members"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    broke_glass: Mapped[Flag]
    reason: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    incident: Mapped["Incident"] = relationship(back_populates="members", foreign_keys=[incident_id], lazy="raise")
    user: Mapped["User"] = relationship(back_populates="incident_memberships", foreign_keys=[user_id], lazy="raise")
    added_by: Mapped["User | None"] = relationship(
        back_populates="added_incident_members", foreign_keys=[added_by_id], lazy="raise"
    )

    __table_args__ = (
        PrimaryKeyConstraint("incident_id", "user_id"),
        Index("ix_incident_members_user_id", "user_id", "incident_id"),
    )


class IncidentPause(Base):
    """A span in which the clocks of an incident stand still: all of them on `hold`, that of resolving in `review`."""

    __tablename__ = "incident_pauses"

    id: Mapped[Id]
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    kind: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    incident: Mapped["Incident"] = relationship(back_populates="pauses", foreign_keys=[incident_id], lazy="raise")

    __table_args__ = (
        one_of("kind", PAUSE_KINDS),
        CheckConstraint("ended_at >= started_at", name="ends"),
        Index(
            "uq_incident_pauses_running", "incident_id", "kind", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_incident_pauses_incident_id", "incident_id", "started_at"),
    )


class IncidentWatch(Base):
    """When the clocks of an unfinished incident are looked at next: at once after a change, then as one will warn.

    `told` are the words (`shared.domain.sla.Word`) that held at the last look, and were told then or before.
    """

    __tablename__ = "incident_watches"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    told: Mapped[Texts]

    incident: Mapped["Incident"] = relationship(back_populates="watch", lazy="raise")

    __table_args__ = (Index("ix_incident_watches_due_at", "due_at"),)
