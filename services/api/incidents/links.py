"""What ties an incident to its alerts: linking takes an alert up and out of the queue, unlinking gives it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import restricted, trail
from services.api.alerts import triage
from services.api.alerts.service import AlertNotFound
from services.api.deps import Trace
from services.api.incidents import queries, work
from services.api.principal import Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain import triage as alert_rules
from shared.domain.alert import SUPPRESSED
from shared.errors import Conflict
from shared.models import Alert, Incident, IncidentAlert

MAX_LINKED = 5000
"""Alerts of one incident: closing takes them all in one transaction."""


class AlertLinked(Conflict):
    """Some of the alerts belong to another incident; unlink them there, or merge the two."""

    code = "alert_linked"


class TooManyAlerts(Conflict):
    """An incident has at most 5,000 alerts; open another and link the two incidents."""

    code = "too_many_alerts"


async def link(
    session: AsyncSession,
    incident_id: UUID,
    alert_ids: Sequence[UUID],
    *,
    by: Principal,
    trace: Trace,
    reason: str | None = None,
) -> tuple[Incident, int]:
    """The incident, and how many alerts are new in it.

    Raises AlertNotFound, AlertLinked, Suppressed, TooManyAlerts, and what `work.locked` does.
    """
    alerts = await lock_alerts(session, alert_ids, by=by)
    incident = await work.locked(session, incident_id, by=by)
    rules.require_open(incident)
    return incident, await add(session, incident, alerts, by=by, trace=trace, reason=reason)


async def lock_alerts(session: AsyncSession, alert_ids: Sequence[UUID], *, by: Principal) -> list[Alert]:
    """The alerts, locked in order. Raises AlertNotFound unless the caller may change every one of them."""
    wanted = list(dict.fromkeys(alert_ids))
    found = queries.alerts_in_order(wanted, by.organization_ids).where(restricted.may_see(by))
    alerts = list(await session.scalars(found.with_for_update()))
    if len(alerts) != len(wanted):
        missing = set(wanted) - {alert.id for alert in alerts}
        raise AlertNotFound(alert_id=str(min(missing)))
    return alerts


async def add(
    session: AsyncSession,
    incident: Incident,
    alerts: Sequence[Alert],
    *,
    by: Principal,
    trace: Trace,
    reason: str | None = None,
    ended: Mapping[UUID, IncidentAlert] | None = None,
) -> int:
    """Link locked alerts to a locked incident of theirs; how many were not in it.

    Those of links `ended` just now were found as these found them. Raises AlertNotFound, AlertLinked, Suppressed and
    TooManyAlerts.
    """
    if any(alert.organization_id != incident.organization_id for alert in alerts):
        raise AlertNotFound
    new = [alert for alert in alerts if alert.incident_id != incident.id]
    _refuse(incident, new)
    if not new:
        return 0
    now = clock.now()
    for alert in new:
        link_row = _link(incident, alert, (ended or {}).get(alert.id), by)
        link_row.reason = reason
        session.add(link_row)
        _take_up(session, incident, alert, by=by, trace=trace)
    before = trail.snapshot(incident, work.EDITED)
    incident.alerts_count += len(new)
    incident.received_at = min(incident.received_at, *(received(alert) for alert in new))
    incident.techniques = sorted({*incident.techniques, *(one for alert in new for one in alert.techniques)})
    rules.note_severity(incident, max(map(alert_rules.severity_for_review, new)))
    await work.settle(
        session,
        incident,
        before,
        "alerts_linked",
        by=by,
        trace=trace,
        said=_said(new, "linked"),
        alert_ids=[alert.id for alert in new[:100]],
        reason=reason,
        at=now,
    )
    work.tell_alerts(session, new, trace)
    return len(new)


def _refuse(incident: Incident, new: Sequence[Alert]) -> None:
    if elsewhere := [alert for alert in new if alert.incident_id is not None]:
        raise AlertLinked(
            alert_ids=[str(alert.id) for alert in elsewhere[:20]], incident_id=str(elsewhere[0].incident_id)
        )
    if any(alert.status == SUPPRESSED for alert in new):
        raise alert_rules.Suppressed
    if incident.alerts_count + len(new) > MAX_LINKED:
        raise TooManyAlerts


def _link(incident: Incident, alert: Alert, ended: IncidentAlert | None, by: Principal) -> IncidentAlert:
    """The link of an alert, as it is before it is taken up."""
    is_open = alert.status in alert_rules.OPEN
    return IncidentAlert(
        organization_id=incident.organization_id,
        incident_id=incident.id,
        alert_id=alert.id,
        linked_by_id=by.user_id,
        linked_by_name=by.name,
        found_status=ended.found_status if ended else alert.status if is_open else None,
        found_assignee_id=ended.found_assignee_id if ended else alert.assignee_id if is_open else None,
    )


def _take_up(session: AsyncSession, incident: Incident, alert: Alert, *, by: Principal, trace: Trace) -> None:
    before = trail.snapshot(alert, (*triage.EDITED, "incident_id"))
    if alert.status in alert_rules.OPEN:
        alert_rules.acknowledge(alert, by=by.user_id, now=clock.now())
    alert.incident_id = incident.id
    triage.settle(session, alert, before, "linked", by=by, trace=trace, incident_id=incident.id)


async def unlink(
    session: AsyncSession,
    incident_id: UUID,
    alert_ids: Sequence[UUID],
    *,
    by: Principal,
    trace: Trace,
    reason: str | None = None,
) -> tuple[Incident, int]:
    """The incident, and how many alerts left it; what was copied from them stays. Raises what `link` does."""
    alerts = await lock_alerts(session, alert_ids, by=by)
    incident = await work.locked(session, incident_id, by=by)
    rules.require_open(incident)
    gone = [alert for alert in alerts if alert.incident_id == incident.id]
    await remove(session, incident, gone, by=by, trace=trace, reason=reason)
    return incident, len(gone)


async def remove(
    session: AsyncSession,
    incident: Incident,
    gone: Sequence[Alert],
    *,
    by: Principal,
    trace: Trace,
    reason: str | None = None,
    moved: bool = False,
) -> dict[UUID, IncidentAlert]:
    """End the links of these locked alerts of a locked incident; the links.

    What they did is taken back, unless the alerts are `moved` into another incident, which goes on with them.
    """
    if not gone:
        return {}
    now, of_them = clock.now(), queries.open_links([alert.id for alert in gone])
    ended = {link_row.alert_id: link_row for link_row in await session.scalars(of_them)}
    for alert in gone:
        link_row = ended[alert.id]
        link_row.unlinked_at, link_row.unlinked_by_id = now, by.user_id
        before = trail.snapshot(alert, (*triage.EDITED, "incident_id"))
        alert.incident_id = None
        if not moved and link_row.found_status is not None:
            whose = link_row.found_assignee_id
            alert_rules.put_back(alert, status=link_row.found_status, assignee_id=whose, by=link_row.linked_by_id)
        triage.settle(session, alert, before, "unlinked", by=by, trace=trace, incident_id=incident.id)
    before = trail.snapshot(incident, work.EDITED)
    incident.alerts_count -= len(gone)
    if not moved and incident.received_at in {received(alert) for alert in gone}:
        incident.received_at = await received_at(session, incident)
    incident.techniques = await techniques(session, incident)
    # One may have become more severe since it was linked.
    rules.note_severity(incident, max(map(alert_rules.severity_for_review, gone)))
    await work.settle(
        session,
        incident,
        before,
        "alerts_unlinked",
        by=by,
        trace=trace,
        said=_said(gone, "unlinked"),
        alert_ids=[alert.id for alert in gone[:100]],
        reason=reason,
    )
    work.tell_alerts(session, gone, trace)
    return ended


def received(alert: Alert) -> datetime:
    """Our receipt of its first event, as far as it is known: its row may have been made long after."""
    return min(alert.created_at, alert.new_since or alert.created_at)


async def received_at(session: AsyncSession, incident: Incident) -> datetime:
    """Of the earliest of its alerts and of what was merged into it; if there are none, when it was made."""
    linked = (
        select(func.least(Alert.created_at, Alert.new_since))
        .join(IncidentAlert, IncidentAlert.alert_id == Alert.id)
        .where(IncidentAlert.incident_id == incident.id, IncidentAlert.unlinked_at.is_(None))
    )
    merged = select(Incident.received_at).where(Incident.merged_into_id == incident.id)
    found: Sequence[datetime] = (await session.scalars(linked.union_all(merged))).all()
    return min([incident.created_at, *found])


async def techniques(session: AsyncSession, incident: Incident) -> list[str]:
    """Those of its alerts, which are also the alerts of what was merged into it."""
    linked = (
        select(Alert.techniques)
        .join(IncidentAlert, IncidentAlert.alert_id == Alert.id)
        .where(IncidentAlert.incident_id == incident.id, IncidentAlert.unlinked_at.is_(None))
    )
    return sorted({technique for of_alert in await session.scalars(linked) for technique in of_alert})


def _said(alerts: Sequence[Alert], what: str) -> str:
    first = f"Alert {what}: {alerts[0].title}"
    return first if len(alerts) == 1 else f"{len(alerts)} alerts {what}, among them: {alerts[0].title}"
