"""Audits what the product says of itself: each sensor's minutes, and the receipts of acknowledged requests."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from tests.faults.sender import Attempt

MINUTE = timedelta(minutes=1)

MINUTES = """
    SELECT sensor_id, minute, sum(accepted)::bigint AS accepted, sum(unconfirmed)::bigint AS unconfirmed,
           sum(stored)::bigint AS stored, sum(duplicate)::bigint AS duplicate,
           sum(quarantined)::bigint AS quarantined, sum(discarded)::bigint AS discarded
    FROM sensor_accounts GROUP BY sensor_id, minute
"""
# What the tables hold, by the same key: each account's number has rows to show for it.
HELD = """
    SELECT sensor_id, date_trunc('minute', received_at) AS minute, 'stored' AS what, count(*) AS n
    FROM events GROUP BY 1, 2
    UNION ALL
    SELECT sensor_id, date_trunc('minute', received_at), CASE status WHEN 'open' THEN 'quarantined' ELSE status END,
           count(*)
    FROM quarantine WHERE status <> 'redriven' GROUP BY 1, 2, 3
"""
RECEIPTS = """
    SELECT batch_id, items, stored + duplicate + quarantined AS settled, stored_at, searchable_at
    FROM batches WHERE batch_id = ANY($1::uuid[])
"""


@dataclass(frozen=True)
class Bounds:
    """How many records of a sensor can have been settled in one minute of receipt, as its sender knows."""

    least: int
    most: int


def bounds(attempts: Iterable[Attempt], minute: datetime) -> Bounds:
    """What surely fell into the minute and was acknowledged, and all that can have fallen into it."""
    least = most = 0
    for attempt in attempts:
        ended_before = attempt.until is not None and attempt.until < minute
        if attempt.since >= minute + MINUTE or ended_before:
            continue
        most += attempt.records
        inside = attempt.since >= minute and attempt.until is not None and attempt.until < minute + MINUTE
        least += attempt.records if inside and attempt.acknowledged else 0
    return Bounds(least, most)


def is_closed(accepted: int, unconfirmed: int, settled: int, *, report_lost: bool) -> bool:
    """True when what was settled is what doors told of, but for what they can have failed to tell."""
    unreported = settled - accepted
    return unreported >= 0 and (unreported <= unconfirmed or report_lost)


async def audit_minutes(
    connection: asyncpg.Connection,
    attempts: Mapping[UUID, Sequence[Attempt]],
    reports_lost_at: Sequence[datetime] = (),
) -> list[str]:
    """Every way in which a sensor's minute is not closed; to be asked once nothing is in flight.

    accepted + unreported = stored + duplicate + quarantined + discarded. Unreported may be what the broker had but
    did not confirm in time, and what a door took with it that ended without its last report, at one of the moments
    `reports_lost_at`; never more than was sent, never less than was acknowledged. `attempts` by sensor id may be
    empty where no sender kept a book.
    """
    held: Counter[tuple[UUID, datetime, str]] = Counter()
    for row in await connection.fetch(HELD):
        held[row["sensor_id"], row["minute"], row["what"]] = row["n"]
    wrong: list[str] = []
    seen: set[tuple[UUID, datetime]] = set()
    for row in await connection.fetch(MINUTES):
        key = (row["sensor_id"], row["minute"])
        seen.add(key)
        settled = row["stored"] + row["duplicate"] + row["quarantined"] + row["discarded"]
        report_lost = any(row["minute"] <= moment for moment in reports_lost_at)
        if not is_closed(row["accepted"], row["unconfirmed"], settled, report_lost=report_lost):
            wrong.append(f"{_named(key)}: accepted {row['accepted']}, settled {settled}")
        for what in ("stored", "quarantined", "discarded"):
            if row[what] != held[(*key, what)]:
                wrong.append(f"{_named(key)}: {row[what]} {what}, and the tables hold {held[(*key, what)]}")
        if book := attempts.get(row["sensor_id"]):
            sent = bounds(book, row["minute"])
            if not sent.least <= settled <= sent.most:
                wrong.append(f"{_named(key)}: settled {settled}, and between {sent.least} and {sent.most} were sent")
    return wrong + [f"{_named(key)}: has rows and no account" for key in {(s, m) for s, m, _ in held} - seen]


async def audit_receipts(connection: asyncpg.Connection, receipts: Mapping[UUID, int]) -> list[str]:
    """Every acknowledged request whose receipt is missing, not complete, or not searchable."""
    rows = {row["batch_id"]: row for row in await connection.fetch(RECEIPTS, list(receipts))}
    wrong = [f"receipt {batch_id} is missing" for batch_id in receipts.keys() - rows.keys()]
    for batch_id, row in rows.items():
        complete = row["items"] == row["settled"] == receipts[batch_id] and row["stored_at"] is not None
        if not complete or row["searchable_at"] is None:
            wrong.append(f"receipt {batch_id} of {receipts[batch_id]}: {dict(row)}")
    return wrong


def _named(key: tuple[UUID, datetime]) -> str:
    return f"sensor {key[0]}, {key[1]:%H:%M}"
