"""What was sent and what the door said of it, and whether the stores say the same."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from services.ingest.refusals import REFUSALS
from tests.hostile.bodies import TAKEN, Request

# Reasons that the writer gives, of records that the door had taken for events.
WRITERS = ("identity_conflict", "older_than_retention")
DEFECTS = ("normaliser_error", "unencodable")
_KINDS = ("accepted", "rejected", "ignored", "refused")


@dataclass
class Ledger:
    """The door's word, added up; `wrong` is everything that was not as it should be."""

    sent: int = 0
    said: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, request: Request, reply: httpx.Response) -> None:
        """One reply; the request's records count where the door took it."""
        name, records = request.name, request.records
        self.statuses[str(reply.status_code)] += 1
        if reply.status_code not in request.statuses:
            self.wrong.append(f"{name}: {reply.status_code} {reply.text[:200]}")
            return
        counts = _counts(reply)
        if counts is not None:
            self.add(name, counts, records)
            if request.accepted not in {None, counts["accepted"]}:
                self.wrong.append(f"{name}: {dict(counts)}, expected {request.accepted} accepted")

    def add(self, name: str, counts: Counter[str], records: int | None) -> None:
        """The counts of one request that was taken."""
        self.said.update(counts)
        self.sent += counts.total() if records is None else records
        if records is not None and counts.total() != records:
            self.wrong.append(f"{name}: {records} records, and the door speaks of {dict(counts)}")

    async def balance(self, owner_url: str, sensor: UUID) -> list[str]:
        """Where the accounts and the tables differ from what the door said; call it when all is quiet."""
        connection = await asyncpg.connect(owner_url)
        try:
            books = await connection.fetchrow(_BOOKS, sensor)
            reasons: Counter[str] = Counter(dict(map(tuple, await connection.fetch(_REASONS, sensor))))
            events = await connection.fetchval("SELECT count(*) FROM events WHERE sensor_id = $1", sensor)
        finally:
            await connection.close()
        assert books is not None
        writers = sum(reasons[reason] for reason in WRITERS)
        rows = {
            "accepted in the accounts": (books["accepted"], self.said["accepted"] + self.said["rejected"]),
            "ignored in the accounts": (books["ignored"], self.said["ignored"]),
            "refused in the accounts": (books["too_large"], self.said["refused"]),
            "unconfirmed in the accounts": (books["unconfirmed"], 0),
            "rows in quarantine": (reasons.total() - writers, self.said["rejected"]),
            "rows of events": (events, books["stored"]),
            "settled": (books["stored"] + books["duplicate"] + books["quarantined"], books["accepted"]),
            "mistakes of ours": (sum(reasons[reason] for reason in DEFECTS), 0),
            "sent": (self.said.total(), self.sent),
        }
        return [f"{name}: {found}, expected {wanted}" for name, (found, wanted) in rows.items() if found != wanted]


def is_documented(reply: httpx.Response) -> bool:
    """True for a 503 that the contract names and that says when to come back."""
    problem = _json(reply)
    code = problem.get("code", "") if isinstance(problem, dict) else ""
    return reply.status_code == 503 and code in REFUSALS and "retry-after" in reply.headers


def _counts(reply: httpx.Response) -> Counter[str] | None:
    said = _json(reply)
    if reply.status_code in TAKEN:
        return Counter({kind: said[kind] for kind in _KINDS})
    if reply.status_code == 413 and said.get("code") == "record_too_large":
        return Counter(refused=len(said["items"]))
    return None


def _json(reply: httpx.Response) -> Any:
    try:
        return orjson.loads(reply.content)
    except orjson.JSONDecodeError:
        return {}


_BOOKS = """
    SELECT sum(accepted)::int AS accepted, sum(ignored)::int AS ignored, sum(unconfirmed)::int AS unconfirmed,
           sum(stored)::int AS stored, sum(duplicate)::int AS duplicate, sum(quarantined)::int AS quarantined,
           coalesce(sum((refused->>'record_too_large')::int), 0)::int AS too_large
    FROM sensor_accounts WHERE sensor_id = $1
"""
_REASONS = "SELECT reason, count(*)::int FROM quarantine WHERE sensor_id = $1 GROUP BY reason"
