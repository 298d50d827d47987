"""Makes handovers, has them written, signed and accepted, and shows them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.alerts import triage
from services.api.deps import Trace
from services.api.handovers import moving, queries, snapshot, telling
from services.api.handovers.schemas import (
    HandoverCreate,
    HandoverRead,
    HandoverSummary,
    HandoverUpdate,
    ItemRead,
    ItemsWrite,
    Moved,
    Snapshot,
)
from services.api.incidents.work import IncidentNotFound
from services.api.principal import Principal
from shared import clock
from shared.domain.permissions import Permission
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.models import Handover, HandoverItem

EDITED = ("shift", "notes", "incoming_id", "signed_at", "accepted_at")


class HandoverNotFound(NotFound):
    """There is no such handover."""

    code = "handover_not_found"


class NotTheOutgoing(Forbidden):
    """Only who hands over may do this."""

    code = "not_the_outgoing"


class NotTheIncoming(Forbidden):
    """Only who takes over may do this."""

    code = "not_the_incoming"


class HandoverSigned(Conflict):
    """The handover is signed; it stays as it is."""

    code = "handover_signed"


class HandoverNotSigned(Conflict):
    """The handover is not signed yet."""

    code = "handover_not_signed"


class HandoverAcceptedAlready(Conflict):
    """The handover was accepted."""

    code = "handover_accepted"


class NotComplete(Conflict):
    """Signing needs an incoming person, and a next step for each item; `missing` says which."""

    code = "handover_incomplete"


class TwoNeeded(Invalid):
    """Nobody hands over to themselves."""

    code = "two_needed"


async def create(session: AsyncSession, wanted: HandoverCreate, *, by: Principal, trace: Trace) -> Handover:
    """A draft with a snapshot of now. Raises NotAPerson, UnknownPerson, TwoNeeded, and what Principal.home does."""
    outgoing, home = by.person, by.home(wanted.organization_id)
    handover = Handover(
        organization_id=home,
        shift=wanted.shift,
        notes=wanted.notes,
        outgoing_id=outgoing,
        snapshot=(await snapshot.taken(session, home, by=by)).model_dump(mode="json"),
    )
    await _name(session, handover, wanted.incoming_id)
    session.add(handover)
    await session.flush()
    trail.record_of(session, "handover.created", handover, by=by, trace=trace, shift=handover.shift)
    return handover


async def one(session: AsyncSession, handover_id: UUID, *, by: Principal) -> Handover:
    """The handover. Raises HandoverNotFound."""
    handover = await session.scalar(queries.one(by, handover_id))
    if handover is None:
        raise HandoverNotFound
    return handover


async def _locked(session: AsyncSession, handover_id: UUID, *, by: Principal, expected: str | None) -> Handover:
    """The handover, locked before all that it is of. Raises HandoverNotFound, and what preconditions.check does."""
    handover = await session.scalar(queries.one(by, handover_id).with_for_update())
    if handover is None:
        raise HandoverNotFound
    preconditions.check(expected, handover.revision, lambda: summary(handover).model_dump(mode="json"))
    return handover


async def _name(session: AsyncSession, handover: Handover, incoming_id: UUID | None) -> None:
    if incoming_id is not None:
        if incoming_id == handover.outgoing_id:
            raise TwoNeeded
        at, may = "#/incoming_id", Permission.INCIDENTS_WRITE
        await triage.require_member(session, handover.organization_id, incoming_id, at=at, may=may)
    handover.incoming_id = incoming_id


Work = Callable[[Handover], Awaitable[None]]


async def _change(
    session: AsyncSession,
    handover_id: UUID,
    action: str,
    work: Work,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
    **details: object,
) -> Handover:
    """The outgoing person's handover after the work. Raises NotTheOutgoing, HandoverAcceptedAlready, and more."""
    handover = await _locked(session, handover_id, by=by, expected=expected)
    if by.user_id != handover.outgoing_id:
        raise NotTheOutgoing
    if handover.accepted_at is not None:
        raise HandoverAcceptedAlready
    before = trail.snapshot(handover, EDITED)
    await work(handover)
    changes = trail.differences(handover, before)
    if changes or details:
        handover.revision += 1
        trail.record_of(session, f"handover.{action}", handover, by=by, trace=trace, changes=changes, **details)
        await session.flush()
    return handover


async def update(
    session: AsyncSession,
    handover_id: UUID,
    wanted: HandoverUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Handover:
    """Change what `wanted` names. Raises HandoverSigned, UnknownPerson, TwoNeeded, and what `_change` does."""
    given = wanted.model_dump(exclude_unset=True)

    async def write(handover: Handover) -> None:
        if handover.signed_at is not None and (given.keys() - {"incoming_id"} or wanted.incoming_id is None):
            raise HandoverSigned
        for name in ("shift", "notes"):
            if given.get(name) is not None:
                setattr(handover, name, given[name])
        if "incoming_id" in given:
            await _name(session, handover, wanted.incoming_id)
        if handover.signed_at is not None:
            await telling.waiting(session, handover, by=by, trace=trace)

    return await _change(session, handover_id, "changed", write, by=by, expected=expected, trace=trace)


async def write_items(
    session: AsyncSession, handover_id: UUID, wanted: ItemsWrite, *, by: Principal, expected: str | None, trace: Trace
) -> Handover:
    """Put these in place of the items there are. Raises HandoverSigned, IncidentNotFound, and what `_change` does."""

    async def write(handover: Handover) -> None:
        if handover.signed_at is not None:
            raise HandoverSigned
        within = _within(by, handover)
        named = {item.incident_id for item in wanted.items}
        if unknown := named - set(await session.scalars(queries.seen_of(within, named))):
            raise IncidentNotFound(incident_id=str(min(unknown)))
        await session.execute(queries.without(within, handover.id))
        session.add_all(
            HandoverItem(
                handover_id=handover.id, incident_id=item.incident_id, next_step=item.next_step, position=position
            )
            for position, item in enumerate(wanted.items)
        )

    steps = {str(item.incident_id): item.next_step for item in wanted.items}
    return await _change(
        session, handover_id, "items_written", write, by=by, expected=expected, trace=trace, items=steps
    )


async def sign(
    session: AsyncSession, handover_id: UUID, *, by: Principal, expected: str | None, trace: Trace
) -> Handover:
    """Say that this is what is handed over. Raises HandoverSigned, NotComplete, and what `_change` does."""

    async def put_name(handover: Handover) -> None:
        if handover.signed_at is not None:
            raise HandoverSigned
        if missing := await _missing(session, handover, by):
            raise NotComplete(missing=missing)
        handover.signed_at = clock.now()
        await telling.waiting(session, handover, by=by, trace=trace)

    return await _change(session, handover_id, "signed", put_name, by=by, expected=expected, trace=trace)


async def _missing(session: AsyncSession, handover: Handover, by: Principal) -> list[str]:
    rows = (await session.execute(queries.items(_within(by, handover), handover.id))).all()
    steps = [f"next step of #{row.number}" for row in rows if not row.next_step]
    return steps if handover.incoming_id is not None else ["incoming person", *steps]


async def accept(
    session: AsyncSession,
    handover_id: UUID,
    *,
    move_work: bool,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> tuple[Handover, Moved]:
    """Take over; with the work, if it is to move.

    Raises HandoverNotFound, NotTheIncoming, HandoverNotSigned, HandoverAcceptedAlready, what preconditions.check does.
    """
    handover = await _locked(session, handover_id, by=by, expected=expected)
    if by.user_id is None or by.user_id != handover.incoming_id:
        raise NotTheIncoming
    if handover.signed_at is None:
        raise HandoverNotSigned
    if handover.accepted_at is not None:
        raise HandoverAcceptedAlready
    before = trail.snapshot(handover, EDITED)
    handover.accepted_at = clock.now()
    handover.revision += 1
    moved = await moving.move(session, handover, by=by, trace=trace) if move_work else Moved()
    changes = trail.differences(handover, before)
    trail.record_of(
        session, "handover.accepted", handover, by=by, trace=trace, changes=changes, moved=moved.model_dump()
    )
    await session.flush()
    await telling.accepted(session, handover, moved if move_work else None, by=by, trace=trace)
    return handover, moved


def _within(by: Principal, handover: Handover) -> Principal:
    """The caller, seeing the handover's organization alone."""
    return replace(by, organization_ids=(handover.organization_id,))


def status_of(handover: Handover) -> Literal["draft", "signed", "accepted"]:
    """Where it stands."""
    if handover.accepted_at is not None:
        return "accepted"
    return "draft" if handover.signed_at is None else "signed"


def summary(handover: Handover) -> HandoverSummary:
    """The handover as lists show it."""
    columns = {name: getattr(handover, name) for name in HandoverSummary.model_fields if name != "status"}
    return HandoverSummary(**columns, status=status_of(handover))


async def shown(session: AsyncSession, handover: Handover, *, by: Principal) -> HandoverRead:
    """The handover with all that the caller may see of it."""
    then = Snapshot.model_validate(handover.snapshot)
    rows = await session.execute(queries.items(by, handover.id))
    return HandoverRead(
        **summary(handover).model_dump(),
        notes=handover.notes,
        snapshot=await snapshot.seen(session, then, by=by),
        items=[ItemRead.model_validate(dict(row._mapping)) for row in rows],
    )
