"""The writer's one transaction: which events are new, where they fold, and every row that says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.indexer import folding, observables, outbox, rejections, suppression
from services.indexer.arrivals import Arrival
from services.indexer.errors import StartOver
from services.indexer.folding import Connection, Folded
from services.indexer.periods import PeriodBook
from services.indexer.rejections import Rejection
from shared.db.failures import is_data_error
from shared.domain.alert import Alert
from shared.domain.notification import Kind as About
from shared.normalise.body import pack_body
from shared.normalise.event import KINDS, Kind
from shared.notices import Notice

INSERT_EVENTS = """
    INSERT INTO events (kind, id, organization_id, sensor_id, batch_id, alert_id, severity, time, received_at,
                        digest, body)
    SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::smallint[],
                             $8::timestamptz[], $9::timestamptz[], $10::bytea[], $11::bytea[])
    ON CONFLICT DO NOTHING
"""


class Stored(msgspec.Struct, frozen=True):
    """A row of `events` as far as projecting it needs."""

    kind: Kind
    id: UUID
    digest: bytes
    alert_id: UUID | None


@dataclass(slots=True)
class Outcome:
    """What became of the events: new rows, duplicates of stored rows, and rejections."""

    new: list[tuple[Arrival, Stored]] = field(default_factory=list)
    duplicates: list[tuple[Arrival, Stored]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    alerts: dict[UUID, Alert] = field(default_factory=dict)
    opened: int = 0
    suppressed: int = 0

    def absorb(self, other: "Outcome") -> "Outcome":
        """This with the other's rows behind its own."""
        self.new += other.new
        self.duplicates += other.duplicates
        self.rejections += other.rejections
        self.alerts |= other.alerts
        self.opened += other.opened
        self.suppressed += other.suppressed
        return self


@dataclass(frozen=True)
class Floors:
    """The least event time that retention lets in, by kind; a kind that is not here has none."""

    before: dict[Kind, datetime]

    def above(self, event_kind: Kind, time: datetime) -> datetime | None:
        """The floor that an event of that time lies below; None when it is kept."""
        floor = self.before.get(event_kind)
        return floor if floor is not None and time < floor else None


async def store(
    connection: Connection,
    arrivals: Sequence[Arrival],
    *,
    periods: PeriodBook,
    floors: Floors,
) -> Outcome:
    """Store these events, each once; one that the database will not take is rejected, its neighbours stay.

    Runs inside the caller's transaction. Raises StartOver when something read was changed meanwhile.
    """
    try:
        async with connection.transaction():
            return await _store_all(connection, arrivals, periods=periods, floors=floors)
    except asyncpg.PostgresError as error:
        if not is_data_error(error):
            raise
        if len(arrivals) == 1:
            return Outcome(rejections=[rejections.database_error(arrivals[0], error)])
    half = len(arrivals) // 2
    first = await store(connection, arrivals[:half], periods=periods, floors=floors)
    return first.absorb(await store(connection, arrivals[half:], periods=periods, floors=floors))


async def _store_all(
    connection: Connection, arrivals: Sequence[Arrival], *, periods: PeriodBook, floors: Floors
) -> Outcome:
    found = await look_up(connection, (form for a in arrivals for form in a.forms), periods)
    outcome = sort_out(arrivals, found, floors)
    fresh = [arrival for arrival, _ in outcome.new]
    alerting = [arrival for arrival in fresh if arrival.event.kind == "alert"]
    if alerting:
        applied = await suppression.apply(connection, alerting)
        folded = await folding.fold(connection, alerting, applied)
        links = await observables.prepare(connection, alerting, folded)
        await folding.write(connection, folded)
        await observables.link(connection, links)
        await suppression.remember(connection, folded.tried)
        if folded.critical:
            await outbox.notify(connection, map(_became_critical, folded.critical))
        outcome.alerts = {alert.id: alert for alert in folded.alerts}
        outcome.opened = len(folded.opened)
        outcome.suppressed = sum(one.hidden_by is not None for one in applied.values())
        outcome.new = [(arrival, _with_alert(row, folded)) for arrival, row in outcome.new]
    await _insert(connection, outcome.new)
    return outcome


def _became_critical(alert: Alert) -> Notice:
    return Notice(
        alert.organization_id,
        About.ALERT_CRITICAL,
        str(alert.id),
        alert.title,
        severity=alert.severity,
        content={"rule": alert.rule_id, "events": alert.count},
        object_kind="alert",
        object_id=alert.id,
    )


def _with_alert(row: Stored, folded: Folded) -> Stored:
    return Stored(row.kind, row.id, row.digest, folded.alert_of.get(row.id))


def sort_out(arrivals: Iterable[Arrival], found: dict[UUID, Stored], floors: Floors) -> Outcome:
    """Which events are new, which are stored already (or earlier in this batch), which cannot be kept.

    `found` maps each id that is stored, in either kind and either form, to its row. Duplicates are
    recognised before retention is asked, so that a re-send of something old stays a duplicate.
    """
    outcome = Outcome()
    known = dict(found)
    for arrival in arrivals:
        event = arrival.event
        row = next((known[form] for form in arrival.forms if form in known), None)
        if row is not None and row.digest == event.digest:
            outcome.duplicates.append((arrival, row))
        elif row is not None:
            outcome.rejections.append(rejections.identity_conflict(arrival, row.id))
        elif (floor := floors.above(event.kind, event.time)) is not None:
            outcome.rejections.append(rejections.older_than_retention(arrival, floor))
        else:
            row = Stored(event.kind, event.id, event.digest, None)
            outcome.new.append((arrival, row))
            known |= dict.fromkeys(arrival.forms, row)
    return outcome


async def look_up(connection: Connection, forms: Iterable[UUID], periods: PeriodBook) -> dict[UUID, Stored]:
    """The stored rows of these ids, in both kinds, asked partition by partition with range bounds."""
    wanted = list(dict.fromkeys(forms))
    arguments: list[object] = []
    parts: list[str] = []
    for kind in KINDS:
        for (low, high), members in periods.by_partition(kind, wanted).items():
            n = len(arguments)
            parts.append(
                "SELECT kind, id, digest, alert_id FROM events "
                f"WHERE kind = '{kind}' AND id >= ${n + 1} AND id < ${n + 2} AND id = ANY(${n + 3}::uuid[])"
            )
            arguments += [low, high, members]
    if not parts:
        return {}
    rows = await connection.fetch(" UNION ALL ".join(parts), *arguments)
    return {row["id"]: Stored(row["kind"], row["id"], row["digest"], row["alert_id"]) for row in rows}


async def _insert(connection: Connection, new: Sequence[tuple[Arrival, Stored]]) -> None:
    for kind in KINDS:
        # In the order of ids: two writers of the same events then wait for each other and do not deadlock.
        rows = sorted(((arrival, row) for arrival, row in new if row.kind == kind), key=lambda pair: pair[1].id)
        if not rows:
            continue
        columns = zip(*(_columns(arrival, row) for arrival, row in rows), strict=True)
        status = await connection.execute(INSERT_EVENTS, kind, *columns)
        if status != f"INSERT 0 {len(rows)}":
            raise StartOver("event_stored_elsewhere")


def _columns(arrival: Arrival, row: Stored) -> tuple[object, ...]:
    event, request = arrival.event, arrival.request
    return (
        row.id,
        arrival.organization_id,
        request.sensor_id,
        request.batch_id,
        row.alert_id,
        event.severity,
        event.time,
        event.received_at,
        event.digest,
        pack_body(event.document, event.original),
    )
