"""Reads the audit, and follows its chains."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api import restricted
from services.api.audit import queries
from services.api.audit.queries import Filters
from services.api.audit.schemas import BrokenRead, ChainRead, EntryRead
from services.api.principal import Principal
from shared.domain.audit import FIELDS, FIRST, Broken, Chain, Link
from shared.ids import NIL
from shared.models import AuditEntry, AuditSeal

CHUNK = 1000
MOST = 50_000


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


async def verify(
    session: AsyncSession, organization_id: UUID, *, after: int = 0, head: bytes = FIRST, most: int | None = None
) -> ChainRead:
    """Follow an organization's chain to its end, or to where it breaks, but for MOST entries in one call.

    `after` and `head` are where an earlier call ended. Entries nobody sealed are looked for between those that are
    read, so that no call reads the whole log.
    """
    chain = Chain(head, after)
    behind = NIL
    if after:
        place = (await session.execute(queries.at(organization_id, after))).one_or_none()
        if place is None or place.hash != head:
            chain.broken = Broken(None, after, "the chain was another one when it was followed up to here")
        else:
            behind = place.audit_id
    waiting = late = 0
    complete = False
    while not complete and chain.broken is None and chain.sequence < after + (MOST if most is None else most):
        statement = queries.links(organization_id, after=chain.sequence, limit=CHUNK)
        rows = (await session.execute(statement)).all()
        found: Sequence[tuple[AuditSeal, AuditEntry | None]] = [(row[0], row[1]) for row in rows]
        await asyncio.to_thread(_follow, chain, found)
        complete = len(found) < CHUNK
        up_to = max([behind, *(seal.audit_id for seal, _ in found)])
        between = queries.unsealed(organization_id, behind=behind, up_to=None if complete else up_to)
        counted = (await session.execute(between)).one()
        waiting, late, behind = waiting + counted[0], late + counted[1], up_to
        session.expunge_all()
    broken = chain.broken
    if broken is None and late:
        broken = Broken(None, None, f"{late} entries have stayed without a seal for more than a minute")
    return ChainRead(
        organization_id=organization_id,
        whole=broken is None,
        complete=complete,
        entries=chain.sequence,
        waiting=waiting,
        head=chain.head.hex(),
        broken=BrokenRead(**broken._asdict()) if broken is not None else None,
    )


def _follow(chain: Chain, found: Sequence[tuple[AuditSeal, AuditEntry | None]]) -> None:
    for seal, entry in found:
        if entry is None:
            chain.missing(seal.sequence)
        else:
            chain.follow([Link(columns(entry), seal.sequence, seal.hash)])


async def export(
    sessions: async_sessionmaker[AsyncSession], organization_id: UUID, *, by: Principal
) -> AsyncIterator[bytes]:
    """The chain as NDJSON, an entry a line with its place and hash: what `verify` needs without us.

    Of an entry that is withheld there is the hash alone, over which the next one's was made: the chain is still one.
    A seal whose entry is gone is a line too, and the last one, `{entries, head}`, says that nothing was cut off.
    A session a chunk: whoever downloads slowly, or not at all, must not keep a connection from everybody else.
    """
    reached, head = 0, FIRST
    while True:
        async with sessions() as session:
            hidden = await restricted.hidden_from(session, (organization_id,), by.user_id)
            asked = queries.links(organization_id, after=reached, limit=CHUNK, by=replace(by, hidden=hidden))
            rows = (await session.execute(asked)).all()
        found: Sequence[tuple[AuditSeal, AuditEntry | None, bool]] = [(row[0], row[1], row[2]) for row in rows]
        for seal, entry, withheld in found:
            place = {"sequence": seal.sequence, "hash": seal.hash.hex()}
            if entry is None:
                yield _line(place)
            elif withheld:
                yield _line(place | {"withheld": True})
            else:
                yield _line(shown(entry, seal.sequence, seal.hash).model_dump(mode="json"))
            reached, head = seal.sequence, seal.hash
        if len(rows) < CHUNK:
            yield _line({"entries": reached, "head": head.hex()})
            return


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value) + b"\n"
