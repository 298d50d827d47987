"""The direct reference: a bare script that writes the same rows, folds and documents, all ready made.

No door, no bus, no normalising, no receipts: what Postgres and OpenSearch themselves take on this machine.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson
from opensearchpy import AsyncOpenSearch
from pydantic import SecretStr

from shared import clock, ids
from shared.domain.alert import fold_window
from shared.normalise import pipeline
from shared.normalise.body import pack_body
from shared.normalise.event import KINDS, Event, Kind, SensorProfile
from shared.search import bulk, documents
from shared.search.bulk import Operation
from shared.search.client import create_client
from shared.search.indices import Names, ensure_event_index, event_index, first_generation
from shared.settings import OpensearchSettings
from tests.faults.system import System

BATCH = 1000
WORKERS = 2
WEEK, DAY = timedelta(days=7), timedelta(days=1)

FOLD = """
    INSERT INTO alerts AS a (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, count,
                             first_seen, last_seen, latest_time, latest_id, last_fired_at, module, dataset, rule_id)
    SELECT id, $2, fingerprint, fold_window, title, severity, severity, count, first_seen, last_seen, last_seen,
           latest_id, last_seen, 'suricata', 'suricata.alert', rule_id
    FROM json_to_recordset($1) AS n (id uuid, fingerprint bytea, fold_window int, title text, severity smallint,
         count bigint, first_seen timestamptz, last_seen timestamptz, latest_id uuid, rule_id text)
    ON CONFLICT (organization_id, fingerprint, fold_window,
                 coalesce(suppression_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE current
    DO UPDATE SET count = a.count + excluded.count, first_seen = least(a.first_seen, excluded.first_seen),
        last_seen = greatest(a.last_seen, excluded.last_seen),
        sensor_severity = greatest(a.sensor_severity, excluded.sensor_severity)
    RETURNING id, fingerprint, version
"""

INSERT = """
    INSERT INTO events (kind, id, organization_id, sensor_id, batch_id, alert_id, severity, time, received_at,
                        digest, body)
    SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::smallint[],
                             $8::timestamptz[], $9::timestamptz[], $10::bytea[], $11::bytea[])
"""


@dataclass(frozen=True)
class Ready:
    """One batch with nothing left to compute: alert-kind events and telemetry, packed bodies, folds as JSON."""

    alerts: list[tuple[Event, bytes]]
    telemetry: list[tuple[Event, bytes]]
    folds: str


def make_ready(organization_id: UUID, sensor_id: UUID, records: Sequence[bytes]) -> list[Ready]:
    """Normalise and pack everything before the clock starts."""
    profile = SensorProfile(id=sensor_id, organization_id=organization_id, format="suricata_eve")
    ready = []
    for start in range(0, len(records), BATCH):
        outcomes = pipeline.normalise_request(
            records[start : start + BATCH],
            hint="suricata_eve",
            sensor=profile,
            received_at=clock.now(),
            idempotency_key=None,
        )
        events = [outcome for _, outcome in outcomes if isinstance(outcome, Event)]
        packed = [(event, pack_body(event.document, event.original)) for event in events]
        alerts, telemetry = (
            sorted((pair for pair in packed if pair[0].kind == kind), key=lambda pair: pair[0].id) for kind in KINDS
        )
        ready.append(Ready(alerts, telemetry, _folds([event for event, _ in alerts])))
    return ready


async def measure(system: System, ready: Sequence[Ready]) -> float:
    """Seconds to write all of it with two workers, Postgres then OpenSearch, until all is searchable."""
    settings = OpensearchSettings(
        opensearch_url=SecretStr(system.environment["EVENTSEC_OPENSEARCH_URL"]),
        index_prefix=system.environment["EVENTSEC_INDEX_PREFIX"],
    )
    client = create_client(settings, timeout_seconds=60)
    pool = await asyncpg.create_pool(system.environment["EVENTSEC_INDEXER_POSTGRES_URL"], min_size=WORKERS)
    waiting = iter(ready)
    names = Names(settings.index_prefix)
    for period in periods_of(ready):
        await _make(system, client, names, period)

    async def work() -> None:
        for batch in waiting:
            operations = await _postgres(pool, system, batch, names)
            results = await bulk.write(client, operations)
            assert all(result.done for result in results)

    started = time.perf_counter()
    try:
        await asyncio.gather(*(work() for _ in range(WORKERS)))
        await client.indices.refresh(index=names.events)
        return time.perf_counter() - started
    finally:
        await pool.close()
        await client.close()


async def _postgres(pool: "asyncpg.Pool", system: System, batch: Ready, names: Names) -> list[Operation]:
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(FOLD, batch.folds, system.organization_id) if batch.alerts else []
        alert_of = {row["fingerprint"]: row["id"] for row in rows}
        for pairs in filter(None, (batch.alerts, batch.telemetry)):
            await connection.execute(
                INSERT,
                pairs[0][0].kind,
                [event.id for event, _ in pairs],
                [system.organization_id] * len(pairs),
                [system.sensor_id] * len(pairs),
                [event.id for event, _ in pairs],
                [alert_of.get(event.fingerprint) if event.kind == "alert" else None for event, _ in pairs],
                [event.severity for event, _ in pairs],
                [event.time for event, _ in pairs],
                [event.received_at for event, _ in pairs],
                [event.digest for event, _ in pairs],
                [body for _, body in pairs],
            )
    return [
        Operation(
            "create",
            names.of(event_index(event.kind, period_of(event)[0].date())),
            event.id,
            None,
            documents.event_document(event.document, alert_of[event.fingerprint] if event.kind == "alert" else None),
        )
        for event, _ in (*batch.alerts, *batch.telemetry)
    ] + [_alert(row["id"], row["version"], names) for row in rows]


def _alert(alert_id: UUID, version: int, names: Names) -> Operation:
    document = orjson.dumps({"id": str(alert_id), "title": "x" * 60, "severity": 3, "status": "new", "count": version})
    return Operation("index", names.of(first_generation("alerts")), alert_id, version, document)


def _folds(events: Sequence[Event]) -> str:
    groups: dict[bytes, list[Event]] = defaultdict(list)
    for event in events:
        groups[event.fingerprint].append(event)
    return orjson.dumps(
        [
            {
                "id": str(ids.uuid7()),
                "fingerprint": "\\x" + fingerprint.hex(),
                "fold_window": fold_window(members[0].time),
                "title": members[-1].title,
                "severity": max(event.severity for event in members),
                "count": len(members),
                "first_seen": min(event.time for event in members),
                "last_seen": max(event.time for event in members),
                "latest_id": str(members[-1].id),
                "rule_id": members[-1].rule_id,
            }
            for fingerprint, members in sorted(groups.items())
        ]
    ).decode()


def period_of(event: Event) -> tuple[datetime, timedelta]:
    """Start and length of the period the event is in: a week for alert-kind events, a day for telemetry."""
    return (week_of(event.time), WEEK) if event.kind == "alert" else (midnight_of(event.time), DAY)


def periods_of(ready: Sequence[Ready]) -> list[tuple[Kind, datetime, timedelta]]:
    """Every period that these batches need."""
    events = (event for batch in ready for event, _ in (*batch.alerts, *batch.telemetry))
    return sorted({(event.kind, *period_of(event)) for event in events})


async def _make(
    system: System, client: AsyncOpenSearch, names: Names, period: tuple[Kind, datetime, timedelta]
) -> None:
    """Make the period in both stores."""
    kind, start, length = period
    name = event_index(kind, start.date())
    connection = await asyncpg.connect(system.environment["EVENTSEC_INDEXER_POSTGRES_URL"])
    await connection.execute("SELECT ensure_period($1, $2, $3, $4, 1::smallint)", kind, start, start + length, name)
    await connection.close()
    await ensure_event_index(client, names, name, kind=kind)


def week_of(moment: datetime) -> datetime:
    """The Monday 00:00 UTC before it."""
    midnight = midnight_of(moment)
    return midnight - timedelta(days=midnight.weekday())


def midnight_of(moment: datetime) -> datetime:
    """The 00:00 UTC before it."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
