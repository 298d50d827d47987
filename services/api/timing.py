"""By which targets and hours an organization's clocks go, and how they are shown: of alerts and incidents alike."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared import log
from shared.domain import sla
from shared.domain.calendar import Calendar
from shared.domain.sla import Clock, Policy, Reading
from shared.errors import EventSecError
from shared.models import Organization

logger = log.get(__name__)

T = TypeVar("T")
Rules = Mapping[UUID, tuple[Policy, Calendar | None]]
"""By organization, of those whose settings can be read."""

Standing = Literal["running", "warned", "breached", "paused", "met"]


class ClockRead(BaseModel):
    """Seconds of working time. `due_at` is null while nobody can know it: on hold, or in review."""

    clock: Literal["acknowledge", "contain", "resolve"]
    state: Standing = Field(description="What matters most. One that is `met` was late where it has `breached_at`.")
    target_seconds: int
    elapsed_seconds: int
    remaining_seconds: int = Field(description="Below 0 once it is breached.")
    due_at: datetime | None
    warn_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    paused: bool


def shown(name: Clock, reading: Reading) -> ClockRead:
    """As the API shows it."""
    return ClockRead(
        clock=name.value,
        state=reading.standing.value,
        target_seconds=int(reading.target.total_seconds()),
        elapsed_seconds=int(reading.elapsed.total_seconds()),
        remaining_seconds=int(reading.remaining.total_seconds()),
        due_at=reading.due_at,
        warn_at=reading.warn_at,
        met_at=reading.met_at,
        breached_at=reading.breached_at,
        paused=reading.paused,
    )


def of(settings: dict[str, Any]) -> tuple[Policy, Calendar | None]:
    """The times within which work is to be done, and when it counts. Raises BadPolicy and BadCalendar."""
    policy = Policy.read(settings["sla"]) if "sla" in settings else sla.DEFAULT
    kept = settings.get("calendar")
    return policy, None if kept is None else _calendar(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS))


async def rules(session: AsyncSession, organization_ids: set[UUID]) -> Rules:
    """By what the clocks of these organizations go."""
    if not organization_ids:
        return {}
    rows = await session.execute(
        select(Organization.id, Organization.settings).where(Organization.id.in_(organization_ids))
    )
    found = {organization_id: tried(of, settings) for organization_id, settings in rows}
    return {organization_id: rules for organization_id, rules in found.items() if rules is not None}


def tried(how: Callable[[Any], T | None], what: Any) -> T | None:
    """What cannot be worked out, as of hours in a zone that is no more, is not shown, and keeps no row from being."""
    try:
        return how(what)
    except (EventSecError, ArithmeticError, ValueError):
        logger.exception("clock_not_read")
        return None


@lru_cache(maxsize=32)
def _calendar(kept: bytes) -> Calendar:
    """The same one for the same words: it remembers the years that it has counted."""
    return Calendar.read(orjson.loads(kept))
