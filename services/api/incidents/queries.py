"""SQL over incidents and what hangs on them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from services.api import restricted
from services.api.principal import Principal
from shared.models import (
    Alert,
    Evidence,
    Incident,
    IncidentAlert,
    IncidentEntry,
    IncidentMember,
    IncidentNote,
    IncidentObservable,
    IncidentPause,
    IncidentReview,
    IncidentSummaryVersion,
    IncidentTask,
    Membership,
    User,
)
from shared.models.alert import OPEN_ALERT_STATUSES
from shared.models.incident_entry import BY_HAND

MAX_MEMBERS = 200
"""Who is let in; who breaks the glass counts apart."""
MAX_SHOWN_MEMBERS = 1000
"""As many as a document has, which decides what a search finds."""
MAX_MERGED = 200


def visible_to(principal: Principal) -> Select[Incident]:
    """The incidents of the caller's organizations; of restricted ones, those the caller is a member of."""
    return select(Incident).where(Incident.organization_id.in_(principal.organization_ids), may_see(principal))


def may_see(principal: Principal) -> ColumnElement[bool]:
    """The incident is open to the caller."""
    return restricted.open_to(principal.user_id)


def one(principal: Principal, incident_id: UUID) -> Select[Incident]:
    """That incident, if the caller may see it."""
    return visible_to(principal).where(Incident.id == incident_id)


def several(principal: Principal, incident_ids: Sequence[UUID]) -> Select[Incident]:
    """Those the caller may see, in the order in which they are locked."""
    return visible_to(principal).where(Incident.id.in_(incident_ids)).order_by(Incident.id)


def by_number(organization_id: UUID, number: int) -> Select[Incident]:
    """The organization's incident of that number, whoever asks."""
    return select(Incident).where(Incident.organization_id == organization_id, Incident.number == number)


def members(incident_id: UUID) -> Select[IncidentMember]:
    """Its members, the first one first."""
    of_it = select(IncidentMember).where(IncidentMember.incident_id == incident_id)
    return of_it.order_by(IncidentMember.created_at, IncidentMember.user_id).limit(MAX_SHOWN_MEMBERS)


def member(incident_id: UUID, user_id: UUID) -> Select[UUID]:
    """That person, if a member of it."""
    return select(IncidentMember.user_id).where(
        IncidentMember.incident_id == incident_id, IncidentMember.user_id == user_id
    )


def roles_of_members(incident: Incident) -> Select[UUID, str]:
    """Its members who work in the organization and are not disabled, and the role of each there."""
    return (
        select(IncidentMember.user_id, Membership.role)
        .join(User, User.id == IncidentMember.user_id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            IncidentMember.incident_id == incident.id,
            Membership.organization_id == incident.organization_id,
            User.disabled_at.is_(None),
        )
    )


def linked_alert_ids(incident_id: UUID) -> Select[UUID]:
    """The alerts that are linked to it now."""
    return select(Alert.id).where(Alert.incident_id == incident_id)


def alert_severity(incident_id: UUID) -> Select[int | None]:
    """The greatest of the alerts that are linked to it now, given by sensors or by hand."""
    return select(func.max(func.greatest(Alert.severity, Alert.sensor_severity))).where(
        Alert.incident_id == incident_id
    )


def alerts_in_order(alert_ids: Sequence[UUID], organization_ids: Sequence[UUID]) -> Select[Alert]:
    """These alerts, in the order in which everybody locks alerts."""
    of_theirs = select(Alert).where(Alert.id.in_(alert_ids), Alert.organization_id.in_(organization_ids))
    return of_theirs.order_by(Alert.organization_id, Alert.fingerprint, Alert.fold_window, Alert.id)


def current_successors(alert_ids: Sequence[UUID]) -> Select[UUID]:
    """What events of these alerts' keys fold into now, where that is another alert."""
    head = aliased(Alert)
    same_key = and_(
        *(getattr(head, name) == getattr(Alert, name) for name in ("organization_id", "fingerprint", "fold_window")),
        head.suppression_id.is_not_distinct_from(Alert.suppression_id),
        head.current,
    )
    return select(head.id).join(Alert, same_key).where(Alert.id.in_(alert_ids), ~Alert.current)


def open_links(alert_ids: Sequence[UUID]) -> Select[IncidentAlert]:
    """The open links of these alerts."""
    return select(IncidentAlert).where(IncidentAlert.alert_id.in_(alert_ids), IncidentAlert.unlinked_at.is_(None))


def links(incident_id: UUID, *, after: UUID | None, limit: int) -> Select[IncidentAlert, Alert]:
    """Its open links with their alerts, the first linked first; one more than `limit`."""
    statement = (
        select(IncidentAlert, Alert)
        .join(Alert, Alert.id == IncidentAlert.alert_id)
        .where(IncidentAlert.incident_id == incident_id, IncidentAlert.unlinked_at.is_(None))
        .order_by(IncidentAlert.id)
        .limit(limit + 1)
    )
    return statement if after is None else statement.where(IncidentAlert.id > after)


def waiting_review(incident_id: UUID) -> Select[IncidentReview]:
    """The request for closing that nobody has decided on."""
    return select(IncidentReview).where(IncidentReview.incident_id == incident_id, IncidentReview.decision.is_(None))


def waiting_reviews(incident_ids: Sequence[UUID]) -> Select[IncidentReview]:
    """The same of several."""
    return select(IncidentReview).where(IncidentReview.incident_id.in_(incident_ids), IncidentReview.decision.is_(None))


def pauses(incident_ids: Sequence[UUID]) -> Select[IncidentPause]:
    """When the clocks of these stood still, and do, the first first."""
    of_them = select(IncidentPause).where(IncidentPause.incident_id.in_(incident_ids))
    return of_them.order_by(IncidentPause.started_at)


def reviews(incident_id: UUID, *, after: UUID | None, limit: int) -> Select[IncidentReview]:
    """All of them, the latest first; one more than `limit`."""
    of_it = select(IncidentReview).where(IncidentReview.incident_id == incident_id)
    statement = of_it.order_by(IncidentReview.id.desc()).limit(limit + 1)
    return statement if after is None else statement.where(IncidentReview.id < after)


def summary_versions(incident_id: UUID, *, after: int | None, limit: int) -> Select[IncidentSummaryVersion]:
    """All versions of its summary, the latest first; one more than `limit`."""
    of_it = select(IncidentSummaryVersion).where(IncidentSummaryVersion.incident_id == incident_id)
    statement = of_it.order_by(IncidentSummaryVersion.revision.desc()).limit(limit + 1)
    return statement if after is None else statement.where(IncidentSummaryVersion.revision < after)


def open_required_tasks(incident_id: UUID, limit: int) -> Select[UUID, str]:
    """Tasks that closing waits for."""
    return (
        select(IncidentTask.id, IncidentTask.title)
        .where(
            IncidentTask.incident_id == incident_id,
            IncidentTask.required,
            IncidentTask.status.in_(("open", "in_progress")),
        )
        .order_by(IncidentTask.position, IncidentTask.id)
        .limit(limit)
    )


def merged_numbers(incident_id: UUID, *, by: Principal) -> Select[int]:
    """The numbers of those that were merged into it, as far as the caller may see them."""
    merged = select(Incident.number).where(Incident.merged_into_id == incident_id, may_see(by))
    return merged.order_by(Incident.number).limit(MAX_MERGED)


def merged_into(incident_id: UUID) -> Select[UUID]:
    """All that were merged into it, and into those."""
    return _with_merged(Incident.merged_into_id == incident_id)


def families(incident_ids: Sequence[UUID]) -> Select[UUID]:
    """These, and all that were merged into them, and into those."""
    return _with_merged(Incident.id.in_(incident_ids))


def whole_of(incident_id: UUID) -> Select[UUID]:
    """What it was merged into in the end, or itself."""
    way = _way_of(incident_id)
    return select(way.c.id).where(way.c.merged_into_id.is_(None))


def way_of(incident_id: UUID) -> Select[UUID]:
    """Itself, what it was merged into, and what that was."""
    return select(_way_of(incident_id).c.id)


def _way_of(incident_id: UUID) -> CTE:
    went = select(Incident.id, Incident.merged_into_id).where(Incident.id == incident_id).cte(recursive=True)
    further = select(Incident.id, Incident.merged_into_id).join(went, Incident.id == went.c.merged_into_id)
    return went.union(further)


def family_of(incident_id: UUID) -> Select[UUID]:
    """All that are one with it, whichever was merged into which, and itself."""
    return _with_merged(Incident.id.in_(whole_of(incident_id)))


def _with_merged(first: ColumnElement[bool]) -> Select[UUID]:
    merged = select(Incident.id).where(first).cte(recursive=True)
    further = select(Incident.id).join(merged, Incident.merged_into_id == merged.c.id)
    return select(merged.union(further).c.id)


def entries(incident_id: UUID, *, by: Principal) -> Select[IncidentEntry]:
    """Its timeline as the caller sees it, in no order."""
    return select(IncidentEntry).where(IncidentEntry.incident_id == incident_id, *_told(by))


def _told(by: Principal) -> list[ColumnElement[bool]]:
    """SQL: the entry was not taken back, and the product's names no incident or alert that is hidden from the caller.

    What people told by hand stays as they told it.
    """
    there = IncidentEntry.removed_at.is_(None)
    if not by.hidden:
        return [there]
    names = or_(
        restricted.names_hidden(by, cast(IncidentEntry.details, Text)),
        restricted.numbers_hidden(by, IncidentEntry.message.expression, IncidentEntry.organization_id.expression),
    )
    return [there, or_(IncidentEntry.kind == BY_HAND, ~names)]


def counts(incident_ids: Sequence[UUID], *, by: Principal) -> Select[Any]:
    """How much hangs on each of these, by its `id`; of the timeline, what the caller sees."""
    is_open = IncidentTask.status.in_(("open", "in_progress"))
    return select(
        Incident.id,
        _count(Alert, Alert.incident_id == Incident.id).label("alerts"),
        _count(Alert, and_(Alert.incident_id == Incident.id, Alert.status.in_(OPEN_ALERT_STATUSES))).label(
            "open_alerts"
        ),
        _count(IncidentTask, IncidentTask.incident_id == Incident.id).label("tasks"),
        _count(IncidentTask, and_(IncidentTask.incident_id == Incident.id, is_open)).label("open_tasks"),
        _count(IncidentNote, and_(IncidentNote.incident_id == Incident.id, IncidentNote.body != "")).label("notes"),
        _count(IncidentObservable, IncidentObservable.incident_id == Incident.id).label("observables"),
        _count(IncidentEntry, and_(IncidentEntry.incident_id == Incident.id, *_told(by))).label("entries"),
        _count(Evidence, and_(Evidence.incident_id == Incident.id, Evidence.removed_at.is_(None))).label("evidence"),
    ).where(Incident.id.in_(incident_ids))


def _count(model: Any, condition: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(model).where(condition).correlate(Incident).scalar_subquery()
