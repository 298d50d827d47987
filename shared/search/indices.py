"""The names of indices and aliases, and the only ways in which an index of ours comes to be."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import RequestError

from shared.errors import Unavailable
from shared.normalise.event import Kind
from shared.search import templates
from shared.search.client import reaching

EVENTS, ALERTS, INCIDENTS = "events", "alerts", "incidents"
TABLES = (ALERTS, INCIDENTS)
"""Aliases over rows that change, each by the name of its table, and over one index at a time."""

_EXISTS = "resource_already_exists_exception"


@dataclass(frozen=True)
class Names:
    """What one installation calls its things in the cluster. Bare names, as Postgres keeps them, get the prefix."""

    prefix: str = ""

    def of(self, bare: str) -> str:
        """The name in the cluster of an index or alias."""
        return self.prefix + bare

    @property
    def events(self) -> str:
        """Alias over all event indices."""
        return self.of(EVENTS)

    @property
    def alerts(self) -> str:
        """Alias over the current generation of alerts."""
        return self.of(ALERTS)

    @property
    def incidents(self) -> str:
        """Alias over the current generation of incidents."""
        return self.of(INCIDENTS)

    @cached_property
    def templates(self) -> templates.Templates:
        """The templates under these names."""
        return templates.build(self.prefix)


def event_index(kind: Kind, starts_on: date) -> str:
    """Bare name of the event index of the period that starts on that day."""
    return f"events-{kind}-v1-{starts_on:%Y.%m.%d}"


def unclocked_index(kind: Kind) -> str:
    """Bare name of the index of events whose clock cannot be trusted."""
    return f"events-{kind}-v1-unclocked"


def first_generation(alias: str) -> str:
    """Bare name of the index a fresh installation has behind `alerts` or `incidents`."""
    return f"{alias}-v1-000001"


async def templates_at_hash(client: AsyncOpenSearch, names: Names) -> bool:
    """True when every template is in the cluster with the content this program was built with.

    Raises Unavailable.
    """
    return await hashes_in_cluster(client, names) == names.templates.hashes


async def hashes_in_cluster(client: AsyncOpenSearch, names: Names) -> dict[str, str]:
    """Hash by name of those of our templates that the cluster has. Raises Unavailable."""
    found: dict[str, str] = {}
    for path, many, one in (
        ("/_component_template", "component_templates", "component_template"),
        ("/_index_template", "index_templates", "index_template"),
    ):
        with reaching(surely=True):
            answer = await client.transport.perform_request(
                "GET",
                f"{path}/{names.prefix}eventsec-*",
                params={"filter_path": f"{many}.name,{many}.{one}._meta", "ignore": 404},
            )
        for entry in (answer or {}).get(many, ()):
            found[entry["name"]] = templates.hash_of(entry.get(one, {}))
    return {name: hash_ for name, hash_ in found.items() if name in names.templates.hashes}


def current_mapping(names: Names, line: str, kind: Kind | None = None) -> str:
    """The hash that an index of one of TABLES, or of events of that kind, carries in its mapping when made today."""
    template = names.templates.indices[names.of(f"eventsec-{line if kind is None else f'{EVENTS}-{kind}'}")]
    return templates.hash_of(template["template"]["mappings"])


def _all(names: Names) -> str:
    """A pattern for every index of ours."""
    return ",".join(f"{names.of(alias)}-*" for alias in (*TABLES, EVENTS))


async def mappings_in_cluster(client: AsyncOpenSearch, names: Names) -> dict[str, str]:
    """All indices of ours by bare name, each with the hash of what its mapping was made from.

    Raises Unavailable.
    """
    with reaching(surely=True):
        found = await client.indices.get_mapping(index=_all(names), params={"filter_path": "*.mappings._meta"})
    return {index.removeprefix(names.prefix): templates.hash_of(about["mappings"]) for index, about in found.items()}


async def ensure_event_index(client: AsyncOpenSearch, names: Names, name: str, *, kind: Kind, shards: int = 1) -> bool:
    """Make the event index of that bare name, with its alias; True when it was made here and now.

    Any number of processes may call this at once. Raises Unavailable when the cluster is away or its
    templates are not ours of today, ValueError for a name that no template of that kind covers.
    """
    if not name.startswith(f"events-{kind}-"):
        raise ValueError(f"{name} is no index of {kind} events")
    return await _ensure(client, names, name, EVENTS, shards)


async def ensure_generation(client: AsyncOpenSearch, names: Names, alias: str) -> bool:
    """Make the first index behind `alerts` or `incidents` if the alias leads nowhere; True when made.

    Raises Unavailable as above.
    """
    with reaching(surely=True):
        if await client.indices.exists_alias(name=names.of(alias)):
            return False
    return await _ensure(client, names, first_generation(alias), alias, 1)


async def ensure_current(client: AsyncOpenSearch, names: Names, alias: str, name: str) -> bool:
    """Make the index that Postgres says is read behind `alerts` or `incidents`, should it be gone.

    It gets the alias only where that leads nowhere: an alias that leads elsewhere is for `drift` to tell of.
    Raises Unavailable as above.
    """
    with reaching(surely=True):
        led = await client.indices.exists_alias(name=names.of(alias))
        if led and await client.indices.exists(index=names.of(name)):
            return False
    return await _ensure(client, names, name, None if led else alias, 1)


async def ensure_hidden(client: AsyncOpenSearch, names: Names, name: str, *, shards: int = 1) -> bool:
    """Make an index that no alias leads to, to be filled before anybody reads it. Raises Unavailable as above."""
    with reaching(surely=True):
        if await client.indices.exists(index=names.of(name)):
            return False
    return await _ensure(client, names, name, None, shards)


async def switch(client: AsyncOpenSearch, names: Names, alias: str, *, to: str, away_from: Iterable[str]) -> None:
    """Let the alias lead to one index instead of others, in one step; a repeat changes nothing. Raises Unavailable."""
    leave = (await behind(client, names, alias)).intersection(away_from) - {to}
    steps = [{"remove": {"index": names.of(old), "alias": names.of(alias)}} for old in sorted(leave)]
    steps.append({"add": {"index": names.of(to), "alias": names.of(alias)}})
    with reaching(surely=True):
        await client.indices.update_aliases(body={"actions": steps})


async def behind(client: AsyncOpenSearch, names: Names, alias: str) -> set[str]:
    """Bare names of the indices that an alias leads to. Raises Unavailable."""
    with reaching(surely=True):
        found = await client.indices.get_alias(name=names.of(alias), params={"ignore": 404})
    return {index.removeprefix(names.prefix) for index, about in found.items() if isinstance(about, dict)}


async def hush(client: AsyncOpenSearch, names: Names, name: str, *, hushed: bool) -> None:
    """Let nothing new be found in an index, or again what comes; an index that is gone is fine. Raises Unavailable."""
    interval = "-1" if hushed else templates.REFRESH_INTERVAL
    with reaching(surely=True):
        await client.indices.put_settings(
            index=names.of(name), body={"index": {"refresh_interval": interval}}, params={"ignore": 404}
        )


async def hushed(client: AsyncOpenSearch, names: Names) -> list[str]:
    """Bare names of the indices in which nothing new is found. Raises Unavailable."""
    with reaching(surely=True):
        found = await client.indices.get_settings(index=_all(names), name="index.refresh_interval")
    return [
        index.removeprefix(names.prefix)
        for index, about in found.items()
        if about["settings"]["index"]["refresh_interval"] == "-1"
    ]


async def drop(client: AsyncOpenSearch, names: Names, wanted: Iterable[str]) -> list[str]:
    """Delete those of these indices that exist, by bare name; which they were. Raises Unavailable."""
    dropped = []
    for name in wanted:
        with reaching(surely=True):
            if await client.indices.exists(index=names.of(name)):
                await client.indices.delete(index=names.of(name), params={"ignore": 404})
                dropped.append(name)
    return dropped


class KnownIndices:
    """The indices this process knows to exist, so that each is asked for once.

    After a write that has to be retried, `forget` its index: it may have been dropped meanwhile.
    """

    def __init__(self, client: AsyncOpenSearch, names: Names) -> None:
        self._client = client
        self._names = names
        self._known: set[str] = set()

    async def ensure(self, name: str, *, kind: Kind, shards: int = 1) -> str:
        """The name in the cluster of an event index that exists now. Raises like `ensure_event_index`."""
        if name not in self._known:
            await ensure_event_index(self._client, self._names, name, kind=kind, shards=shards)
            self._known.add(name)
        return self._names.of(name)

    async def ensure_current(self, alias: str, name: str) -> str:
        """The name in the cluster of the index that is read behind one of TABLES, which exists now."""
        if name not in self._known:
            await ensure_current(self._client, self._names, alias, name)
            self._known.add(name)
        return self._names.of(name)

    async def ensure_hidden(self, name: str, *, shards: int = 1) -> str:
        """The name in the cluster of an index that is being filled, which exists now."""
        if name not in self._known:
            await ensure_hidden(self._client, self._names, name, shards=shards)
            self._known.add(name)
        return self._names.of(name)

    def forget(self, index: str) -> None:
        """Ask again before the next write to the index of that name, bare or as in the cluster."""
        self._known.discard(index)
        self._known.discard(index.removeprefix(self._names.prefix))


async def _ensure(client: AsyncOpenSearch, names: Names, name: str, alias: str | None, shards: int) -> bool:
    """Make the index behind that alias, or behind none."""
    if not await templates_at_hash(client, names):
        raise Unavailable("OpenSearch: its templates are missing or not of this version")
    index = names.of(name)
    led = None if alias is None else names.of(alias)
    with reaching(surely=True):
        if led is not None and await client.indices.exists_alias(index=index, name=led):
            return False
        try:
            await client.indices.create(index=index, body=_birth(led, shards))
        except RequestError as error:
            if error.error != _EXISTS:
                raise
            await _adopt(client, index, led)
            return False
    return True


def _birth(alias: str | None, shards: int) -> dict[str, Any]:
    return {
        "aliases": {} if alias is None else {alias: {}},
        "settings": {"index": {"number_of_shards": shards, "blocks": {"write": False}}},
    }


async def _adopt(client: AsyncOpenSearch, index: str, alias: str | None) -> None:
    """An index without its alias was made in passing by the cluster: open it, then make it findable.

    In this order, because the alias is the mark of an index that is ours; one that has it is left alone,
    even when somebody blocked it on purpose.
    """
    if alias is not None and await client.indices.exists_alias(index=index, name=alias):
        return
    await client.indices.put_settings(index=index, body={"index": {"blocks": {"write": False}}})
    if alias is not None:
        await client.indices.put_alias(index=index, name=alias)
