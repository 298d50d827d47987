"""Locks several incidents, their alerts and what was merged into them, all in the order that everybody locks in.

Whoever locks alerts too locks them first, then incidents by id, as the indexer does.
"""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions
from services.api.incidents import queries, work
from services.api.principal import Principal
from shared.errors import Stale, Unavailable
from shared.models import Alert, Incident

Check = Callable[[AsyncSession, Sequence[Incident]], Awaitable[None]]

ATTEMPTS = 5
"""So often locks are let go and taken anew, when what was to be locked has become more meanwhile."""


class Busy(Unavailable):
    """Alerts are being linked to the incident, or it is being merged, all the time; the same request will work."""

    code = "incident_busy"


async def locked_with_alerts(
    session: AsyncSession,
    incident_ids: Sequence[UUID],
    *,
    by: Principal,
    expected: str | None = "*",
    successors: bool = False,
    check: Check | None = None,
) -> tuple[list[Incident], list[Alert]]:
    """Incidents with all alerts linked to them, everything locked in the order that all lock in.

    `expected` is of the first; with `successors`, what opening one of the alerts again would displace is locked too.
    `check` is asked twice: before anything is locked, so that nobody waits for what is refused, and once all is. An
    alert that was linked while they were being locked is none of them at first: then all is let go and begun anew.
    Raises what `locked` and `check` do, and Busy where that does not come to rest.
    """
    await require_seen(session, incident_ids, by=by, expected=expected)
    if check is not None:
        await check(session, [await work.one(session, one, by=by) for one in incident_ids])
    for _ in range(ATTEMPTS):
        async with session.begin_nested() as attempt:
            linked = await _linked(session, incident_ids)
            later = (await session.scalars(queries.current_successors(linked))).all() if successors else ()
            statement = queries.alerts_in_order([*linked, *later], by.organization_ids)
            held = list(await session.scalars(statement.with_for_update()))
            await hold(session, incident_ids)
            # What the caller saw is of the first that was named.
            found = {
                one: await work.locked(session, one, by=by, expected=expected if one == incident_ids[0] else "*")
                for one in incident_ids
            }
            alerts = [alert for alert in held if alert.incident_id in found]
            if set(await _linked(session, incident_ids)) == {alert.id for alert in alerts}:
                if check is not None:
                    await check(session, list(found.values()))
                return [found[one] for one in incident_ids], alerts
            await attempt.rollback()
        session.expire_all()
    raise Busy


async def hold(session: AsyncSession, incident_ids: Sequence[UUID]) -> None:
    """Lock incidents, and all that were merged into them, by id, as everybody does.

    What was merged into one while it was waited for is not locked at first, and comes too late for the order: then all
    is let go and begun anew. Raises Busy where that does not come to rest.
    """
    family = queries.families(incident_ids)
    found = select(Incident.id).where(Incident.id.in_(family)).order_by(Incident.id).with_for_update()
    for _ in range(ATTEMPTS):
        async with session.begin_nested() as attempt:
            held = set(await session.scalars(found))
            if held.issuperset(await session.scalars(family)):
                return
            await attempt.rollback()
    raise Busy


async def hold_whole(session: AsyncSession, incident_id: UUID) -> UUID:
    """Lock what an incident was merged into in the end, or itself, with all that was merged into that; which it is.

    Raises Busy where that does not come to rest.
    """
    (whole,) = await hold_wholes(session, [incident_id])
    return whole


async def hold_wholes(session: AsyncSession, incident_ids: Sequence[UUID]) -> list[UUID]:
    """The same of several, all in one order."""
    for _ in range(ATTEMPTS):
        async with session.begin_nested() as attempt:
            wholes = await _wholes(session, incident_ids)
            await hold(session, wholes)
            if await _wholes(session, incident_ids) == wholes:
                return wholes
            await attempt.rollback()
    raise Busy


async def _wholes(session: AsyncSession, incident_ids: Sequence[UUID]) -> list[UUID]:
    return [(await session.scalars(queries.whole_of(one))).one() for one in incident_ids]


async def require_seen(
    session: AsyncSession, incident_ids: Sequence[UUID], *, by: Principal, expected: str | None
) -> None:
    """What `locked` raises, before alerts are locked for somebody who is refused in the end."""
    for incident_id in incident_ids:
        revision = await session.scalar(queries.one(by, incident_id).with_only_columns(Incident.revision))
        if revision is None:
            await work.refuse(session, incident_id, by)
            raise work.IncidentNotFound
        if incident_id == incident_ids[0] and preconditions.named(expected) not in (None, revision):
            raise Stale(current=work.shown(await work.one(session, incident_id, by=by)))


async def _linked(session: AsyncSession, incident_ids: Sequence[UUID]) -> list[UUID]:
    found = [await session.scalars(queries.linked_alert_ids(one)) for one in incident_ids]
    return [alert_id for some in found for alert_id in some]
