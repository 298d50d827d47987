"""Reads the audit, and follows its chains."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api.audit import queries
from services.api.audit.queries import Filters
from services.api.audit.schemas import BrokenRead, ChainRead, EntryRead
from services.api.principal import Principal
from shared.domain.audit import FIELDS, FIRST, Broken, Chain, Link
from shared.models import AuditEntry, AuditSeal

CHUNK = 1000


async def page(
    session: AsyncSession, filters: Filters, *, by: Principal, after: UUID | None, limit: int
) -> list[EntryRead]:
    """Entries, the latest first; one more than `limit` if there are."""
    rows = await session.execute(queries.page(by, filters, after=after, limit=limit))
    return [shown(entry, sequence, hash_) for entry, sequence, hash_ in rows]


def shown(entry: AuditEntry, sequence: int | None, hash_: bytes | None) -> EntryRead:
    """An entry with its place in the chain."""
    return EntryRead(**columns(entry), sequence=sequence, hash=hash_.hex() if hash_ is not None else None)


def columns(entry: AuditEntry) -> dict[str, Any]:
    """The columns that are hashed."""
    return {name: getattr(entry, name) for name in FIELDS}


async def verify(session: AsyncSession, *, by: Principal) -> list[ChainRead]:
    """Follow the chain of each of the caller's organizations to its end, or to where it breaks."""
    return [await _verify(session, one) for one in by.organization_ids]


async def _verify(session: AsyncSession, organization_id: UUID) -> ChainRead:
    chain = Chain()
    reached = 0
    while chain.broken is None:
        rows = (await session.execute(queries.links(organization_id, after=reached, limit=CHUNK))).all()
        found: Sequence[tuple[AuditSeal, AuditEntry | None]] = [(row[0], row[1]) for row in rows]
        for seal, entry in found:
            if entry is None:
                chain.missing(seal.sequence)
            else:
                chain.follow([Link(columns(entry), seal.sequence, seal.hash)])
            reached = seal.sequence
        session.expunge_all()
        if len(rows) < CHUNK:
            break
    waiting, late = (await session.execute(queries.unsealed(organization_id))).one()
    broken = chain.broken
    if broken is None and late:
        broken = Broken(None, None, f"{late} entries have stayed without a seal for more than a minute")
    return ChainRead(
        organization_id=organization_id,
        whole=broken is None,
        entries=chain.sequence,
        waiting=waiting,
        head=chain.head.hex(),
        broken=BrokenRead(**broken._asdict()) if broken is not None else None,
    )


async def export(sessions: async_sessionmaker[AsyncSession], organization_id: UUID) -> AsyncIterator[bytes]:
    """The chain as NDJSON, an entry a line with its place and hash: what `verify` needs without us.

    A seal whose entry is gone is a line too, and the last one, `{entries, head}`, says that nothing was cut off.
    A session a chunk: whoever downloads slowly, or not at all, must not keep a connection from everybody else.
    """
    reached, head = 0, FIRST
    while True:
        async with sessions() as session:
            rows = (await session.execute(queries.links(organization_id, after=reached, limit=CHUNK))).all()
        found: Sequence[tuple[AuditSeal, AuditEntry | None]] = [(row[0], row[1]) for row in rows]
        for seal, entry in found:
            if entry is not None:
                yield _line(shown(entry, seal.sequence, seal.hash).model_dump(mode="json"))
            else:
                yield _line({"sequence": seal.sequence, "hash": seal.hash.hex()})
            reached, head = seal.sequence, seal.hash
        if len(rows) < CHUNK:
            yield _line({"entries": reached, "head": head.hex()})
            return


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"
