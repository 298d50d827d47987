"""The product under watch: its processes, sensors that send, people who look, and the hands that break things."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson

from tests.faults.alarms.prometheus import Prometheus
from tests.faults.analysts import make_token
from tests.faults.oracle import SURICATA, Mix, Oracle
from tests.faults.service import Service
from tests.faults.system import System

# Maintenance by itself, so that what it measures is told while the work stands still.
MAINTENANCE, WORK = '["maintenance"]', '["writer", "projector", "relay", "notifier"]'
FEED_SECONDS, LOOK_SECONDS, MOST_LOOKS = 0.3, 0.25, 14
REQUEST_SECONDS, RESTART_SECONDS = 60.0, 180.0


class Ground:
    """One of each process, with a second indexer, on its corner of the servers."""

    def __init__(self, environment: Mapping[str, str], directory: Path) -> None:
        self.directory = directory
        self.system = System(dict(environment), directory, doors=1, indexers=2, apis=1)
        self.prometheus = Prometheus(directory / "prometheus")
        self.door, self.api = self.system.ingest, self.system.apis[0]
        self.maintenance, self.work = self.system.indexers
        self.maintenance.environment |= {
            "EVENTSEC_INDEXER_ROLES": MAINTENANCE,
            "EVENTSEC_RETENTION_TELEMETRY_DAYS": "0",
        }
        self.work.environment["EVENTSEC_INDEXER_ROLES"] = WORK
        self.oracle = Oracle(seed=9, mix=Mix(telemetry=0.2, alertmanager=0.3))
        self.feeding = asyncio.Event()
        self._token = ""

    @property
    def headers(self) -> dict[str, str]:
        """Of somebody who may do everything."""
        return {"Authorization": f"Bearer {self._token}"}

    @contextlib.asynccontextmanager
    async def life(self) -> AsyncIterator[None]:
        """Everything runs, sensors send and people look, until this ends."""
        await self.system.create()
        tasks: list[asyncio.Task[None]] = []
        try:
            self._token = await make_token(self.system)
            await self.system.start()
            ports = {
                "eventsec-ingest": [self.door.port],
                "eventsec-indexer": [self.maintenance.port, self.work.port],
                "eventsec-api": [self.api.port],
            }
            await self.prometheus.start(ports)
            self.feeding.set()
            tasks = [asyncio.create_task(one) for one in (self.prometheus.watch(), self._feed(), self._look())]
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.prometheus.stop()
            await self.system.stop()
            await self.system.destroy()

    async def _feed(self) -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            while True:
                await self.feeding.wait()
                batch = self.oracle.batch(5)
                with contextlib.suppress(httpx.HTTPError):
                    await self.send(client, b"\n".join(record.line for record in batch), sensor=batch[0].sensor)
                await asyncio.sleep(FEED_SECONDS)

    async def _look(self) -> None:
        """As people do who do not wait for the last page before they ask for the next."""
        room = asyncio.Semaphore(MOST_LOOKS)

        async def look(client: httpx.AsyncClient) -> None:
            async with room:
                with contextlib.suppress(httpx.HTTPError):
                    await client.get("/api/v1/alerts", headers=self.headers)

        async with httpx.AsyncClient(base_url=self.api.url, timeout=10) as client, asyncio.TaskGroup() as group:
            while True:
                if not room.locked():
                    group.create_task(look(client))
                await asyncio.sleep(LOOK_SECONDS)

    async def send(
        self, client: httpx.AsyncClient, body: bytes, *, key: str = "", sensor: str = SURICATA
    ) -> httpx.Response:
        """One request to the door."""
        headers = {"authorization": f"Bearer {key or self.system.sensors[sensor].key}"}
        return await client.post(
            f"{self.door.url}/ingest/v1/events", params={"items": "none"}, content=body, headers=headers
        )

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The API's reply. Raises httpx.HTTPError."""
        async with httpx.AsyncClient(base_url=f"{self.api.url}/api/v1", timeout=REQUEST_SECONDS) as client:
            reply = await client.request(method, path, json=body, headers={**self.headers, **headers})
        reply.raise_for_status()
        return orjson.loads(reply.content) if reply.content else None

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """A session of the database's owner."""
        connection = await asyncpg.connect(self.system.owner_url, timeout=10)
        try:
            yield connection
        finally:
            connection.terminate()

    async def execute(self, sql: str, *arguments: object) -> None:
        """One statement."""
        async with self.database() as connection:
            await connection.execute(sql, *arguments)

    async def search(self, method: str, path: str, body: Any = None) -> None:
        """One request to OpenSearch."""
        url = f"{self.system.environment['EVENTSEC_OPENSEARCH_URL']}/{path}"
        async with httpx.AsyncClient(timeout=30) as client:
            (await client.request(method, url, json=body)).raise_for_status()

    @contextlib.asynccontextmanager
    async def other_settings(self, service: Service, **settings: str) -> AsyncIterator[None]:
        """The service as it starts with these."""
        before = dict(service.environment)
        try:
            await self.restart(service, {**before, **settings})
            yield
        finally:
            await self.restart(service, before)

    async def restart(self, service: Service, environment: dict[str, str]) -> None:
        """End it gently and start it again; returns when it answers."""
        service.hold()
        await service.wait()
        service.environment = environment
        service.release()
        async with asyncio.timeout(RESTART_SECONDS), httpx.AsyncClient(timeout=2) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{service.url}/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.3)

    @contextlib.asynccontextmanager
    async def held(self, service: Service) -> AsyncIterator[None]:
        """The service is ended and stays so."""
        service.hold()
        try:
            await service.wait()
            yield
        finally:
            service.release()

    @contextlib.asynccontextmanager
    async def frozen(self, server: str) -> AsyncIterator[None]:
        """A server whose connections stay and that answers nothing."""
        await self.system.kill_server(server, signal.SIGSTOP)
        try:
            yield
        finally:
            await self.system.kill_server(server, signal.SIGCONT)
