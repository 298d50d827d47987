"""Gives one person's work to another in one transaction: alerts first, then incidents, as everybody locks them."""

from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.handovers import queries
from services.api.handovers.schemas import Moved
from services.api.incidents import queries as incidents
from services.api.incidents import work
from services.api.principal import Principal
from shared import clock
from shared.domain import incident as rules
from shared.domain import triage as alert_rules
from shared.domain.incident import UNFINISHED
from shared.models import Handover, Incident

MOST = 500
"""Of each kind; the rest is for a bulk action."""


async def move(session: AsyncSession, handover: Handover, *, by: Principal, trace: Trace) -> Moved:
    """The outgoing person's work, as far as the caller may see it, to the caller; how much."""
    alerts, left_alerts = await _alerts(session, handover, by=by, trace=trace)
    moved, left = await _incidents(session, handover, by=by, trace=trace)
    return Moved(incidents=moved, alerts=alerts, left_incidents=left, left_alerts=left_alerts)


async def _alerts(session: AsyncSession, handover: Handover, *, by: Principal, trace: Trace) -> tuple[int, int]:
    home, outgoing = handover.organization_id, handover.outgoing_id
    wanted, left = await _most(session, queries.open_alerts_of(by, home, outgoing, MOST))
    statement = incidents.alerts_in_order(wanted, [home]).with_for_update()
    locked = [one for one in await session.scalars(statement) if one.assignee_id == outgoing]
    theirs = [alert for alert in locked if alert.status in alert_rules.OPEN]
    for alert in theirs:
        before = trail.snapshot(alert, triage.EDITED)
        alert_rules.assign(alert, to=by.person)
        triage.settle(session, alert, before, "assigned", by=by, trace=trace, handover_id=handover.id)
    if theirs:
        # Nobody is told that something was given to them: who accepts has taken it.
        outbox.changed(session, "alert", [alert.id for alert in theirs], organization_id=home, trace=trace)
    return len(theirs), left


async def _incidents(session: AsyncSession, handover: Handover, *, by: Principal, trace: Trace) -> tuple[int, int]:
    home, outgoing = handover.organization_id, handover.outgoing_id
    wanted, left = await _most(session, queries.unfinished_of(by, home, outgoing, MOST))
    statement = incidents.several(by, wanted).with_for_update(of=Incident)
    locked = [one for one in await session.scalars(statement) if one.assignee_id == outgoing]
    unfinished = [incident for incident in locked if incident.status in UNFINISHED]
    # As with giving one away: whoever worked on it must not become its reviewer.
    asked = await session.scalars(incidents.waiting_reviews([incident.id for incident in unfinished]))
    waiting = {review.incident_id for review in asked}
    theirs = [incident for incident in unfinished if incident.id not in waiting]
    for incident in theirs:
        before = trail.snapshot(incident, work.EDITED)
        rules.assign(incident, to=by.person, now=clock.now())
        said, details = f"Handed over: {handover.shift}", {"handover_id": handover.id}
        await work.settle(session, incident, before, "assigned", by=by, trace=trace, said=said, **details)
    return len(theirs), left + len(waiting)


async def _most(session: AsyncSession, statement: Select[UUID, int]) -> tuple[list[UUID], int]:
    """The ids, and how many there are beyond them."""
    rows = (await session.execute(statement)).all()
    return [row[0] for row in rows], rows[0][1] - len(rows) if rows else 0
