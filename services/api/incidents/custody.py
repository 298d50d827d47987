"""The way of a file of evidence: entries of it, bytes checked on their way out, and a sweep of what nobody names."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import trail
from services.api.deps import Resources
from services.api.evidence_store.store import EvidenceStore, FileMissing, Verdict
from services.api.principal import Principal
from shared import clock, log
from shared.errors import Damaged
from shared.models import Evidence, EvidenceCustody

logger = log.get(__name__)

SWEPT_AFTER = timedelta(days=1)
"""Older than any upload that still runs: its row comes when its bytes are there."""

SWEEP_SECONDS = 3600.0
AT_ONCE = 500
_LOCK = 0x65766964  # `evid`: one process sweeps at a time


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
    store: EvidenceStore, row: Evidence, tampered: Callable[[Verdict], Awaitable[None]]
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
        await tampered(Verdict.MISSING)
        raise
    if seen != row.size or digest.digest() != row.sha256:
        await tampered(Verdict.CHANGED)
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
    """Delete files that no row names, or whose row says that they were removed; how many."""
    async with resources.sessions.begin() as session:
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
            return 0
        return await _sweep(resources.evidence, session)


async def _sweep(store: EvidenceStore, session: AsyncSession) -> int:
    gone, some = 0, set[UUID]()
    async for key in store.keys(clock.now() - SWEPT_AFTER):
        some.add(key)
        if len(some) >= AT_ONCE:
            gone += await _delete_unnamed(store, session, some)
            some.clear()
    gone += await _delete_unnamed(store, session, some)
    if gone:
        logger.info("evidence_swept", files=gone)
    return gone


async def _delete_unnamed(store: EvidenceStore, session: AsyncSession, keys: set[UUID]) -> int:
    found = select(Evidence.id).where(Evidence.id.in_(keys), Evidence.removed_at.is_(None))
    unnamed = keys - set(await session.scalars(found)) if keys else set()
    for key in unnamed:
        await store.delete(key)
    return len(unnamed)
