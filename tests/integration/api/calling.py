"""Calls the application in this process, over its real lifespan, and checks each reply against its OpenAPI."""

import asyncio
import contextlib
import functools
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.app import Api as Application
from services.api.app import create_app
from services.api.deps import Resources
from services.api.settings import ApiSettings
from shared.problem import MEDIA_TYPE

PREFIX = "/api/v1"


@dataclass(frozen=True)
class Api:
    """A client with one token (or none), and what the process has open."""

    client: httpx.AsyncClient
    application: Application
    resources: Resources
    token: str | None

    def as_(self, token: str | None) -> "Api":
        """The same, called by somebody else."""
        return replace(self, token=token)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", path, json=body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> httpx.Response:
        return await self.call("PATCH", path, json=body, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("DELETE", path, **more)

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; its reply is one of those the operation declares, with its ETag, or a problem."""
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        url = path if path.startswith("/") else f"{PREFIX}/{path}"
        given = {name: value for name, value in more.items() if value is not None}
        reply = await self.client.request(method, url, headers=headers, **given)
        self._check(method, reply)
        return reply

    @contextlib.asynccontextmanager
    async def stalled(self, path: str, headers: dict[str, str]) -> AsyncIterator[None]:
        """A download of which the client has taken the first piece, and takes no more."""
        begun, never = asyncio.Event(), asyncio.Event()

        async def receive() -> Message:
            await never.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                begun.set()
                await never.wait()

        request = self.client.build_request("GET", f"{PREFIX}/{path}", headers=headers)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": request.url.path,
            "query_string": b"",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "state": {"resources": self.resources},
        }
        download = asyncio.create_task(self.application(scope, receive, send))
        try:
            async with asyncio.timeout(10):
                await begun.wait()
            yield
        finally:
            download.cancel()
            await asyncio.gather(download, return_exceptions=True)

    def _check(self, method: str, reply: httpx.Response) -> None:
        assert reply.headers["x-request-id"]
        if operation := self._operation(method, reply.url.path):
            assert str(reply.status_code) in operation["responses"], f"{reply.status_code} is not declared"
        if reply.is_success and reply.content and reply.headers["content-type"] == "application/json":
            shown = reply.json()
            if isinstance(shown, dict) and "revision" in shown:
                assert reply.headers.get("etag") == f'"{shown["revision"]}"', "whoever changes it needs its ETag"
        if reply.status_code >= 400 and reply.url.path.startswith(PREFIX):
            assert reply.headers["content-type"] == MEDIA_TYPE
            problem = reply.json()
            assert problem["status"] == reply.status_code
            assert problem["correlation_id"] == reply.headers["x-request-id"]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for template, operations in self.application.openapi()["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                return cast("dict[str, Any] | None", operations.get(method.lower()))
        return None

    async def until_up(self, *names: str) -> None:
        """Wait until the health checks of these say yes."""
        await until(lambda: all(self.resources.health.is_up(name) for name in names))


async def until(said: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not said():
            await asyncio.sleep(0.02)


@functools.cache
def _application() -> Application:
    """One for all tests: what it is made of does not depend on settings, and making it takes seconds."""
    return create_app()


@contextlib.asynccontextmanager
async def running(settings: ApiSettings, token: str | None = None) -> AsyncIterator[Api]:
    """The application between the start and the end of its lifespan."""
    application = _application()
    application.settings = settings
    async with application.router.lifespan_context(application) as state:
        resources = cast("Resources", cast("Any", state)["resources"])
        transport = httpx.ASGITransport(app=cast("Any", _with_state(application, cast("Any", state))))
        async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as client:
            yield Api(client, application, resources, token)


def _with_state(application: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    """What a server does: each request gets a copy of the lifespan's state."""

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        await application({**scope, "state": dict(state)}, receive, send)

    return called
