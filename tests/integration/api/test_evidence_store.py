"""The store of evidence, in a folder and in a real S3-compatible store: the same is asked of both."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from services.api.evidence_store.s3 import PART_BYTES
from services.api.evidence_store.store import CHUNK_BYTES, FileMissing, FileTooLarge, Verdict
from shared import clock, ids
from tests.fixtures.seaweedfs import Seaweedfs
from tests.integration.api.evidence_places import (
    LIMIT,
    MIB,
    Bucket,
    Folder,
    Place,
    all_keys,
    content_of,
    kept,
    read,
    sent,
)

CUT = ConnectionResetError("the sender is gone")


@pytest.fixture(params=["folder", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Each of the two, empty."""
    made: Place
    if request.param == "folder":
        made = Folder(tmp_path / "evidence")
    else:
        seaweedfs: Seaweedfs = request.getfixturevalue("seaweedfs")
        made = Bucket(seaweedfs, await seaweedfs.make_bucket())
    yield made
    await made.store.close()


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES + 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7]
)
async def test_what_was_written_is_read_and_is_intact(place: Place, size: int) -> None:
    content = content_of(size)
    key = ids.uuid7()
    stored = await place.store.write(key, sent(content, 100_003), limit=size)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).digest())
    chunks = await read(place.store, key)
    assert b"".join(chunks) == content
    assert max(map(len, chunks), default=0) <= CHUNK_BYTES
    assert (await place.store.verify(key, stored.sha256, stored.size)).verdict is Verdict.INTACT
    assert await all_keys(place.store) == {key}


async def test_one_long_chunk_is_as_good_as_many(place: Place) -> None:
    content = content_of(2 * PART_BYTES + 1)
    key = ids.uuid7()
    stored = await place.store.write(key, sent(content, len(content)), LIMIT)
    assert (await place.store.verify(key, hashlib.sha256(content).digest(), len(content))).verdict is Verdict.INTACT
    assert stored.size == len(content)


async def test_a_file_is_what_its_bytes_say(place: Place) -> None:
    for content, expected in (
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00", "image/png"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(16), "application/vnd.tcpdump.pcap"),
        (content_of(4096), "application/octet-stream"),
        (b"", "application/octet-stream"),
    ):
        _, stored = await kept(place.store, content)
        assert stored.media_type == expected


async def test_a_file_that_is_not_there_is_missing(place: Place) -> None:
    key = ids.uuid7()
    with pytest.raises(FileMissing):
        await anext(place.store.read(key))
    assert (await place.store.verify(key, hashlib.sha256().digest(), 0)).verdict is Verdict.MISSING


async def test_a_file_that_was_changed_is_found(place: Place) -> None:
    content = content_of(MIB)
    for other in (b"x" + content[1:], content[:-1], content + b"x", b""):
        key, stored = await kept(place.store, content)
        await place.tamper(key, other)
        look = await place.store.verify(key, stored.sha256, stored.size)
        assert (look.verdict, look.sha256) == (Verdict.CHANGED, hashlib.sha256(other).digest())


async def test_what_was_deleted_is_missing_and_may_be_deleted_again(place: Place) -> None:
    key, stored = await kept(place.store, b"evidence")
    other, _ = await kept(place.store, b"of something else")
    for _ in range(2):
        await place.store.delete(key)
        assert (await place.store.verify(key, stored.sha256, stored.size)).verdict is Verdict.MISSING
    assert await all_keys(place.store) == {other}


@pytest.mark.parametrize("size", [1, MIB + 1, 2 * PART_BYTES + 1])
async def test_a_file_that_is_too_large_leaves_nothing(place: Place, size: int) -> None:
    taken = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal taken
        async for chunk in sent(content_of(size + 10 * MIB)):
            taken += len(chunk)
            yield chunk

    with pytest.raises(FileTooLarge) as error:
        await place.store.write(ids.uuid7(), counted(), limit=size)
    assert error.value.members == {"limit": size}
    assert taken <= size + (64 << 10), "more was read than had to be"
    assert await all_keys(place.store) == set()


@pytest.mark.parametrize("size", [0, 1, 3 * MIB, 2 * PART_BYTES + 1])
async def test_an_upload_that_is_cut_leaves_nothing(place: Place, size: int) -> None:
    with pytest.raises(ConnectionResetError) as error:
        await place.store.write(ids.uuid7(), sent(content_of(size), then=CUT), LIMIT)
    assert error.value is CUT, "whose connection it was has to be told apart"
    assert await all_keys(place.store) == set()


@pytest.mark.parametrize("seconds", [0.0, 0.002, 0.01, 0.03, 0.06, 0.1, 0.2])
async def test_an_upload_that_is_cancelled_leaves_nothing(place: Place, seconds: float) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(MIB)
            await asyncio.sleep(0)

    writing = asyncio.create_task(place.store.write(ids.uuid7(), endless(), limit=1 << 40))
    await asyncio.sleep(seconds)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await all_keys(place.store) == set()


async def test_many_are_written_and_read_at_once(place: Place) -> None:
    sizes = [number * 300_000 for number in range(15)] + [PART_BYTES + 5] * 3
    files_ = await asyncio.gather(*(kept(place.store, content_of(size)) for size in sizes))
    looks = await asyncio.gather(*(place.store.verify(key, one.sha256, one.size) for key, one in files_))
    assert {look.verdict for look in looks} == {Verdict.INTACT}
    assert [one.size for _, one in files_] == sizes
    assert len({key for key, _ in files_}) == len(await all_keys(place.store)) == len(sizes)


async def test_a_reader_may_leave_half_way(place: Place) -> None:
    key, stored = await kept(place.store, content_of(4 * MIB))
    for _ in range(20):
        async with aclosing(place.store.read(key)) as chunks:
            await anext(chunks)
    assert (await place.store.verify(key, stored.sha256, stored.size)).verdict is Verdict.INTACT


async def test_a_sweep_finds_what_is_old_finished_or_not_and_takes_it_away(place: Place) -> None:
    finished, _ = await kept(place.store, b"evidence")
    unfinished = ids.uuid7()
    await place.leave_unfinished(unfinished)
    assert {key async for key in place.store.keys(clock.now() - timedelta(hours=1))} == set()
    assert await all_keys(place.store) == {finished, unfinished}
    with pytest.raises(FileMissing):
        await anext(place.store.read(unfinished))
    for key in (finished, unfinished):
        await place.store.delete(key)
    assert await all_keys(place.store) == set()


async def test_it_is_ready(place: Place) -> None:
    assert await place.store.check() is None
