"""How much room indices take, and how much the cluster's disks have."""

from typing import NamedTuple

from opensearchpy import AsyncOpenSearch

from shared.search.client import reaching
from shared.search.indices import Names


class IndexSize(NamedTuple):
    """Documents of one index, and its bytes with all replicas."""

    documents: int
    stored: int


class NodeDisk(NamedTuple):
    """One node's disk in bytes; `indices` is what OpenSearch itself takes of it."""

    total: int
    available: int
    indices: int


async def of_indices(client: AsyncOpenSearch, names: Names) -> dict[str, IndexSize]:
    """The sizes of the indices of alerts and events by bare name. Raises Unavailable."""
    with reaching(surely=True):
        rows = await client.cat.indices(
            index=f"{names.alerts}-*,{names.events}-*",
            params={"format": "json", "bytes": "b", "h": "index,docs.count,store.size"},
        )
    return {
        row["index"].removeprefix(names.prefix): IndexSize(int(row["docs.count"] or 0), int(row["store.size"] or 0))
        for row in rows
    }


async def allocation(client: AsyncOpenSearch) -> list[NodeDisk]:
    """The disks of the nodes that hold data. Raises Unavailable."""
    with reaching(surely=True):
        rows = await client.cat.allocation(params={"format": "json", "bytes": "b"})
    return [
        NodeDisk(int(row["disk.total"]), int(row["disk.avail"]), int(row["disk.indices"] or 0))
        for row in rows
        # Shards that are nowhere have a row of their own, without a disk.
        if row.get("disk.total")
    ]


async def unassigned(client: AsyncOpenSearch, names: Names) -> int:
    """Shards of our indices that no node holds: data that is away, or copies that lack a node. Raises Unavailable."""
    with reaching(surely=True):
        health = await client.cluster.health(index=f"{names.alerts}*,{names.events}*,{names.incidents}*")
    return int(health["unassigned_shards"])
