"""Takes records out of quarantine as somebody asked: read anew and stored, or discarded; each once, in one transaction.

The request is a mark on the row (`requested`), set by the api process or by `python -m services.indexer.quarantine`.
What a re-drive stores goes the writer's own way; OpenSearch hears of it through `projection_pending` and the outbox.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.indexer import outbox, projection
from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection
from services.indexer.locks import lock_writing
from services.indexer.periods import PeriodBook
from services.indexer.projection import EVENT, Item
from services.indexer.retention import make_periods, read_floors
from services.indexer.store import Outcome, store
from services.indexer.transaction import restarting
from shared import crash, ids, log, metrics
from shared.bus.messages import Request
from shared.db.failures import is_transient
from shared.domain.quarantine import MAX_HISTORY
from shared.errors import Retry
from shared.lifecycle import Stop
from shared.normalise import reread
from shared.normalise.event import Event, Ignored, Rejected, SensorProfile
from shared.normalise.event import Outcome as Made
from shared.normalise.profile import profile
from shared.normalise.reread import Held
from shared.search.bulk import Ending, Result

logger = log.get(__name__)

CHUNK = 100
CHUNK_BYTES = 8 << 20
IDLE_SECONDS = 1.0

REDRIVEN, DISCARDED, OPEN = "redriven", "discarded", "open"
# How the history of a record begins its last line that is no duplicate.
STORED_AS = "stored as"

# The sizes first, for a hundred records may be 100 MiB.
_DUE = """
    SELECT id, octet_length(coalesce(edited_record, record)) AS size FROM quarantine
    WHERE requested IS NOT NULL AND status = 'open'
"""
DUE = f"{_DUE} ORDER BY requested_at, id LIMIT {CHUNK}"
TAKE = f"{DUE} FOR UPDATE SKIP LOCKED"
TAKE_ONE = f"{_DUE} AND id = $1 FOR UPDATE SKIP LOCKED"
# In the order of ids, as the writer's own statements.
READ = """
    SELECT id, organization_id, sensor_id, batch_id, received_at, coalesce(edited_hint, hint) AS hint, ordinal,
           idempotency_key, record_index, reason, path, coalesce(edited_record, record) AS record, requested
    FROM quarantine WHERE id = ANY($1::uuid[]) ORDER BY id
"""
SENSORS = """
    SELECT id, organization_id, name, format, zone, ignored_types, severity_overrides
    FROM sensors WHERE id = ANY($1::uuid[])
"""
WRITE = f"""
    UPDATE quarantine q SET
        status = n.status,
        event_id = coalesce(n.event_id, q.event_id),
        reason = coalesce(n.reason, q.reason),
        detail = coalesce(n.detail, q.detail),
        requested = NULL, requested_at = NULL, requested_by = NULL,
        history = (CASE WHEN jsonb_array_length(q.history) >= {MAX_HISTORY} THEN q.history - 0 ELSE q.history END)
            || jsonb_build_array(jsonb_build_object('at', now(), 'by', q.requested_by, 'what', n.what))
    FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[])
         AS n (id, status, event_id, reason, detail, what)
    WHERE q.id = n.id
"""
# Only what is still there: accounts and receipts may have outlived their days.
MOVE_ACCOUNTS = """
    WITH locked AS (
        SELECT n.* FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::int[], $5::int[])
             AS n (sensor_id, minute, stored, duplicate, discarded)
        JOIN sensor_accounts a ON a.sensor_id = n.sensor_id AND a.minute = n.minute AND a.source = 'writer'
        ORDER BY n.sensor_id, n.minute FOR UPDATE OF a)
    UPDATE sensor_accounts a SET
        stored = a.stored + l.stored, duplicate = a.duplicate + l.duplicate, discarded = a.discarded + l.discarded,
        quarantined = a.quarantined - l.stored - l.duplicate - l.discarded
    FROM locked l WHERE a.sensor_id = l.sensor_id AND a.minute = l.minute AND a.source = 'writer'
"""
MOVE_BATCHES = """
    WITH locked AS (
        SELECT n.* FROM unnest($1::uuid[], $2::int[], $3::int[]) AS n (batch_id, stored, duplicate)
        JOIN batches b USING (batch_id) ORDER BY batch_id FOR UPDATE OF b)
    UPDATE batches b SET
        stored = b.stored + l.stored, duplicate = b.duplicate + l.duplicate,
        quarantined = b.quarantined - l.stored - l.duplicate,
        searchable_at = CASE WHEN l.stored > 0 THEN NULL ELSE b.searchable_at END
    FROM locked l WHERE b.batch_id = l.batch_id
"""


class Waiting(Held, frozen=True, kw_only=True):
    """A record to be taken out of quarantine: a row of READ."""

    batch_id: UUID
    reason: str
    path: str
    requested: str


class Fate(NamedTuple):
    """What becomes of a waiting record: its new status, the event, why it is still open, and a line of history.

    `counted` is the account its record moves to; None for one that stays.
    """

    row: Waiting
    status: str
    what: str
    event_id: UUID | None = None
    rejected: Rejected | None = None
    counted: str | None = None


class Redriver:
    """Does what is requested of quarantined records, in chunks, beside other redrivers."""

    def __init__(self, pool: asyncpg.Pool, periods: PeriodBook) -> None:
        self._pool = pool
        self._periods = periods

    async def run(self, stop: Stop) -> None:
        """Work for ever: at once while something is requested, else look once a second."""
        while not stop.requested:
            done: Counter[str] = Counter()
            try:
                done = await self.work()
            except Exception:  # the loop outlives any failure, the requests are still there
                metrics.BACKGROUND_FAILURES.labels("redriver").inc()
                logger.exception("redriver_failed")
            if not done and await stop.sleep(IDLE_SECONDS):
                return

    async def work(self) -> Counter[str]:
        """Settle up to 100 requested records; how many became stored, duplicate, discarded, or stay open.

        Where a chunk fails for a reason of its own, its records are taken one by one, and the one to blame stays open.
        """
        try:
            done = await restarting(self._work)
        except Exception as error:
            if isinstance(error, Retry) or is_transient(error):
                raise
            logger.exception("redrive_failed")
            done = await self._one_by_one()
        for result, count in done.items():
            metrics.REDRIVEN.labels(result).inc(count)
        if done:
            logger.info("quarantine_redriven", **done)
        return done

    async def _one_by_one(self) -> Counter[str]:
        done: Counter[str] = Counter()
        for due in await self._pool.fetch(DUE):
            only = due["id"]
            try:
                done += await restarting(partial(self._work, only))
            except Exception as error:
                if isinstance(error, Retry) or is_transient(error):
                    raise
                done += await self._give_up(only, error)
        return done

    async def _give_up(self, only: UUID, error: Exception) -> Counter[str]:
        """Leave that record open, with what happened; unless somebody else has it by now, who may do better."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await _take(connection, only)
            rejected = Rejected("redrive_failed", f"a mistake of ours: {type(error).__name__}: {error}"[:512])
            if rows:
                await _write(connection, [_still_open(row, rejected) for row in rows])
        return Counter({OPEN: len(rows)} if rows else {})

    async def _work(self, only: UUID | None = None) -> Counter[str]:
        async with self._periods.reread(self._pool), self._pool.acquire() as connection, connection.transaction():
            rows = await _take(connection, only)
            if not rows:
                return Counter()
            outcomes = await self._read(connection, [row for row in rows if row.requested == "redrive"])
            arrivals = [_arrival(row, made) for row, made in outcomes if isinstance(made, Event)]
            await make_periods(self._pool, self._periods, arrivals)
            await lock_writing(connection, arrivals)
            await self._periods.know(connection, (form for a in arrivals for form in a.forms))
            floors = await read_floors(connection)
            outcome = await store(connection, arrivals, periods=self._periods, floors=floors)
            fates = [_fate(row, made, outcome) for row, made in outcomes]
            fates += [
                Fate(row, DISCARDED, "discarded", counted=DISCARDED) for row in rows if row.requested == "discard"
            ]
            await _write(connection, fates)
            await _move(connection, fates)
            await _tell(connection, outcome)
            crash.point("redrive_before_commit")
        return Counter(fate.counted or OPEN for fate in fates)

    async def _read(self, connection: Connection, rows: Sequence[Waiting]) -> list[tuple[Waiting, Made]]:
        """Each record with what it becomes today; in a thread, for one hostile record may take a second."""
        found = await connection.fetch(SENSORS, sorted({row.sensor_id for row in rows}))
        profiles = {row["id"]: profile(dict(row)) for row in found}
        return await asyncio.to_thread(lambda: [(row, _one(row, profiles.get(row.sensor_id))) for row in rows])


def _one(row: Waiting, sensor: SensorProfile | None) -> Made:
    """What the record becomes; one that holds several is not for here, where all of it must have one fate."""
    outcomes = reread.read(row, sensor)
    if len(outcomes) == 1:
        return outcomes[0]
    return Rejected("several_records", f"holds {len(outcomes)} records: send it to the door")


def _arrival(row: Waiting, event: Event) -> Arrival:
    """The event as the writer takes it; `correlation_id` is the record's own id, by which it is found again."""
    request = Request(
        row.batch_id, row.sensor_id, row.received_at, row.path, str(row.id), None, 1, row.hint, row.idempotency_key
    )
    return Arrival(row.organization_id, row.id, request, row.record_index, row.ordinal, event)


def _fate(row: Waiting, made: Made, outcome: Outcome) -> Fate:
    """What becomes of the row when the transaction did that; pure."""
    if isinstance(made, Rejected):
        return _still_open(row, made)
    if isinstance(made, Ignored):
        return Fate(row, DISCARDED, f"left out by the sensor's settings: {made.type}", counted=DISCARDED)
    for rejection in outcome.rejections:
        if rejection.request.correlation_id == str(row.id):
            return _still_open(row, Rejected(rejection.reason, rejection.detail))
    for arrival, stored in outcome.new:
        if arrival.envelope_id == row.id:
            return Fate(row, REDRIVEN, f"{STORED_AS} {stored.id}", event_id=stored.id, counted="stored")
    known = next(stored.id for arrival, stored in outcome.duplicates if arrival.envelope_id == row.id)
    return Fate(row, REDRIVEN, f"is event {known}, stored before", event_id=known, counted="duplicate")


def _still_open(row: Waiting, rejected: Rejected) -> Fate:
    return Fate(row, OPEN, f"still {rejected.reason}", rejected=rejected)


async def _take(connection: Connection, only: UUID | None) -> list[Waiting]:
    """The next requested rows, locked, together at most 8 MiB unless the first alone is more; or that one of them."""
    due = await connection.fetch(TAKE) if only is None else await connection.fetch(TAKE_ONE, only)
    sizes = accumulate(row["size"] for row in due)
    wanted = [row["id"] for row, size in zip(due, sizes, strict=True) if size <= CHUNK_BYTES] or [
        row["id"] for row in due[:1]
    ]
    return [_waiting(row) for row in await connection.fetch(READ, wanted)] if wanted else []


def _waiting(row: asyncpg.Record) -> Waiting:
    values: dict[str, Any] = {
        name: ids.plain(value) if isinstance(value, UUID) else value for name, value in row.items()
    }
    return Waiting(**values)


async def _write(connection: Connection, fates: Sequence[Fate]) -> None:
    rows = [
        (
            fate.row.id,
            fate.status,
            fate.event_id,
            fate.rejected.reason if fate.rejected else None,
            fate.rejected.detail.replace("\0", "\N{REPLACEMENT CHARACTER}")[:1000] if fate.rejected else None,
            fate.what.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        )
        for fate in fates
    ]
    await connection.execute(WRITE, *zip(*rows, strict=True))


async def _move(connection: Connection, fates: Sequence[Fate]) -> None:
    """Book what left the quarantine where it went: on the sensor's minute of receipt and on its receipt."""
    minutes: Counter[tuple[UUID, datetime, str]] = Counter()
    batches: Counter[tuple[UUID, str]] = Counter()
    for fate in fates:
        if fate.counted is not None:
            minutes[fate.row.sensor_id, fate.row.received_at.replace(second=0, microsecond=0), fate.counted] += 1
            batches[fate.row.batch_id, fate.counted] += 1
    # Receipts, then accounts: the writer's order.
    requests = sorted({batch for batch, _ in batches})
    if requests:
        counts = [[batches[batch, name] for batch in requests] for name in ("stored", "duplicate")]
        await connection.execute(MOVE_BATCHES, requests, *counts)
    keys = sorted({(sensor, minute) for sensor, minute, _ in minutes})
    if keys:
        counts = [[minutes[(*key, name)] for key in keys] for name in ("stored", "duplicate", DISCARDED)]
        await connection.execute(MOVE_ACCOUNTS, *zip(*keys, strict=True), *counts)


async def _tell(connection: Connection, outcome: Outcome) -> None:
    """Leave word, by the same commit, of what has to become searchable."""
    items = [
        Item(EVENT, row.id, arrival.organization_id, 0, b"", event_kind=row.kind, batch_id=arrival.request.batch_id)
        for arrival, row in outcome.new
    ]
    if items:
        await projection.remember(connection, ((item, Result(Ending.RETRY)) for item in items))
    await outbox.alerts_changed(connection, ((alert.organization_id, alert.id) for alert in outcome.alerts.values()))
