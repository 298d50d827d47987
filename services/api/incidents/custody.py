"""The way of a file of evidence: entries of it, bytes checked on their way out, and a sweep of what nobody names."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trail
from services.api.deps import Resources
from services.api.evidence_store.store import EvidenceStore, FileMissing, Look, Verdict
from services.api.principal import Principal
from shared import clock, log, metrics
from shared.errors import Damaged
from shared.models import Evidence, EvidenceCustody

logger = log.get(__name__)

SWEPT_AFTER = timedelta(days=1)
"""Older than any upload that still runs: its row comes when its bytes are there."""

SWEEP_SECONDS = 3600.0
AT_ONCE = 500
FEW = 20
"""Files of nobody that a sweep deletes whatever their part of all is."""


class FileChanged(Damaged):
    """The file is not what it was when it was handed in."""

    code = "evidence_changed"


def enter(session: AsyncSession, row: Evidence, action: str, *, by: Principal, **details: Any) -> None:
    """One step of the file's way."""
    session.add(
        EvidenceCustody(
            evidence_id=row.id,
            action=action,
            actor_id=by.user_id,
            actor_name=by.name,
            address=by.address,
            details=trail.plain(details),
        )
    )


async def checked(
    store: EvidenceStore, row: Evidence, tampered: Callable[[Look], Awaitable[None]]
) -> AsyncGenerator[bytes, None]:
    """The file's bytes; the last step is given only when all of them have the hash they had.

    Raises FileMissing and FileChanged, after `tampered` was told.
    """
    digest, seen, held = hashlib.sha256(), 0, b""
    try:
        async with aclosing(store.read(row.id)) as pieces:
            async for piece in pieces:
                digest.update(piece)
                seen += len(piece)
                if seen > row.size:
                    break
                if held:
                    yield held
                held = piece
    except FileMissing:
        await tampered(Look(Verdict.MISSING, None))
        raise
    if seen != row.size or digest.digest() != row.sha256:
        # Of a longer one, the rest was not read.
        await tampered(Look(Verdict.CHANGED, digest.digest() if seen <= row.size else None))
        raise FileChanged
    if held:
        yield held


async def first_of(pieces: AsyncGenerator[bytes, None]) -> bytes:
    """The first step, asked for before the reply begins: a small file that is missing or changed is a problem."""
    return await anext(pieces, b"")


async def rejoined(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """All steps again."""
    async with aclosing(rest):
        if first:
            yield first
        async for piece in rest:
            yield piece


async def sweep(resources: Resources) -> int:
    """Delete files that no row names, or whose row says that they were removed; how many.

    Where many of the files are nobody's, it is the database that is not theirs: one restored from before they came, or
    another installation's. Then nothing is deleted. Two sweeps at once do no harm.
    """
    unnamed, total = await _unnamed(resources)
    if len(unnamed) > max(FEW, total // 10):
        metrics.BACKGROUND_FAILURES.labels("evidence").inc()
        logger.error("evidence_not_swept", unnamed=len(unnamed), files=total)
        return 0
    for key in unnamed:
        await resources.evidence.delete(key)
    if unnamed:
        logger.info("evidence_swept", files=len(unnamed))
    return len(unnamed)


async def _unnamed(resources: Resources) -> tuple[set[UUID], int]:
    """Those files, and how many there are. No session is held while the store is asked."""
    unnamed, some, total = set[UUID](), set[UUID](), 0
    async for key in resources.evidence.keys(clock.now() - SWEPT_AFTER):
        total += 1
        some.add(key)
        if len(some) >= AT_ONCE:
            unnamed |= await _of_nobody(resources, some)
            some.clear()
    return unnamed | await _of_nobody(resources, some), total


async def _of_nobody(resources: Resources, keys: set[UUID]) -> set[UUID]:
    found = select(Evidence.id).where(Evidence.id.in_(keys), Evidence.removed_at.is_(None))
    async with resources.sessions.begin() as session:
        return keys - set(await session.scalars(found))
