"""Writes what became of each request and each sensor's minute: receipts (`batches`) and accounts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from services.indexer.folding import Connection
from shared.bus.messages import Accounts, MinuteAccount, Request

STORED, DUPLICATE, QUARANTINED = "stored", "duplicate", "quarantined"
WRITER = "writer"

UPSERT_BATCHES = """
    INSERT INTO batches AS b (batch_id, organization_id, sensor_id, received_at, correlation_id, items,
                              stored, duplicate, quarantined, projecting, stored_at)
    SELECT n.batch_id, n.organization_id, n.sensor_id, n.received_at, n.correlation_id, n.items,
           n.stored, n.duplicate, n.quarantined, string_to_array(n.projecting, ' ')::uuid[],
           CASE WHEN n.stored + n.duplicate + n.quarantined >= n.items THEN now() END
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::int[],
                $7::int[], $8::int[], $9::int[], $10::text[])
         AS n (batch_id, organization_id, sensor_id, received_at, correlation_id, items,
               stored, duplicate, quarantined, projecting)
    ON CONFLICT (batch_id) DO UPDATE SET
        stored = b.stored + excluded.stored,
        duplicate = b.duplicate + excluded.duplicate,
        quarantined = b.quarantined + excluded.quarantined,
        projecting = b.projecting || excluded.projecting,
        stored_at = CASE WHEN b.stored + b.duplicate + b.quarantined + excluded.stored + excluded.duplicate
                              + excluded.quarantined >= b.items THEN now() END
"""

UPSERT_ACCOUNTS = """
    INSERT INTO sensor_accounts AS a (sensor_id, minute, source, organization_id, stored, duplicate, quarantined)
    SELECT s, m, 'writer', o, x, y, z
    FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[])
         AS n (s, m, o, x, y, z)
    ON CONFLICT (sensor_id, minute, source) DO UPDATE SET
        stored = a.stored + excluded.stored,
        duplicate = a.duplicate + excluded.duplicate,
        quarantined = a.quarantined + excluded.quarantined
"""

UPSERT_DOOR_ACCOUNTS = """
    INSERT INTO sensor_accounts AS a (sensor_id, minute, source, organization_id, requests, accepted, ignored,
                                      unconfirmed, refused)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::bigint[], $6::bigint[],
                         $7::bigint[], $8::bigint[], $9::jsonb[])
    ON CONFLICT (sensor_id, minute, source) DO UPDATE SET
        requests = greatest(a.requests, excluded.requests),
        accepted = greatest(a.accepted, excluded.accepted),
        ignored = greatest(a.ignored, excluded.ignored),
        unconfirmed = greatest(a.unconfirmed, excluded.unconfirmed),
        refused = (SELECT coalesce(jsonb_object_agg(key, most), '{}'::jsonb) FROM (
            SELECT key, max(value::bigint) AS most
            FROM (SELECT * FROM jsonb_each_text(a.refused) UNION ALL
                  SELECT * FROM jsonb_each_text(excluded.refused)) AS both_sides
            GROUP BY key) AS merged)
"""

HEARD = """
    UPDATE sensors s SET last_seen_at = n.minute
    FROM unnest($1::uuid[], $2::timestamptz[]) AS n (id, minute)
    WHERE s.id = n.id AND (s.last_seen_at IS NULL OR s.last_seen_at < n.minute)
"""

USED = """
    UPDATE sensor_keys k SET last_used_at = n.minute
    FROM unnest($1::uuid[], $2::timestamptz[]) AS n (id, minute)
    WHERE k.id = n.id AND (k.last_used_at IS NULL OR k.last_used_at < n.minute)
"""

# Its envelopes leave `projecting` once each of their events is in OpenSearch or in `projection_pending`.
# In the order of ids, as all who write receipts lock them.
PROJECTED = """
    WITH locked AS (
        SELECT batch_id FROM batches WHERE batch_id = ANY($1::uuid[]) AND projecting && $2::uuid[]
        ORDER BY batch_id FOR UPDATE)
    UPDATE batches b SET
        projecting = ARRAY(SELECT unnest(b.projecting) EXCEPT SELECT unnest($2::uuid[])),
        searchable_at = CASE
            WHEN b.searchable_at IS NULL AND b.stored_at IS NOT NULL AND b.projecting <@ $2::uuid[]
                AND NOT EXISTS (SELECT FROM projection_pending p WHERE p.kind = 'event' AND p.batch_id = b.batch_id)
            THEN now() ELSE b.searchable_at END
    FROM locked l WHERE b.batch_id = l.batch_id
"""

MARK_SEARCHABLE = """
    WITH locked AS (
        SELECT batch_id FROM batches WHERE batch_id = ANY($1::uuid[]) AND searchable_at IS NULL
        ORDER BY batch_id FOR UPDATE)
    UPDATE batches b SET searchable_at = now() FROM locked l
    WHERE b.batch_id = l.batch_id AND b.searchable_at IS NULL AND b.stored_at IS NOT NULL
      AND b.projecting = '{}'
      AND NOT EXISTS (SELECT FROM projection_pending p WHERE p.kind = 'event' AND p.batch_id = b.batch_id)
"""


@dataclass(slots=True)
class Tally:
    """Counts of one transaction: per request, and of what went into quarantine by reason."""

    requests: dict[UUID, tuple[UUID, Request]] = field(default_factory=dict)
    counts: Counter[tuple[UUID, str]] = field(default_factory=Counter)
    # Apart from the requests: two requests of one and the same record have one id, and maybe two minutes.
    minutes: Counter[tuple[UUID, datetime, UUID, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    # The envelopes of each request whose events are stored and about to be projected.
    projecting: dict[UUID, set[UUID]] = field(default_factory=dict)

    def add(self, organization_id: UUID, request: Request, result: str) -> None:
        """Count one record of a request as stored, duplicate or quarantined."""
        self.requests[request.batch_id] = (organization_id, request)
        self.counts[request.batch_id, result] += 1
        minute = request.received_at.replace(second=0, microsecond=0)
        self.minutes[request.sensor_id, minute, organization_id, result] += 1

    def totals(self) -> Counter[str]:
        """Records by result."""
        totals: Counter[str] = Counter()
        for (_, result), count in self.counts.items():
            totals[result] += count
        return totals


async def write(connection: Connection, tally: Tally) -> None:
    """Add the counts to the receipts and accounts; the last statements of the transaction, in key order."""
    rows = [
        (
            batch_id,
            organization_id,
            request.sensor_id,
            request.received_at,
            request.correlation_id,
            request.items_total,
            *(tally.counts[batch_id, result] for result in (STORED, DUPLICATE, QUARANTINED)),
            " ".join(map(str, sorted(tally.projecting.get(batch_id, ())))),
        )
        for batch_id, (organization_id, request) in sorted(tally.requests.items())
        if request.items_total > 1
    ]
    if rows:
        await connection.execute(UPSERT_BATCHES, *zip(*rows, strict=True))
    minutes = _minutes(tally)
    if minutes:
        await connection.execute(UPSERT_ACCOUNTS, *zip(*minutes, strict=True))


async def write_door_accounts(connection: Connection, messages: Sequence[Accounts]) -> None:
    """Keep the greatest value of each of the doors' cumulative counters, and when a sensor or its key was last heard.

    The counters of one minute only ever grow together, so of two reports the one with more in it is later.
    """
    reports = [(str(message.boot_id), minute) for message in messages for minute in message.minutes]
    rows = {
        (minute.sensor_id, minute.minute, boot_id): (
            minute.organization_id,
            minute.requests,
            minute.accepted,
            minute.ignored,
            minute.unconfirmed,
            orjson.dumps(minute.refused).decode(),
        )
        for boot_id, minute in sorted(reports, key=lambda report: _progress(report[1]))
    }
    if rows:
        flat = [(*key, *row) for key, row in sorted(rows.items())]
        await connection.execute(UPSERT_DOOR_ACCOUNTS, *zip(*flat, strict=True))
    told = [minute for _, minute in reports if _progress(minute)]
    if heard := _latest((minute.sensor_id, minute.minute) for minute in told):
        await connection.execute(HEARD, *zip(*heard, strict=True))
    if used := _latest((key_id, minute.minute) for minute in told for key_id in minute.keys):
        await connection.execute(USED, *zip(*used, strict=True))


def _latest(moments: Iterable[tuple[UUID, datetime]]) -> list[tuple[UUID, datetime]]:
    """The last moment of each id, in the order of ids."""
    return sorted(dict(sorted(moments)).items())


def _progress(minute: MinuteAccount) -> int:
    return minute.requests + minute.accepted + minute.ignored + minute.unconfirmed + sum(minute.refused.values())


async def projected(connection: Connection, batch_ids: Iterable[UUID], envelope_ids: Iterable[UUID]) -> None:
    """Note that all events of these envelopes are found, or pending; and with the last of a batch that it is found."""
    ids = sorted(set(batch_ids))
    if ids:
        await connection.execute(PROJECTED, ids, sorted(set(envelope_ids)))


async def mark_searchable(connection: Connection, batch_ids: Iterable[UUID]) -> None:
    """Note that these batches can be found, where all is stored and projected and nothing is pending."""
    ids = sorted(set(batch_ids))
    if ids:
        await connection.execute(MARK_SEARCHABLE, ids)


def _minutes(tally: Tally) -> list[tuple[object, ...]]:
    keys = sorted({key[:3] for key in tally.minutes})
    return [(*key, *(tally.minutes[*key, result] for result in (STORED, DUPLICATE, QUARANTINED))) for key in keys]
