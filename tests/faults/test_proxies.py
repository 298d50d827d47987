"""The proxies do what they count: a fault that did not happen must not be reported as one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import httpx
import orjson
import pytest

from tests.fakes.opensearch import FakeOpenSearch
from tests.faults.proxy import Proxy, Toxic, proxied
from tests.faults.search_proxy import MAX_BODY, SearchProxy, search_proxied

SAID = b"all of it, in this order, " * 400


@pytest.fixture
async def wire() -> AsyncIterator[Proxy]:
    """A proxy before a server that says everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, proxied(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


async def connect(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def echoed(proxy: Proxy) -> bytes:
    """What comes back of what was said."""
    reader, writer = await connect(proxy)
    try:
        writer.write(SAID)
        writer.write_eof()
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


async def test_a_wire_without_a_toxic_carries_all_and_counts_nothing(wire: Proxy) -> None:
    assert await echoed(wire) == SAID
    assert not wire.seen


@pytest.mark.parametrize("toxic", [Toxic.LATENCY, Toxic.SLICED])
async def test_slow_or_in_pieces_everything_arrives_in_order(wire: Proxy, toxic: Toxic) -> None:
    wire.start(toxic, seed=1)
    assert await echoed(wire) == SAID
    assert wire.seen[toxic] > 0


async def test_a_cut_is_a_reset_at_both_ends(wire: Proxy) -> None:
    reader, writer = await connect(wire)
    writer.write(b"x")
    assert await reader.read(1) == b"x"
    assert wire.cut() == 1
    with pytest.raises(ConnectionResetError):
        await reader.read()


async def test_resets_come_after_a_part_of_what_was_said(wire: Proxy) -> None:
    wire.start(Toxic.RESET, seed=1)
    with pytest.raises(ConnectionResetError):
        for _ in range(100):
            await echoed(wire)
    assert wire.seen[Toxic.RESET] > 0
    wire.end()
    assert await echoed(wire) == SAID


async def test_a_black_hole_delivers_late(wire: Proxy) -> None:
    wire.start(Toxic.BLACKHOLE, seed=1)
    waiting = asyncio.create_task(echoed(wire))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    assert wire.seen[Toxic.BLACKHOLE] > 0
    wire.end()
    assert await waiting == SAID


async def test_or_resets_what_it_swallowed_and_nothing_else(wire: Proxy) -> None:
    reader, writer = await connect(wire)
    silent, still_writes = await connect(wire)
    await asyncio.sleep(0.1)
    wire.start(Toxic.BLACKHOLE, seed=1)
    writer.write(b"x")
    await asyncio.sleep(0.2)
    wire.end(deliver=False)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    still_writes.write(b"y")
    assert await silent.read(1) == b"y"
    still_writes.close()


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenSearch]:
    """An OpenSearch that takes everything."""
    async with FakeOpenSearch() as server:
        yield server


@pytest.fixture
async def search(fake: FakeOpenSearch) -> AsyncIterator[SearchProxy]:
    """The HTTP proxy before it."""
    async with search_proxied(fake.url) as proxy:
        yield proxy


def lines(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield orjson.dumps({"create": {"_index": "events", "_id": str(number)}})
        yield orjson.dumps({"number": number})


async def bulk(proxy: SearchProxy, count: int) -> httpx.Response:
    """So many new documents in one request."""
    async with httpx.AsyncClient() as client:
        body = b"\n".join(lines(count)) + b"\n"
        headers = {"content-type": "application/json"}
        return await client.post(f"http://127.0.0.1:{proxy.port}/_bulk", content=body, headers=headers)


async def test_all_is_passed_on(fake: FakeOpenSearch, search: SearchProxy) -> None:
    reply = await bulk(search, 20)
    assert [item["create"]["status"] for item in reply.json()["items"]] == [201] * 20
    assert len(fake.documents) == 20
    assert not search.seen


async def test_a_refused_item_is_answered_in_its_place_and_not_written(
    fake: FakeOpenSearch, search: SearchProxy
) -> None:
    search.refusing = 429
    answers = [item["create"] for item in (await bulk(search, 50)).json()["items"]]
    refused = {answer["_id"] for answer in answers if answer["status"] == 429}
    assert 5 < len(refused) == search.seen["429"] < 45
    assert [answer["_id"] for answer in answers] == [str(number) for number in range(50)]
    assert {key for _, key in fake.documents} == {str(number) for number in range(50)} - refused


async def test_a_large_body_is_refused_and_a_small_one_is_not(fake: FakeOpenSearch, search: SearchProxy) -> None:
    search.refusing = 413
    assert (await bulk(search, 1)).status_code == 200
    assert (await bulk(search, MAX_BODY // 50)).status_code == 413
    assert len(fake.documents) == search.seen["413"] == 1


async def test_what_the_server_refuses_itself_is_told_apart(fake: FakeOpenSearch, search: SearchProxy) -> None:
    fake.refuse_items(403, "cluster_block_exception")
    await bulk(search, 2)
    assert search.seen == {"their_403": 1}
