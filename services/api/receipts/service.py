"""Puts together what became of a batch, an event or a quarantined record."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Resources
from services.api.principal import Principal
from services.api.receipts import queries, search, waiting
from services.api.receipts.queries import EventRow
from services.api.receipts.schemas import EventRead, QuarantinedRead, Receipt, Search, State
from shared import clock, ids
from shared.errors import NotFound, Unavailable
from shared.models import Batch, QuarantinedRecord
from shared.normalise.event import Kind
from shared.search.indices import Names, unclocked_index

# What is written to an index is found from its next refresh on.
REFRESH = timedelta(seconds=1)

_QUARANTINE_STATES: dict[str, State] = {
    "open": "quarantined",
    "redriven": "redriven",
    "discarded": "discarded",
}


class ReceiptNotFound(NotFound):
    """Nothing of this id was accepted, or it is older than what is kept."""

    code = "receipt_not_found"


async def receipt(record_id: UUID, *, by: Principal, resources: Resources) -> Receipt:
    """The receipt of a batch, event or quarantine id. Raises ReceiptNotFound when it is certain that there is none.

    The other servers are asked between transactions: one that answers late holds no connection to the database.
    """
    found = await _find(record_id, by, resources)
    if found is None and await waiting.may_be_queued(resources.broker, record_id):
        return Receipt(id=record_id, state="queued_or_unknown")
    # It may have left the queue for the database after we looked there and before we looked into the queue.
    found = found or await _find(record_id, by, resources)
    if found is None:
        raise ReceiptNotFound
    return await _searched(found, resources)


async def _find(record_id: UUID, by: Principal, resources: Resources) -> Receipt | None:
    async with resources.sessions.begin() as reading:
        return await _find_in(reading, record_id, by, resources.names)


async def _searched(found: Receipt, resources: Resources) -> Receipt:
    """With what OpenSearch says of an event that does not wait for it."""
    if found.event is None or found.search is not None:
        return found
    answer = await _search(found.event.id, resources)
    searchable = found.kind == "event" and answer == "found"
    return found.model_copy(update={"search": answer, "state": "searchable" if searchable else found.state})


async def _find_in(session: AsyncSession, record_id: UUID, by: Principal, names: Names) -> Receipt | None:
    batch = await session.scalar(queries.batch(by, record_id))
    if batch is not None:
        return _of_batch(batch)
    event = (await session.execute(queries.event(by, record_id))).one_or_none()
    if event is not None:
        conflict = await session.scalar(queries.quarantined(by, record_id))
        if conflict is not None and conflict.status == "redriven":  # into this very event
            conflict = None
        return await _of_event(session, record_id, event, by, names, conflict=conflict)
    record = await session.scalar(queries.quarantined(by, record_id))
    if record is not None:
        return await _of_quarantined(session, record_id, record, by, names)
    return None


def _of_batch(batch: Batch) -> Receipt:
    state, found = _state_of(batch)
    return Receipt(
        id=batch.batch_id,
        kind="batch",
        state=state,
        search=found,
        sensor_id=batch.sensor_id,
        batch_id=batch.batch_id,
        correlation_id=batch.correlation_id,
        accepted_at=batch.received_at,
        stored_at=batch.stored_at,
        searchable_at=batch.searchable_at,
        items=batch.items,
        stored=batch.stored,
        duplicate=batch.duplicate,
        quarantined=batch.quarantined,
    )


def _state_of(batch: Batch) -> tuple[State, Search | None]:
    if batch.stored_at is None:
        return "storing", None
    if batch.quarantined >= batch.items:
        return "quarantined", None
    if batch.searchable_at is None or clock.now() - batch.searchable_at < REFRESH:
        return "stored", "pending"
    return "searchable", "found"


async def _of_event(
    session: AsyncSession,
    record_id: UUID,
    event: EventRow,
    by: Principal,
    names: Names,
    *,
    conflict: QuarantinedRecord | None = None,
) -> Receipt:
    """`conflict` is a later record of the same identity with other content, which was not stored."""
    batch = await session.scalar(queries.batch(by, event.batch_id))
    pending = await session.scalar(queries.pending(event.id))
    return Receipt(
        id=record_id,
        kind="event",
        state="stored",
        search=None if pending is None else "refused" if pending.reason else "pending",
        sensor_id=event.sensor_id,
        batch_id=event.batch_id,
        correlation_id=batch.correlation_id if batch else None,
        accepted_at=event.received_at,
        stored_at=event.created_at,
        searchable_at=batch.searchable_at if batch else None,
        items=1,
        stored=1,
        duplicate=0,
        quarantined=0 if conflict is None else 1,
        quarantine=_read(conflict) if conflict is not None else None,
        event=EventRead(
            id=event.id,
            kind=event.kind,
            alert_id=event.alert_id,
            alert_opened_at=event.alert_opened_at,
            index=await _index(session, event.kind, event.id, names),
        ),
    )


async def _search(event_id: UUID, resources: Resources) -> Search:
    if not resources.health.is_up("opensearch"):
        return "unavailable"
    try:
        return "found" if await search.finds(resources.search, resources.names, event_id) else "pending"
    except Unavailable:
        return "unavailable"


async def _index(session: AsyncSession, kind: Kind, event_id: UUID, names: Names) -> str | None:
    clocked = ids.milliseconds_of(event_id) != 0
    line = await session.scalar(queries.line_of(kind, event_id)) if clocked else unclocked_index(kind)
    if line is None:
        return None
    return names.of(await session.scalar(queries.active_generation(line)) or line)


async def _of_quarantined(
    session: AsyncSession, record_id: UUID, record: QuarantinedRecord, by: Principal, names: Names
) -> Receipt:
    found = None
    if record.event_id is not None:
        row = (await session.execute(queries.event(by, record.event_id))).one_or_none()
        found = await _of_event(session, record.event_id, row, by, names) if row else None
    settled_at, redriven = _settled_at(record), record.status == "redriven"
    # One transaction stores the event and notes it in the history, so both have its time; a duplicate is older.
    new = found is not None and found.stored_at == settled_at
    known = found is not None or not redriven  # retention may have taken the event since
    return Receipt(
        id=record_id,
        kind="quarantine",
        state=_QUARANTINE_STATES[record.status],
        search=found.search if found else None,
        sensor_id=record.sensor_id,
        batch_id=record.batch_id,
        accepted_at=record.received_at,
        stored_at=found.stored_at if found else None,
        searchable_at=found.searchable_at if found else None,
        redriven_at=settled_at if redriven else None,
        discarded_at=settled_at if record.status == "discarded" else None,
        items=1,
        stored=int(new) if known else None,
        duplicate=int(redriven and not new) if known else None,
        quarantined=int(not redriven),
        event=found.event if found else None,
        quarantine=_read(record),
    )


def _settled_at(record: QuarantinedRecord) -> datetime | None:
    """When the indexer took the record out of quarantine: nothing is noted of a record after that."""
    if record.status == "open" or not record.history:
        return None
    return datetime.fromisoformat(record.history[-1]["at"])


def _read(record: QuarantinedRecord) -> QuarantinedRead:
    return QuarantinedRead.model_validate(record, from_attributes=True)
