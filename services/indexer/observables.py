"""The observables of a batch's events: each stored once, linked to its alert, at most 1,000 an alert."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple
from uuid import UUID

import msgspec

from services.indexer.arrivals import Arrival
from services.indexer.folding import Connection, Folded
from shared.domain import observable
from shared.domain.observable import MAX_PER_ALERT

MAX_VALUE_CHARACTERS = 1024
MAX_VALUE_BYTES = 2560

INSERT_OBSERVABLES = """
    INSERT INTO observables (id, organization_id, type, value)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
    ON CONFLICT DO NOTHING
"""

LINKED = """
    SELECT l.alert_id, l.observable_id, l.fields FROM alert_observables l
    JOIN unnest($1::uuid[], $2::uuid[]) AS w (alert_id, observable_id) USING (alert_id, observable_id)
"""

INSERT_LINKS = """
    INSERT INTO alert_observables (alert_id, observable_id, fields)
    SELECT alert_id, observable_id, string_to_array(fields, ',')
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (alert_id, observable_id, fields)
    ON CONFLICT DO NOTHING
"""

WIDEN_LINKS = """
    UPDATE alert_observables l SET fields = string_to_array(n.fields, ',')
    FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS n (alert_id, observable_id, fields)
    WHERE l.alert_id = n.alert_id AND l.observable_id = n.observable_id
"""

Link = tuple[UUID, UUID]
Fields = frozenset[str]
NO_FIELDS: Fields = frozenset()


class Links(NamedTuple):
    """What is to be stored of a batch: new links, and known ones that were seen in one more field, each with all."""

    new: dict[Link, Fields]
    wider: dict[Link, Fields]


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
    """The id of the value's row."""
    return observable.identify(value.organization_id, value.type, value.value)


async def prepare(connection: Connection, arrivals: Iterable[Arrival], folded: Folded) -> Links:
    """Make the rows of the values, count on the alerts what will be linked, and return the links to store.

    The alerts are locked by the caller, so their counts stay exact, and so do the fields of their links.
    """
    wanted = _wanted(arrivals, folded)
    if not wanted:
        return Links({}, {})
    identity = {value: identify(value) for value in {value for _, value in wanted}}
    links = {(alert_id, identity[value]): fields for (alert_id, value), fields in wanted.items()}
    wider: dict[Link, Fields] = {}
    for link, known in (await _linked(connection, [link for link in links if link[0] in folded.touched])).items():
        seen = links.pop(link)
        if not seen <= known:
            wider[link] = seen | known
    new = admit(links, folded)
    kept = {observable_id for _, observable_id in new}
    values = sorted(value for value, observable_id in identity.items() if observable_id in kept)
    await connection.execute(
        INSERT_OBSERVABLES,
        [identity[value] for value in values],
        [value.organization_id for value in values],
        [value.type for value in values],
        [value.value for value in values],
    )
    return Links(new, wider)


def admit(links: Mapping[Link, Fields], folded: Folded) -> dict[Link, Fields]:
    """Those links for which their alert has room; the others are counted on it as dropped, each time they come."""
    alerts = {alert.id: alert for alert in folded.alerts}
    admitted = {}
    for link, fields in links.items():
        alert = alerts[link[0]]
        if alert.observables_count < MAX_PER_ALERT:
            alert.observables_count += 1
            admitted[link] = fields
        else:
            alert.observables_dropped += 1
    return admitted


async def link(connection: Connection, links: Links) -> None:
    """Store the links; the alerts must be there by now."""
    for statement, some in ((INSERT_LINKS, links.new), (WIDEN_LINKS, links.wider)):
        if some:
            alert_ids, observable_ids = zip(*some, strict=True)
            fields = [",".join(sorted(names)) for names in some.values()]
            await connection.execute(statement, alert_ids, observable_ids, fields)


def _wanted(arrivals: Iterable[Arrival], folded: Folded) -> dict[tuple[UUID, Value], Fields]:
    wanted: dict[tuple[UUID, Value], Fields] = {}
    for arrival in arrivals:
        event = arrival.event
        alert_id = folded.alert_of[event.id]
        for (kind, text), names in zip(event.observables, event.observable_fields or repeat(""), strict=False):
            value = Value(arrival.organization_id, kind, text)
            if value.storable:
                pair = (alert_id, value)
                wanted[pair] = wanted.get(pair, NO_FIELDS) | _fields(names)
    return wanted


@lru_cache(maxsize=4096)
def _fields(names: str) -> Fields:
    return frozenset(names.split(",")) if names else NO_FIELDS


async def _linked(connection: Connection, links: Sequence[Link]) -> dict[Link, Fields]:
    if not links:
        return {}
    rows = await connection.fetch(LINKED, *zip(*links, strict=True))
    return {(row["alert_id"], row["observable_id"]): frozenset(row["fields"]) for row in rows}
