"""The stream: what one person changes another hears, from whichever process, and nobody else; it ends in time."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.requests import Request

from services.api.principal import Principal
from services.api.settings import ApiSettings
from services.api.stream.hub import MOST_WAITING, Hub
from services.api.stream.routes import TooManyStreams, listening, stream_changes
from services.api.stream.told import RESET, Told
from services.indexer.relay import Relay
from shared import ids
from shared.bus.publisher import publishing
from shared.db.engine import create_pool
from shared.domain.permissions import PERMISSIONS, Role
from shared.lifecycle import Stop
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.api.calling import running
from tests.integration.api.rows import Tenant, make_alert
from tests.integration.api.test_process import environment

START_SECONDS = 60.0
UNASKED: async_sessionmaker[AsyncSession] = async_sessionmaker()


@dataclass
class Stream:
    """An open stream: what came, as it comes."""

    came: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    async def read(self, client: httpx.AsyncClient, url: str, token: str, last: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last else {})
        one: dict[str, Any] = {}
        async with client.stream("GET", f"{url}/api/v1/stream", headers=headers, timeout=60) as reply:
            assert reply.status_code == 200, await reply.aread()
            assert reply.headers["content-type"].startswith("text/event-stream")
            async for line in reply.aiter_lines():
                if line.startswith(":"):
                    self.came.append({"comment": line[1:].strip()})
                elif line:
                    name, _, value = line.partition(": ")
                    one[name] = json.loads(value) if name == "data" else value
                elif "event" in one:
                    self.came.append(one)
                    one = {}
                self.news.set()
        self.ended = True
        self.news.set()

    async def until(self, said: Any, seconds: float = 10.0) -> Any:
        async with asyncio.timeout(seconds):
            while True:
                self.news.clear()
                for one in self.came:
                    if said(one):
                        return one
                await self.news.wait()


def of(alert_id: UUID) -> Any:
    return lambda one: str(alert_id) in one.get("data", {}).get("ids", ())


@contextlib.asynccontextmanager
async def process(database: Postgres, rabbitmq: Rabbitmq) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """An api process as people start it, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.api",
        env=environment(
            database, EVENTSEC_API_PORT=str(port), EVENTSEC_RABBITMQ_URL=rabbitmq.url, EVENTSEC_STREAMS_PER_CALLER="300"
        ),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    reply = await client.get(f"{url}/readyz")
                    if reply.status_code == 200 and reply.json()["checks"]["rabbitmq"]["status"] == "ok":
                        break
                assert started.returncode is None
                await asyncio.sleep(0.1)
        yield started, url
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(started.pid, signal.SIGKILL)
        await started.wait()


@contextlib.asynccontextmanager
async def relaying(database: Postgres, rabbitmq: Rabbitmq) -> AsyncIterator[None]:
    """The indexer's relay."""
    stop = Stop()
    pool = await create_pool(database.url("indexer"), application_name="test", max_size=2)
    async with publishing(rabbitmq.url, name="test") as publisher:
        task = asyncio.create_task(Relay(pool, publisher).run(stop))
        try:
            yield
        finally:
            stop.set()
            await task
            await pool.close()


async def test_a_change_is_heard_through_another_process_and_by_nobody_else(
    database: Postgres, rabbitmq: Rabbitmq, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    alerts = [await make_alert(session, acme) for _ in range(10)]
    theirs = await make_alert(session, other)
    async with (
        relaying(database, rabbitmq),
        process(database, rabbitmq) as (_, first),
        process(database, rabbitmq) as (ending, second),
        httpx.AsyncClient(limits=httpx.Limits(max_connections=None)) as client,
        asyncio.TaskGroup() as group,
    ):
        mine, stranger = Stream(), Stream()
        group.create_task(mine.read(client, second, acme.token))
        group.create_task(stranger.read(client, second, other.token))
        await mine.until(lambda one: one.get("comment") == "listening")
        await stranger.until(lambda one: one.get("comment") == "listening")

        async def act(alert_id: UUID, token: str) -> float:
            began = time.monotonic()
            path = f"{first}/api/v1/alerts/{alert_id}/tags"
            headers = {"Authorization": f"Bearer {token}", "If-Match": '"1"'}
            reply = await client.post(path, json={"add": ["seen"]}, headers=headers)
            assert reply.status_code == 200, reply.text
            return began

        for alert in alerts:
            await act(alert.id, acme.token)
            await mine.until(of(alert.id))
        await act(theirs.id, other.token)
        await stranger.until(of(theirs.id))
        assert not any(of(alert.id)(one) for alert in alerts for one in stranger.came)
        assert not any(of(theirs.id)(one) for one in mine.came)
        told = [one for one in mine.came if one.get("event") == "changed"]
        assert all(set(one["data"]) == {"organization_id", "kind", "ids"} for one in told), "ids, and nothing of rows"

        again, unknown = Stream(), Stream()
        group.create_task(again.read(client, second, acme.token, last=told[4]["id"]))
        group.create_task(unknown.read(client, second, acme.token, last=str(ids.uuid7())))
        await again.until(of(alerts[9].id))
        replayed = [one["id"] for one in again.came if one.get("event") == "changed"]
        assert replayed == [one["id"] for one in told[5:]], "what was missed, once and in order"
        await unknown.until(lambda one: one.get("event") == "reset")

        many = [Stream() for _ in range(200)]
        for some in (many[first : first + 10] for first in range(0, len(many), 10)):
            for stream in some:
                group.create_task(stream.read(client, second, acme.token))
            for stream in some:
                await stream.until(lambda one: one.get("comment") == "listening", 30)
        began = time.monotonic()
        ending.send_signal(signal.SIGTERM)
        await asyncio.wait_for(ending.wait(), 15)
        ended_after = time.monotonic() - began
        print(f"200 streams ended {ended_after:.2f} s after SIGTERM")
        assert ended_after < 10
        assert ending.returncode in (0, -signal.SIGTERM)


def told(organization_id: UUID, kind: str = "alert") -> Told:
    return Told(ids.uuid7(), organization_id, kind, [ids.uuid7()])


@pytest.fixture
def viewer() -> Principal:
    """Somebody who reads at organization 1."""
    organization = UUID(int=1)
    return Principal("user", UUID(int=9), "x", {organization: PERMISSIONS[Role.VIEWER]}, (organization,))


def test_a_slow_listener_is_reset_instead_of_growing(viewer: Principal) -> None:
    hub = Hub("amqp://nowhere", UNASKED)
    with hub.listening(viewer, None) as listener:
        for _ in range(MOST_WAITING + 1):
            hub.hear(told(UUID(int=1)))
        assert listener.take() == [RESET]
        hub.lose()
        assert listener.take() == [RESET]
    assert hub.listeners == 0


async def test_a_caller_has_so_many_streams_and_leaves_room_for_others(
    bare_settings: ApiSettings, acme: Tenant, other: Tenant, viewer: Principal
) -> None:
    async with running(bare_settings.model_copy(update={"streams_per_caller": 1}), acme.token) as api:
        hub = Hub("amqp://nowhere", UNASKED)
        request = Request({"type": "http", "state": {"resources": api.resources, "hub": hub}})
        place = contextlib.asynccontextmanager(listening)
        async with place(request, viewer):
            with pytest.raises(TooManyStreams):
                await place(request, viewer).__aenter__()
            async with place(request, replace(viewer, id=UUID(int=8))):
                assert hub.listeners == 2
        async with place(request, viewer):
            assert hub.listeners == 1


async def test_a_page_has_its_place_until_it_is_closed(bare_settings: ApiSettings, acme: Tenant) -> None:
    async with running(bare_settings, acme.token) as api:
        hub, stop = Hub("amqp://nowhere", UNASKED), Stop()
        begun, gone = asyncio.Event(), asyncio.Event()

        async def receive() -> Any:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if b"listening" in message.get("body", b""):
                begun.set()

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "path": "/api/v1/stream",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {acme.token}".encode())],
            "client": ("127.0.0.1", 1),
            "state": {"resources": api.resources, "hub": hub, "stop": stop},
        }
        page = asyncio.create_task(api.application(scope, receive, send))
        async with asyncio.timeout(10):
            await begun.wait()
        await asyncio.sleep(0.05)
        assert hub.listeners == 1
        gone.set()
        await asyncio.wait_for(page, 10)
        assert hub.listeners == 0


async def test_a_stream_that_is_broken_off_leaves_no_task(viewer: Principal) -> None:
    request = Request({"type": "http", "state": {"stop": Stop()}})
    with Hub("amqp://nowhere", UNASKED).listening(viewer, None) as listener:
        before = asyncio.all_tasks()
        stream = stream_changes(request, listener)
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0.01)
        assert len(asyncio.all_tasks()) > len(before) + 1
        waiting.cancel()
        await asyncio.wait({waiting})
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == before


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.VIEWER, ["alert", "sensor"]),
        (Role.ANALYST, ["alert", "job", "sensor"]),
        (Role.OPERATOR, ["job", "sensor"]),
    ],
)
def test_only_kinds_and_organizations_one_may_read_are_told(viewer: Principal, role: Role, kinds: list[str]) -> None:
    listening = replace(viewer, grants={UUID(int=1): PERMISSIONS[role]})
    hub = Hub("amqp://nowhere", UNASKED)
    with hub.listening(listening, None) as listener:
        for kind, organization in (("alert", 1), ("alert", 2), ("job", 1), ("nonsense", 1), ("sensor", 1)):
            hub.hear(told(UUID(int=organization), kind))
        assert [one.kind for one in listener.take()] == kinds
