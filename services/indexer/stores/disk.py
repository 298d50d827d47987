"""The disks of all three servers: what is used, what is left, and the day it is gone."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.indexer import outbox
from services.indexer.periods import PeriodBook
from services.indexer.settings import IndexerSettings
from services.indexer.stores.forecast import WINDOW, Growth, Sized, full_in_days, growth_of, measured_over
from services.indexer.stores.opened import Stores
from shared import clock, log, metrics
from shared.bus.migrate import management_of
from shared.domain import severity
from shared.domain.controls import DISKS
from shared.domain.notification import Kind as About
from shared.errors import EventSecError, Unavailable
from shared.normalise.event import KINDS, Kind
from shared.notices import Notice
from shared.search import sizes
from shared.search.sizes import IndexSize, NodeDisk

logger = log.get(__name__)

NEARLY_FULL = 0.10
# At 95 % OpenSearch lets nobody write (its flood-stage watermark, unless somebody moved it).
FLOOD_STAGE = 0.95

GAUGES = (
    metrics.STORE_BYTES,
    metrics.BYTES_PER_EVENT,
    metrics.DISK_LEFT,
    metrics.DISK_FULL_DAYS,
    metrics.DISK_ALARM,
)

KEEP = """
    INSERT INTO process_controls (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
INSTALLED = "SELECT (value->>'at')::timestamptz FROM process_controls WHERE key = 'installed_at'"
PARTITIONS = """
    SELECT index_name, pg_total_relation_size(
        to_regclass('public.events_' || kind || '_' || to_char(starts_at AT TIME ZONE 'UTC', 'YYYYMMDD'))) AS size
    FROM event_periods WHERE dropped_at IS NULL
"""


@dataclass(frozen=True)
class Disk:
    """One store's bytes. `free` and `capacity` are None where nobody told; `full_at` where it is never, or unknown."""

    store: str
    used: int
    free: int | None
    capacity: int | None
    alarm: bool = False
    full_at: datetime | None = None

    @property
    def left(self) -> float | None:
        """The share that is free."""
        return max(0.0, self.free / self.capacity) if self.capacity and self.free is not None else None

    @property
    def nearly_full(self) -> bool:
        """True when somebody should act."""
        return self.alarm or (self.left is not None and self.left < NEARLY_FULL)


@dataclass(frozen=True)
class Disks:
    """All of them; bytes an event takes by store and kind, and bytes a day by store and kind.

    Bytes a day are None where they are not known: of a store that did not answer, and until there has been time to
    measure them in (`measured_over`).
    """

    disks: list[Disk]
    bytes_per_event: dict[str, dict[str, float]]
    bytes_per_day: dict[str, dict[str, float | None]]
    measured_over: timedelta | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "disks": [
                {
                    "store": disk.store,
                    "used": disk.used,
                    "free": disk.free,
                    "capacity": disk.capacity,
                    "left": disk.left,
                    "alarm": disk.alarm,
                    "full_at": clock.isoformat(disk.full_at) if disk.full_at else None,
                    "nearly_full": disk.nearly_full,
                }
                for disk in self.disks
            ],
            "bytes_per_event": self.bytes_per_event,
            "bytes_per_day": self.bytes_per_day,
            "measured_over_seconds": self.measured_over and round(self.measured_over.total_seconds()),
        }


async def measure(stores: Stores, settings: IndexerSettings) -> Disks:
    """Ask all servers; what does not answer is left out, and said."""
    await stores.periods.load(stores.pool)
    found, nodes = await _in_search(stores)
    rows = await stores.pool.fetch(PARTITIONS)
    partitions = {row["index_name"]: int(row["size"] or 0) for row in rows}
    documents = _by_line(stores.periods, {name: size.documents for name, size in found.items()})
    in_search = _by_line(stores.periods, {name: size.stored for name, size in found.items()})
    now = clock.now()
    installed = await stores.pool.fetchval(INSTALLED) or now - WINDOW
    over = measured_over(installed, now)
    grown: dict[str, dict[Kind, Growth]] = {
        store: _growths(stores.periods, sized, settings, now, installed) if over and known else {}
        for store, sized, known in (("opensearch", in_search, bool(nodes)), ("postgres", partitions, True))
    }
    disks = [
        *_opensearch(nodes, list(grown["opensearch"].values())),
        await _postgres(stores, settings, list(grown["postgres"].values())),
        *await _rabbitmq(settings),
    ]
    return Disks(
        disks,
        {
            "opensearch": _per_event(stores.periods, in_search, documents),
            "postgres": _per_event(stores.periods, partitions, documents),
        },
        {
            store: {kind: kinds[kind].bytes_per_day if kind in kinds else None for kind in KINDS}
            for store, kinds in grown.items()
        },
        over,
    )


def tell(measured: Disks, settings: IndexerSettings) -> None:
    """Set the gauges, and warn of what is nearly full, with what would help."""
    for disk in measured.disks:
        metrics.STORE_BYTES.labels(disk.store).set(disk.used)
        metrics.DISK_ALARM.labels(disk.store).set(disk.alarm)
        if disk.left is not None:
            metrics.DISK_LEFT.labels(disk.store).set(disk.left)
            days = (disk.full_at - clock.now()) / timedelta(days=1) if disk.full_at else math.inf
            metrics.DISK_FULL_DAYS.labels(disk.store).set(days)
        if disk.nearly_full:
            logger.warning(
                "disk_nearly_full",
                store=disk.store,
                left=disk.left,
                free=disk.free,
                alarm=disk.alarm,
                full_at=disk.full_at,
                helps=advice(disk, measured, settings),
            )
    for store, kinds in measured.bytes_per_event.items():
        for kind, size in kinds.items():
            metrics.BYTES_PER_EVENT.labels(store, kind).set(size)


async def notify(pool: asyncpg.Pool, measured: Disks, settings: IndexerSettings) -> None:
    """Let people know, once a day for each store that is nearly full."""
    full = [disk for disk in measured.disks if disk.nearly_full]
    if not full:
        return
    async with pool.acquire() as connection, connection.transaction():
        organizations = [row["id"] for row in await connection.fetch("SELECT id FROM organizations")]
        await outbox.notify(
            connection, (_notice(one, disk, measured, settings) for one in organizations for disk in full)
        )


def _notice(organization_id: UUID, disk: Disk, measured: Disks, settings: IndexerSettings) -> Notice:
    return Notice(
        organization_id,
        About.DISK_FORECAST,
        # Not of the organization: who is in several is told once.
        f"{disk.store} {clock.now().date()}",
        f"The disk of {disk.store} is {'full' if disk.alarm else 'nearly full'}",
        severity=severity.HIGH,
        content={
            "left": None if disk.left is None else f"{disk.left:.1%}",
            "full at": disk.full_at and clock.isoformat(disk.full_at),
            "what helps": "; ".join(advice(disk, measured, settings)),
        },
    )


async def keep(measured: Disks, pool: asyncpg.Pool, settings: IndexerSettings) -> None:
    """Write down what was measured, with what would help, for whoever shows it to people."""
    helps = {one.store: advice(one, measured, settings) for one in measured.disks if one.nearly_full}
    value = measured.as_dict() | {"helps": helps, "measured_at": clock.isoformat(clock.now())}
    await pool.execute(KEEP, DISKS, orjson.dumps(value).decode())


def advice(disk: Disk, measured: Disks, settings: IndexerSettings) -> list[str]:
    """What would make room, the largest first."""
    if disk.store == "rabbitmq":
        return ["more indexers, so that the queue gets shorter", "a larger disk"]
    days = {"alert": settings.retention_alert_days, "telemetry": settings.retention_telemetry_days}
    rates = sorted(measured.bytes_per_day[disk.store].items(), key=lambda pair: -(pair[1] or 0))
    shorter = [
        f"EVENTSEC_RETENTION_{kind.upper()}_DAYS={days[kind] or '0, for ever'}: a day less frees {rate:,.0f} bytes"
        for kind, rate in rates
        if rate
    ]
    return [
        *shorter,
        "record types that sensors leave out (`ignored_types`)",
        "shorter periods for new ones (EVENTSEC_PERIOD_…): what retention frees goes by whole periods",
        "a larger disk",
    ]


async def _in_search(stores: Stores) -> tuple[dict[str, IndexSize], list[NodeDisk]]:
    try:
        return await sizes.of_indices(stores.client, stores.names), await sizes.allocation(stores.client)
    except Unavailable as error:
        logger.warning("disk_not_known", store="opensearch", reason=error.code, detail=str(error))
        return {}, []


def _opensearch(nodes: Sequence[NodeDisk], growths: Sequence[Growth]) -> list[Disk]:
    if not nodes:
        return []
    capacity = int(sum(node.total for node in nodes) * FLOOD_STAGE)
    free = int(sum(max(0.0, node.available - node.total * (1 - FLOOD_STAGE)) for node in nodes))
    full = any(node.available <= node.total * (1 - FLOOD_STAGE) for node in nodes)
    used = sum(node.indices for node in nodes)
    return [Disk("opensearch", used, free, capacity, alarm=full, full_at=_full_at(free, growths))]


async def _postgres(stores: Stores, settings: IndexerSettings, growths: Sequence[Growth]) -> Disk:
    used = await stores.pool.fetchval("SELECT pg_database_size(current_database())")
    budget = settings.postgres_budget_bytes
    if not budget:
        return Disk("postgres", used, None, None)
    free = budget - used
    return Disk("postgres", used, free, budget, alarm=free <= 0, full_at=_full_at(free, growths))


async def _rabbitmq(settings: IndexerSettings) -> list[Disk]:
    """Its disk is not filled by events that stay: only whether it stops taking messages is of interest."""
    if (management := management_of(settings)) is None:
        return []
    try:
        nodes = await asyncio.to_thread(management.disks)
    except EventSecError as error:
        logger.warning("disk_not_known", store="rabbitmq", reason=error.code, detail=str(error))
        return []
    free = min((node.free - node.limit for node in nodes), default=0)
    return [Disk("rabbitmq", 0, free, None, alarm=any(node.alarm for node in nodes))]


def _full_at(free: float, growths: Sequence[Growth]) -> datetime | None:
    days = full_in_days(free, growths)
    # Beyond a century nobody plans, and dates end.
    return clock.now() + timedelta(days=days) if days is not None and days < 36_500 else None


def _growths(
    periods: PeriodBook, sized: dict[str, int], settings: IndexerSettings, now: datetime, since: datetime
) -> dict[Kind, Growth]:
    days: dict[Kind, int] = {"alert": settings.retention_alert_days, "telemetry": settings.retention_telemetry_days}
    return {
        kind: growth_of(
            (
                Sized(period.starts_at, period.ends_at, sized.get(place.index_name, 0))
                for period, place in periods.clocked(kind)
            ),
            now,
            since=since,
            retention_days=days[kind],
        )
        for kind in KINDS
    }


def _per_event(periods: PeriodBook, sized: dict[str, int], documents: dict[str, int]) -> dict[str, float]:
    """Bytes of one event by kind, over all periods that have documents."""
    result = {}
    for kind in KINDS:
        lines = [place.index_name for of_kind, place in periods.places() if of_kind == kind]
        full = [line for line in lines if documents.get(line) and sized.get(line)]
        if full:
            result[kind] = sum(sized[line] for line in full) / sum(documents[line] for line in full)
    return {str(kind): round(size, 1) for kind, size in result.items()}


def _by_line(periods: PeriodBook, by_index: dict[str, int]) -> dict[str, int]:
    """Figures of indices, added up over the generations of each period: one of `x` is called `x-000002`."""
    lines: Iterable[str] = (place.index_name for _, place in periods.places())
    return {line: sum(by_index[name] for name in by_index if name in (line, f"{line}-{name[-6:]}")) for line in lines}
