"""A folder as the store of evidence: for one machine, or for several that mount the same disk."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

from services.api.evidence_store import files
from services.api.evidence_store.intake import Tally, blocks
from services.api.evidence_store.store import (
    CHUNK_BYTES,
    EvidenceStore,
    FileMissing,
    StoreAway,
    Stored,
    StoreFull,
)
from shared import log
from shared.health import NotReady

logger = log.get(__name__)

P = ParamSpec("P")
T = TypeVar("T")

BLOCK_BYTES = 1 << 20
"""Written at once, so that a thread is not asked for every packet."""

# Threads of their own: a disk that hangs holds these, and not those that the process works with.
THREADS = 8

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderStore(EvidenceStore):
    """Each file under its key, mode 0600; `reserve` bytes of the disk stay free."""

    def __init__(self, root: Path, *, reserve: int) -> None:
        self._root, self._reserve = root, reserve
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="evidence")

    async def write(self, key: UUID, chunks: AsyncIterator[bytes], limit: int) -> Stored:
        """Written beside its name, and renamed when the disk has it."""
        tally, fresh = Tally(), files.Fresh(self._root, key, self._reserve)

        def add(block: bytes) -> None:
            tally.add(block)
            fresh.add(block)

        try:
            await self._run(fresh.begin)
            async for block in blocks(chunks, BLOCK_BYTES, limit):
                await self._run(add, block)
            await self._run(fresh.keep)
        except BaseException:
            with contextlib.suppress(StoreAway):  # what stays, the sweep finds
                await self._run(fresh.discard)
            raise
        return tally.stored()

    async def read(self, key: UUID) -> AsyncGenerator[bytes, None]:
        """As it lies there."""
        with contextlib.ExitStack() as stack:
            file = await self._run(lambda: stack.enter_context(files.open_existing(self._root, key)))
            while chunk := await self._run(file.read, CHUNK_BYTES):
                yield chunk

    async def delete(self, key: UUID) -> None:
        """The folders stay: there are at most 65,792 of them."""
        with contextlib.suppress(FileMissing):
            await self._run(files.remove, self._root, key)

    async def keys(self, older_than: datetime) -> AsyncGenerator[UUID, None]:
        """By the time of the last byte, so an upload that goes on is never old."""
        for name in files.FANOUT:
            for key in await self._run(files.keys_below, self._root, name, older_than):
                yield key

    async def check(self) -> None:
        """The folder is there, can be written to and its disk has more than the reserve."""
        try:
            await self._run(files.check, self._root, self._reserve)
        except StoreAway:
            raise NotReady("the folder of evidence cannot be opened") from None

    async def close(self) -> None:
        """Threads end with what they do."""
        self._threads.shutdown(wait=False)

    async def _run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Its result, from a thread. Raises StoreFull and StoreAway for what the system says.

        Ends only when the thread has, though cancelled: an open file must not be closed under it.
        """
        work = asyncio.get_running_loop().run_in_executor(self._threads, partial(act, *args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            while not work.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([work])
            raise
        except OSError as error:
            logger.warning("evidence_store_failed", error=errno.errorcode.get(error.errno or 0, "unknown"))
            raise (StoreFull if error.errno in _FULL else StoreAway) from error
