"""The three compilers agree: whatever is asked, OpenSearch, Postgres and the predicate find the same alerts.

`QUERIES=5000 SEED=7` looks further than there is time for in each run.
"""

import os
import random
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.alerts.columns import COLUMNS
from shared import ids
from shared.db.engine import create_engine, sessionmaker
from shared.models import Alert, AlertNote, AlertObservable, Observable, Organization, User
from shared.normalise.observables import FIELDS
from shared.query.errors import QueryError
from shared.query.parse import parse
from shared.query.to_opensearch import compile_opensearch
from shared.query.to_predicate import compile_predicate
from shared.query.to_sql import compile_sql
from shared.query.tree import Node
from shared.query.values import Reader
from shared.search import bulk, documents, indices
from shared.search.bulk import Operation
from shared.search.catalogue import ALERTS
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Postgres
from tests.integration.query import generator
from tests.integration.query.generator import NOW, PEOPLE

ROWS = 200
QUERIES = int(os.environ.get("QUERIES", "400"))
AT_ONCE = 100
READER = Reader(now=NOW)


async def test_whatever_is_asked(search: Search, postgres: Postgres, record_property: pytest.FixtureRequest) -> None:
    seed = int(os.environ.get("SEED", "1"))
    rng = random.Random(seed)
    engine = create_engine(postgres.url("owner"), application_name="test")
    async with sessionmaker(engine)() as session:
        held = await _fill(session, search, rng)
        asked = found = 0
        while asked < QUERIES:
            texts, nodes = _queries(rng, AT_ONCE)
            by_search = await _by_search(search, nodes)
            for text, node, ids_found in zip(texts, nodes, by_search, strict=True):
                by_predicate = {one for one, document in held.items() if compile_predicate(node)(document)}
                rows = await session.scalars(select(Alert.id).where(compile_sql(node, COLUMNS)))
                by_sql = {str(one) for one in rows}
                told = f"seed {seed}: {text}"
                assert by_predicate == ids_found, f"predicate and OpenSearch: {told}"
                assert by_sql == ids_found, f"SQL and OpenSearch: {told}"
                asked += 1
                found += 0 < len(ids_found) < ROWS
    await engine.dispose()
    print(f"{asked} queries over {ROWS} alerts (seed {seed}); {found} found some and left some")
    assert found > asked / 4, "queries that find nothing, or everything, compare nothing"


def _queries(rng: random.Random, number: int) -> tuple[list[str], list[Node]]:
    texts: list[str] = []
    nodes: list[Node] = []
    while len(texts) < number:
        text = generator.query(ALERTS, rng)
        try:
            nodes.append(parse(text, ALERTS, READER))
        except QueryError as error:
            # A word of the vocabulary that is no word, a range the wrong way round: refused by all three alike.
            assert error.code in {"no_word", "bad_value", "too_many_wildcards", "too_many_clauses"}, text
            continue
        texts.append(text)
    return texts, nodes


async def _by_search(search: Search, nodes: list[Node]) -> list[set[str]]:
    lines: list[bytes] = []
    for node in nodes:
        body = {"size": ROWS, "_source": False, "query": {"bool": {"filter": [compile_opensearch(node)]}}}
        lines += [orjson.dumps({"index": search.names.alerts}), orjson.dumps(body)]
    answer = await search.client.msearch(body=b"\n".join(lines) + b"\n")
    for one, node in zip(answer["responses"], nodes, strict=True):
        assert "error" not in one, (one.get("error"), node)
    return [{hit["_id"] for hit in one["hits"]["hits"]} for one in answer["responses"]]


async def _fill(session: AsyncSession, search: Search, rng: random.Random) -> dict[str, dict[str, Any]]:
    """The same alerts in both stores; their documents by id."""
    organization = Organization(name="Acme")
    session.add_all([organization, *(User(id=one, email=f"{one}@example.org", name="x") for one in PEOPLE)])
    await session.flush()
    observables: dict[tuple[str, str], Observable] = {}
    operations: list[Operation] = []
    held: dict[str, dict[str, Any]] = {}
    index = search.names.of(indices.first_generation("alerts"))
    for _ in range(ROWS):
        alert = Alert(id=ids.uuid7(), **generator.alert(rng, organization.id))
        for name in ("assignee_id", "created_by_id", "acknowledged_by_id", "closed_by_id"):
            setattr(alert, name, rng.choice((*PEOPLE, None)))
        seen = generator.seen(rng, FIELDS)
        notes = [" ".join(rng.choices(generator.WORDS, k=3)) for _ in range(rng.randint(0, 2))]
        session.add(alert)
        await session.flush()
        for kind, value, fields in seen:
            if (kind, value) not in observables:
                observables[kind, value] = Observable(organization_id=organization.id, type=kind, value=value)
                session.add(observables[kind, value])
                await session.flush()
            session.add(AlertObservable(alert_id=alert.id, observable_id=observables[kind, value].id, fields=fields))
        for note in notes:
            session.add(AlertNote(alert_id=alert.id, organization_id=organization.id, author_name="x", body=note))
        await session.flush()
        await session.refresh(alert)
        row = {column.key: getattr(alert, column.key) for column in Alert.__table__.columns}
        document = documents.alert_document(row, observables=seen, notes=notes)
        held[str(alert.id)] = orjson.loads(document)
        operations.append(Operation("index", index, UUID(str(alert.id)), alert.version, document))
    await session.commit()
    assert all(result.done for result in await bulk.write(search.client, operations))
    await search.client.indices.refresh(index=index)
    return held
