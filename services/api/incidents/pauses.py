"""When the clocks of an incident stand still: on hold all of them, in review that of resolving."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import clocks
from shared.domain.incident import Status
from shared.models import Incident, IncidentPause


async def follow(session: AsyncSession, incident: Incident, *, now: datetime, in_review: bool | None = None) -> None:
    """Begin and end the pauses of a locked incident so that they are as its state is; None leaves review as it was."""
    rows = await session.scalars(
        select(IncidentPause).where(IncidentPause.incident_id == incident.id, IncidentPause.ended_at.is_(None))
    )
    running = {row.kind: row for row in rows}
    wanted = {"hold": incident.status == Status.ON_HOLD}
    if in_review is not None:
        wanted["review"] = in_review
    changed = [kind for kind, paused in wanted.items() if paused != (kind in running)]
    for kind, paused in wanted.items():
        if paused and kind not in running:
            session.add(IncidentPause(incident_id=incident.id, kind=kind, started_at=now))
        if not paused and kind in running:
            running[kind].ended_at = max(now, running[kind].started_at)
    if changed:
        await clocks.watch(session, incident)
