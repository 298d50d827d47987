"""What only a store behind a network can have happen to it: refusals, silence, replies that break off."""

import asyncio
import hashlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import pytest
from aiohttp import ClientSession, ClientTimeout, web
from aiohttp_s3_client.client import MultipartUploader

from services.api.evidence_store import requests
from services.api.evidence_store.s3 import PART_BYTES, S3Store
from services.api.evidence_store.store import StoreAway, Verdict
from shared import ids
from shared.health import NotReady
from shared.retry import Backoff
from tests.architecture.place import ROOT
from tests.fixtures.seaweedfs import ACCESS_KEY, SECRET_KEY, Seaweedfs
from tests.integration.api.evidence_places import LIMIT, all_keys, calls, content_of, kept, read, sent

CREATED = b"<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
NO_UPLOADS = b"<ListMultipartUploadsResult/>"


@dataclass
class Moody:
    """A server that answers the next requests of a method with these statuses, and then as a store does."""

    moods: dict[str, list[int]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""

    async def reply(self, request: web.Request) -> web.StreamResponse:
        """Remember it, and answer."""
        self.asked.append((request.method, request.query_string))
        body = await request.read()
        if moods := self.moods.get(request.method):
            return web.Response(status=moods.pop(0))
        if request.method == "PUT":
            self.bodies.append(body)
            return web.Response(headers={"Etag": '"tag"'})
        return web.Response(body=CREATED if request.method == "POST" else NO_UPLOADS)

    def times(self, method: str, query: str) -> int:
        """How often it was asked this."""
        return sum(asked == method and query in found for asked, found in self.asked)


@pytest.fixture
async def moody() -> AsyncIterator[Moody]:
    """The server, on loopback."""
    moody = Moody()
    app = web.Application(client_max_size=LIMIT)
    app.router.add_route("*", "/{path:.*}", moody.reply)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    moody.url = f"http://{host}:{port}"
    yield moody
    await runner.cleanup()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait for nothing that is long."""
    monkeypatch.setattr(requests, "BACKOFF", Backoff(first=0.01, most=0.02))


def store_at(url: str, bucket: str = "evidence", secret_key: str = SECRET_KEY) -> S3Store:
    return S3Store(url, bucket, region="us-east-1", access_key=ACCESS_KEY, secret_key=secret_key)


async def test_a_part_that_is_refused_in_passing_is_sent_again_whole(moody: Moody) -> None:
    store, content = store_at(moody.url), content_of(PART_BYTES + 1)
    moody.moods = {"PUT": [503, 429]}
    # The fake's last reply is none of a completed upload.
    with pytest.raises(StoreAway):
        await store.write(ids.uuid7(), sent(content), LIMIT)
    assert b"".join(moody.bodies) == content
    assert moody.times("PUT", "partNumber=1") == 3
    await store.close()


async def test_what_is_refused_for_long_is_given_up_and_nothing_is_left(moody: Moody) -> None:
    store = store_at(moody.url)
    moody.moods = {"PUT": [503] * 100}
    with pytest.raises(StoreAway):
        await store.write(ids.uuid7(), sent(b"evidence"), LIMIT)
    assert moody.times("PUT", "") == requests.TRIES
    assert moody.asked[-1] == ("DELETE", "")
    await store.close()


async def test_an_upload_is_begun_once(moody: Moody) -> None:
    store = store_at(moody.url)
    moody.moods = {"POST": [503] * 100}
    with pytest.raises(StoreAway):
        await store.write(ids.uuid7(), sent(content_of(PART_BYTES)), LIMIT)
    assert moody.times("POST", "") == 1
    await store.close()


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST])
async def test_a_refusal_that_names_no_file_does_not_say_that_one_is_missing(moody: Moody, status: int) -> None:
    store = store_at(moody.url)
    moody.moods = {"GET": [status]}
    with pytest.raises(StoreAway):
        await store.verify(ids.uuid7(), bytes(32), 1)
    await store.close()


@asynccontextmanager
async def saying(words: bytes, seconds: float) -> AsyncIterator[str]:
    """The URL of a server that says this to everybody, whatever is asked, and hangs up after so long."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            writer.write(words)
            await asyncio.sleep(seconds)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"http://{host}:{port}"
    server.close()
    await asyncio.sleep(seconds)


async def test_a_store_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "ASKING", ClientTimeout(total=0.3))
    monkeypatch.setattr("services.api.evidence_store.s3.READING", ClientTimeout(total=None, sock_read=0.1))
    async with saying(b"", seconds=2) as url:
        store = store_at(url)
        for call in calls(store).values():
            began = time.monotonic()
            with pytest.raises(StoreAway):
                await call()
            assert time.monotonic() - began < 1.5
        await store.close()


async def test_a_file_that_breaks_off_is_not_called_changed() -> None:
    async with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", seconds=0.1) as url:
        store = store_at(url)
        with pytest.raises(StoreAway):
            await store.verify(ids.uuid7(), bytes(32), 100)
        await store.close()


async def test_nobody_there_is_away() -> None:
    store = store_at("http://127.0.0.1:1")
    for call in calls(store).values():
        with pytest.raises(StoreAway):
            await call()
    await store.close()


async def test_a_bucket_that_is_not_there_is_away_and_no_file_is_called_missing(seaweedfs: Seaweedfs) -> None:
    store = store_at(seaweedfs.url, "nowhere")
    with pytest.raises(NotReady, match="404"):
        await store.check()
    with pytest.raises(StoreAway):
        await read(store, ids.uuid7())
    await store.close()


async def test_a_wrong_secret_is_away(seaweedfs: Seaweedfs) -> None:
    bucket = await seaweedfs.make_bucket()
    store = store_at(seaweedfs.url, bucket, secret_key="of somebody else")
    with pytest.raises(NotReady, match="403"):
        await store.check()
    for call in calls(store).values():
        with pytest.raises(StoreAway):
            await call()
    await store.close()


async def test_names_that_are_not_ours_are_left_alone(seaweedfs: Seaweedfs) -> None:
    bucket = await seaweedfs.make_bucket()
    store = store_at(seaweedfs.url, bucket)
    key, _ = await kept(store, b"evidence")
    async with ClientSession() as session:
        nothing = hashlib.sha256().hexdigest()
        async with seaweedfs.client(session, bucket).put("notes.txt", b"", content_sha256=nothing) as reply:
            assert reply.status == HTTPStatus.OK
    assert await all_keys(store) == {key}
    await store.close()


# The greatest resident memory before and after, in KiB, as a process of its own has it.
MEMORY = """
import asyncio, resource, sys
from collections.abc import AsyncIterator
from services.api.evidence_store.s3 import S3Store
from shared import ids

async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)

async def main() -> None:
    url, bucket, access_key, secret_key = sys.argv[1:]
    store = S3Store(url, bucket, region="us-east-1", access_key=access_key, secret_key=secret_key)
    key = ids.uuid7()
    await store.write(ids.uuid7(), chunks(3 << 23), 1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = await store.write(key, chunks(1 << 28), 1 << 30)
    verdict = (await store.verify(key, stored.sha256, stored.size)).verdict
    print(stored.size, verdict, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await store.close()

asyncio.run(main())
"""


async def test_a_quarter_of_a_gibibyte_is_written_and_verified_in_flat_memory(seaweedfs: Seaweedfs) -> None:
    arguments = [seaweedfs.url, await seaweedfs.make_bucket(), ACCESS_KEY, SECRET_KEY]
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MEMORY, *arguments, cwd=ROOT, stdout=subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(run.communicate(), 300)
    size, verdict, grown = said.decode().split()
    assert (int(size), verdict) == (1 << 28, Verdict.INTACT)
    assert int(grown) < 3 * PART_BYTES >> 10, f"{grown} KiB more than for three parts"


async def test_who_is_cancelled_while_an_upload_begins_takes_it_back(
    seaweedfs: Seaweedfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store does what it was asked, whether or not somebody still waits for its reply."""
    begin: Callable[[MultipartUploader], Awaitable[None]] = MultipartUploader._create
    asked, arrives = asyncio.Event(), asyncio.Event()
    ways: list[asyncio.Task[None]] = []

    async def late(uploader: MultipartUploader) -> None:
        async def on_its_way() -> None:
            await arrives.wait()
            await begin(uploader)

        ways.append(asyncio.create_task(on_its_way()))
        asked.set()
        await asyncio.shield(ways[0])

    monkeypatch.setattr(MultipartUploader, "_create", late)
    store = store_at(seaweedfs.url, await seaweedfs.make_bucket())
    writing = asyncio.create_task(store.write(ids.uuid7(), sent(content_of(2 * PART_BYTES)), LIMIT))
    await asked.wait()
    writing.cancel()
    asyncio.get_running_loop().call_later(0.2, arrives.set)
    with pytest.raises(asyncio.CancelledError):
        await writing
    await ways[0]
    assert await all_keys(store) == set()
    await store.close()
