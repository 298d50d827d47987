"""Which new events of a batch a suppression hides, or would hide, by rules read in the batch's own transaction."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.indexer.arrivals import Arrival
from shared import clock, log, metrics
from shared.domain.suppression import Schedule, holds
from shared.errors import Invalid
from shared.query.parse import parse
from shared.query.to_predicate import Predicate, compile_predicate
from shared.query.values import Reader
from shared.search.catalogue import EVENTS

logger = log.get(__name__)

Connection = asyncpg.pool.PoolConnectionProxy

HIDING, TRYING = "active", "monitor"

# Those that hold at some moment of the batch's; ended early means ended then.
IN_FORCE = """
    SELECT id, organization_id, revision, query, mode, starts_at, least(ends_at, ended_at) AS ends_at,
        recurrence, duration, zone
    FROM suppressions
    WHERE organization_id = ANY($1::uuid[]) AND starts_at <= $3 AND ends_at > $2 AND least(ends_at, ended_at) > $2
      AND (mode = 'monitor' OR NOT needs_approval OR approved_at IS NOT NULL)
    ORDER BY organization_id, id
"""

REMEMBER = """
    INSERT INTO suppression_matches (suppression_id, alert_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING
"""


class Rule(NamedTuple):
    """A suppression in force. `word` is how explanations name it, with its version."""

    id: UUID
    mode: str
    word: str
    schedule: Schedule
    predicate: Predicate


class Applied(NamedTuple):
    """What applies to one event: the suppression that hides it, if one does, and those on trial that would."""

    hidden_by: Rule | None
    tried: tuple[Rule, ...]


NOTHING = Applied(None, ())


async def apply(connection: Connection, arrivals: Sequence[Arrival]) -> dict[UUID, Applied]:
    """By event id, for those events to which something applies."""
    rules = await _in_force(connection, arrivals)
    if not rules:
        return {}
    applied = {}
    for arrival in arrivals:
        candidates = [
            rule for rule in rules.get(arrival.organization_id, ()) if holds(rule.schedule, arrival.event.time)
        ]
        if candidates:
            found = matching(candidates, arrival.event.document)
            if found is not NOTHING:
                applied[arrival.event.id] = found
    metrics.SUPPRESSED.inc(sum(one.hidden_by is not None for one in applied.values()))
    return applied


def matching(candidates: Sequence[Rule], document: bytes) -> Applied:
    """The first that hides an event with this document, and all on trial that would."""
    fields = orjson.loads(document)
    found = [rule for rule in candidates if rule.predicate(fields)]
    hiding = next((rule for rule in found if rule.mode == HIDING), None)
    tried = tuple(rule for rule in found if rule.mode == TRYING)
    return Applied(hiding, tried) if found else NOTHING


async def remember(connection: Connection, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Note the alerts (second) in which suppressions on trial (first) would have hidden something."""
    if pairs:
        await connection.execute(REMEMBER, *zip(*sorted(set(pairs)), strict=True))


async def _in_force(connection: Connection, arrivals: Sequence[Arrival]) -> dict[UUID, list[Rule]]:
    organizations = {arrival.organization_id for arrival in arrivals}
    times = [arrival.event.time for arrival in arrivals]
    rows = await connection.fetch(IN_FORCE, list(organizations), min(times), max(times))
    rules: dict[UUID, list[Rule]] = {}
    for row in rows:
        rule = _rule(row)
        if rule is not None:
            rules.setdefault(row["organization_id"], []).append(rule)
    return rules


def _rule(row: asyncpg.Record) -> Rule | None:
    """None for one that this program cannot read: then nothing is hidden, and it is said."""
    word = f"{'suppress' if row['mode'] == HIDING else 'would_suppress'}.{row['id']}@{row['revision']}"
    schedule = Schedule(row["starts_at"], row["ends_at"], row["recurrence"], row["duration"], row["zone"])
    try:
        holds(schedule, row["starts_at"])
        return Rule(row["id"], row["mode"], word, schedule, _predicate(row["query"]))
    except Invalid as error:
        metrics.SUPPRESSIONS_UNREADABLE.inc()
        logger.error("suppression_unreadable", suppression_id=str(row["id"]), code=error.code)
        return None


@lru_cache(maxsize=1024)
def _predicate(query: str) -> Predicate:
    return compile_predicate(parse(query, EVENTS, Reader(now=clock.EPOCH, lasting=True)))
