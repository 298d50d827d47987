"""OpenSearch and the predicate find the same events: a dry run tells what a suppression then hides.

`QUERIES=5000 SEED=7` looks further than there is time for in each run.
"""

import os
import random
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from shared import clock, ids
from shared.query.errors import QueryError
from shared.query.fields import Field, Type
from shared.query.parse import parse
from shared.query.to_opensearch import compile_opensearch
from shared.query.to_predicate import compile_predicate
from shared.query.tree import Node
from shared.query.values import Reader
from shared.search import bulk, indices
from shared.search.bulk import Operation
from shared.search.catalogue import EVENTS
from tests.fixtures.opensearch import Search
from tests.integration.query import generator

EVENTS_HELD = 200
QUERIES = int(os.environ.get("QUERIES", "300"))
AT_ONCE = 100
SOME = 24
VENDORS_OWN = tuple(
    Field(name, Type.KEYWORD)
    for name in ("labels.role", "sensor.rule", "sensor.output_fields.container.id", "sensor.output_fields.proc.name")
)
REFUSED = {"no_word", "bad_value", "too_many_wildcards", "too_many_clauses"}


async def test_whatever_a_suppression_asks(search: Search) -> None:
    seed = int(os.environ.get("SEED", "1"))
    rng = random.Random(seed)
    # Of a hundred fields few would meet; each seed has others.
    known = [one for one in EVENTS.fields.values() if one.type is not Type.ID]
    always = [EVENTS.fields[name] for name in (*EVENTS.free, "severity", "event.risk_score", "url.path")]
    fields = [*always, *VENDORS_OWN, *rng.sample([one for one in known if one not in always], SOME)]
    held = await _fill(search, fields, rng)
    asked = found = 0
    offered = replace(EVENTS, fields={one.name: one for one in fields})
    while asked < QUERIES:
        texts, nodes = _queries(offered, rng)
        for text, node, ids_found in zip(texts, nodes, await _by_search(search, nodes), strict=True):
            by_predicate = {one for one, document in held.items() if compile_predicate(node)(document)}
            assert by_predicate == ids_found, f"predicate and OpenSearch: seed {seed}: {text}"
            asked += 1
            found += 0 < len(ids_found) < EVENTS_HELD
    print(f"{asked} queries over {EVENTS_HELD} events (seed {seed}); {found} found some and left some")
    assert found > asked / 4, "queries that find nothing, or everything, compare nothing"


def _queries(offered: Any, rng: random.Random) -> tuple[list[str], list[Node]]:
    texts: list[str] = []
    nodes: list[Node] = []
    while len(texts) < AT_ONCE:
        text = generator.query(offered, rng)
        try:
            nodes.append(parse(text, EVENTS, Reader(now=generator.NOW)))
        except QueryError as error:
            assert error.code in REFUSED, text
            continue
        texts.append(text)
    return texts, nodes


async def _by_search(search: Search, nodes: list[Node]) -> list[set[str]]:
    lines: list[bytes] = []
    for node in nodes:
        body = {"size": EVENTS_HELD, "_source": False, "query": {"bool": {"filter": [compile_opensearch(node)]}}}
        lines += [orjson.dumps({"index": search.names.events}), orjson.dumps(body)]
    answer = await search.client.msearch(body=b"\n".join(lines) + b"\n")
    for one, node in zip(answer["responses"], nodes, strict=True):
        assert "error" not in one, (one.get("error"), node)
    return [{hit["_id"] for hit in one["hits"]["hits"]} for one in answer["responses"]]


async def _fill(search: Search, fields: list[Field], rng: random.Random) -> dict[str, dict[str, Any]]:
    """Events in the index; their documents by id."""
    bare = indices.event_index("alert", date(2026, 11, 23))
    await indices.ensure_event_index(search.client, search.names, bare, kind="alert")
    index = search.names.of(bare)
    held = {str(ids.uuid7()): generator.event(rng, fields) for _ in range(EVENTS_HELD)}
    for document in held.values():
        document["@timestamp"] = clock.isoformat(generator.moment(rng))
    operations = [Operation("create", index, one, None, orjson.dumps(document)) for one, document in held.items()]
    assert all(result.done for result in await bulk.write(search.client, operations))
    await search.client.indices.refresh(index=index)
    return held
