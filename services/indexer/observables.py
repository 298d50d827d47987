"""The observables of a batch's events: each stored once, linked to its alert, at most 1,000 an alert."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

import msgspec
import orjson

from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection, Folded
from shared import ids

MAX_PER_ALERT = 1000
MAX_VALUE_CHARACTERS = 1024
MAX_VALUE_BYTES = 2560

INSERT_OBSERVABLES = """
    INSERT INTO observables (id, organization_id, type, value)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
    ON CONFLICT DO NOTHING
"""

LINKED = """
    SELECT l.alert_id, l.observable_id FROM alert_observables l
    JOIN unnest($1::uuid[], $2::uuid[]) AS w (alert_id, observable_id) USING (alert_id, observable_id)
"""

INSERT_LINKS = """
    INSERT INTO alert_observables (alert_id, observable_id)
    SELECT * FROM unnest($1::uuid[], $2::uuid[]) ON CONFLICT DO NOTHING
"""

Link = tuple[UUID, UUID]


class Value(msgspec.Struct, frozen=True, order=True):
    """A typed value of one organization; sorts in the order in which rows are locked."""

    organization_id: UUID
    type: str
    value: str

    @property
    def storable(self) -> bool:
        """False for values longer than an index takes; they stay in the event's document."""
        return len(self.value) <= MAX_VALUE_CHARACTERS and len(self.value.encode()) <= MAX_VALUE_BYTES


@lru_cache(maxsize=1 << 15)
def identify(value: Value) -> UUID:
    """The id of a value's row: made from the value itself, so that two writers never make two rows of it."""
    key = orjson.dumps([value.organization_id, value.type, value.value])
    return ids.content_id(0, blake2b(key, digest_size=16).digest())


async def prepare(connection: Connection, arrivals: Iterable[Arrival], folded: Folded) -> list[Link]:
    """Make the rows of the values, count on the alerts what will be linked, and return the new links.

    The alerts are locked by the caller, so their counts stay exact.
    """
    wanted = _wanted(arrivals, folded)
    if not wanted:
        return []
    identity = {value: identify(value) for value in {value for _, value in wanted}}
    links = dict.fromkeys((alert_id, identity[value]) for alert_id, value in wanted)
    existing = [link for link in links if link[0] in folded.touched]
    for row in await _linked(connection, existing):
        del links[row]
    admitted = admit(links, folded)
    kept = {observable_id for _, observable_id in admitted}
    values = sorted(value for value, observable_id in identity.items() if observable_id in kept)
    await connection.execute(
        INSERT_OBSERVABLES,
        [identity[value] for value in values],
        [value.organization_id for value in values],
        [value.type for value in values],
        [value.value for value in values],
    )
    return admitted


def admit(links: Iterable[Link], folded: Folded) -> list[Link]:
    """Those links for which their alert has room; the others are counted on it as dropped, each time they come."""
    alerts = {alert.id: alert for alert in folded.alerts}
    admitted = []
    for link in links:
        alert = alerts[link[0]]
        if alert.observables_count < MAX_PER_ALERT:
            alert.observables_count += 1
            admitted.append(link)
        else:
            alert.observables_dropped += 1
    return admitted


async def link(connection: Connection, links: Sequence[Link]) -> None:
    """Store the links; the alerts must be there by now."""
    if links:
        await connection.execute(INSERT_LINKS, *zip(*links, strict=True))


def _wanted(arrivals: Iterable[Arrival], folded: Folded) -> list[tuple[UUID, Value]]:
    pairs = dict.fromkeys(
        (folded.alert_of[arrival.event.id], Value(arrival.organization_id, kind, value))
        for arrival in arrivals
        for kind, value in arrival.event.observables
    )
    return [pair for pair in pairs if pair[1].storable]


async def _linked(connection: Connection, links: Sequence[Link]) -> list[Link]:
    if not links:
        return []
    rows = await connection.fetch(LINKED, *zip(*links, strict=True))
    return [(row["alert_id"], row["observable_id"]) for row in rows]
