"""Suppressions: made, changed, approved by a second person, ended; every version kept."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import outbox, preconditions, restricted, trail
from services.api.deps import Trace
from services.api.principal import Principal
from services.api.suppressions import queries
from services.api.suppressions.dry_run import covers_critical
from services.api.suppressions.schemas import (
    Recurrence,
    State,
    SuppressionCreate,
    SuppressionDetail,
    SuppressionRead,
    SuppressionUpdate,
)
from shared import clock
from shared.domain.suppression import LONGEST, Schedule, windows_of
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Suppression, SuppressionVersion
from shared.query.demands import key_of
from shared.query.errors import QueryError
from shared.query.parse import parse
from shared.query.tree import Node
from shared.query.values import Reader
from shared.search.catalogue import EVENTS, KEYS

KEPT = (
    "name", "query", "reason", "mode", "starts_at", "ends_at", "recurrence", "duration", "zone", "owner_id",
    "needs_approval", "approved_by_id", "approved_at", "ended_by_id", "ended_at",
)  # fmt: skip
"""What a version consists of."""

DECIDING = ("query", "mode", "starts_at", "ends_at", "recurrence", "duration", "zone")
"""What an approval is of."""


MOST_LIVE = 500
MOST_KEYLESS = 50
"""An organization's that have not ended, and those of them that the indexer cannot look up by a value of `KEYS`: each
event is tried against all of these."""


class TooManySuppressions(Conflict):
    """The organization has as many as it may; end one."""

    code = "too_many_suppressions"


class SuppressionNotFound(NotFound):
    """There is no such suppression."""

    code = "suppression_not_found"


class BadEnd(Invalid):
    """A suppression ends, after it began and later than now, and within a year."""

    code = "bad_end"


class NeverHolds(Invalid):
    """There is not one moment at which it would hold."""

    code = "never_holds"


class UnknownOwner(Invalid):
    """There is no such person in the suppression's organization."""

    code = "unknown_person"


class UnknownAlert(Invalid):
    """There is no such alert in the suppression's organization."""

    code = "unknown_alert"


class SecondPersonNeeded(Conflict):
    """A person approves it who neither made it nor changed it since it was approved last."""

    code = "second_person_needed"


class NothingToApprove(Conflict):
    """It needs no approval, or has it."""

    code = "nothing_to_approve"


class SuppressionEnded(Conflict):
    """It has ended; make a new one."""

    code = "suppression_ended"


def read(query: str) -> Node:
    """The tree of a query that is kept and applied. Raises QueryError."""
    return parse(query, EVENTS, Reader(now=clock.now(), lasting=True))


async def create(session: AsyncSession, wanted: SuppressionCreate, *, by: Principal, trace: Trace) -> Suppression:
    """A suppression; one that could hide something critical waits for a second person.

    Raises QueryError, BadEnd, BadRecurrence, NeverHolds, TooManySuppressions, UnknownOwner and UnknownAlert.
    """
    home = by.home(wanted.organization_id)
    recurrence = wanted.recurrence
    row = Suppression(
        organization_id=home,
        name=wanted.name,
        query=wanted.query,
        reason=wanted.reason,
        mode=wanted.mode,
        starts_at=wanted.starts_at or clock.now(),
        ends_at=wanted.ends_at,
        owner_id=wanted.owner_id or by.user_id,
        created_by_id=by.author,
        proposed_by_alert_id=wanted.proposed_by_alert_id,
        **recurring(recurrence),
    )
    await _check(row)
    await _refuse_more(session, row)
    await _require_owner(session, row)
    proposed_by = row.proposed_by_alert_id
    if proposed_by is not None and await session.scalar(queries.alert(by, home, proposed_by)) is None:
        raise UnknownAlert
    session.add(row)
    await session.flush()
    await _keep(session, row, "suppression.created", {}, by=by, trace=trace)
    return row


async def change(
    session: AsyncSession,
    suppression_id: UUID,
    wanted: SuppressionUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> Suppression:
    """Another version. Raises what `create` does, SuppressionNotFound, SuppressionEnded, and Stale."""
    row = await locked(session, suppression_id, by=by)
    (current,) = await shown(session, [row], by=by)
    preconditions.check(expected, row.revision, lambda: current.model_dump(mode="json"))
    if state_of(row) == "ended":
        raise SuppressionEnded
    before = trail.snapshot(row, KEPT)
    given = wanted.model_dump(exclude_unset=True, exclude={"recurrence"})
    for name, value in given.items():
        if value is not None:
            setattr(row, name, value)
    if "recurrence" in wanted.model_fields_set:
        for name, value in recurring(wanted.recurrence).items():
            setattr(row, name, value)
    changes = trail.differences(row, before)
    if not changes:
        return row
    if changes.keys() & set(DECIDING):
        row.approved_by_id = row.approved_at = None
    await _check(row)
    if "query" in changes:
        await _refuse_more(session, row)
    if "owner_id" in changes:
        await _require_owner(session, row)
    row.revision += 1
    await _keep(session, row, "suppression.changed", before, by=by, trace=trace)
    return row


async def approve(
    session: AsyncSession, suppression_id: UUID, *, by: Principal, expected: str | None, trace: Trace
) -> Suppression:
    """Let it hide what it covers. Raises SecondPersonNeeded and NothingToApprove."""
    row = await locked(session, suppression_id, by=by)
    (current,) = await shown(session, [row], by=by)
    preconditions.check(expected, row.revision, lambda: current.model_dump(mode="json"))
    if not row.needs_approval or row.approved_at is not None or state_of(row) == "ended":
        raise NothingToApprove
    authors = {row.created_by_id, *await session.scalars(queries.authors(row.id))}
    if by.user_id is None or by.user_id in authors:
        raise SecondPersonNeeded
    before = trail.snapshot(row, KEPT)
    row.approved_by_id, row.approved_at = by.user_id, clock.now()
    row.revision += 1
    await _keep(session, row, "suppression.approved", before, by=by, trace=trace)
    return row


async def end(session: AsyncSession, suppression_id: UUID, *, by: Principal, trace: Trace) -> Suppression:
    """End it now; what it hid stays where it is. Raises SuppressionEnded."""
    row = await locked(session, suppression_id, by=by)
    if state_of(row) == "ended":
        raise SuppressionEnded
    before = trail.snapshot(row, KEPT)
    row.ended_by_id, row.ended_at = by.user_id, clock.now()
    row.revision += 1
    await _keep(session, row, "suppression.ended", before, by=by, trace=trace)
    return row


async def one(session: AsyncSession, suppression_id: UUID, *, by: Principal) -> Suppression:
    """The suppression. Raises SuppressionNotFound."""
    row = await session.scalar(queries.one(by, suppression_id))
    if row is None:
        raise SuppressionNotFound
    return row


async def locked(session: AsyncSession, suppression_id: UUID, *, by: Principal) -> Suppression:
    """The suppression, locked. Raises SuppressionNotFound."""
    row = await session.scalar(queries.one(by, suppression_id).with_for_update())
    if row is None:
        raise SuppressionNotFound
    return row


async def detail(session: AsyncSession, row: Suppression, *, by: Principal) -> SuppressionDetail:
    """With what it has done so far."""
    events, alerts = (await session.execute(queries.hidden(by, row.id))).one()
    would = (await session.execute(queries.tried(by, row.id))).one()
    (read,) = await shown(session, [row], by=by)
    return SuppressionDetail(**read.model_dump(), events=int(events) + int(would[0]), alerts=alerts + would[1])


async def shown(session: AsyncSession, rows: Sequence[Suppression], *, by: Principal) -> list[SuppressionRead]:
    """Suppressions as lists show them; none names an alert that is hidden from the caller."""
    hidden = await restricted.hidden_among(session, by, [row.proposed_by_alert_id for row in rows])
    return [_read(row, hidden) for row in rows]


def _read(row: Suppression, hidden: frozenset[UUID]) -> SuppressionRead:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in SuppressionRead.model_fields if name not in ("state", "recurrence")
    }
    recurrence = None
    if row.recurrence is not None and row.duration is not None:
        recurrence = Recurrence(
            rule=row.recurrence, duration_seconds=int(row.duration.total_seconds()), zone=row.zone or "UTC"
        )
    if row.proposed_by_alert_id in hidden:
        values["proposed_by_alert_id"] = None
    return SuppressionRead(**values, state=state_of(row), recurrence=recurrence)


def state_of(row: Suppression) -> State:
    """Where it stands now; a recurring one is in force between its windows too."""
    now = clock.now()
    if row.ended_at is not None or row.ends_at <= now:
        return "ended"
    if row.mode == "active" and row.needs_approval and row.approved_at is None:
        return "waiting_for_approval"
    return "scheduled" if row.starts_at > now else "in_force"


async def _require_owner(session: AsyncSession, row: Suppression) -> None:
    if row.owner_id is not None and await session.scalar(queries.member(row.organization_id, row.owner_id)) is None:
        raise UnknownOwner


async def _refuse_more(session: AsyncSession, row: Suppression) -> None:
    """A few that ask at once may pass it together; what it bounds is what each event costs."""
    live = await session.execute(queries.live(row.organization_id, now=clock.now()))
    others = [query for suppression_id, query in live if suppression_id != row.id]
    if len(others) >= MOST_LIVE:
        raise TooManySuppressions
    if _keyless(row.query) and await asyncio.to_thread(lambda: sum(map(_keyless, others))) >= MOST_KEYLESS:
        names = ", ".join(field.name for field in KEYS)
        raise TooManySuppressions(
            f"The organization has as many as it may of those that bind none of these to whole values: {names}."
        )


def _keyless(query: str) -> bool:
    try:
        return key_of(read(query), KEYS) is None
    except QueryError:
        # Of an earlier language: the indexer leaves it out.
        return False


async def _check(row: Suppression) -> None:
    now = clock.now()
    if not timedelta(0) < row.ends_at - max(row.starts_at, now) <= LONGEST:
        raise BadEnd
    node = read(row.query)
    row.needs_approval = covers_critical(node)
    schedule = Schedule(row.starts_at, row.ends_at, row.recurrence, row.duration, row.zone)
    # A rule that hardly ever fits is followed for centuries.
    if not await asyncio.to_thread(windows_of, schedule):
        raise NeverHolds


async def _keep(
    session: AsyncSession, row: Suppression, action: str, before: dict[str, Any], *, by: Principal, trace: Trace
) -> None:
    content = {name: trail.plain(getattr(row, name)) for name in KEPT}
    session.add(
        SuppressionVersion(suppression_id=row.id, revision=row.revision, content=content, changed_by_id=by.author)
    )
    trail.record_of(
        session,
        action,
        row,
        by=by,
        trace=trace,
        changes=trail.differences(row, before),
        revision=row.revision,
        name=row.name,
    )
    outbox.changed(session, "suppression", [row.id], organization_id=row.organization_id, trace=trace)
    await session.flush()


def recurring(recurrence: Recurrence | None) -> dict[str, Any]:
    """The columns of a recurrence, in the order of a Schedule."""
    if recurrence is None:
        return {"recurrence": None, "duration": None, "zone": None}
    return {
        "recurrence": recurrence.rule,
        "duration": timedelta(seconds=recurrence.duration_seconds),
        "zone": recurrence.zone,
    }
