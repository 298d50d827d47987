"""Begins a change anew when the database broke its transaction off (40P01, 40001) for the sake of others.

Nothing of it was committed, and its caller has been told nothing: what would be a 503, to which the caller sends the
same again, is done here. What a request commits apart, as an attempt at a password, is meant to stand when it fails,
and is done again with it, as when the caller sends it again.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.deps import BROKEN_OFF, READING
from services.api.errors import PROBLEM_CODE
from services.api.middleware import BODY_LIMIT, MAX_BODY_BYTES
from shared import log, metrics
from shared.retry import Backoff

logger = log.get(__name__)

MOST_RESTARTS = 3
PAUSE = Backoff(first=0.05, most=0.5)


class RestartMiddleware:
    """Pure ASGI, inside the one that counts and logs requests: to that one all attempts are one.

    A body is kept to be read again, but not that of an upload, which has a limit of its own: where it is broken off,
    the reply is the 503.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING:
            await self._app(scope, receive, send)
            return
        body = _Body(receive, scope)
        for restarts in range(MOST_RESTARTS):
            if not await self._attempt(scope, body, send):
                return
            metrics.API_RESTARTS.inc()
            logger.info("request_begun_anew", restarts=restarts + 1)
            await asyncio.sleep(PAUSE.pause(restarts))
            body.rewind()
            for name in (BROKEN_OFF, PROBLEM_CODE):
                scope["state"].pop(name, None)
        await self._app(scope, body.receive, send)

    async def _attempt(self, scope: Scope, body: "_Body", send: Send) -> bool:
        """True when it is to be done again: then nothing was sent."""
        withheld = False

        async def send_unless_broken_off(message: Message) -> None:
            nonlocal withheld
            if message["type"] == "http.response.start":
                withheld = scope["state"].get(BROKEN_OFF, False) and body.is_whole
            if not withheld:
                await send(message)

        await self._app(scope, body.receive, send_unless_broken_off)
        return withheld


class _Body:
    """What was received, to be received again; no more of it is kept than any route but an upload takes."""

    def __init__(self, receive: Receive, scope: Scope) -> None:
        self._receive, self._scope = receive, scope
        self._kept: list[Message] = []
        self._at = 0
        self._room = MAX_BODY_BYTES

    @property
    def is_whole(self) -> bool:
        return self._room >= 0 and not _is_upload(self._scope)

    async def receive(self) -> Message:
        if self._at < len(self._kept):
            self._at += 1
            return self._kept[self._at - 1]
        message = await self._receive()
        self._room -= len(message.get("body", b""))
        if self.is_whole:
            self._kept.append(message)
            self._at += 1
        else:
            self._kept.clear()
        return message

    def rewind(self) -> None:
        self._at = 0


def _is_upload(scope: Scope) -> bool:
    return BODY_LIMIT in (getattr(scope.get("route"), "openapi_extra", None) or {})
