"""Channels and the routes to them, and one's own routes; what was told, and telling it again."""

import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.deps import Trace
from services.api.notifications import queries
from services.api.notifications.schemas import (
    ChannelCreate,
    ChannelRead,
    ChannelUpdate,
    EmailChannel,
    NotificationRead,
    RouteCreate,
    RouteRead,
    RouteUpdate,
)
from services.api.principal import Principal
from shared import clock, ids
from shared.cipher import Cipher
from shared.domain.notification import PERSONAL, Kind
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Notification, NotificationChannel, NotificationRoute

MOST_CHANNELS = 100
MOST_ROUTES = 100

_KINDS: dict[type, str] = {
    NotificationChannel: "notification_channel",
    NotificationRoute: "notification_route",
    Notification: "notification",
}


class ChannelNotFound(NotFound):
    """There is no such channel."""

    code = "channel_not_found"


class UnknownChannel(Invalid):
    """There is no such channel that the caller looks after."""

    code = "unknown_channel"


class RouteNotFound(NotFound):
    """There is no such route."""

    code = "route_not_found"


class NotificationNotFound(NotFound):
    """There is no such notification."""

    code = "notification_not_found"


class ChannelNameTaken(Conflict):
    """The organization has a channel of this name already."""

    code = "channel_name_taken"


class ChannelDisabled(Conflict):
    """The channel is disabled."""

    code = "channel_disabled"


class NotFailed(Conflict):
    """Only what has failed can be tried again by hand."""

    code = "not_failed"


class TooMany(Conflict):
    """There are as many as there may be; change one, or take one away."""

    code = "too_many"


class NotOfThisKind(Invalid):
    """`to` is an e-mail channel's, `url`, `format` and `key` are a webhook's."""

    code = "not_of_this_kind"


class PersonalKind(Invalid):
    """What is one person's to hear goes to no channel."""

    code = "personal_kind"


async def create_channel(
    session: AsyncSession, wanted: ChannelCreate, cipher: Cipher, *, by: Principal, trace: Trace
) -> tuple[NotificationChannel, str | None]:
    """A channel, and the key that a webhook's messages are signed with. Raises ChannelNameTaken and TooMany."""
    home = by.home(wanted.organization_id)
    if (await session.scalar(queries.count_channels(home)) or 0) >= MOST_CHANNELS:
        raise TooMany
    channel = NotificationChannel(organization_id=home, kind=wanted.kind, name=wanted.name)
    key = None
    if isinstance(wanted, EmailChannel):
        channel.settings = {"to": wanted.to}
    else:
        key = wanted.key or secrets.token_urlsafe(32)
        channel.settings = {"format": wanted.format, "host": _host(wanted.url)}
        channel.secret = _sealed(cipher, wanted.url, key)
    session.add(channel)
    await _flush(session)
    _tell(session, "created", channel, by=by, trace=trace, name=channel.name)
    return channel, key


async def change_channel(
    session: AsyncSession,
    channel_id: UUID,
    wanted: ChannelUpdate,
    cipher: Cipher,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> NotificationChannel:
    """The channel as it is from now on. Raises NotOfThisKind, WrongKey, ChannelNameTaken and Stale."""
    channel = await _channel(session, channel_id, by=by)
    preconditions.check(expected, channel.revision, lambda: shown(channel).model_dump(mode="json"))
    given = {name: value for name, value in wanted.model_dump(exclude_unset=True).items() if value is not None}
    theirs = {"to"} if channel.kind == "email" else {"url", "format", "key"}
    if given.keys() - theirs - {"name", "disabled"}:
        raise NotOfThisKind
    before = trail.snapshot(channel, ("name", "settings", "disabled_at"))
    channel.name = given.get("name", channel.name)
    _switch(channel, given.get("disabled"))
    _set(channel, given, cipher)
    changes = trail.differences(channel, before)
    if changes or {"url", "key"} & given.keys():
        channel.revision += 1
        await _flush(session)
        secret = sorted({"url", "key"} & given.keys())  # that they changed, not what they are
        _tell(session, "changed", channel, by=by, trace=trace, changes=changes, secrets=secret)
    return channel


async def test_channel(session: AsyncSession, channel_id: UUID, *, by: Principal, trace: Trace) -> Notification:
    """A message to the channel, which the notifier sends like any other. Raises ChannelDisabled."""
    channel = await _channel(session, channel_id, by=by)
    if channel.disabled_at is not None:
        raise ChannelDisabled
    told = ids.uuid7()
    notification = Notification(
        id=told,
        organization_id=channel.organization_id,
        kind=Kind.CHANNEL_TEST,
        dedupe_key=f"{Kind.CHANNEL_TEST} {told}",
        subject=f"A test of this channel, asked for by {by.name}",
        content={},
        channel_id=channel.id,
        due_at=clock.now(),
        correlation_id=trace.correlation_id,
    )
    session.add(notification)
    await session.flush()
    await session.refresh(notification)
    _tell(session, "tested", channel, by=by, trace=trace)
    return notification


async def create_route(session: AsyncSession, wanted: RouteCreate, *, by: Principal, trace: Trace) -> NotificationRoute:
    """A route to a channel, or the caller's own. Raises UnknownChannel, PersonalKind, TooMany and NotAPerson."""
    if wanted.channel_id is not None:
        channel = await session.scalar(queries.channels(by).where(NotificationChannel.id == wanted.channel_id))
        if channel is None:
            raise UnknownChannel
        _refuse_personal(wanted.kinds)
        home, person = channel.organization_id, None
    else:
        home, person = by.home(wanted.organization_id), by.person
    if (await session.scalar(queries.count_routes(home, person)) or 0) >= MOST_ROUTES:
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
    _tell(session, "created", route, by=by, trace=trace, kinds=route.kinds)
    return route


async def change_route(
    session: AsyncSession,
    route_id: UUID,
    wanted: RouteUpdate,
    *,
    by: Principal,
    expected: str | None,
    trace: Trace,
) -> NotificationRoute:
    """The route as it is from now on. Raises RouteNotFound, PersonalKind and Stale."""
    route = await _route(session, route_id, by=by)
    preconditions.check(expected, route.revision, lambda: RouteRead.model_validate(route).model_dump(mode="json"))
    before = trail.snapshot(route, ("kinds", "min_severity", "quiet_hours", "coalesce_seconds", "disabled_at"))
    for name in wanted.model_fields_set & {"kinds", "min_severity", "coalesce_seconds"}:
        if (value := getattr(wanted, name)) is not None:
            setattr(route, name, value)
    if "quiet_hours" in wanted.model_fields_set:
        route.quiet_hours = wanted.quiet_hours.kept() if wanted.quiet_hours is not None else None
    _switch(route, wanted.disabled)
    if route.channel_id is not None:
        _refuse_personal(route.kinds)
    if changes := trail.differences(route, before):
        route.revision += 1
        await session.flush()
        await session.refresh(route)
        _tell(session, "changed", route, by=by, trace=trace, changes=changes)
    return route


async def delete_route(session: AsyncSession, route_id: UUID, *, by: Principal, trace: Trace) -> None:
    """Take a route away. Raises RouteNotFound."""
    route = await _route(session, route_id, by=by)
    _tell(session, "deleted", route, by=by, trace=trace, kinds=route.kinds)
    await session.delete(route)
    await session.flush()


async def retry(session: AsyncSession, notification_id: UUID, *, by: Principal, trace: Trace) -> Notification:
    """Have it tried again, with all that travelled with it. Raises NotificationNotFound and NotFailed."""
    statement = queries.notifications(by).where(Notification.id == notification_id).with_for_update()
    notification = await session.scalar(statement)
    if notification is None:
        raise NotificationNotFound
    if notification.status != "failed":
        raise NotFailed
    await session.execute(queries.again(notification.sent_with_id or notification.id))
    await session.refresh(notification)
    _tell(session, "retried", notification, by=by, trace=trace)
    return notification


def shown(channel: NotificationChannel) -> ChannelRead:
    """A channel without its secrets."""
    settings: dict[str, Any] = channel.settings
    known = {name: getattr(channel, name) for name in ChannelRead.model_fields if name not in ("to", "format", "host")}
    return ChannelRead(**known, to=settings.get("to"), format=settings.get("format"), host=settings.get("host"))


def told(notification: Notification) -> NotificationRead:
    """A notification as it is shown."""
    return NotificationRead.model_validate(notification)


def _set(channel: NotificationChannel, given: dict[str, Any], cipher: Cipher) -> None:
    settings: dict[str, Any] = channel.settings
    channel.settings = settings | {name: given[name] for name in ("to", "format") if name in given}
    if not {"url", "key"} & given.keys():
        return
    kept = orjson.loads(cipher.decrypt(channel.secret or b""))
    url, key = given.get("url", kept["url"]), given.get("key", kept["key"])
    channel.settings = channel.settings | {"host": _host(url)}
    channel.secret = _sealed(cipher, url, key)


def _switch(row: NotificationChannel | NotificationRoute, disabled: bool | None) -> None:
    if disabled is not None and disabled != (row.disabled_at is not None):
        row.disabled_at = clock.now() if disabled else None


def _sealed(cipher: Cipher, url: str, key: str) -> bytes:
    return cipher.encrypt(orjson.dumps({"url": url, "key": key}).decode())


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _refuse_personal(kinds: list[Any]) -> None:
    if PERSONAL & set(kinds):
        raise PersonalKind


async def _channel(session: AsyncSession, channel_id: UUID, *, by: Principal) -> NotificationChannel:
    statement = queries.channels(by).where(NotificationChannel.id == channel_id).with_for_update()
    channel = await session.scalar(statement)
    if channel is None:
        raise ChannelNotFound
    return channel


async def _route(session: AsyncSession, route_id: UUID, *, by: Principal) -> NotificationRoute:
    route = await session.scalar(queries.routes(by).where(NotificationRoute.id == route_id).with_for_update())
    if route is None:
        raise RouteNotFound
    return route


async def _flush(session: AsyncSession) -> None:
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise ChannelNameTaken from None


def _tell(
    session: AsyncSession,
    action: str,
    row: NotificationChannel | NotificationRoute | Notification,
    *,
    by: Principal,
    trace: Trace,
    changes: trail.Changes | None = None,
    **details: Any,
) -> None:
    kind = _KINDS[type(row)]
    trail.record(
        session,
        f"{kind}.{action}",
        by=by,
        trace=trace,
        organization_id=row.organization_id,
        kind=kind,
        object_id=row.id,
        changes=changes,
        **details,
    )
