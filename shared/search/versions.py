"""What an index holds, by id and version, for whoever compares it with the rows."""

from collections.abc import Sequence
from uuid import UUID

from opensearchpy import AsyncOpenSearch

from shared.errors import Unavailable
from shared.search.client import reaching

# OpenSearch gives no more at once.
MOST_IDS = 10_000
_MISSING_INDEX = "index_not_found_exception"


async def of(client: AsyncOpenSearch, index: str, wanted: Sequence[UUID]) -> dict[UUID, int]:
    """The versions of those of these documents that are there, refreshed or not. `index` is the name in the cluster.

    An index that does not exist holds nothing. Raises Unavailable, also when one document could not be asked for.
    """
    if not wanted:
        return {}
    with reaching(surely=True):
        answer = await client.mget(
            index=index,
            body={"ids": [str(one) for one in wanted]},
            params={"_source": "false", "filter_path": "docs._id,docs._version,docs.found,docs.error.type"},
        )
    documents = answer.get("docs", ())
    errors = {document["error"]["type"] for document in documents if "error" in document} - {_MISSING_INDEX}
    if errors or len(documents) != len(wanted):
        raise Unavailable(f"OpenSearch: could not look up documents ({', '.join(sorted(errors)) or 'short answer'})")
    return {UUID(document["_id"]): document["_version"] for document in documents if document.get("found")}


async def count(client: AsyncOpenSearch, index: str, *, refresh: bool = True) -> int:
    """Documents that a search of the index finds now, all of them after a refresh; 0 where there is no index.

    Raises Unavailable.
    """
    with reaching(surely=True):
        if refresh:
            await client.indices.refresh(index=index, params={"ignore_unavailable": "true"})
        answer = await client.count(index=index, params={"ignore_unavailable": "true"})
    if answer["_shards"]["failed"]:
        raise Unavailable("OpenSearch: some shards did not count")
    return int(answer["count"])


async def last_written(client: AsyncOpenSearch, index: str) -> tuple[int, int]:
    """The last sequence number of a write that a search of the index finds (-1: of none), and the number of shards.

    Each shard numbers its own writes, from 0. Raises Unavailable.
    """
    with reaching(surely=True):
        answer = await client.search(
            index=index,
            body={"size": 0, "aggs": {"last": {"max": {"field": "_seq_no"}}}},
            params={"allow_partial_search_results": "false"},
        )
    last = answer["aggregations"]["last"]["value"]
    return -1 if last is None else int(last), int(answer["_shards"]["total"])


async def written(client: AsyncOpenSearch, index: str, low: int, high: int) -> list[UUID | str]:
    """The ids of documents that were written last by writes `low` to before `high` of their shard.

    One that is no UUID, as all of ours are, is left a string. At most MOST_IDS: so many writes, times the shards, is
    what may be asked for. Raises Unavailable.
    """
    with reaching(surely=True):
        answer = await client.search(
            index=index,
            body={
                "size": MOST_IDS,
                "sort": ["_doc"],
                "_source": False,
                "query": {"range": {"_seq_no": {"gte": low, "lt": high}}},
            },
            params={"allow_partial_search_results": "false"},
        )
    return [_id(hit["_id"]) for hit in answer["hits"]["hits"]]


def _id(document_id: str) -> UUID | str:
    try:
        return UUID(document_id)
    except ValueError:
        return document_id
