"""By when an incident has to be acknowledged, contained and resolved, how it stands, and word of it in time."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, timing
from services.api.deps import Resources
from services.api.incidents import queries
from services.api.timing import ClockRead
from shared import clock, log, metrics
from shared.domain import mttx, sla
from shared.domain.calendar import Calendar
from shared.domain.incident import UNFINISHED, Status
from shared.domain.notification import Kind
from shared.domain.sla import Clock, Policy, Reading, Word
from shared.domain.working_time import Pause
from shared.errors import EventSecError
from shared.models import Incident, IncidentPause, IncidentWatch, Organization
from shared.notices import Notice

logger = log.get(__name__)

SWEEP_SECONDS = 15.0
AT_ONCE = 50
# What a change of hours or zone data could move; no incident is forgotten for longer.
LOOK_AGAIN = timedelta(days=1)


class MeasureRead(BaseModel):
    """How long a stage took, and by which formula; null where one of its moments is missing."""

    name: str
    label: str
    formula: str
    seconds: float | None


async def readings(session: AsyncSession, incident: Incident, *, now: datetime) -> dict[Clock, Reading]:
    """How its clocks stand, by the organization's policy as it is now."""
    settings = select(Organization.settings).where(Organization.id == incident.organization_id)
    kept = await session.scalar(settings) or {}
    pauses = list(await session.scalars(queries.pauses([incident.id])))
    # The years of a calendar are counted when they are first asked for, which takes a while.
    return await asyncio.to_thread(_state, timing.of(kept), incident, pauses, now)


async def listed(session: AsyncSession, incidents: Sequence[Incident]) -> dict[UUID, list[ClockRead]]:
    """How they stand of these, asked for together; of those that are over nobody has to heed any."""
    going = [one for one in incidents if one.status not in (Status.CLOSED, Status.MERGED)]
    rules = await timing.rules(session, {one.organization_id for one in going})
    pauses: dict[UUID, list[IncidentPause]] = defaultdict(list)
    for pause in await session.scalars(queries.pauses([one.id for one in going])):
        pauses[pause.incident_id].append(pause)
    now = clock.now()

    def of(incident: Incident) -> list[ClockRead]:
        return shown(_state(rules[incident.organization_id], incident, pauses[incident.id], now))

    known = [one for one in going if one.organization_id in rules]
    return await asyncio.to_thread(lambda: {one.id: timing.tried(of, one) or [] for one in known})


def _state(
    rules: tuple[Policy, Calendar | None], incident: Incident, pauses: Sequence[IncidentPause], now: datetime
) -> dict[Clock, Reading]:
    runs = sla.incident_runs(
        acknowledged_at=incident.acknowledged_at,
        contained_at=incident.contained_at,
        resolved_at=incident.resolved_at,
        holds=[Pause(one.started_at, one.ended_at) for one in pauses if one.kind == "hold"],
        reviews=[Pause(one.started_at, one.ended_at) for one in pauses if one.kind == "review"],
    )
    return sla.state(*rules, severity=incident.severity, started_at=incident.received_at, runs=runs, now=now)


def shown(found: dict[Clock, Reading]) -> list[ClockRead]:
    """As the API shows them."""
    return [timing.shown(name, one) for name, one in found.items()]


def measures(incident: Incident) -> list[MeasureRead]:
    """How long its stages took."""
    moments = {name: getattr(incident, name) for one in mttx.MEASURES for name in (one.since, one.until)}
    taken = [(one, mttx.taken(one, moments)) for one in mttx.MEASURES]
    return [
        MeasureRead(
            name=one.name, label=one.label, formula=one.formula, seconds=None if span is None else span.total_seconds()
        )
        for one, span in taken
    ]


async def watch(session: AsyncSession, incident: Incident) -> None:
    """Have the clocks of a changed incident looked at soon."""
    due = insert(IncidentWatch).values(incident_id=incident.id, due_at=clock.now())
    await session.execute(
        due.on_conflict_do_update(index_elements=["incident_id"], set_={"due_at": due.excluded.due_at})
    )


async def sweep(resources: Resources) -> int:
    """Tell of clocks that warn or are breached, of incidents that are due to be looked at; how many were."""
    looked = 0
    async with resources.sessions() as session:
        due_at = await session.scalar(select(func.min(IncidentWatch.due_at)))
    # Before the work, so that it is told though the work fails, or finds the rows in somebody's hands.
    metrics.CLOCKS_SECONDS.set(max(0.0, (clock.now() - due_at).total_seconds()) if due_at else 0.0)
    while True:
        async with resources.sessions.begin() as session:
            some = await _sweep(session)
        looked += some
        if some < AT_ONCE:
            return looked


async def _sweep(session: AsyncSession) -> int:
    now = clock.now()
    due = select(IncidentWatch).where(IncidentWatch.due_at <= now).order_by(IncidentWatch.due_at).limit(AT_ONCE)
    watches = {one.incident_id: one for one in await session.scalars(due.with_for_update(skip_locked=True))}
    found = select(Incident).where(Incident.id.in_(watches), Incident.status.in_(UNFINISHED))
    incidents = {one.id: one for one in await session.scalars(found)}
    for incident in incidents.values():
        watch = watches[incident.id]
        watch.due_at = min(await _look(session, incident, watch, now) or now + LOOK_AGAIN, now + LOOK_AGAIN)
    over = watches.keys() - incidents.keys()
    await session.execute(delete(IncidentWatch).where(IncidentWatch.incident_id.in_(over)))
    return len(watches)


async def _look(session: AsyncSession, incident: Incident, watch: IncidentWatch, now: datetime) -> datetime | None:
    """When it is to be looked at again. One whose clocks cannot be worked out holds up no other."""
    try:
        read = await readings(session, incident, now=now)
    except (EventSecError, ArithmeticError, ValueError):
        metrics.BACKGROUND_FAILURES.labels("clocks").inc()
        logger.exception("clocks_not_read", incident_id=str(incident.id))
        return None
    words = sla.words(read, incident.severity)
    new = [word for word in words if str(word) not in watch.told]
    await outbox.notify(session, *(_notice(incident, word, read[word.clock].due_at, now) for word in new))
    watch.told = [str(word) for word in words]
    return sla.next_moment(read, now)


def _notice(incident: Incident, word: Word, due_at: datetime | None, now: datetime) -> Notice:
    done = _DONE[word.clock]
    said = f"not {done} in time" if word.breached else f"to be {done} soon"
    return Notice(
        incident.organization_id,
        Kind.CLOCK_BREACHED if word.breached else Kind.CLOCK_WARNING,
        # What was told is in its watch. A breach that was taken back may come again, and is told again.
        f"{incident.id} {word} {clock.isoformat(now)}",
        f"#{incident.number} is {said}: {incident.title}",
        severity=incident.severity,
        content={"clock": word.clock.value, "number": incident.number, "due_at": _said(due_at)},
        object_kind="incident",
        object_id=incident.id,
        addressee=incident.assignee_id,
    )


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else clock.isoformat(moment)


_DONE = {Clock.ACKNOWLEDGE: "acknowledged", Clock.CONTAIN: "contained", Clock.RESOLVE: "resolved"}
