"""Which partition and index an event's id belongs to; makes the periods that are missing, ahead and on demand."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

import asyncpg

from services.indexer.errors import StartOver
from services.indexer.settings import IndexerSettings
from shared import clock, ids, log
from shared.db.failures import is_missing_period
from shared.domain.periods import Period, period_of
from shared.normalise.event import KINDS, Kind
from shared.search.indices import event_index, unclocked_index

logger = log.get(__name__)

Bounds = tuple[UUID, UUID]

READ = """
    SELECT kind, starts_at, ends_at, index_name, shards FROM event_periods
    WHERE dropped_at IS NULL ORDER BY kind, starts_at
"""
ENSURE = "SELECT ensure_period($1, $2, $3, $4, $5)"

Reader: TypeAlias = "asyncpg.Pool[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

_DAY = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the events of one range of ids are: bounds of the partition, bare name of the index."""

    bounds: Bounds
    index_name: str
    shards: int


_UNCLOCKED: dict[Kind, Place] = {
    kind: Place((ids.first_of(0), ids.first_of(1)), unclocked_index(kind), 1) for kind in KINDS
}


@dataclass(frozen=True)
class Plan:
    """How new periods of one kind are cut."""

    length: Literal["day", "week"]
    shards: int


def plans_of(settings: IndexerSettings) -> dict[Kind, Plan]:
    """How the settings want new periods cut; those that are there stay as they are."""
    return {
        "alert": Plan(settings.period_alert, settings.shards_alert),
        "telemetry": Plan(settings.period_telemetry, settings.shards_telemetry),
    }


class PeriodBook:
    """All periods, as this process last read them; unknown ones are looked up and made."""

    def __init__(self, plans: dict[Kind, Plan]) -> None:
        self._plans = plans
        self._installed_year = clock.now().year
        self._periods: dict[Kind, list[Period]] = {kind: [] for kind in KINDS}
        # Periods are whole UTC days, so the day of an id finds its place without searching.
        self._by_day: dict[Kind, dict[int, Place]] = {kind: {} for kind in KINDS}

    async def load(self, pool: Reader) -> None:
        """Read all periods and the year of installation from Postgres."""
        year = await pool.fetchval("SELECT (value->>'year')::int FROM process_controls WHERE key = 'installed_at'")
        self._installed_year = year or clock.now().year
        periods: dict[Kind, list[Period]] = {kind: [] for kind in KINDS}
        by_day: dict[Kind, dict[int, Place]] = {kind: {} for kind in KINDS}
        for row in await pool.fetch(READ):
            period = Period(row["starts_at"], row["ends_at"])
            place = Place(_bounds(period), row["index_name"], row["shards"])
            periods[row["kind"]].append(period)
            by_day[row["kind"]] |= dict.fromkeys(range(_day(period.starts_at), _day(period.ends_at)), place)
        self._periods, self._by_day = periods, by_day

    def of(self, kind: Kind, event_id: UUID) -> Place:
        """The place of an event's id. Raises LookupError when no period covers it."""
        place = self._find(kind, _day_of(event_id))
        if place is None:
            raise LookupError(f"no period of {kind} events holds {event_id}")
        return place

    def places(self) -> list[tuple[Kind, Place]]:
        """Every place of every kind, the unclocked first, then in the order of time."""
        return [
            (kind, place) for kind in KINDS for place in (_UNCLOCKED[kind], *dict.fromkeys(self._by_day[kind].values()))
        ]

    def clocked(self, kind: Kind) -> list[tuple[Period, Place]]:
        """The periods of a kind in the order of time, each with its place."""
        return [(period, self._by_day[kind][_day(period.starts_at)]) for period in self._periods[kind]]

    def by_partition(self, kind: Kind, wanted: Iterable[UUID]) -> dict[Bounds, list[UUID]]:
        """Ids grouped by the partition that would hold them; those that no period covers are left out."""
        groups: dict[Bounds, list[UUID]] = {}
        for event_id in wanted:
            place = self._find(kind, _day_of(event_id))
            if place is not None:
                groups.setdefault(place.bounds, []).append(event_id)
        return groups

    def lack(self, wanted: Iterable[tuple[Kind, UUID]]) -> bool:
        """True when one of these events has no period that this process knows of."""
        return not all(self._find(kind, _day_of(event_id)) for kind, event_id in wanted)

    async def ensure(self, pool: asyncpg.Pool, wanted: Iterable[tuple[Kind, UUID]]) -> None:
        """Make the periods that these events need, each in a transaction of its own.

        Raises StartOver when another process, with other settings, has just made one that overlaps.
        """
        days = {(kind, _day_of(event_id)) for kind, event_id in wanted}
        if all(self._find(kind, day) for kind, day in days):
            return
        await self.load(pool)
        for kind, day in sorted(days, key=str):
            if day is not None and self._find(kind, day) is None:
                await self._make(pool, kind, day)

    @asynccontextmanager
    async def reread(self, pool: asyncpg.Pool) -> AsyncIterator[None]:
        """Around a transaction: where retention dropped a period that this process knew of, it starts over."""
        try:
            yield
        except asyncpg.CheckViolationError as error:
            if not is_missing_period(error):
                raise
            await self.load(pool)
            raise StartOver("period_dropped") from error

    async def know(self, pool: Reader, wanted: Iterable[UUID]) -> None:
        """Read the periods again when one of these ids might be in one that another process made since."""
        days = {_day_of(event_id) for event_id in wanted}
        if not all(self._find(kind, day) for kind in KINDS for day in days):
            await self.load(pool)

    async def _make(self, pool: asyncpg.Pool, kind: Kind, day: int) -> None:
        plan = self._plans[kind]
        period = period_of(
            kind,
            day * _DAY,
            length=plan.length,
            installed_year=self._installed_year,
            existing=self._periods[kind],
        )
        name = event_index(kind, period.starts_at.date())
        try:
            made = await pool.fetchval(ENSURE, kind, period.starts_at, period.ends_at, name, plan.shards)
        except asyncpg.InvalidParameterValueError as error:
            raise StartOver("period_overlaps") from error
        logger.info("period_ensured", kind=kind, starts_at=period.starts_at, index=name, made=made)
        await self.load(pool)

    def _find(self, kind: Kind, day: int | None) -> Place | None:
        return _UNCLOCKED[kind] if day is None else self._by_day[kind].get(day)


def between(first: datetime, last: datetime) -> Bounds:
    """Bounds of the ids of events in that span of time; without those of ids that have no time.

    The clock that made an id may have been a day ahead of the event's time (shared.normalise.clock_rules).
    """
    return ids.first_of(clock.milliseconds(first)), ids.first_of(clock.milliseconds(last) + 1 + _DAY)


def _day_of(event_id: UUID) -> int | None:
    """The UTC day, counted from 1970, of a clocked id; None of an unclocked one."""
    return ids.milliseconds_of(event_id) // _DAY or None


def _day(moment: datetime) -> int:
    return clock.milliseconds(moment) // _DAY


def _bounds(period: Period) -> Bounds:
    return (
        ids.first_of(clock.milliseconds(period.starts_at)),
        ids.first_of(clock.milliseconds(period.ends_at)),
    )
