"""What OpenSearch holds, all of it, with versions: two documents of one id are two indices holding it."""

from collections import defaultdict
from typing import Any, TypeAlias
from uuid import UUID

import httpx
import orjson

Documents: TypeAlias = defaultdict[UUID, list[tuple[int, Any]]]


async def all_documents(client: httpx.AsyncClient, alias: str) -> Documents:
    """Every document behind an alias with its version, by id."""
    found: Documents = defaultdict(list)
    body = {"size": 2000, "version": True, "sort": ["_doc"]}
    answer = await client.post(f"/{alias}/_search?scroll=1m", json=body)
    answer.raise_for_status()
    while hits := (page := orjson.loads(answer.content))["hits"]["hits"]:
        for hit in hits:
            found[UUID(hit["_id"])].append((hit["_version"], hit["_source"]))
        answer = await client.post("/_search/scroll", json={"scroll": "1m", "scroll_id": page["_scroll_id"]})
        answer.raise_for_status()
    await client.request("DELETE", "/_search/scroll", json={"scroll_id": page["_scroll_id"]})
    return found
