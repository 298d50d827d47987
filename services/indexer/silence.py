"""Sensors that should have been heard: an alert for each silence, resolved when the sensor is heard again.

It is an alert without events, of a fingerprint made of the sensor's id, and lives like any other: a further silence
counts on the one that is open, a quiet period is kept, and a resolution closes it after five minutes.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b
from uuid import UUID

import asyncpg

from services.indexer import outbox
from services.indexer.folding import Connection
from shared import clock, ids, metrics
from shared.domain import severity
from shared.domain.alert import OPEN, fold_window, risk
from shared.domain.notification import Kind
from shared.notices import Notice

RULE = "eventsec.sensor_silent"
WORD = "silence.expected_interval@1"
CHUNK = 200

LATENESS = timedelta(minutes=3)
"""Doors count by the minute and tell of it a minute later, so the shortest silence that can be seen is longer."""

_OURS = f"a.rule_id = '{RULE}' AND a.latest_id IS NULL"
_OPEN = f"a.status IN {OPEN}"
_RESOLVED = "coalesce(a.resolved_at >= a.last_fired_at, false)"
_HEARD = "coalesce(s.last_seen_at, s.created_at)"
_ORDER = "a.organization_id, a.fingerprint, a.fold_window, a.id"
_EXPECTED = "s.status = 'active' AND s.expected_interval IS NOT NULL"

_OVERDUE = f"{_EXPECTED} AND {_HEARD} < now() - greatest(2 * s.expected_interval, s.expected_interval + $1::interval)"

SILENT = f"""
    SELECT s.id, s.organization_id, s.name, {_HEARD} AS since FROM sensors s
    WHERE {_OVERDUE}
      AND NOT EXISTS (
          SELECT FROM alerts a
          WHERE a.organization_id = s.organization_id AND a.sensor_id = s.id AND {_OURS}
            AND (a.last_fired_at >= {_HEARD} AND NOT {_RESOLVED} OR a.status = 'closed' AND a.quiet_until > now()))
    ORDER BY s.id LIMIT $2
"""
OVERDUE = f"SELECT count(*) FROM sensors s WHERE {_OVERDUE}"
# In the order in which all lock alerts, before any of them is changed.
LOCK = f"""
    SELECT FROM alerts a
    WHERE a.organization_id = ANY ($1::uuid[]) AND a.fingerprint = ANY ($2::bytea[]) AND a.current AND {_OURS}
    ORDER BY {_ORDER} FOR UPDATE
"""
COUNT = f"""
    UPDATE alerts a
    SET count = count + 1, title = n.title, last_seen = n.since, last_fired_at = n.since, resolved_at = NULL,
        again = again OR status = 'acknowledged',
        new_since = CASE status
            WHEN 'acknowledged' THEN greatest(now(), acknowledged_at + interval '1 microsecond') ELSE new_since END,
        status = CASE status WHEN 'acknowledged' THEN 'new' ELSE status END,
        explanation = explanation || jsonb_build_object('{WORD}', count + 1)
    FROM unnest($1::bytea[], $2::timestamptz[], $3::text[]) AS n (fingerprint, since, title)
    WHERE a.fingerprint = n.fingerprint AND a.organization_id = ANY ($4::uuid[]) AND a.current AND {_OPEN} AND {_OURS}
    RETURNING a.id, a.organization_id, a.sensor_id
"""
SUCCEED = f"""
    UPDATE alerts a SET current = false
    WHERE a.organization_id = ANY ($1::uuid[]) AND a.fingerprint = ANY ($2::bytea[])
      AND a.current AND a.status = 'closed' AND {_OURS}
    RETURNING a.id, a.organization_id, a.sensor_id
"""
OPEN_NEW = f"""
    INSERT INTO alerts (id, organization_id, fingerprint, fold_window, title, severity, sensor_severity, risk, count,
                        first_seen, last_seen, last_fired_at, rule_id, module, dataset, sensor_id, previous_alert_id,
                        explanation)
    SELECT id, organization_id, fingerprint, fold_window, title, {severity.HIGH}, {severity.HIGH},
           {risk(severity.HIGH)}, 1, since, since, since, '{RULE}', 'eventsec', 'eventsec.sensor', sensor_id, previous,
           jsonb_build_object('{WORD}', 1)
    FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::int[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[])
         AS n (id, organization_id, fingerprint, fold_window, title, since, sensor_id, previous)
    ON CONFLICT DO NOTHING
    RETURNING id, organization_id, sensor_id
"""
# Heard since, or no longer expected: disabled, deleted, or without an interval.
RESOLVE = f"""
    UPDATE alerts a SET resolved_at = now()
    WHERE a.id IN (
        SELECT a.id FROM organizations o JOIN alerts a ON a.organization_id = o.id
        WHERE {_OURS} AND {_OPEN}
          AND NOT {_RESOLVED}
          AND NOT EXISTS (
              SELECT FROM sensors s WHERE s.id = a.sensor_id AND {_EXPECTED} AND {_HEARD} <= a.last_fired_at)
        ORDER BY {_ORDER} FOR UPDATE OF a)
    RETURNING a.id, a.organization_id
"""


async def watch(pool: asyncpg.Pool) -> tuple[int, int]:
    """Alert on silences that began, resolve those that ended; how many of each, up to 200 began."""
    async with pool.acquire() as connection:
        metrics.SENSORS_SILENT.set(await connection.fetchval(OVERDUE, LATENESS))
        async with connection.transaction():
            resolved = await connection.fetch(RESOLVE)
            await outbox.alerts_changed(connection, ((row["organization_id"], row["id"]) for row in resolved))
        async with connection.transaction():
            began = await _alert(connection, await connection.fetch(SILENT, LATENESS, CHUNK))
    return began, len(resolved)


async def _alert(connection: Connection, silent: Sequence[asyncpg.Record]) -> int:
    if not silent:
        return 0
    organizations = list({sensor["organization_id"] for sensor in silent})
    keys = [fingerprint(sensor["id"]) for sensor in silent]
    sinces = [sensor["since"] for sensor in silent]
    titles = [_title(sensor) for sensor in silent]
    await connection.execute(LOCK, organizations, keys)
    counted = await connection.fetch(COUNT, keys, sinces, titles, organizations)
    again = {row["sensor_id"] for row in counted}
    fresh = [sensor for sensor in silent if sensor["id"] not in again]
    ended = await connection.fetch(SUCCEED, organizations, [fingerprint(sensor["id"]) for sensor in fresh])
    opened = await _open(connection, fresh, {row["sensor_id"]: row["id"] for row in ended})
    changed = [*counted, *ended, *opened]
    await outbox.alerts_changed(connection, ((row["organization_id"], row["id"]) for row in changed))
    alerts = {row["sensor_id"]: row["id"] for row in (*counted, *opened)}
    await outbox.notify(connection, [_notice(one, alerts[one["id"]]) for one in silent if one["id"] in alerts])
    return len(alerts)


async def _open(
    connection: Connection, fresh: Sequence[asyncpg.Record], previous: dict[UUID, UUID]
) -> Sequence[asyncpg.Record]:
    rows = [
        (
            ids.uuid7(),
            sensor["organization_id"],
            fingerprint(sensor["id"]),
            fold_window(sensor["since"]),
            _title(sensor),
            sensor["since"],
            sensor["id"],
            previous.get(sensor["id"]),
        )
        for sensor in fresh
    ]
    if not rows:
        return []
    opened: Sequence[asyncpg.Record] = await connection.fetch(OPEN_NEW, *zip(*rows, strict=True))
    return opened


def fingerprint(sensor_id: UUID) -> bytes:
    """The same for all silences of a sensor."""
    return blake2b(sensor_id.bytes, digest_size=16, person=b"sensor_silent").digest()


def _title(sensor: asyncpg.Record) -> str:
    return f"Sensor {sensor['name']} has been silent since {clock.isoformat(sensor['since'])}"


def _notice(sensor: asyncpg.Record, alert_id: UUID) -> Notice:
    return Notice(
        sensor["organization_id"],
        Kind.SENSOR_SILENT,
        f"{alert_id} {clock.isoformat(sensor['since'])}",
        _title(sensor),
        severity=severity.HIGH,
        object_kind="alert",
        object_id=alert_id,
    )
