"""Asks OpenSearch whether an event can be found."""

from uuid import UUID

from opensearchpy import AsyncOpenSearch

from shared.search.client import reaching
from shared.search.indices import Names


async def finds(client: AsyncOpenSearch, names: Names, event_id: UUID) -> bool:
    """True when a search finds the event: unlike a read by id, it sees only what has been refreshed.

    Raises Unavailable.
    """
    with reaching():
        answer = await client.search(
            index=names.events,
            body={"query": {"ids": {"values": [str(event_id)]}}, "_source": False, "size": 1},
            # Before the first event there is no index and so no alias: nothing found, no error. A shard that does
            # not answer must not look like "not found".
            params={"ignore_unavailable": "true", "allow_partial_search_results": "false"},
        )
    return bool(answer["hits"]["hits"])
