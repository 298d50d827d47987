"""`/notification-channels`, `/notification-routes`, `/notifications`: who is told of what, where, with what success."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi import status as statuses

from services.api import idempotency, pagination
from services.api.auth.permissions import NotificationWriter, SignedInSomewhere
from services.api.deps import OpenResources, RequestTrace, Session
from services.api.errors import problems
from services.api.idempotency import SHOWN_ONCE, Key
from services.api.notifications import channels, queries, routing, told
from services.api.notifications.schemas import (
    ChannelCreate,
    ChannelCreated,
    ChannelRead,
    ChannelUpdate,
    Kind,
    NotificationRead,
    RouteCreate,
    RouteRead,
    RouteUpdate,
    Status,
)
from services.api.pagination import Cursor, Limit, Page
from services.api.preconditions import IfMatch, etag
from shared.models import NotificationChannel, NotificationRoute

router = APIRouter(tags=["notifications"])


@router.get("/notification-channels")
async def list_notification_channels(
    caller: NotificationWriter, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[ChannelRead]:
    """Channels, the first made first."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    statement = queries.channels(caller).order_by(NotificationChannel.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(NotificationChannel.id > after)
    rows = (await session.scalars(statement)).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[channels.shown(row) for row in page], next_cursor=next_cursor)


@router.post(
    "/notification-channels",
    status_code=statuses.HTTP_201_CREATED,
    responses=problems(409, 415),
    dependencies=[SHOWN_ONCE],
)
async def create_notification_channel(
    *,
    wanted: ChannelCreate,
    caller: NotificationWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    response: Response,
) -> ChannelCreated:
    """Add a channel; what a webhook's messages are signed with is in the reply, and nowhere else."""
    allow = resources.settings.outgoing_allow
    channel, key = await channels.create(session, wanted, resources.cipher, by=caller, allow=allow, trace=trace)
    response.headers["ETag"] = etag(channel.revision)
    return ChannelCreated(**channels.shown(channel).model_dump(), key=key)


@router.patch("/notification-channels/{channel_id}", responses=problems(404, 409, 412, 415, 428))
async def change_notification_channel(
    *,
    channel_id: UUID,
    wanted: ChannelUpdate,
    caller: NotificationWriter,
    session: Session,
    resources: OpenResources,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> ChannelRead:
    """Change a channel, or disable it: what waits for a disabled one has failed."""
    channel = await channels.change(
        session,
        channel_id,
        wanted,
        resources.cipher,
        by=caller,
        allow=resources.settings.outgoing_allow,
        expected=seen,
        trace=trace,
    )
    await session.refresh(channel)
    response.headers["ETag"] = etag(channel.revision)
    return channels.shown(channel)


@router.post(
    "/notification-channels/{channel_id}/test",
    status_code=statuses.HTTP_202_ACCEPTED,
    responses=problems(404, 409),
)
async def test_notification_channel(
    channel_id: UUID, caller: NotificationWriter, session: Session, trace: RequestTrace, key: Key = None
) -> NotificationRead:
    """Have a message sent to the channel; what became of it is in the list of notifications."""

    async def work() -> NotificationRead:
        return told.shown(await channels.test(session, channel_id, by=caller, trace=trace))

    route = f"channel test {channel_id}"
    return await idempotency.once(session, key, None, work, by=caller, route=route, reply=NotificationRead)


@router.get("/notification-routes")
async def list_notification_routes(
    caller: SignedInSomewhere, session: Session, limit: Limit = 50, cursor: Cursor = None
) -> Page[RouteRead]:
    """One's own routes, and those to the channels one looks after."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    statement = queries.routes(caller).order_by(NotificationRoute.id).limit(limit + 1)
    if after is not None:
        statement = statement.where(NotificationRoute.id > after)
    rows = (await session.scalars(statement)).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[RouteRead.model_validate(row) for row in page], next_cursor=next_cursor)


@router.post("/notification-routes", status_code=statuses.HTTP_201_CREATED, responses=problems(409, 415))
async def create_notification_route(
    *,
    wanted: RouteCreate,
    caller: SignedInSomewhere,
    session: Session,
    trace: RequestTrace,
    response: Response,
    key: Key = None,
) -> RouteRead:
    """Say where these kinds go: to a channel, or to oneself."""

    async def work() -> RouteRead:
        return RouteRead.model_validate(await routing.create(session, wanted, by=caller, trace=trace))

    made = await idempotency.once(session, key, wanted, work, by=caller, route="notification route", reply=RouteRead)
    response.headers["ETag"] = etag(made.revision)
    return made


@router.patch("/notification-routes/{route_id}", responses=problems(404, 412, 415, 428))
async def change_notification_route(
    *,
    route_id: UUID,
    wanted: RouteUpdate,
    caller: SignedInSomewhere,
    session: Session,
    trace: RequestTrace,
    response: Response,
    seen: IfMatch = None,
) -> RouteRead:
    """Change a route, or disable it."""
    route = await routing.change(session, route_id, wanted, by=caller, expected=seen, trace=trace)
    response.headers["ETag"] = etag(route.revision)
    return RouteRead.model_validate(route)


@router.delete("/notification-routes/{route_id}", status_code=statuses.HTTP_204_NO_CONTENT, responses=problems(404))
async def delete_notification_route(
    route_id: UUID, caller: SignedInSomewhere, session: Session, trace: RequestTrace
) -> None:
    """Take a route away."""
    await routing.delete(session, route_id, by=caller, trace=trace)


@router.get("/notifications")
async def list_notifications(
    *,
    caller: SignedInSomewhere,
    session: Session,
    status: Annotated[Status | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NotificationRead]:
    """What one was told, the latest first; of the whole organization for who looks after its channels."""
    (after,) = pagination.decode(cursor, UUID) if cursor is not None else (None,)
    statement = queries.page(caller, status=status, kind=kind, after=after, limit=limit)
    rows = (await session.scalars(statement)).all()
    page, next_cursor = pagination.cut(rows, limit, lambda row: (row.id,))
    return Page(items=[told.shown(row) for row in page], next_cursor=next_cursor)


@router.post("/notifications/{notification_id}/retry", responses=problems(404, 409))
async def retry_notification(
    notification_id: UUID, caller: SignedInSomewhere, session: Session, trace: RequestTrace
) -> NotificationRead:
    """Have a failed one tried again, with all that went with it."""
    return told.shown(await told.retry(session, notification_id, by=caller, trace=trace))
