"""Routes: which kinds of what happens go to which channel, or to oneself."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.deps import Trace
from services.api.notifications import queries
from services.api.notifications.channels import TooMany, switch
from services.api.notifications.schemas import RouteCreate, RouteRead, RouteUpdate
from services.api.principal import Principal
from shared.domain.notification import PERSONAL
from shared.errors import Invalid, NotFound
from shared.models import NotificationChannel, NotificationRoute

MOST = 100


class UnknownChannel(Invalid):
    """There is no such channel that the caller looks after."""

    code = "unknown_channel"


class RouteNotFound(NotFound):
    """There is no such route."""

    code = "route_not_found"


class PersonalKind(Invalid):
    """What is one person's to hear goes to no channel."""

    code = "personal_kind"


async def create(session: AsyncSession, wanted: RouteCreate, *, by: Principal, trace: Trace) -> NotificationRoute:
    """A route to a channel, or the caller's own. Raises UnknownChannel, PersonalKind, TooMany and NotAPerson."""
    if wanted.channel_id is not None:
        channel = await session.scalar(queries.channels(by).where(NotificationChannel.id == wanted.channel_id))
        if channel is None:
            raise UnknownChannel
        _refuse_personal(wanted.kinds)
        home, person = channel.organization_id, None
    else:
        home, person = by.home(wanted.organization_id), by.person
    if (await session.scalar(queries.count_routes(home, person)) or 0) >= MOST:
        raise TooMany
    route = NotificationRoute(
        organization_id=home,
        user_id=person,
        channel_id=wanted.channel_id,
        kinds=list(dict.fromkeys(wanted.kinds)),
        min_severity=wanted.min_severity,
        quiet_hours=wanted.quiet_hours.kept() if wanted.quiet_hours is not None else None,
        coalesce_seconds=wanted.coalesce_seconds,
    )
    session.add(route)
    await session.flush()
    await session.refresh(route)
    trail.record_of(session, "notification_route.created", route, by=by, trace=trace, kinds=route.kinds)
    return route


async def change(
    session: AsyncSession,
    route_id: UUID,
    wanted: RouteUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> NotificationRoute:
    """The route as it is from now on. Raises RouteNotFound, PersonalKind and Stale."""
    route = await _locked(session, route_id, by=by)
    preconditions.check(expected, route.revision, lambda: RouteRead.model_validate(route).model_dump(mode="json"))
    before = trail.snapshot(route, ("kinds", "min_severity", "quiet_hours", "coalesce_seconds", "disabled_at"))
    for name in wanted.model_fields_set & {"kinds", "min_severity", "coalesce_seconds"}:
        if (value := getattr(wanted, name)) is not None:
            setattr(route, name, value)
    if "quiet_hours" in wanted.model_fields_set:
        route.quiet_hours = wanted.quiet_hours.kept() if wanted.quiet_hours is not None else None
    switch(route, wanted.disabled)
    if route.channel_id is not None:
        _refuse_personal(route.kinds)
    if changes := trail.differences(route, before):
        route.revision += 1
        await session.flush()
        await session.refresh(route)
        trail.record_of(session, "notification_route.changed", route, by=by, trace=trace, changes=changes)
    return route


async def delete(session: AsyncSession, route_id: UUID, *, by: Principal, trace: Trace) -> None:
    """Take a route away. Raises RouteNotFound."""
    route = await _locked(session, route_id, by=by)
    trail.record_of(session, "notification_route.deleted", route, by=by, trace=trace, kinds=route.kinds)
    await session.delete(route)
    await session.flush()


def _refuse_personal(kinds: list[Any]) -> None:
    if PERSONAL & set(kinds):
        raise PersonalKind


async def _locked(session: AsyncSession, route_id: UUID, *, by: Principal) -> NotificationRoute:
    route = await session.scalar(queries.routes(by).where(NotificationRoute.id == route_id).with_for_update())
    if route is None:
        raise RouteNotFound
    return route
