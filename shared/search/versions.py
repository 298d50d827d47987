"""What an index holds, by id and version, for whoever compares it with the rows."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException

from shared.errors import Unavailable
from shared.search.client import reaching

KEEP_ALIVE = "2m"
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


async def scan(client: AsyncOpenSearch, index: str, size: int, *, part: int = 0, of: int = 1) -> list[UUID]:
    """The ids of all documents, or of one of so many parts, as they were when it began. Raises Unavailable.

    Read in one go, because the server forgets where a reader was who takes minutes over a page.
    """
    slicing = {"slice": {"id": part, "max": of}} if of > 1 else {}
    with reaching(surely=True):
        answer = await client.search(
            index=index,
            body={"size": size, "sort": ["_doc"], "_source": False} | slicing,
            params={"scroll": KEEP_ALIVE, "allow_partial_search_results": "false"},
        )
    scroll, found = answer["_scroll_id"], []
    try:
        while hits := answer["hits"]["hits"]:
            found += [one for hit in hits if (one := _uuid(hit["_id"])) is not None]
            with reaching(surely=True):
                answer = await client.scroll(body={"scroll_id": scroll, "scroll": KEEP_ALIVE})
            if answer["_shards"]["failed"]:
                raise Unavailable("OpenSearch: some shards lost the scroll")
            scroll = answer["_scroll_id"]
    finally:
        # It ends by itself, and an error here would hide the first one.
        with contextlib.suppress(OpenSearchException):
            await client.clear_scroll(body={"scroll_id": [scroll]}, params={"ignore": 404})
    return found


def _uuid(document_id: str) -> UUID | None:
    """None for what somebody else put there: all ids of ours are UUIDs."""
    try:
        return UUID(document_id)
    except ValueError:
        return None
