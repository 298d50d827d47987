"""An HTTP proxy before OpenSearch that refuses items of bulk requests, and bodies, as OpenSearch does."""

import asyncio
import contextlib
import random
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE"]
SHARE_REFUSED = 0.4
MAX_BODY = 24 << 10
ERRORS = {
    429: {"type": "rejected_execution_exception", "reason": "rejected execution of coordinating operation"},
    503: {"type": "unavailable_shards_exception", "reason": "primary shard is not active"},
}


@dataclass
class SearchProxy:
    """Passes everything on to `url`; `refusing` is a status for items of bulk requests, or 413 for large bodies.

    `seen` counts refused items and bodies by status, and items that OpenSearch itself refused.
    """

    url: str
    port: int = 0
    refusing: int | None = None
    seen: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=random.Random)
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=60))

    async def answer(self, request: Request) -> Response:
        """Any request."""
        body = await request.body()
        bulk = request.url.path.endswith("/_bulk")
        if self.refusing == 413 and bulk and len(body) > MAX_BODY:
            self.seen["413"] += 1
            return Response(b"", 413)
        kept, refused = self._sorted(body) if self.refusing in ERRORS and bulk else (body, {})
        if refused and not kept:
            return _json({"errors": True, "items": list(refused.values())})
        try:
            reply = await self.client.request(
                request.method,
                f"{self.url}{request.scope['raw_path'].decode()}?{request.url.query}",
                content=kept,
                headers={"content-type": request.headers.get("content-type", "application/json")},
            )
        except httpx.HTTPError:
            return Response(b"", 502)
        if bulk and reply.status_code == 200:
            told = orjson.loads(reply.content)
            self._count_theirs(told)
            return _json(_merged(told, refused)) if refused else _json(told)
        return Response(reply.content, reply.status_code, media_type=reply.headers.get("content-type"))

    def _sorted(self, body: bytes) -> tuple[bytes, dict[int, Any]]:
        """The body without the items that are refused, and their answers by position."""
        lines = body.splitlines(keepends=True)
        kept: list[bytes] = []
        refused: dict[int, Any] = {}
        for position, (action, document) in enumerate(_pairs(lines)):
            if self.refusing is not None and self.chance.random() < SHARE_REFUSED:
                ((kind, target),) = orjson.loads(action).items()
                answer = {"_id": target["_id"], "status": self.refusing, "error": ERRORS[self.refusing]}
                refused[position] = {kind: answer}
                self.seen[str(self.refusing)] += 1
            else:
                kept += [action, document]
        return b"".join(kept), refused

    def _count_theirs(self, told: Any) -> None:
        for item in told.get("items", ()) if told.get("errors") else ():
            status = next(iter(item.values())).get("status", 0)
            if status >= 400 and status != 409:
                self.seen[f"their_{status}"] += 1


def _pairs(lines: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(lines[::2], lines[1::2], strict=True)


def _merged(told: Any, refused: dict[int, Any]) -> Any:
    """The server's answer with the refusals at their positions."""
    theirs = iter(told["items"])
    items = [refused.get(position) or next(theirs) for position in range(len(told["items"]) + len(refused))]
    return {"errors": True, "items": items}


def _json(told: Any) -> Response:
    return Response(orjson.dumps(told), media_type="application/json")


class _Server(uvicorn.Server):
    """Leaves the signals to the campaign."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def search_proxied(url: str) -> AsyncIterator[SearchProxy]:
    """A running proxy before the OpenSearch at that URL."""
    proxy = SearchProxy(url.rstrip("/"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        proxy.port = listening.getsockname()[1]
        app = Starlette(routes=[Route("/{path:path}", proxy.answer, methods=METHODS)])
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield proxy
        finally:
            server.should_exit = True
            await serving
            await proxy.client.aclose()
