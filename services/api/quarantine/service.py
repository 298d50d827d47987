"""Reads quarantined records, keeps what people make of them, and leaves word of what is to be done."""

import asyncio
import codecs
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.deps import Trace
from services.api.principal import Principal
from services.api.quarantine import queries
from services.api.quarantine.queries import Filters, Place
from services.api.quarantine.schemas import (
    Cancelled,
    Content,
    Group,
    Mended,
    RecordDetail,
    RecordRead,
    RecordUpdate,
    Request,
    Requested,
    Summary,
)
from services.api.trial import Trial, trial
from shared import ids
from shared.errors import Conflict, NotFound
from shared.normalise import reread
from shared.normalise.profile import profile
from shared.normalise.reread import Held

MAX_IDS_TOLD = 20


class RecordNotFound(NotFound):
    """There is no such record in quarantine."""

    code = "record_not_found"


class RecordNotOpen(Conflict):
    """The record was re-driven or discarded; only an open one can be edited."""

    code = "record_not_open"


async def page(
    session: AsyncSession,
    filters: Filters,
    *,
    by: Principal,
    status: str,
    requested: str | None,
    after: Place | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Matching records, the newest first, one more than `limit` if there are."""
    statement = queries.page(by, filters, status=status, requested=requested, after=after, limit=limit)
    rows: Sequence[Row[Any]] = (await session.execute(statement)).all()
    return rows


async def summary(session: AsyncSession, *, by: Principal, status: str) -> Summary:
    """How many have this status, by what they have in common."""
    rows = (await session.execute(queries.summary(by, status=status))).all()
    groups = [Group.model_validate(row) for row in rows[: queries.MAX_GROUPS]]
    return Summary(groups=groups, more=len(rows) > queries.MAX_GROUPS)


async def detail(session: AsyncSession, record_id: UUID, *, by: Principal) -> RecordDetail:
    """One record whole. Raises RecordNotFound."""
    row = await _one(session, queries.whole(by, record_id))
    return RecordDetail(
        **shown(row).model_dump(),
        record=Content.of(row.record),
        edited_record=None if row.edited_record is None else Content.of(row.edited_record),
        history=row.history,
    )


async def edit(
    session: AsyncSession, record_id: UUID, wanted: RecordUpdate, *, by: Principal, expected: str | None, trace: Trace
) -> RecordRead:
    """Keep another copy to be read, or another format. Raises RecordNotFound, RecordNotOpen, and Stale."""
    row = await _one(session, queries.one(by, record_id).with_for_update())
    preconditions.check(expected, row.revision, lambda: shown(row).model_dump(mode="json"))
    changes: dict[str, Any] = {}
    words = []
    if wanted.edits_record:
        changes["edited_record"] = wanted.record
        words.append("edit undone" if wanted.record is None else f"edited, {len(wanted.record)} bytes")
    if wanted.edits_format:
        changes["edited_hint"] = wanted.format
        words.append(queries.read_as_words(wanted.format))
    if not changes:
        return shown(row)
    if row.status != queries.OPEN:
        raise RecordNotOpen
    what = "; ".join(words)
    change = queries.edit(by, record_id, changes, what=what)
    await _told(session, "quarantine.edited", change, by=by, trace=trace, record_id=record_id, what=what)
    return shown(await _one(session, queries.one(by, record_id)))


async def tried(session: AsyncSession, record_id: UUID, wanted: Mended, *, by: Principal) -> Trial:
    """What the record, or these bytes in its place, would become. Raises RecordNotFound, TooManyTrials."""
    row = await _one(session, queries.held(by, record_id))
    sensor = (await session.execute(queries.profile_of(by, row.sensor_id))).mappings().one_or_none()
    held = _held(row)
    held = msgspec.structs.replace(held, record=wanted.record or held.record, hint=wanted.format or held.hint)
    read = partial(reread.read, held, profile(sensor) if sensor is not None else None)
    return await asyncio.to_thread(trial, read)


async def request(
    session: AsyncSession,
    filters: Filters,
    what: Request,
    *,
    by: Principal,
    trace: Trace,
    read_as: str | None = None,
) -> Requested:
    """Leave word for the indexer to do that with the records that match."""
    change = queries.mark(by, filters, what, read_as=read_as)
    said = _said(filters) | ({"format": read_as} if read_as else {})
    marked = await _told(session, f"quarantine.{what}_requested", change, by=by, trace=trace, **said)
    # Only after a full measure: a re-drive that fails opens its record again, and asking on would never end.
    full = marked == queries.MAX_MARKED
    more = full and await session.scalar(queries.unmarked(by, filters, what, read_as=read_as))
    return Requested(requested=marked, more=bool(more))


async def cancel(session: AsyncSession, filters: Filters, *, by: Principal, trace: Trace) -> Cancelled:
    """Take back what was requested of the records that match, and not done yet."""
    change = queries.cancel(by, filters)
    cancelled = await _told(session, "quarantine.cancelled", change, by=by, trace=trace, **_said(filters))
    more = cancelled == queries.MAX_MARKED and await session.scalar(queries.marked(by, filters))
    return Cancelled(cancelled=cancelled, more=bool(more))


async def _one(session: AsyncSession, statement: Select[Any]) -> Row[Any]:
    row: Row[Any] | None = (await session.execute(statement)).one_or_none()
    if row is None:
        raise RecordNotFound
    return row


async def _told(
    session: AsyncSession,
    action: str,
    change: Select[Any],
    *,
    by: Principal,
    trace: Trace,
    record_id: UUID | None = None,
    **details: Any,
) -> int:
    """Make the change and tell each organization's audit; of how many records it was."""
    counts = (await session.execute(change)).all()
    for organization_id, records in counts:
        trail.record(
            session,
            action,
            by=by,
            trace=trace,
            organization_id=organization_id,
            kind="quarantine",
            object_id=record_id,
            records=records,
            **details,
        )
    await session.flush()
    return sum(records for _, records in counts)


def _said(filters: Filters) -> dict[str, Any]:
    """What the selection says, without what it leaves open; many ids as their number."""
    said = {name: value for name, value in asdict(filters).items() if value is not None}
    if filters.ids is not None and len(filters.ids) > MAX_IDS_TOLD:
        said["ids"] = f"{len(filters.ids)} of them"
    return said


def _held(row: Row[Any]) -> Held:
    values: dict[str, Any] = {
        name: ids.plain(value) if isinstance(value, UUID) else value for name, value in row._mapping.items()
    }
    return Held(**values)


def shown(row: Row[Any]) -> RecordRead:
    """The record as lists show it."""
    return RecordRead.model_validate({**row._mapping, "head": head(row.head)})


def head(start: bytes) -> str:
    """The first bytes as text; a character that is cut off at their end is left out."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(start)
