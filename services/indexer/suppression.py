"""Which new events of a batch a suppression hides, or would hide, by rules read in the batch's own transaction."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from services.indexer.arrivals import Arrival
from shared import clock, log, metrics
from shared.domain.suppression import Schedule, Window, holds, windows_of
from shared.errors import Invalid
from shared.query.demands import Key, key_of
from shared.query.fields import Field
from shared.query.parse import parse
from shared.query.to_predicate import Document, Predicate, ReadOnce, compile_predicate, read_in
from shared.query.values import Reader
from shared.search.catalogue import EVENTS, KEYS

logger = log.get(__name__)

Connection = asyncpg.pool.PoolConnectionProxy

HIDING, TRYING = "active", "monitor"

# Events after which others may use the processor: heartbeats, above all.
AT_ONCE = 100

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
    windows: tuple[Window, ...]
    predicate: Predicate
    key: Key | None


class Applied(NamedTuple):
    """What applies to one event: the suppression that hides it, if one does, and those on trial that would."""

    hidden_by: Rule | None
    tried: tuple[Rule, ...]


NOTHING = Applied(None, ())


class Rules:
    """Those of one organization. An event is tried against those with a key that it has, and those without a key."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._keyless: list[Rule] = []
        self._keyed: dict[Field, dict[Any, list[Rule]]] = {}
        for rule in rules:
            if rule.key is None:
                self._keyless.append(rule)
                continue
            by_value = self._keyed.setdefault(rule.key.field, {})
            for value in rule.key.values:
                by_value.setdefault(value, []).append(rule)

    def matching(self, time: datetime, document: bytes) -> Applied:
        """The first that hides an event of that time with this document, and all on trial that would."""
        fields = ReadOnce(orjson.loads(document))
        # Each once, though an event may have several of the values that one asks for.
        found = {
            rule.id: rule for rule in self._candidates(fields) if holds(rule.windows, time) and rule.predicate(fields)
        }
        if not found:
            return NOTHING
        rules = [found[one] for one in sorted(found)]
        hiding = next((rule for rule in rules if rule.mode == HIDING), None)
        return Applied(hiding, tuple(rule for rule in rules if rule.mode == TRYING))

    def _candidates(self, fields: Document) -> Iterator[Rule]:
        yield from self._keyless
        for field, by_value in self._keyed.items():
            for value in read_in(fields, field):
                yield from by_value.get(value, ())


async def apply(connection: Connection, arrivals: Sequence[Arrival]) -> dict[UUID, Applied]:
    """By event id, for those events to which something applies."""
    rules = await _in_force(connection, arrivals)
    applied = {}
    for count, arrival in enumerate(arrivals if rules else (), start=1):
        if (own := rules.get(arrival.organization_id)) is not None:
            found = own.matching(arrival.event.time, arrival.event.document)
            if found is not NOTHING:
                applied[arrival.event.id] = found
        if count % AT_ONCE == 0:
            await asyncio.sleep(0)
    return applied


async def remember(connection: Connection, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """Note the alerts (second) in which suppressions on trial (first) would have hidden something."""
    if pairs:
        await connection.execute(REMEMBER, *zip(*sorted(set(pairs)), strict=True))


async def _in_force(connection: Connection, arrivals: Sequence[Arrival]) -> dict[UUID, Rules]:
    organizations = {arrival.organization_id for arrival in arrivals}
    times = [arrival.event.time for arrival in arrivals]
    rows = await connection.fetch(IN_FORCE, list(organizations), min(times), max(times))
    rules: dict[UUID, list[Rule]] = {}
    for row in rows:
        rule = _rule(row)
        if rule is not None:
            rules.setdefault(row["organization_id"], []).append(rule)
    return {organization_id: Rules(own) for organization_id, own in rules.items()}


def _rule(row: asyncpg.Record) -> Rule | None:
    """None for one that this program cannot read: then nothing is hidden, and it is said."""
    schedule = Schedule(row["starts_at"], row["ends_at"], row["recurrence"], row["duration"], row["zone"])
    try:
        return _compiled(row["id"], row["revision"], row["mode"], row["query"], schedule)
    except Invalid as error:
        metrics.SUPPRESSIONS_UNREADABLE.inc()
        logger.error("suppression_unreadable", suppression_id=str(row["id"]), code=error.code)
        return None


# Once for each version: it takes as long as some hundred events.
@lru_cache(maxsize=8192)
def _compiled(suppression_id: UUID, revision: int, mode: str, query: str, schedule: Schedule) -> Rule:
    word = f"{'suppress' if mode == HIDING else 'would_suppress'}.{suppression_id}@{revision}"
    node = parse(query, EVENTS, Reader(now=clock.EPOCH, lasting=True))
    return Rule(suppression_id, mode, word, windows_of(schedule), compile_predicate(node), key_of(node, KEYS))
