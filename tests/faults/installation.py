"""What the sender and the oracle ask of the product, however it runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import aio_pika
import httpx
from prometheus_client.parser import text_string_to_metric_families

from shared.bus import topology


class Sensor(NamedTuple):
    """A registered sender."""

    id: UUID
    key: str


class Reached(Protocol):
    """What a sender sends to, and as whom."""

    @property
    def door_urls(self) -> Sequence[str]:
        """Any of them takes any record; without the path."""
        ...

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        """By format."""
        ...


class Judged(Protocol):
    """Where the oracle finds what became of the records."""

    @property
    def sensors(self) -> Mapping[str, Sensor]:
        """By format."""
        ...

    @property
    def owner_url(self) -> str:
        """The database as its owner."""
        ...

    @property
    def search_url(self) -> str:
        """OpenSearch."""
        ...

    @property
    def index_prefix(self) -> str:
        """Of its aliases."""
        ...

    @property
    def indices(self) -> str:
        """A pattern of all that may be in OpenSearch for it."""
        ...

    @property
    def reports_lost_at(self) -> Sequence[datetime]:
        """When a door ended without the last report of its accounts."""
        ...

    async def unsettled(self) -> dict[str, int]:
        """Messages by queue that are ready or in the indexer's hands."""
        ...


async def count_unsettled(rabbitmq_url: str, indexers: Iterable[str]) -> dict[str, int]:
    """Messages by queue that are ready, as the broker counts them now, or in the hands of the indexers at these URLs.

    The management API's own count of unacknowledged messages lags by seconds.
    """
    connection = await aio_pika.connect(rabbitmq_url, timeout=5)
    async with connection, connection.channel() as channel:
        counts = {}
        for queue in topology.QUEUES:
            declared = await channel.declare_queue(queue.name, passive=True)
            counts[queue.name] = declared.declaration_result.message_count or 0
    async with httpx.AsyncClient(timeout=5) as client:
        expositions = [(await client.get(f"{indexer}/metrics")).text for indexer in indexers]
    for name, count in _in_hand(expositions):
        counts[name] += count
    return counts


def _in_hand(expositions: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Messages by queue that processes have received and not settled, from what their /metrics say."""
    for exposition in expositions:
        for family in text_string_to_metric_families(exposition):
            if family.name == "eventsec_bus_in_hand":
                yield from ((sample.labels["queue"], int(sample.value)) for sample in family.samples)
