"""What every store of evidence can do, and what can go wrong with one."""

import hashlib
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared.errors import NotFound, TooLarge, Unavailable

CHUNK_BYTES = 256 << 10
"""Most bytes that a step of `read` gives."""


class FileMissing(NotFound):
    """The store has no such file."""

    code = "evidence_file_missing"


class FileTooLarge(TooLarge):
    """The file is larger than may be kept."""

    code = "file_too_large"


class StoreAway(Unavailable):
    """The store of evidence does not answer as it should; the same call will work later."""

    code = "evidence_store_away"


class StoreFull(Unavailable):
    """The store of evidence has no room; what is there can still be read."""

    code = "evidence_store_full"


class Verdict(StrEnum):
    """What a look at a file has shown."""

    INTACT = "intact"
    CHANGED = "changed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file is found to be as it is written; the media type is judged by its bytes."""

    size: int
    sha256: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a file has shown, and the hash that it has now; None where it was not read to its end."""

    verdict: Verdict
    sha256: bytes | None


class EvidenceStore(Protocol):
    """Files under keys. A key is a fresh id each time: it is written once and never again.

    Everything raises StoreAway where the store does not answer; memory does not grow with a file.
    """

    @abstractmethod
    async def write(self, key: UUID, chunks: AsyncIterator[bytes], limit: int) -> Stored:
        """Keep what comes, whole and durable when this returns; else, whatever is raised, nothing of it.

        Raises FileTooLarge above `limit` bytes, StoreFull, and what `chunks` raises.
        """

    @abstractmethod
    def read(self, key: UUID) -> AsyncGenerator[bytes, None]:
        """The file in steps of at most CHUNK_BYTES. Raises FileMissing at the first, before anything is given."""

    @abstractmethod
    async def delete(self, key: UUID) -> None:
        """From now on there is nothing under the key, finished or not; there may have been nothing before."""

    @abstractmethod
    def keys(self, older_than: datetime) -> AsyncIterator[UUID]:
        """What a sweep compares with its rows: keys of files last written before that time, finished or not.

        In no order, and one may come twice.
        """

    @abstractmethod
    async def check(self) -> str | None:
        """For readiness, as `shared.health.Probe`. Raises NotReady where nothing could be written."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of what is open."""

    async def verify(self, key: UUID, sha256: bytes, size: int) -> Look:
        """Whether the file still is what it was when it was written. It is read to its end, however long it is."""
        digest, seen = hashlib.sha256(), 0
        try:
            async with aclosing(self.read(key)) as chunks:
                async for chunk in chunks:
                    seen += len(chunk)
                    digest.update(chunk)
        except FileMissing:
            return Look(Verdict.MISSING, None)
        same = seen == size and digest.digest() == sha256
        return Look(Verdict.INTACT if same else Verdict.CHANGED, digest.digest())
