"""Somebody who signed in: their cookie and the proof that goes with it, as a browser's page would send them."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import httpx

from shared.models import User
from tests.integration.api.calling import Api
from tests.integration.api.rows import PASSWORD

COOKIE = "__Host-eventsec"


@dataclass(frozen=True)
class Page:
    """A page in a browser where somebody is signed in."""

    api: Api
    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        """What says who asks."""
        return {"Cookie": f"{COOKIE}={self.cookie}", "X-CSRF-Token": self.csrf}

    async def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return await self.api.call(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", path, json=body, **more)

    async def delete(self, path: str, **more: Any) -> httpx.Response:
        return await self.call("DELETE", path, **more)


async def log_in(api: Api, user: User, *, password: str = PASSWORD, **more: Any) -> httpx.Response:
    """The reply to a login."""
    headers = more.pop("headers", {})
    body = {"email": user.email.upper(), "password": password} | more
    reply = await api.as_(None).post("auth/login", body, headers=headers)
    # The client would send the cookie by itself; pages do that on purpose.
    api.client.cookies.clear()
    return reply


async def page_of(api: Api, user: User, **more: Any) -> Page:
    """Where that person has just signed in."""
    reply = await log_in(api, user, **more)
    assert reply.status_code == 200, reply.text
    return page_in(api, reply)


def page_in(api: Api, reply: httpx.Response) -> Page:
    """The page with the session that a reply began."""
    cookie = SimpleCookie(reply.headers["set-cookie"])[COOKIE]
    return Page(api.as_(None), cookie.value, reply.json()["csrf_token"])
