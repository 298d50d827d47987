"""What a handover shows of the moment it was made: five lists, each of a hundred at most."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts.search import bound
from services.api.dashboard import queries as board
from services.api.dashboard.sensors import silent
from services.api.handovers import queries
from services.api.handovers.schemas import IncidentThen, SensorThen, Snapshot, Some, SuppressionThen
from services.api.principal import Principal
from shared import clock

M = TypeVar("M", bound=BaseModel)

OF_INCIDENTS = ("new", "over_age", "waiting")


async def taken(session: AsyncSession, organization_id: UUID, *, by: Principal) -> Snapshot:
    """A snapshot of now, since the last signed handover, or of a day where there is none.

    Sensors and suppressions are no secret from anyone of the organization. Raises TooSlow where a statement reads too
    much.
    """
    await bound(session)
    now = clock.now()
    since = await session.scalar(queries.last_signed(organization_id)) or now - queries.SOON
    return Snapshot(
        since=since,
        at=now,
        new=await _some(session, queries.new(by, organization_id, since), IncidentThen),
        over_age=await _some(session, queries.over_age(by, organization_id, now), IncidentThen),
        waiting=await _some(session, queries.waiting(by, organization_id), IncidentThen),
        silent_sensors=await _silent(session, organization_id, now, by),
        ending_suppressions=await _some(session, queries.ending(by, organization_id, now), SuppressionThen),
    )


async def _some(session: AsyncSession, statement: Select[Any], model: type[M]) -> Some[M]:
    rows = (await session.execute(statement)).all()
    return _first(rows, rows[0].of if rows else 0, model)


async def _silent(session: AsyncSession, organization_id: UUID, now: datetime, by: Principal) -> Some[SensorThen]:
    there = (await session.execute(board.all_sensors(replace(by, organization_ids=(organization_id,))))).all()
    rows = silent(there, now)
    return _first(rows, len(rows), SensorThen)


def _first(rows: Sequence[Row[Any]], number: int, model: type[M]) -> Some[M]:
    shown = [model.model_validate(row, from_attributes=True) for row in rows[: queries.SHOWN]]
    return Some(items=shown, more=number - len(shown))


async def seen(session: AsyncSession, snapshot: Snapshot, *, by: Principal) -> Snapshot:
    """The snapshot as the caller may see it: without incidents that were restricted since."""
    lists: dict[str, Some[IncidentThen]] = {name: getattr(snapshot, name) for name in OF_INCIDENTS}
    named = {one.id for some in lists.values() for one in some.items}
    known = set(await session.scalars(queries.seen_of(by, named)))
    left = {
        name: Some[IncidentThen](items=[one for one in some.items if one.id in known], more=some.more)
        for name, some in lists.items()
    }
    return snapshot.model_copy(update=left)
