"""Around every request: a bounded body, headers of safety, counts, a log line, an answer even to a mistake of ours."""

import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.errors import PROBLEM_CODE, reply
from services.api.principal import CALLER_ID
from shared import log, metrics
from shared.refusal_log import RefusalLog

logger = log.get(__name__)

# Methods that change nothing (RFC 9110, 9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_BODY_BYTES = 1 << 20
# A route that takes more says how much in its `openapi_extra`, under this name.
BODY_LIMIT = "x-max-body-bytes"

# Replies hold what only the caller may see, some of it once.
_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


class EdgeMiddleware:
    """Pure ASGI, inside the one that binds the correlation id.

    Every change, and of problems five a second of each code, is told in one line of the log, which the correlation id
    finds; what GET does only at DEBUG. An exception nobody expected is logged with its traceback and answered as a 500
    problem that says nothing of it. One that comes when the reply has begun can only end the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._refusals = RefusalLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        started = time.perf_counter()

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
            await send(message)

        try:
            await self._app(scope, _bounded(scope, receive), send_dressed)
        except Exception:  # a defect of ours is answered 500 as a problem, without its words
            logger.exception("request_failed", **_fields(scope, status or 500, started))
            if status:
                raise
            await _failed(scope)(scope, receive, send_dressed)
        else:
            _tell(scope, status, started, self._refusals)
        finally:
            _count(scope, status, time.perf_counter() - started)


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """The body up to the route's limit. Beyond it the reader gets the one kind of error that FastAPI lets pass."""
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > (most := _limit(scope)):
            raise HTTPException(413, f"The body is larger than the {most:,} bytes that are taken here.")
        return message

    return receive_bounded


def _limit(scope: Scope) -> int:
    """Known when somebody asks for the body, for by then the route has been found."""
    limit: int = (getattr(scope.get("route"), "openapi_extra", None) or {}).get(BODY_LIMIT, MAX_BODY_BYTES)
    return limit


def _failed(scope: Scope) -> ASGIApp:
    return reply(
        500,
        "internal",
        "This is a mistake of ours; the log has it under the correlation id.",
        correlation_id=scope.get("state", {}).get("correlation_id"),
    )


def _tell(scope: Scope, status: int, started: float, refusals: RefusalLog) -> None:
    code = scope.get("state", {}).get(PROBLEM_CODE)
    if code is not None:
        refusals.refused(code, **_fields(scope, status, started))
    elif scope["method"] in SAFE:
        logger.debug("request_answered", **_fields(scope, status, started))
    else:
        logger.info("request_answered", **_fields(scope, status, started))


def _fields(scope: Scope, status: int, started: float) -> dict[str, Any]:
    """Nothing of what the caller sent but its method: paths and queries may hold secrets."""
    return {
        "method": scope["method"][:16],
        "route": _route(scope),
        "status": status,
        "caller_id": scope.get("state", {}).get(CALLER_ID),
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
    }


def _route(scope: Scope) -> str:
    """The route's template: paths themselves are the callers' to choose and would fill the memory."""
    return getattr(scope.get("route"), "path", "none")


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = _route(scope)
    metrics.API_REQUESTS.labels(route, scope["method"], str(status)).inc()
    metrics.API_SECONDS.labels(route).observe(seconds)
