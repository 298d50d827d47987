"""Fills a corner of the servers with incidents as three months of work leave them, for `tests.load.incidents`.

Alerts are those of `tests.load.filled`; rows about incidents are made of them by the server itself, set by set, and
documents of incidents are those that the projection makes of the rows.
"""

import hashlib
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from deploy.demo.generator.samples import sample
from services.indexer.projection import CHANGING, INCIDENT, changing_item
from shared import clock
from shared.normalise import pipeline
from shared.normalise.body import pack_body
from shared.normalise.event import Event, SensorProfile
from shared.search import indices
from shared.search.bulk import Operation
from shared.search.indices import INCIDENTS, first_generation
from tests.load import filled, incident_rows
from tests.load.filled import FIRST_ORGANIZATION, Corner

BODIES = 500
CHUNK = 500


async def fill(corner: Corner, alerts: int) -> None:
    """Of so many alerts, in an empty corner."""
    async with corner.opened() as (connection, client, names):
        await filled.make_alerts(connection, corner.sensor_id, alerts)
        async with connection.transaction():
            await _rows(connection, corner.sensor_id)
        # As a server is where somebody looks after it: counted, and its pages marked as seen by all.
        await connection.execute("VACUUM (ANALYZE)")
        await indices.ensure_generation(client, names, INCIDENTS)
        index = names.of(first_generation(INCIDENTS))
        wanted = [row["id"] for row in await connection.fetch("SELECT id FROM incidents ORDER BY id")]
        began = time.monotonic()
        for chunk in (wanted[n : n + CHUNK] for n in range(0, len(wanted), CHUNK)):
            rows = await connection.fetch(CHANGING[INCIDENT].read, chunk)
            items = [changing_item(INCIDENT, row) for row in rows]
            written = [Operation("index", index, item.id, item.version, item.document) for item in items]
            await filled.write(client, written)
        await client.indices.refresh(index=index)
        print(f"{len(wanted):,} documents, {time.monotonic() - began:,.0f} s", file=sys.stderr, flush=True)


async def _rows(connection: "asyncpg.Connection", sensor_id: UUID) -> None:
    now = clock.now()
    # What is made here needs no check of each foreign key, and is no change that anybody follows.
    await connection.execute("SET LOCAL session_replication_role = 'replica'")
    await connection.execute("SET LOCAL work_mem = '256MB'")
    await connection.execute("SELECT setseed(0.5)")
    await connection.execute("CREATE UNLOGGED TABLE bodies_made (which bigint PRIMARY KEY, body bytea, sha256 bytea)")
    await connection.copy_records_to_table("bodies_made", records=list(bodies(sensor_id)))
    for statement in incident_rows.STATEMENTS:
        began = time.monotonic()
        done = await connection.execute(statement, *([now] if statement in incident_rows.AT_NOW else []))
        print(f"{done}, {time.monotonic() - began:,.1f} s", file=sys.stderr, flush=True)
        if statement in (incident_rows.LINKED, incident_rows.IDS, incident_rows.INCIDENTS, incident_rows.ALERTS):
            await connection.execute("ANALYZE")


def bodies(sensor_id: UUID) -> Sequence[tuple[int, bytes, bytes]]:
    """Some hundred events as they are stored, each with its number and hash."""
    profile = SensorProfile(id=sensor_id, organization_id=FIRST_ORGANIZATION, format="suricata_eve")
    records = sample("suricata_eve", BODIES, 7, kind="alert", start=clock.now() - timedelta(hours=1))
    read = pipeline.normalise_request(
        records, hint="suricata_eve", sensor=profile, received_at=clock.now(), idempotency_key=None
    )
    packed = [pack_body(one.document, one.original) for _, one in read if isinstance(one, Event)]
    return [(n, body, hashlib.sha256(body).digest()) for n, body in enumerate(packed)]
