"""The writer: messages → one Postgres transaction → OpenSearch → acknowledgement, in this order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import asyncpg

from services.indexer import folding, projection, receipts, rejections
from services.indexer.arrivals import Arrival, correlation_ids, flatten
from services.indexer.brake import Brake, Failures
from services.indexer.folding import Connection
from services.indexer.locks import lock_writing
from services.indexer.periods import PeriodBook
from services.indexer.projection import Item, Projection
from services.indexer.receipts import DUPLICATE, QUARANTINED, STORED, Tally
from services.indexer.retention import make_periods, read_floors
from services.indexer.store import Outcome, Stored, look_up, store
from services.indexer.transaction import restarting
from services.indexer.transient import infrastructure
from shared import crash, log, metrics
from shared.bus.consumer import Ending
from shared.bus.messages import Accounts, EventBatch, Quarantined, decode
from shared.errors import Reject, Retry

logger = log.get(__name__)

MARK_SETTLED = """
    INSERT INTO envelopes (envelope_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING envelope_id
"""

E = TypeVar("E", EventBatch, Quarantined, Accounts)


class BrakeHeld(Exception):
    """The transaction would put too much into quarantine; it was rolled back."""


@dataclass
class Settled:
    """What a committed transaction did, as far as projecting needs it."""

    outcome: Outcome = field(default_factory=Outcome)
    repeats: list[Stored] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


class Writer:
    """Handles batches of messages of the three queues the writer consumes.

    `changed` is told the organization and ids of alerts that a batch folded into.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        periods: PeriodBook,
        to_search: Projection,
        brake: Brake,
        *,
        changed: Callable[[UUID, list[UUID]], None],
    ) -> None:
        self._pool = pool
        self._periods = periods
        self._projection = to_search
        self._brake = brake
        self._changed = changed

    async def writable(self) -> bool:
        """True when Postgres takes a write."""
        with infrastructure():
            await self._brake.control.write()
        return True

    async def usable(self) -> bool:
        """True when storing makes sense: Postgres takes a write, and the brake is off or lets one batch be tried."""
        await self.writable()
        with infrastructure():
            return await self._brake.lets_one_try()

    async def settle_events(self, bodies: list[bytes]) -> list[Ending]:
        """Store, project and account for the events of these messages; see DESIGN 4, steps 5 to 9."""
        with infrastructure():
            if await self._brake.still_holds():
                raise Retry("the quarantine brake holds", code="brake_held")
        endings, decoded = _decoded(bodies, EventBatch)
        envelopes = list({envelope.envelope_id: envelope for envelope in decoded}.values())
        arrivals = flatten(envelopes)
        structured = {"events": len(arrivals), "correlation_ids": correlation_ids(envelopes)}
        started = time.perf_counter()
        try:
            with infrastructure():
                settled = await restarting(lambda: self._settle_events(envelopes, arrivals))
        except BrakeHeld:
            with infrastructure():
                await self._brake.hold()
            raise Retry("the quarantine brake holds", code="brake_held") from None
        committed = time.perf_counter()
        crash.point("writer_after_commit")
        self._tell(len(arrivals), settled)
        with infrastructure():
            await self._brake.passed()
            await self._project(settled, arrivals)
        projected = time.perf_counter()
        metrics.WRITER_SECONDS.labels("postgres").observe(committed - started)
        metrics.WRITER_SECONDS.labels("opensearch").observe(projected - committed)
        logger.info(
            "batch_settled",
            envelopes=len(envelopes),
            **structured,
            **settled.tally.totals(),
            alerts_opened=settled.outcome.opened,
            repeats=len(settled.repeats),
            postgres_ms=round((committed - started) * 1000, 1),
            opensearch_ms=round((projected - committed) * 1000, 1),
        )
        crash.point("writer_before_ack")
        return endings

    async def settle_quarantined(self, bodies: list[bytes]) -> list[Ending]:
        """Put the records of these messages into quarantine and account for them."""
        endings, decoded = _decoded(bodies, Quarantined)
        envelopes = list({envelope.envelope_id: envelope for envelope in decoded}.values())
        with infrastructure():
            tally = await restarting(lambda: self._settle_quarantined(envelopes))
        _count_results(tally)
        logger.info(
            "quarantine_settled",
            envelopes=len(envelopes),
            correlation_ids=correlation_ids(envelopes),
            **tally.totals(),
        )
        crash.point("quarantine_before_ack")
        return endings

    async def settle_accounts(self, bodies: list[bytes]) -> list[Ending]:
        """Keep the doors' own counts; each message may come any number of times and in any order."""
        endings, messages = _decoded(bodies, Accounts)

        async def settle() -> None:
            async with self._pool.acquire() as connection, connection.transaction():
                await lock_writing(connection)
                await receipts.write_door_accounts(connection, messages)

        with infrastructure():
            await restarting(settle)
        crash.point("accounts_before_ack")
        return endings

    async def _settle_events(self, envelopes: Sequence[EventBatch], arrivals: Sequence[Arrival]) -> Settled:
        await make_periods(self._pool, self._periods, arrivals)
        async with self._periods.reread(self._pool), self._pool.acquire() as connection, connection.transaction():
            await lock_writing(connection, arrivals)
            # Under the locks: whoever stored a twin in a period of its own making has committed both by now.
            await self._periods.know(connection, (form for a in arrivals for form in a.forms))
            fresh = await _mark_settled(connection, [envelope.envelope_id for envelope in envelopes])
            floors = await read_floors(connection)
            outcome = await store(
                connection,
                [arrival for arrival in arrivals if arrival.envelope_id in fresh],
                periods=self._periods,
                floors=floors,
            )
            failures = _failures(arrivals, outcome)
            if await self._brake.blocks(failures):
                raise BrakeHeld
            tally = await _account(connection, outcome)
            repeats = await self._repeats(connection, arrivals, fresh)
            crash.point("writer_before_commit")
        self._brake.remember(failures)
        return Settled(outcome, repeats, tally)

    async def _repeats(self, connection: Connection, arrivals: Sequence[Arrival], fresh: set[UUID]) -> list[Stored]:
        """The rows of events whose envelope was settled before: they are only projected again."""
        old = [arrival for arrival in arrivals if arrival.envelope_id not in fresh]
        if not old:
            return []
        found = await look_up(connection, (form for a in old for form in a.forms), self._periods)
        return list({row.id: row for row in found.values()}.values())

    async def _settle_quarantined(self, envelopes: Sequence[Quarantined]) -> Tally:
        async with self._pool.acquire() as connection, connection.transaction():
            await lock_writing(connection)
            fresh = await _mark_settled(connection, [envelope.envelope_id for envelope in envelopes])
            outcome = Outcome(
                rejections=[
                    rejection
                    for envelope in envelopes
                    if envelope.envelope_id in fresh
                    for rejection in rejections.from_envelope(envelope)
                ]
            )
            tally = await _account(connection, outcome)
            # Its events may have become searchable before its last record was settled here.
            await receipts.mark_searchable(connection, tally.requests)
            return tally

    async def _project(self, settled: Settled, arrivals: Sequence[Arrival]) -> None:
        outcome = settled.outcome
        items = [_new_item(arrival, row) for arrival, row in outcome.new]
        # A record that came twice within the batch is new and its own duplicate: one document, named once.
        new = {row.id for _, row in outcome.new}
        again = [row for row in (*(row for _, row in outcome.duplicates), *settled.repeats) if row.id not in new]
        alert_ids = set(outcome.alerts) | {row.alert_id for row in again if row.alert_id}
        if again or alert_ids:
            async with self._pool.acquire() as connection:
                items += await projection.read_events(connection, again, self._periods)
                if settled.repeats:
                    alert_ids |= await folding.predecessors(connection, alert_ids)
                items += await projection.read_changing(connection, projection.ALERT, alert_ids)
        await projection.project(self._pool, self._projection, items)
        await restarting(lambda: self._projected(arrivals))

    async def _projected(self, arrivals: Sequence[Arrival]) -> None:
        async with self._pool.acquire() as connection:
            await receipts.projected(
                connection,
                (arrival.request.batch_id for arrival in arrivals),
                (arrival.envelope_id for arrival in arrivals),
            )

    def _tell(self, events: int, settled: Settled) -> None:
        """Count what was committed, and let the api processes know of the alerts."""
        metrics.BATCH_EVENTS.observe(events)
        metrics.ALERTS_OPENED.inc(settled.outcome.opened)
        metrics.SUPPRESSED.inc(settled.outcome.suppressed)
        _count_results(settled.tally)
        for organization_id, ids in _by_organization(settled.outcome).items():
            self._changed(organization_id, ids)


async def _account(connection: Connection, outcome: Outcome) -> Tally:
    """Quarantine the rejections, then count everything on receipts and accounts."""
    quarantined = await rejections.insert(connection, outcome.rejections)
    tally = Tally()
    for pairs, result in ((outcome.new, STORED), (outcome.duplicates, DUPLICATE)):
        for arrival, _ in pairs:
            tally.add(arrival.organization_id, arrival.request, result)
            tally.projecting.setdefault(arrival.request.batch_id, set()).add(arrival.envelope_id)
    for rejection in outcome.rejections:
        first_time = rejection.id in quarantined
        quarantined.discard(rejection.id)
        tally.add(rejection.organization_id, rejection.request, QUARANTINED if first_time else DUPLICATE)
        if first_time:
            tally.reasons[rejection.reason] += 1
    await receipts.write(connection, tally)
    return tally


async def _mark_settled(connection: Connection, envelope_ids: Sequence[UUID]) -> set[UUID]:
    """Of these envelopes, those that nobody settled before."""
    rows = await connection.fetch(MARK_SETTLED, sorted(set(envelope_ids)))
    return {row["envelope_id"] for row in rows}


def _decoded(bodies: Sequence[bytes], kind: type[E]) -> tuple[list[Ending], list[E]]:
    """One ending per body, and the messages that could be read."""
    endings: list[Ending] = []
    messages: list[E] = []
    for body in bodies:
        try:
            messages.append(decode(body, kind))
            endings.append(None)
        except Reject as reject:
            endings.append(reject)
    return endings, messages


def _new_item(arrival: Arrival, row: Stored) -> Item:
    return projection.event_item(
        row.kind,
        row.id,
        lambda: arrival.event.document,
        organization_id=arrival.organization_id,
        batch_id=arrival.request.batch_id,
        alert_id=row.alert_id,
    )


def _failures(arrivals: Sequence[Arrival], outcome: Outcome) -> Failures:
    """What the brake looks at: what the database refused, not what a sensor's own data deserve."""
    broken = tuple(r.request.sensor_id for r in outcome.rejections if r.reason == rejections.DATABASE_ERROR)
    return Failures(len(arrivals), broken)


def _by_organization(outcome: Outcome) -> dict[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = {}
    for alert in outcome.alerts.values():
        grouped.setdefault(alert.organization_id, []).append(alert.id)
    return grouped


def _count_results(tally: Tally) -> None:
    for result, count in tally.totals().items():
        metrics.WRITER_EVENTS.labels(result).inc(count)
    for reason, count in tally.reasons.items():
        metrics.QUARANTINED.labels(reason).inc(count)
