"""The two stores of evidence as tests have them: with a way to the bytes that the store does not know of."""

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import aiohttp
from aiohttp_s3_client.client import MultipartUploader
from pydantic import SecretStr

from services.api.evidence_store import files
from services.api.evidence_store.folder import FolderStore
from services.api.evidence_store.opened import open_store
from services.api.evidence_store.s3 import PART_BYTES, S3Store
from services.api.evidence_store.store import EvidenceStore, Stored
from services.api.settings import ApiSettings
from shared import clock, ids
from tests.fixtures.seaweedfs import ACCESS_KEY, SECRET_KEY, Seaweedfs

MIB = 1 << 20
LIMIT = 64 * MIB


class Place(Protocol):
    """A store, and the way to its bytes that the store does not know of."""

    store: EvidenceStore

    async def tamper(self, key: UUID, content: bytes) -> None:
        """Put other bytes in a file's place."""

    async def leave_unfinished(self, key: UUID) -> None:
        """What a process leaves that is killed half-way."""


class Folder:
    """The folder's files, opened as anybody could."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = open_store(ApiSettings(evidence_folder=root, evidence_reserve_bytes=0))
        assert isinstance(self.store, FolderStore)

    async def tamper(self, key: UUID, content: bytes) -> None:
        (found,) = self.root.rglob(str(key))
        found.write_bytes(content)

    async def leave_unfinished(self, key: UUID) -> None:
        await self.store.write(key, sent(b"half"), LIMIT)
        (kept,) = self.root.rglob(str(key))
        kept.rename(kept.with_name(f"{key}{files.UNFINISHED}"))


class Bucket:
    """The bucket, by a client of its own."""

    def __init__(self, seaweedfs: Seaweedfs, bucket: str) -> None:
        self.seaweedfs, self.bucket = seaweedfs, bucket
        self.store = open_store(
            ApiSettings(
                evidence_s3_url=seaweedfs.url,
                evidence_s3_bucket=bucket,
                evidence_s3_access_key=ACCESS_KEY,
                evidence_s3_secret_key=SecretStr(SECRET_KEY),
            )
        )
        assert isinstance(self.store, S3Store)

    async def tamper(self, key: UUID, content: bytes) -> None:
        digest = hashlib.sha256(content).hexdigest()
        async with (
            aiohttp.ClientSession() as session,
            self.seaweedfs.client(session, self.bucket).put(
                str(key), sent(content), data_length=len(content), content_sha256=digest
            ) as reply,
        ):
            assert reply.status == 200

    async def leave_unfinished(self, key: UUID) -> None:
        part = bytes(MIB)
        async with aiohttp.ClientSession() as session:
            upload = MultipartUploader(self.seaweedfs.client(session, self.bucket), str(key))
            await upload.create()
            await upload.put_part(part, hashlib.sha256(part).hexdigest())


async def sent(content: bytes, chunk: int = 64 << 10, then: BaseException | None = None) -> AsyncIterator[bytes]:
    """As a request brings it; in the end it may break off."""
    for start in range(0, len(content), chunk):
        yield content[start : start + chunk]
        await asyncio.sleep(0)
    if then:
        raise then


def content_of(size: int) -> bytes:
    """Bytes that do not repeat, so that a part in a wrong place shows."""
    return random.Random(size).randbytes(size)


async def kept(store: EvidenceStore, content: bytes) -> tuple[UUID, Stored]:
    key = ids.uuid7()
    return key, await store.write(key, sent(content), LIMIT)


async def read(store: EvidenceStore, key: UUID) -> list[bytes]:
    async with aclosing(store.read(key)) as chunks:
        return [chunk async for chunk in chunks]


async def all_keys(store: EvidenceStore) -> set[UUID]:
    """Everything the store has anything of, finished or not."""
    return {key async for key in store.keys(clock.now() + timedelta(hours=1))}


def calls(store: EvidenceStore) -> dict[str, Callable[[], Awaitable[object]]]:
    """Everything that can be asked of a store but whether it is ready."""
    key = ids.uuid7()
    return {
        "write": lambda: store.write(key, sent(b"evidence"), LIMIT),
        "write in parts": lambda: store.write(key, sent(content_of(PART_BYTES + 1)), LIMIT),
        "read": lambda: read(store, key),
        "verify": lambda: store.verify(key, bytes(32), 1),
        "delete": lambda: store.delete(key),
        "keys": lambda: all_keys(store),
    }
