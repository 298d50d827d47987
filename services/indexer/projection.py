"""Turns stored rows into OpenSearch documents and remembers, in Postgres, what could not be written yet."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import orjson
from opensearchpy import AsyncOpenSearch

from services.indexer.folding import Connection
from services.indexer.generations import Generations, Target, Targets
from services.indexer.periods import PeriodBook
from services.indexer.store import Stored
from shared import clock, crash, log, metrics
from shared.domain.observable import MAX_PER_ALERT, MAX_PER_INCIDENT
from shared.errors import EventSecError, Unavailable
from shared.normalise.body import unpack_body
from shared.normalise.event import KINDS, Kind
from shared.search import bulk, documents
from shared.search.bulk import Ending, Operation, Result
from shared.search.client import ping
from shared.search.documents import MAX_MEMBERS
from shared.search.indices import ALERTS, INCIDENTS, KnownIndices, Names

logger = log.get(__name__)

# After OpenSearch failed, rows go straight to `projection_pending` for at least so long before it is tried again,
# and then by a question that may take as long as PROBE_SECONDS.
REST_SECONDS, MOST_REST_SECONDS = 2.0, 60.0
PROBE_SECONDS = 2.0
REFUSED_RETRY = timedelta(hours=6)

EVENT, ALERT, INCIDENT = "event", "alert", "incident"

READ_ALERTS = f"""
    SELECT a.*, (
        SELECT coalesce(json_agg(json_build_array(o.type, o.value, o.fields)), '[]') FROM (
            SELECT type, value, l.fields FROM alert_observables l JOIN observables o ON o.id = l.observable_id
            WHERE l.alert_id = a.id ORDER BY o.type, o.value LIMIT {MAX_PER_ALERT}) AS o
    ) AS observables, ARRAY(
        SELECT body FROM alert_notes n WHERE n.alert_id = a.id AND body <> '' ORDER BY n.id DESC LIMIT 200
    ) AS notes
    FROM alerts a WHERE a.id = ANY($1::uuid[])
"""
READ_INCIDENTS = f"""
    SELECT i.*, ARRAY(
        SELECT user_id FROM incident_members m WHERE m.incident_id = i.id ORDER BY user_id LIMIT {MAX_MEMBERS}
    ) AS member_ids, (
        SELECT coalesce(json_agg(json_build_array(o.type, o.value)), '[]') FROM (
            SELECT type, value FROM incident_observables l JOIN observables o ON o.id = l.observable_id
            WHERE l.incident_id = i.id ORDER BY l.ioc DESC, o.type, o.value LIMIT {MAX_PER_INCIDENT}) AS o
    ) AS observables, ARRAY(
        SELECT body FROM incident_notes n WHERE n.incident_id = i.id AND body <> '' ORDER BY n.id DESC LIMIT 200
    ) AS notes
    FROM incidents i WHERE i.id = ANY($1::uuid[])
"""

REMEMBER_NEW = """
    INSERT INTO projection_pending AS p (kind, id, organization_id, event_kind, version, batch_id, attempts,
                                         next_try_at, reason)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::uuid[], $7::int[],
                         $8::timestamptz[], $9::text[])
    ON CONFLICT (kind, id) DO """
REMEMBER = f"""{REMEMBER_NEW} UPDATE SET
        version = greatest(p.version, excluded.version),
        attempts = greatest(p.attempts, excluded.attempts),
        next_try_at = excluded.next_try_at,
        reason = excluded.reason
"""


class Item(msgspec.Struct, frozen=True):
    """One row to be found in OpenSearch, of a kind, at a version (0 for events: they never change).

    `attempts` counts the failures so far, `batch_id` is an event's. `trouble` says why there is no document:
    one row that cannot be read must not keep its neighbours from being found.
    """

    kind: str
    id: UUID
    organization_id: UUID
    version: int
    document: bytes
    event_kind: Kind | None = None
    batch_id: UUID | None = None
    attempts: int = 0
    trouble: str = ""

    def after(self, attempts: int) -> "Item":
        """The same item, having failed that often."""
        return msgspec.structs.replace(self, attempts=attempts)


class Gone(msgspec.Struct, frozen=True):
    """A row that is no longer in Postgres, whose document has to go: at that version, or an older one."""

    kind: str
    id: UUID
    version: int
    event_kind: Kind | None = None


# Of an item that goes to two indices, the ending that counts is the one that asks for most.
_WORST_FIRST = (Ending.RETRY, Ending.REFUSED, Ending.REDUCED, Ending.DONE)


class Projection:
    """Writes items to OpenSearch; knows the indices, and rests after a failure instead of hammering."""

    def __init__(self, client: AsyncOpenSearch, names: Names, periods: PeriodBook, generations: Generations) -> None:
        self._client = client
        self._names = names
        self._periods = periods
        self._generations = generations
        self._indices = KnownIndices(client, names)
        self._rests_until = 0.0
        self._away = False

    @property
    def resting(self) -> bool:
        """True for a short while after OpenSearch failed."""
        return time.monotonic() < self._rests_until

    async def write(self, items: Sequence[Item], *, only: Targets | None = None) -> list[Result]:
        """Write all items, one result each in their order; RETRY for all when OpenSearch is away. Never raises.

        Each goes to all indices of its line, or to the `only` one it is to be filled into.
        """
        if self.resting:
            return [Result(Ending.RETRY, "opensearch_away")] * len(items)
        sound = [item for item in items if not item.trouble]
        began = time.monotonic()
        try:
            if self._away:
                await ping(self._client, within=PROBE_SECONDS)
            # Behind the reading of the rows, as Generations asks.
            targets = only or await self._generations.of(map(self._line, sound))
            operations = [await self._operations(item, targets[self._line(item)]) for item in sound]
            flat = [one for some in operations for one in some]
            results = await bulk.write_with_reduction(self._client, flat)
        except Unavailable as error:
            return self._rest(items, began, str(error))
        except Exception as error:  # the rows are stored: whatever this is, they are found later
            logger.exception("projection_failed", items=len(items))
            return self._rest(items, began, type(error).__name__)
        self._away = False
        for operation, result in zip(flat, results, strict=True):
            if result.ending is Ending.RETRY:
                self._indices.forget(operation.index)
        written = iter(min(some, key=_urgency) for some in _by_item(operations, results))
        return [Result(Ending.REFUSED, item.trouble) if item.trouble else next(written) for item in items]

    def _rest(self, items: Sequence[Item], began: float, detail: str) -> list[Result]:
        """Leave OpenSearch alone for five times as long as it took to fail: a hanging one must not slow storing."""
        now = time.monotonic()
        self._away = True
        self._rests_until = now + min(MOST_REST_SECONDS, max(REST_SECONDS, 5 * (now - began)))
        logger.warning("projection_away", detail=detail, items=len(items), seconds=round(self._rests_until - now, 1))
        return [Result(Ending.RETRY, "opensearch_away")] * len(items)

    async def remove(self, gone: Sequence[Gone], *, index: str | None = None) -> list[bool]:
        """Delete the documents of rows that are gone; True where none is left.

        From all indices of their lines, or from the one of that bare name. Raises Unavailable.
        """
        lines = [self._line_left(one) for one in gone]
        targets = await self._generations.of(filter(None, lines))
        operations = []
        for one, line in zip(gone, lines, strict=True):
            version = one.version if one.kind in CHANGING else None
            there = [index] if index else targets[line].names if line else []
            operations.append([Operation("delete", self._names.of(name), one.id, version, b"") for name in there])
        results = await bulk.write(self._client, [one for some in operations for one in some])
        return [all(map(_is_gone, some)) for some in _by_item(operations, results)]

    def _line(self, item: Item) -> str:
        if item.kind in CHANGING:
            return CHANGING[item.kind].line
        assert item.event_kind is not None
        return self._periods.of(item.event_kind, item.id).index_name

    def _line_left(self, gone: Gone) -> str | None:
        """The line that a row was in; None when its whole period went with it."""
        if gone.kind in CHANGING:
            return CHANGING[gone.kind].line
        assert gone.event_kind is not None
        try:
            return self._periods.of(gone.event_kind, gone.id).index_name
        except LookupError:
            return None

    async def _operations(self, item: Item, target: Target) -> list[Operation]:
        indices = [await self._index(item, name, target) for name in target.names]
        if item.kind == EVENT:
            return [Operation("create", index, item.id, None, item.document, "events") for index in indices]
        line = CHANGING[item.kind].line
        return [Operation("index", index, item.id, item.version, item.document, line) for index in indices]

    async def _index(self, item: Item, name: str, target: Target) -> str:
        """The name in the cluster of an index that exists now."""
        shards = self._periods.of(item.event_kind, item.id).shards if item.event_kind else 1
        if target.building:
            # While one is being filled, which of the two the alias leads to is for the filling alone to decide.
            return await self._indices.ensure_hidden(name, shards=shards)
        if item.event_kind:
            return await self._indices.ensure(name, kind=item.event_kind, shards=shards)
        return await self._indices.ensure_current(CHANGING[item.kind].line, name)


def _by_item(operations: Sequence[Sequence[Operation]], results: Iterable[Result]) -> list[list[Result]]:
    """The results of all operations of each item."""
    answers = iter(results)
    return [[next(answers) for _ in some] for some in operations]


def _urgency(result: Result) -> int:
    return _WORST_FIRST.index(result.ending)


def _is_gone(result: Result) -> bool:
    return result.done or result.reason.startswith("index_not_found_exception")


async def read_events(connection: Connection, rows: Iterable[Stored], periods: PeriodBook) -> list[Item]:
    """The items of stored events, read back from their rows."""
    wanted = {row.id: row for row in rows}
    items: list[Item] = []
    for kind in KINDS:
        members = [row.id for row in wanted.values() if row.kind == kind]
        for (low, high), part in periods.by_partition(kind, members).items():
            found = await connection.fetch(
                "SELECT id, organization_id, batch_id, alert_id, body FROM events "
                f"WHERE kind = '{kind}' AND id >= $1 AND id < $2 AND id = ANY($3::uuid[])",
                low,
                high,
                part,
            )
            items += [
                event_item(
                    kind,
                    row["id"],
                    partial(_document, row["body"]),
                    organization_id=row["organization_id"],
                    batch_id=row["batch_id"],
                    alert_id=row["alert_id"],
                )
                for row in found
            ]
    return items


def _document(body: bytes) -> bytes:
    document, _ = unpack_body(body)
    return document


def event_item(
    kind: Kind,
    event_id: UUID,
    stored: Callable[[], bytes],
    *,
    organization_id: UUID,
    batch_id: UUID,
    alert_id: UUID | None,
) -> Item:
    """The item of one event; `stored` gives its document as it is kept."""
    body, trouble = b"", ""
    try:
        body = documents.event_document(stored(), alert_id)
    except (EventSecError, ValueError) as error:
        trouble = f"unreadable: {error}"
        logger.error("event_unreadable", event_id=event_id, error=type(error).__name__)
    return Item(EVENT, event_id, organization_id, 0, body, event_kind=kind, batch_id=batch_id, trouble=trouble)


async def read_changing(connection: Connection, kind: str, wanted: Iterable[UUID]) -> list[Item]:
    """The items of alerts, or of incidents, as their rows are now."""
    ids = sorted(set(wanted))
    rows = await connection.fetch(CHANGING[kind].read, ids) if ids else []
    return [changing_item(kind, row) for row in rows]


def changing_item(kind: str, row: asyncpg.Record) -> Item:
    """The item of one row that the kind's `read` gave."""
    return Item(kind, row["id"], row["organization_id"], row["version"], CHANGING[kind].document(row))


def _alert_document(row: asyncpg.Record) -> bytes:
    return documents.alert_document(dict(row), observables=orjson.loads(row["observables"]), notes=row["notes"])


def _incident_document(row: asyncpg.Record) -> bytes:
    return documents.incident_document(
        dict(row, fields=orjson.loads(row["fields"])),
        member_ids=row["member_ids"],
        observables=orjson.loads(row["observables"]),
        notes=row["notes"],
    )


class Changing(NamedTuple):
    """A kind of rows that change: the line of its indices, how rows are read, and made documents of."""

    line: str
    read: str
    document: Callable[[asyncpg.Record], bytes]


CHANGING = {
    ALERT: Changing(ALERTS, READ_ALERTS, _alert_document),
    INCIDENT: Changing(INCIDENTS, READ_INCIDENTS, _incident_document),
}
OF_LINE = {one.line: kind for kind, one in CHANGING.items()}
"""The kind of the rows of each of these lines."""


async def project(pool: asyncpg.Pool, projection: Projection, items: Sequence[Item]) -> list[Result]:
    """Write the items; what OpenSearch does not take now is remembered before this returns."""
    results = await projection.write(items)
    crash.point("projection_after_bulk")
    for ending in Ending:
        metrics.PROJECTED.labels(ending).inc(sum(result.ending is ending for result in results))
    waiting = [(item, result) for item, result in zip(items, results, strict=True) if not result.done]
    if waiting:
        async with pool.acquire() as connection:
            await remember(connection, waiting)
    return results


async def remember(
    connection: Connection, waiting: Iterable[tuple[Item, Result]], *, unless_waiting: bool = False
) -> None:
    """Upsert into `projection_pending`, keeping the greatest version of each row.

    With `unless_waiting` a row that is there stays as it is: it may be due in a second.
    """
    now = clock.now()
    rows = [
        (
            item.kind,
            item.id,
            item.organization_id,
            item.event_kind,
            item.version,
            item.batch_id,
            item.attempts + 1,
            now + _pause(item, result),
            result.reason.replace("\0", "") or None if result.ending is Ending.REFUSED else None,
        )
        for item, result in sorted(waiting, key=lambda pair: (pair[0].kind, pair[0].id))
    ]
    statement = f"{REMEMBER_NEW} NOTHING" if unless_waiting else REMEMBER
    await connection.execute(statement, *zip(*rows, strict=True))


def _pause(item: Item, result: Result) -> timedelta:
    if result.ending is Ending.REFUSED:
        return REFUSED_RETRY
    return timedelta(seconds=min(60, 2 ** min(item.attempts, 6)))
