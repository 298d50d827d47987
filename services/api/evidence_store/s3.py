"""An S3-compatible store of evidence: one bucket, a file's key as the object's name."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple
from uuid import UUID
from xml.etree import ElementTree

from aiohttp_s3_client import S3Client
from aiohttp_s3_client.client import MultipartUploader
from aiohttp_s3_client.credentials import StaticCredentials
from aiohttp_s3_client.xml import NS

from services.api.evidence_store.intake import Tally, blocks
from services.api.evidence_store.requests import READING, expect, open_session, told
from services.api.evidence_store.store import CHUNK_BYTES, EvidenceStore, FileMissing, StoreAway, Stored
from shared.health import NotReady

PART_BYTES = 8 << 20
"""S3 takes parts from 5 MiB, and 10,000 of them: so files of up to 78 GiB. One is sent while none is collected."""

DISCARD_SECONDS = 10.0
"""So long who sent a file that is not kept waits for its parts to be taken back."""

_BUCKET = "/"


class Unfinished(NamedTuple):
    """A multipart upload that was neither completed nor aborted."""

    name: str
    upload_id: str
    began_at: datetime


class S3Store(EvidenceStore):
    """Made within a running loop. The bucket has to be there; in it, names that are no ids are left alone."""

    def __init__(self, url: str, bucket: str, *, region: str, access_key: str, secret_key: str) -> None:
        self._session = open_session()
        # Its own: the library would else look for some in the environment and in ~/.aws.
        credentials = StaticCredentials(access_key_id=access_key, secret_access_key=secret_key, region=region)
        self._client = S3Client(self._session, f"{url.rstrip('/')}/{bucket}", credentials=credentials)

    async def write(self, key: UUID, chunks: AsyncIterator[bytes], limit: int) -> Stored:
        """In one request where it fits, else in parts, one at a time."""
        tally = Tally()
        try:
            await self._send(str(key), blocks(chunks, PART_BYTES, limit), tally)
        except BaseException:
            # Also where the store has it and only its reply did not come. What stays, the sweep finds.
            with contextlib.suppress(StoreAway, TimeoutError):
                async with asyncio.timeout(DISCARD_SECONDS):
                    await self.delete(key)
            raise
        return tally.stored()

    async def read(self, key: UUID) -> AsyncGenerator[bytes, None]:
        """As the store sends it. Raises StoreAway where it breaks off."""
        with told():
            async with self._client.get(str(key), timeout=READING) as response:
                await expect(response, 200)
                async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                    yield chunk

    async def delete(self, key: UUID) -> None:
        """Uploads first: one that completes meanwhile is deleted with the object."""
        name = str(key)
        async for upload in self._unfinished(prefix=name):
            await self._delete(name, {"uploadId": upload.upload_id})
        await self._delete(name, {})

    async def keys(self, older_than: datetime) -> AsyncGenerator[UUID, None]:
        """Objects by when they were finished, uploads by when they began."""
        with told():
            async for objects, _ in self._client.list_objects_v2(_BUCKET):
                for one in objects:
                    if one.last_modified < older_than and (key := _key(one.key)):
                        yield key
        async for upload in self._unfinished():
            if upload.began_at < older_than and (key := _key(upload.name)):
                yield key

    async def check(self) -> None:
        """The bucket is there and takes our key."""
        async with self._client.head(_BUCKET) as response:
            if response.status != 200:
                raise NotReady(f"the bucket of evidence answers {response.status}")

    async def close(self) -> None:
        """Close connections."""
        await self._session.close()

    async def _send(self, name: str, parts: AsyncIterator[bytes], tally: Tally) -> None:
        first = await anext(parts, b"")
        if len(first) < PART_BYTES:
            body = await _body(first, tally)
            with told():
                async with self._client.put(name, **body) as response:
                    await expect(response, 200)
            return
        # Tried again by the session, where that is safe.
        upload = MultipartUploader(self._client, name, max_retries=1)
        with told():
            await _answered(upload.create())
        async for part in _chained(first, parts):
            body = await _body(part, tally)
            with told():
                await upload.put_part(**body)
        with told():
            await _answered(upload.complete())

    async def _delete(self, name: str, parameters: dict[str, str]) -> None:
        with told(), contextlib.suppress(FileMissing):
            async with self._client.delete(name, params=parameters) as response:
                await expect(response, 200, 204)

    async def _unfinished(self, prefix: str = "") -> AsyncGenerator[Unfinished, None]:
        asked = {"uploads": "", "prefix": prefix}
        while True:
            with told():
                async with self._client.get(_BUCKET, params=asked) as response:
                    await expect(response, 200)
                    page = ElementTree.fromstring(await response.read())  # noqa: S314 - of the store that was configured
                found = [_upload(one) for one in page.iterfind(f"{{{NS}}}Upload")]
            for one in found:
                yield one
            if page.findtext(f"{{{NS}}}IsTruncated") != "true" or not found:
                return
            asked |= {"key-marker": found[-1].name, "upload-id-marker": found[-1].upload_id}


async def _answered(asked: Coroutine[Any, Any, None]) -> None:
    """Wait for the reply, for a while also when cancelled: what is done behind our back could not be taken back."""
    answering = asyncio.ensure_future(asked)
    try:
        await asyncio.shield(answering)
    except asyncio.CancelledError:
        await asyncio.wait([answering], timeout=DISCARD_SECONDS)
        if not answering.cancel() and not answering.cancelled():
            answering.exception()
        raise


async def _body(part: bytes, tally: Tally) -> dict[str, Any]:
    """What sends these bytes, added to the tally, with the hash that is signed.

    As a file, which aiohttp writes in steps and may write again: bytes of this length would hold up the loop.
    """
    digest = await asyncio.to_thread(_added, tally, part)
    return {"data": BytesIO(part), "data_length": len(part), "content_sha256": digest}


def _added(tally: Tally, part: bytes) -> str:
    tally.add(part)
    return hashlib.sha256(part).hexdigest()


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def _upload(entry: ElementTree.Element) -> Unfinished:
    name, upload_id, began = (entry.findtext(f"{{{NS}}}{member}", "") for member in ("Key", "UploadId", "Initiated"))
    return Unfinished(name, upload_id, datetime.fromisoformat(began))


def _key(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
