"""The one id that follows a request through every process: taken or made at the door, echoed, logged."""

import re
from collections.abc import Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids

_REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{1,64}")
_TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def correlation_id(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, str | None]:
    """The correlation id of a request and its `traceparent`, if it has a well-formed one.

    `X-Request-ID` of up to 64 letters, digits, `_` and `-` wins; else the trace id; else a fresh UUIDv7.
    """
    found = {name: value for name, value in headers if name in (b"x-request-id", b"traceparent")}
    trace = _TRACEPARENT.fullmatch(found.get(b"traceparent", b""))
    traceparent = found[b"traceparent"].decode() if trace else None
    if _REQUEST_ID.fullmatch(given := found.get(b"x-request-id", b"")):
        return given.decode(), traceparent
    if trace:
        return trace[1].decode(), traceparent
    return str(ids.uuid7()), None


class CorrelationMiddleware:
    """Pure ASGI: binds `correlation_id` to every log line of the request and echoes it as `X-Request-ID`.

    Handlers find it in `scope["state"]` as `correlation_id` and `traceparent`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation, traceparent = correlation_id(scope["headers"])
        scope.setdefault("state", {}).update(correlation_id=correlation, traceparent=traceparent)
        header = (b"x-request-id", correlation.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation):
            await self._app(scope, receive, send_with_id)
