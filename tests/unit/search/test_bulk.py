"""Bulk writing against a server that misbehaves on demand."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from opensearchpy import AsyncOpenSearch
from pydantic import SecretStr

from shared.errors import Unavailable
from shared.search import bulk
from shared.search.bulk import DONE, Ending, Operation, Result
from shared.search.client import create_client
from shared.settings import OpensearchSettings
from tests.fakes.opensearch import FakeOpenSearch


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenSearch]:
    async with FakeOpenSearch() as server:
        yield server


@pytest.fixture
async def client(fake: FakeOpenSearch) -> AsyncIterator[AsyncOpenSearch]:
    client = create_client(OpensearchSettings(opensearch_url=SecretStr(fake.url)))
    yield client
    await client.close()


def event(number: int, **fields: Any) -> Operation:
    document = {"n": number, "sensor": {"raw": "x"}, **fields, "alert": {"severity_id": 1}}
    return Operation("create", "events-x", UUID(int=number), None, orjson.dumps(document), "events")


def alert(number: int, version: int) -> Operation:
    document = orjson.dumps({"n": number, "version": version})
    return Operation("index", "alerts-x", UUID(int=number), version, document, "alerts")


def endings(results: list[Result]) -> list[str]:
    return [result.ending.value for result in results]


async def test_nothing_to_write_asks_nothing(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    assert await bulk.write(client, []) == []
    assert fake.requests == []


async def test_events_are_created_and_rows_indexed_by_version(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    operations = [event(1), alert(2, 7)]
    assert await bulk.write(client, operations) == [DONE, DONE]
    (request,) = fake.bulks
    assert request.lines == [
        {"create": {"_index": "events-x", "_id": str(UUID(int=1))}},
        orjson.loads(operations[0].document),
        {"index": {"_index": "alerts-x", "_id": str(UUID(int=2)), "version": 7, "version_type": "external"}},
        {"n": 2, "version": 7},
    ]
    assert request.body.endswith(b"\n")
    assert request.query["filter_path"] == "errors,items.*.status,items.*.error,items.*._id"


async def test_what_is_there_already_is_done(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    await bulk.write(client, [event(1), alert(2, 7)])
    assert await bulk.write(client, [event(1), alert(2, 7), alert(2, 6)]) == [DONE, DONE, DONE]
    assert fake.documents["alerts-x", str(UUID(int=2))][0] == 7


async def test_results_stand_in_the_order_of_the_operations(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.refuse_items(429, "rejected_execution_exception", "queue full", where=lambda d: d["n"] == 2)
    fake.refuse_items(400, "mapper_parsing_exception", "failed to parse [x]", where=lambda d: d["n"] == 4)
    results = await bulk.write(client, [event(n) for n in range(1, 6)])
    assert endings(results) == ["done", "retry", "done", "refused", "done"]
    assert results[1].reason == "rejected_execution_exception: queue full"
    assert results[3].reason == "mapper_parsing_exception: failed to parse [x]"
    assert not results[1].done
    assert results[0].done


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        ("retry", (503, "unavailable_shards_exception", "primary shard is not active")),
        ("retry", (500, "already_closed_exception", "closed")),
        ("retry", (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];")),
        ("retry", (404, "index_not_found_exception", "no such index")),
        (
            "retry",
            (400, "validation_exception", "2 total shards, but this cluster currently has [9]/[9] maximum shards open"),
        ),
        ("refused", (400, "illegal_argument_exception", "Document contains at least one immense term")),
        ("refused", (400, "strict_dynamic_mapping_exception", "not allowed")),
        ("refused", (500, "null_pointer_exception", "Cannot invoke")),
    ],
)
async def test_each_answer_has_its_ending(
    client: AsyncOpenSearch, fake: FakeOpenSearch, ending: str, error: tuple[int, str, str]
) -> None:
    fake.refuse_items(*error)
    assert endings(await bulk.write(client, [event(1)])) == [ending]


async def test_a_long_reason_is_cut_and_the_cause_is_told(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    items = [
        {
            "create": {
                "status": 400,
                "error": {"type": "mapper_parsing_exception", "reason": "bad", "caused_by": {"reason": "c" * 900}},
            }
        }
    ]
    fake.answer(200, body=orjson.dumps({"errors": True, "items": items}))
    (result,) = await bulk.write(client, [event(1)])
    assert result.reason.startswith("mapper_parsing_exception: bad (ccc")
    assert len(result.reason) == bulk.REASON_CHARACTERS


async def test_a_missing_index_is_tried_again_later(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.any_index = False
    assert endings(await bulk.write(client, [event(1)])) == ["retry"]
    fake.indices["events-x"] = {"events"}
    assert endings(await bulk.write(client, [event(1)])) == ["done"]


async def test_requests_are_cut_by_count(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    results = await bulk.write(client, [event(n) for n in range(7)], max_documents=3)
    assert results == [DONE] * 7
    assert [len(request.lines) // 2 for request in fake.bulks] == [3, 3, 1]


async def test_requests_are_cut_by_bytes_and_a_large_one_goes_alone(
    client: AsyncOpenSearch, fake: FakeOpenSearch
) -> None:
    sizes = [10, 10, 5000, 10]
    operations = [event(n, pad="p" * size) for n, size in enumerate(sizes)]
    assert await bulk.write(client, operations, max_bytes=1000) == [DONE] * 4
    assert [len(request.lines) // 2 for request in fake.bulks] == [2, 1, 1]
    assert all(len(request.body) <= 1000 for request in fake.bulks if len(request.lines) > 2)


async def test_megabytes_go_in_one_request(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    assert await bulk.write(client, [event(n, pad="p" * 1_000_000) for n in range(3)]) == [DONE] * 3
    assert len(fake.bulks) == 1
    assert len(fake.documents) == 3


async def test_a_body_too_large_is_halved_until_it_fits(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.max_body = 1000
    operations = [event(n, pad="p" * (5000 if n == 5 else 200)) for n in range(8)]
    results = await bulk.write(client, operations)
    assert endings(results) == ["done"] * 5 + ["refused"] + ["done"] * 2
    assert results[5].reason == "answered 413 to the document alone"
    assert len(fake.documents) == 7


async def test_a_body_refused_as_a_whole_is_searched_for_the_culprit(
    client: AsyncOpenSearch, fake: FakeOpenSearch
) -> None:
    fake.answer(400, "illegal_argument_exception", "Malformed content", times=1)
    assert await bulk.write(client, [event(1), event(2), event(3)]) == [DONE] * 3
    assert len(fake.bulks) == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, "circuit_breaking_exception"), (503, ""), (502, ""), (401, "security_exception"), (404, ""), (405, "")],
)
async def test_a_whole_request_away_is_unavailable(
    client: AsyncOpenSearch, fake: FakeOpenSearch, status: int, kind: str
) -> None:
    fake.answer(status, kind)
    with pytest.raises(Unavailable):
        await bulk.write(client, [event(1)])


async def test_a_truncated_answer_is_unavailable_and_writing_again_is_harmless(
    client: AsyncOpenSearch, fake: FakeOpenSearch
) -> None:
    fake.truncate()
    with pytest.raises(Unavailable):
        await bulk.write(client, [event(1), event(2)])
    assert len(fake.documents) == 2
    assert await bulk.write(client, [event(1), event(2)]) == [DONE, DONE]


async def test_a_hanging_request_is_unavailable(
    client: AsyncOpenSearch, fake: FakeOpenSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "TIMEOUT_SECONDS", 0.2)
    fake.hang()
    async with asyncio.timeout(5):
        with pytest.raises(Unavailable, match="no answer in time"):
            await bulk.write(client, [event(1)])


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"errors": False},
        {"errors": False, "items": []},
        {"errors": False, "items": [{"create": {"status": 201}}] * 2},
        [],
    ],
)
async def test_an_answer_that_does_not_cover_the_request_is_unavailable(
    client: AsyncOpenSearch, fake: FakeOpenSearch, answer: Any
) -> None:
    fake.answer(200, body=orjson.dumps(answer))
    with pytest.raises(Unavailable):
        await bulk.write(client, [event(1)])


async def test_an_item_without_status_is_tried_again(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.answer(200, body=orjson.dumps({"errors": True, "items": [{"create": {}}]}))
    assert endings(await bulk.write(client, [event(1)])) == ["retry"]


async def test_refused_events_go_again_without_the_vendors_record(
    client: AsyncOpenSearch, fake: FakeOpenSearch
) -> None:
    fake.refuse_items(400, "mapper_parsing_exception", "sensor", times=9, where=lambda d: d["n"] == 2 and "sensor" in d)
    fake.refuse_items(400, "mapper_parsing_exception", "always", times=9, where=lambda d: d["n"] == 3)
    fake.refuse_items(429, "rejected_execution_exception", "", where=lambda d: d["n"] == 4)
    results = await bulk.write_with_reduction(client, [event(n) for n in range(1, 6)])
    assert endings(results) == ["done", "reduced", "refused", "retry", "done"]
    assert results[2].reason == "mapper_parsing_exception: always"
    assert results[1].done
    assert len(fake.bulks) == 2
    stored = orjson.loads(fake.documents["events-x", str(UUID(int=2))][1])
    assert stored == {"n": 2, "tags": ["projection_reduced"], "alert": {"severity_id": 1}}


async def test_rows_and_broken_bytes_are_not_reduced(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.refuse_items(400, "mapper_parsing_exception", "row", where=lambda d: d.get("version") == 1)
    items = [{"index": {"status": 400, "error": {"type": "a", "reason": "b"}}}, {"create": {"status": 400}}]
    fake.answer(200, body=orjson.dumps({"errors": True, "items": items}))
    broken = Operation("create", "events-x", UUID(int=9), None, b"{", "events")
    results = await bulk.write_with_reduction(client, [alert(1, 1), broken])
    assert endings(results) == ["refused", "refused"]
    assert len(fake.bulks) == 1


async def test_what_is_reduced_may_still_have_to_wait(client: AsyncOpenSearch, fake: FakeOpenSearch) -> None:
    fake.refuse_items(400, "mapper_parsing_exception", "sensor", where=lambda d: "sensor" in d)
    fake.refuse_items(429, "rejected_execution_exception", "full", where=lambda d: "sensor" not in d)
    (result,) = await bulk.write_with_reduction(client, [event(1)])
    assert result == Result(Ending.RETRY, "rejected_execution_exception: full")
