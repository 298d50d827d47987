"""An upload on its way in: cut to blocks, held to its limit, counted, hashed."""

import hashlib
from collections.abc import AsyncIterator

from services.api.evidence_store.media_types import UNKNOWN, media_type
from services.api.evidence_store.store import FileTooLarge, Stored


async def blocks(chunks: AsyncIterator[bytes], size: int, limit: int) -> AsyncIterator[bytes]:
    """The same bytes in blocks of `size`, the last one shorter; of an empty file none.

    Raises FileTooLarge with the first chunk beyond `limit` bytes.
    """
    held, taken = bytearray(), 0
    async for chunk in chunks:
        taken += len(chunk)
        if taken > limit:
            raise FileTooLarge(f"A file may have {limit} bytes.", limit=limit)
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


class Tally:
    """What is known of a file when all its blocks have been added."""

    def __init__(self) -> None:
        self._size = 0
        self._sha256 = hashlib.sha256()
        self._media_type = UNKNOWN

    def add(self, block: bytes) -> None:
        """The next one. Takes milliseconds: for a thread."""
        if not self._size:
            self._media_type = media_type(block)
        self._size += len(block)
        self._sha256.update(block)

    def stored(self) -> Stored:
        """The file as it was."""
        return Stored(self._size, self._sha256.digest(), self._media_type)
