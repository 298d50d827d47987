"""`GET /stream`: what changed, as it changes, for the pages that show it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.api.auth.permissions import SignedInSomewhere
from services.api.deps import Resources, resources_of
from services.api.principal import Principal
from services.api.stream.audience import hidden_ids
from services.api.stream.hub import Hub, Listener
from services.api.stream.told import RESET, Told
from shared.errors import Unavailable
from shared.lifecycle import Stop

router = APIRouter(tags=["stream"])

MOST_STREAMS = 2000
# A session that ended must not go on hearing; the page connects again by itself, and is asked who it is.
LONGEST_SECONDS = 600.0

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The last event that was seen, at most five minutes ago."),
]


class TooManyStreams(Unavailable):
    """This process has as many open streams as it takes, in all or of this caller."""

    code = "too_many_streams"


async def listening(
    request: Request, caller: SignedInSomewhere, last_event_id: LastEventId = None
) -> AsyncIterator[Listener]:
    """The request's listener, taken before anybody else can be asked in between. Raises TooManyStreams."""
    hub: Hub = request.state.hub
    resources = resources_of(request)
    _refuse_more(hub, caller, resources)
    async with resources.sessions.begin() as session:
        hidden = await hidden_ids(session, caller)
    # While that was asked others may have come.
    _refuse_more(hub, caller, resources)
    with hub.listening(caller, _id(last_event_id), hidden=hidden) as listener:
        yield listener


def _refuse_more(hub: Hub, caller: Principal, resources: Resources) -> None:
    if hub.listeners >= MOST_STREAMS or hub.of(caller) >= resources.settings.streams_per_caller:
        raise TooManyStreams


@router.get("/stream", response_class=EventSourceResponse)
async def stream_changes(
    request: Request, listener: Annotated[Listener, Depends(listening)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `{kind, ids}` of rows of the caller's organizations that changed.

    The event `reset` says that something may have been missed: read anew what is shown. A stream ends after ten
    minutes; `Last-Event-ID` goes on where it ended.
    """
    stop: Stop = request.state.stop
    ended = asyncio.get_running_loop().time() + LONGEST_SECONDS
    yield ServerSentEvent(comment="listening", retry=1000)
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.requested and (left := ended - asyncio.get_running_loop().time()) > 0:
            woken = asyncio.create_task(listener.woken.wait())
            try:
                await asyncio.wait({woken, stopping}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                woken.cancel()
            for told in listener.take():
                yield _event(told)
    finally:
        stopping.cancel()


def _event(told: Told) -> ServerSentEvent:
    if told is RESET:
        return ServerSentEvent(event="reset", data={})
    return ServerSentEvent(
        id=str(told.id),
        event="changed",
        data={"organization_id": str(told.organization_id), "kind": told.kind, "ids": [str(one) for one in told.ids]},
    )


def _id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
