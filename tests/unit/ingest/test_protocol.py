"""Heads and trailers of requests: bounded in bytes and in time, whatever pieces they come in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import orjson
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.server import ServerState

from services.ingest.protocol import BoundedHttp

IDLE_SECONDS = 0.5
GET = b"GET / HTTP/1.1\r\nhost: x\r\n"


REFUSED = b"POST /refused HTTP/1.1\r\nhost: x\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\nz\r\n"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """As the door does: what is refused is not read."""
    while scope["path"] != "/refused" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(answer) as port:
        yield port


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, *, most: int | None = None, state: ServerState | None = None) -> AsyncIterator[int]:
    config = uvicorn.Config(app, log_config=None, limit_concurrency=most)
    config.timeout_keep_alive = IDLE_SECONDS  # type: ignore[assignment]  # any number will do
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedHttp(config, state or ServerState(), {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said(port: int, *pieces: bytes, pause: float = 0.002) -> bytes:
    """All that comes back until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    reading = asyncio.create_task(_all(reader))
    try:
        for piece in pieces:
            if reader.at_eof():
                break
            writer.write(piece)
            await asyncio.sleep(pause)
        async with asyncio.timeout(IDLE_SECONDS + 5):
            return await reading
    finally:
        writer.close()


async def _all(reader: asyncio.StreamReader) -> bytes:
    found = b""
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            found += piece
    return found


def headers(kilobytes: int) -> list[bytes]:
    return [b"x-%d: %b\r\n" % (number, b"y" * 4080) for number in range(kilobytes // 4)]


@pytest.mark.parametrize(
    "pieces",
    [(GET, *headers(100)), (GET + b"x-long: ", *[b"y" * 4096] * 25), (b"GET /", *[b"y" * 4096] * 25)],
    ids=["many headers", "a long header", "a long path"],
)
async def test_a_head_that_goes_on_is_refused(port: int, pieces: tuple[bytes, ...]) -> None:
    assert (await said(port, *pieces)).startswith(b"HTTP/1.1 431 ")


async def test_long_heads_within_the_bound_are_answered(port: int) -> None:
    one = (GET, *headers(48), b"\r\n")
    assert (await said(port, *one, *one)).count(b"HTTP/1.1 204 ") == 2


async def test_bodies_and_requests_one_behind_the_other_count_nothing(port: int) -> None:
    post = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n" + b"z" * 200_000
    half = len(GET) // 2
    replies = await said(port, post + post + GET[:half], GET[half:] + b"\r\n", *([GET + b"\r\n"] * 20))
    assert replies.count(b"HTTP/1.1 204 ") == 23


@pytest.mark.parametrize(
    ("pieces", "answers"),
    [((), 0), ((GET,), 0), ((GET + b"\r\n" + GET,), 1), ((GET + b"\r\n", GET), 1)],
    ids=["nothing", "half a head", "half of the next", "half of a later one"],
)
async def test_a_head_has_the_time_of_an_idle_connection(port: int, pieces: tuple[bytes, ...], answers: int) -> None:
    started = asyncio.get_running_loop().time()
    assert (await said(port, *pieces, pause=0.05)).count(b"HTTP/1.1 204 ") == answers
    assert IDLE_SECONDS - 0.1 < asyncio.get_running_loop().time() - started < IDLE_SECONDS + 3


@pytest.mark.parametrize(
    "pieces",
    [
        (REFUSED + b"content-length: 100\r\n\r\n", b"z"),
        (REFUSED + b"content-length: 100\r\n\r\n", *[b"z"] * 40),
        (REFUSED + b"transfer-encoding: chunked\r\n\r\n", b"5;", *[b"z"] * 40),
        (REFUSED + b"transfer-encoding: chunked\r\n\r\n", b"0\r\n", b"x: y\r\n"),
        (GET + b"\r\n", b"\r\n"),
        (GET + b"\r\n", *[b"\r\n"] * 40),
    ],
    ids=["a byte", "bytes", "a chunk's head", "a trailer", "an empty line", "empty lines"],
)
async def test_what_comes_after_a_reply_and_is_no_request_keeps_nothing_open(
    port: int, pieces: tuple[bytes, ...]
) -> None:
    started = asyncio.get_running_loop().time()
    assert (await said(port, *pieces, pause=0.02)).count(b"HTTP/1.1 204 ") == 1
    assert IDLE_SECONDS - 0.1 < asyncio.get_running_loop().time() - started < IDLE_SECONDS + 1


async def test_the_rest_of_a_refused_body_may_come_and_another_request_behind_it(port: int) -> None:
    refused = REFUSED + b"content-length: 4000000\r\n\r\n"
    rest = [b"z" * 400_000] * 10
    assert (await said(port, refused, *rest, GET + b"\r\n")).count(b"HTTP/1.1 204 ") == 2


async def test_a_head_has_its_time_from_its_own_beginning(port: int) -> None:
    late = IDLE_SECONDS * 0.7
    assert (await said(port, GET + b"\r\n", b"\r\n", GET, b"\r\n", pause=late)).count(b"HTTP/1.1 204 ") == 2


@pytest.mark.parametrize(
    "trailers", [headers(100), [b"x-long: ", *[b"y" * 4096] * 25]], ids=["many trailers", "a long trailer"]
)
@pytest.mark.parametrize("path", [b"/", b"/refused"])
async def test_trailers_that_go_on_end_the_connection(port: int, trailers: list[bytes], path: bytes) -> None:
    started = asyncio.get_running_loop().time()
    await said(port, CHUNKED.replace(b"/ ", path + b" "), b"0\r\n", *trailers)
    assert asyncio.get_running_loop().time() - started < IDLE_SECONDS


async def test_trailers_are_no_headers_and_chunks_are_no_trailers() -> None:
    seen = []

    async def remember(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)
        seen.append([name for name, _ in scope["headers"]])

    chunks = [b"1000\r\n" + b"z" * 4096 + b"\r\n"] * 40
    async with serving(remember) as port:
        replies = await said(port, CHUNKED, *chunks, b"0\r\nx: y\r\n\r\n" + CHUNKED, b"0\r\n\r\n")
    assert replies.count(b"HTTP/1.1 204 ") == 2
    assert seen == [[b"host", b"transfer-encoding"]] * 2


async def test_a_connection_too_many_is_told_when_to_come_back() -> None:
    async with serving(answer, most=1) as port:
        head, _, body = (await said(port, GET + b"\r\n")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nretry-after: " in head
    assert b"\r\nconnection: close" in head
    assert orjson.loads(body)["code"] == "busy"


async def test_a_full_door_is_alive_and_keeps_no_connection_for_saying_so() -> None:
    """Else whoever watches it ends it, and its senders go on to fill the next."""
    alive = GET.replace(b" / ", b" /healthz ")
    async with serving(answer, most=1) as port:
        head, _, body = (await said(port, alive + b"\r\n" + alive + b"\r\n")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nconnection: close" in head
        assert orjson.loads(body) == {"status": "ok"}
        others = [alive.replace(b"GET", b"POST"), alive.replace(b"healthz", b"readyz")]
        assert all([(await said(port, one + b"\r\n")).startswith(b"HTTP/1.1 503 ") for one in others])


async def test_a_slow_body_is_not_the_heads_matter(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 40\r\n\r\n"
    assert (await said(port, head, *([b"z"] * 40), pause=0.02)).startswith(b"HTTP/1.1 204 ")


@pytest.mark.parametrize("request_", [GET + b"\r\n", GET + b"connection: close\r\n\r\n"], ids=["kept", "closed"])
@pytest.mark.parametrize("waits", [True, False])
async def test_a_reply_that_is_not_read_ends_the_connection(request_: bytes, waits: bool) -> None:
    answered = asyncio.Event()

    async def app(_: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"33554432")]})
        await send({"type": "http.response.body", "body": bytes(32 << 20), "more_body": waits})
        if waits:
            await send({"type": "http.response.body", "body": b""})
        answered.set()

    async with serving(app, state=(state := ServerState())) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        try:
            writer.write(request_)
            async with asyncio.timeout(IDLE_SECONDS * 6 + 5):
                await answered.wait()
                while state.connections:
                    await asyncio.sleep(0.01)
        finally:
            writer.close()


async def test_a_reply_that_is_read_slowly_arrives() -> None:
    async def app(_: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"33554432")]})
        await send({"type": "http.response.body", "body": bytes(32 << 20)})

    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        try:
            writer.write(GET + b"connection: close\r\n\r\n")
            found = 0
            for _ in range(8):
                found += len(await reader.readexactly(4 << 20))
                await asyncio.sleep(IDLE_SECONDS / 3)
            found += len(await reader.read())
        finally:
            writer.close()
    assert found > 32 << 20
