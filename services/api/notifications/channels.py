"""Channels: made, changed, tested; what a webhook is signed with is sealed."""

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import preconditions, trail
from services.api.deps import Trace
from services.api.notifications import queries
from services.api.notifications.schemas import ChannelCreate, ChannelRead, ChannelUpdate, EmailChannel
from services.api.principal import Principal
from shared import clock, ids, outgoing
from shared.cipher import Cipher
from shared.domain.notification import Kind
from shared.errors import Conflict, Invalid, NotFound
from shared.models import Notification, NotificationChannel, NotificationRoute
from shared.outgoing import Network, NotAllowed

MOST = 100


class ChannelNotFound(NotFound):
    """There is no such channel."""

    code = "channel_not_found"


class ChannelNameTaken(Conflict):
    """The organization has a channel of this name already."""

    code = "channel_name_taken"


class ChannelDisabled(Conflict):
    """The channel is disabled."""

    code = "channel_disabled"


class TooMany(Conflict):
    """There are as many as there may be; change one instead."""

    code = "too_many"


class UrlNotAllowed(Invalid):
    """The URL leads to an address that is not called."""

    code = "url_not_allowed"


class NotOfThisKind(Invalid):
    """`to` is an e-mail channel's, `url`, `format` and `key` are a webhook's."""

    code = "not_of_this_kind"


async def create(
    session: AsyncSession,
    wanted: ChannelCreate,
    cipher: Cipher,
    *,
    by: Principal,
    allow: Sequence[Network],
    trace: Trace,
) -> tuple[NotificationChannel, str | None]:
    """A channel, and the key that a webhook's messages are signed with; `allow` are networks it may lead to.

    Raises UrlNotAllowed, ChannelNameTaken and TooMany.
    """
    home = by.home(wanted.organization_id)
    if (await session.scalar(queries.count_channels(home)) or 0) >= MOST:
        raise TooMany
    channel = NotificationChannel(organization_id=home, kind=wanted.kind, name=wanted.name)
    key = None
    if isinstance(wanted, EmailChannel):
        channel.settings = {"to": wanted.to}
    else:
        _refuse_unreachable(wanted.url, allow)
        key = wanted.key or secrets.token_urlsafe(32)
        channel.settings = {"format": wanted.format, "host": _host(wanted.url)}
        channel.secret = _sealed(cipher, wanted.url, key)
    session.add(channel)
    await _flush(session)
    trail.record_of(session, "notification_channel.created", channel, by=by, trace=trace, name=channel.name)
    return channel, key


async def change(
    session: AsyncSession,
    channel_id: UUID,
    wanted: ChannelUpdate,
    cipher: Cipher,
    *,
    by: Principal,
    allow: Sequence[Network],
    expected: str | None,
    trace: Trace,
) -> NotificationChannel:
    """The channel as it is from now on. Raises NotOfThisKind, UrlNotAllowed, WrongKey, ChannelNameTaken and Stale."""
    channel = await _locked(session, channel_id, by=by)
    preconditions.check(expected, channel.revision, lambda: shown(channel).model_dump(mode="json"))
    given = {name: value for name, value in wanted.model_dump(exclude_unset=True).items() if value is not None}
    theirs = {"to"} if channel.kind == "email" else {"url", "format", "key"}
    if given.keys() - theirs - {"name", "disabled"}:
        raise NotOfThisKind
    if "url" in given:
        _refuse_unreachable(given["url"], allow)
    before = trail.snapshot(channel, ("name", "settings", "disabled_at"))
    channel.name = given.get("name", channel.name)
    switch(channel, given.get("disabled"))
    _set(channel, given, cipher)
    changes = trail.differences(channel, before)
    if changes or {"url", "key"} & given.keys():
        channel.revision += 1
        await _flush(session)
        secret = sorted({"url", "key"} & given.keys())  # that they changed, not what they are
        trail.record_of(
            session, "notification_channel.changed", channel, by=by, trace=trace, changes=changes, secrets=secret
        )
    return channel


async def test(session: AsyncSession, channel_id: UUID, *, by: Principal, trace: Trace) -> Notification:
    """A message to the channel, which the notifier sends like any other. Raises ChannelDisabled."""
    channel = await _locked(session, channel_id, by=by)
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
    trail.record_of(session, "notification_channel.tested", channel, by=by, trace=trace)
    return notification


def shown(channel: NotificationChannel) -> ChannelRead:
    """A channel without its secrets."""
    settings: dict[str, Any] = channel.settings
    known = {name: getattr(channel, name) for name in ChannelRead.model_fields if name not in ("to", "format", "host")}
    return ChannelRead(**known, to=settings.get("to"), format=settings.get("format"), host=settings.get("host"))


def switch(row: NotificationChannel | NotificationRoute, disabled: bool | None) -> None:
    """Disable a channel or route, or enable it; None leaves it."""
    if disabled is not None and disabled != (row.disabled_at is not None):
        row.disabled_at = clock.now() if disabled else None


def _set(channel: NotificationChannel, given: dict[str, Any], cipher: Cipher) -> None:
    settings: dict[str, Any] = channel.settings
    channel.settings = settings | {name: given[name] for name in ("to", "format") if name in given}
    if not {"url", "key"} & given.keys():
        return
    # Where both are new, whatever was kept need not be readable any more.
    kept = {} if {"url", "key"} <= given.keys() else orjson.loads(cipher.decrypt(channel.secret or b""))
    url, key = ((kept | given)[name] for name in ("url", "key"))
    channel.settings = channel.settings | {"host": _host(url)}
    channel.secret = _sealed(cipher, url, key)


def _sealed(cipher: Cipher, url: str, key: str) -> bytes:
    return cipher.encrypt(orjson.dumps({"url": url, "key": key}).decode())


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _refuse_unreachable(url: str, allow: Sequence[Network]) -> None:
    try:
        outgoing.refuse_literal(url, allow)
    except (NotAllowed, httpx.InvalidURL) as error:
        raise UrlNotAllowed(f"The URL is not called: {error}.") from None


async def _locked(session: AsyncSession, channel_id: UUID, *, by: Principal) -> NotificationChannel:
    statement = queries.channels(by).where(NotificationChannel.id == channel_id).with_for_update()
    channel = await session.scalar(statement)
    if channel is None:
        raise ChannelNotFound
    return channel


async def _flush(session: AsyncSession) -> None:
    try:
        async with session.begin_nested():
            await session.flush()
    except IntegrityError:
        raise ChannelNameTaken from None
