"""What there is to compare: alerts, incidents, every period of events, and indices that belong to no rows at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.indexer import projection
from services.indexer.folding import Connection
from services.indexer.generations import Target
from services.indexer.periods import Place
from services.indexer.projection import Item
from services.indexer.store import Stored
from services.indexer.stores.compare import Part
from services.indexer.stores.opened import Stores
from shared.normalise.event import Kind
from shared.search import indices
from shared.search.indices import EVENTS, TABLES


@dataclass(frozen=True)
class Surroundings:
    """All parts; `hidden` are indices (bare names) that their alias does not lead to though they are read,
    `orphans` those that an alias leads to though no rows belong to them; `outdated` have an earlier mapping.
    """

    parts: list[Part]
    hidden: dict[str, str] = field(default_factory=dict)
    orphans: dict[str, str] = field(default_factory=dict)
    outdated: set[str] = field(default_factory=set)


def changing_part(line: str, target: Target) -> Part:
    """The part of all alerts, or of all incidents."""
    return Part(line, str(target.active))


def events_part(kind: Kind, place: Place, target: Target) -> Part:
    """The part of one period of events."""
    low, high = place.bounds
    return Part(place.index_name, str(target.active), kind, low, high)


async def read_items(stores: Stores, connection: Connection, part: Part, wanted: Sequence[UUID]) -> list[Item]:
    """What these rows of a part are to be found as."""
    if part.kind is None:
        return await projection.read_changing(connection, part.row_kind, wanted)
    rows = [Stored(part.kind, one, b"", None) for one in wanted]
    return await projection.read_events(connection, rows, stores.periods)


async def look_around(stores: Stores) -> Surroundings:
    """The parts as of now. Aliases are read first: an index made meanwhile has its period in Postgres before."""
    led = {alias: await indices.behind(stores.client, stores.names, alias) for alias in (*TABLES, EVENTS)}
    mapped = await indices.mappings_in_cluster(stores.client, stores.names)
    await stores.periods.load(stores.pool)
    places = stores.periods.places()
    targets = await stores.generations.of([*TABLES, *(place.index_name for _, place in places)])
    parts = [
        *(changing_part(line, targets[line]) for line in TABLES),
        *(events_part(kind, place, targets[place.index_name]) for kind, place in places),
    ]
    there = [part for part in parts if part.index in mapped]
    return Surroundings(
        parts,
        hidden={
            part.index: alias_of(part.line)
            for part in there
            if _is_hidden(targets[part.line], led[alias_of(part.line)])
        },
        orphans=_orphans(led, targets.values()),
        outdated={
            part.index
            for part in there
            if mapped[part.index] != indices.current_mapping(stores.names, part.line, part.kind)
        },
    )


async def show(stores: Stores, part: Part) -> None:
    """Let the alias lead to a hidden index; one over a table to no other then."""
    alias = alias_of(part.line)
    others = await indices.behind(stores.client, stores.names, alias) if part.kind is None else ()
    await indices.switch(stores.client, stores.names, alias, to=part.index, away_from=others)


def _is_hidden(target: Target, led: Iterable[str]) -> bool:
    """Between the switch of an alias and its note in Postgres, it leads to the index that is being filled."""
    return not set(target.names).intersection(led)


def alias_of(line: str) -> str:
    """The alias that people read a line through."""
    return line if line in TABLES else EVENTS


def _orphans(led: Mapping[str, Iterable[str]], targets: Iterable[Target]) -> dict[str, str]:
    """Neither read nor being filled; an alias leads to the latter between its switch and the note in Postgres."""
    known = {name for target in targets for name in (target.active, target.building)}
    return {index: alias for alias, behind in led.items() for index in behind if index not in known}
