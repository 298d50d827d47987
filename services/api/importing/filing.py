"""Files of an export on their way to the store of evidence: looked at first, then handed in."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from services.api.evidence_store.store import EvidenceStore, Stored
from services.api.importing.cases import Attachment

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Filed:
    """A file that the store has: under which key, and what it was found to be."""

    key: UUID
    stored: Stored
    file: Attachment


@dataclass
class Files:
    """Files by their part's id: those that may be taken, and why others may not."""

    good: dict[str, Attachment] = field(default_factory=dict)
    untaken: dict[str, str] = field(default_factory=dict)


async def looked_at(found: dict[str, Attachment], limit: int) -> Files:
    """Each file judged by its bytes: at most `limit` of them, with the SHA-256 that the other product gave."""
    files = Files()
    for part, file in found.items():
        if (reason := await asyncio.to_thread(_reason_against, file, limit)) is None:
            files.good[part] = file
        else:
            files.untaken[part] = reason
    return files


async def hand_in(store: EvidenceStore, key: UUID, file: Attachment, limit: int) -> Filed:
    """The file, kept under this key. Raises what the store does."""
    assert file.path is not None
    return Filed(key, await store.write(key, _blocks(file.path), limit), file)


def _reason_against(file: Attachment, limit: int) -> str | None:
    if file.path is None:
        return "its bytes are not in the export"
    try:
        if file.path.stat().st_size > limit:
            return f"it has more than {limit} bytes"
        with file.path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        return f"it cannot be read ({type(error).__name__})"
    if file.sha256 is not None and file.sha256 != digest:
        return f"its SHA-256 is {digest}, which is not what the export says"
    return None


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as opened:
        while block := await asyncio.to_thread(opened.read, BLOCK_BYTES):
            yield block
