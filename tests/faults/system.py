"""The product under test, as its own processes on its own corner of the servers, and the hands that hurt it."""

import asyncio
import hashlib
import os
import secrets
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import httpx
from pydantic import SecretStr

from deploy.stack import control
from shared import ids
from shared.bus.migrate import BusMigrateSettings
from shared.bus.migrate import migrate as migrate_bus
from shared.crash import VARIABLE
from shared.migrations.__main__ import migrate as migrate_schema
from shared.migrations.settings import MigrateSettings as SchemaSettings
from shared.search.migrate import MigrateSettings as SearchSettings
from shared.search.migrate import run as migrate_search
from tests.faults.installation import Sensor, count_unsettled
from tests.faults.service import LOOPBACK, ROOT, Service, free_port

READY_SECONDS = 300.0
RABBITMQCTL_SECONDS = 60.0
SENSORS = ("suricata_eve", "alertmanager")
SERVER_URLS = {
    "postgres": tuple(f"EVENTSEC_{name}POSTGRES_URL" for name in ("", "INGEST_", "INDEXER_", "API_")),
    "rabbitmq": ("EVENTSEC_RABBITMQ_URL",),
    "opensearch": ("EVENTSEC_OPENSEARCH_URL",),
}


class System:
    """Ingest, indexer and api processes with their database, virtual host and index prefix.

    There may be several of each. With a `name` the corner is that one, whichever run made it. `through` names, by
    server, a local port that the processes are to reach it by; we ourselves go straight. `together` gives those of a
    kind one port, each on an address of its own, as replicas behind one name have.

    `front` is the URL that senders and people go to in place of the processes' own.
    """

    def __init__(
        self,
        environment: dict[str, str],
        directory: Path,
        *,
        doors: int = 1,
        indexers: int = 1,
        apis: int = 0,
        name: str = "",
        through: Mapping[str, int] | None = None,
        together: bool = False,
    ) -> None:
        self.name = name or f"faults{secrets.token_hex(4)}"
        self.stack = Path(environment["EVENTSEC_STACK_DIR"])
        self.organization_id = ids.uuid7()
        self.sensors: dict[str, Sensor] = {}
        self._servers = environment
        self._directory = directory
        self.evidence = directory / "evidence"
        self._through = through or {}
        self._together = together
        self.front = ""
        self.environment = self._own(environment)
        self.doors = self._services("ingest", doors)
        self.indexers = self._services("indexer", indexers)
        self.apis = self._services("api", apis)
        self._keepers: list[asyncio.Task[None]] = []

    def _own(self, given: dict[str, str]) -> dict[str, str]:
        own = {**os.environ, **given}
        for variable in list(own):
            if variable.endswith("POSTGRES_URL"):
                own[variable] = _with_path(own[variable], self.name)
        own["EVENTSEC_RABBITMQ_URL"] = _with_path(own["EVENTSEC_RABBITMQ_URL"], self.name)
        own |= {
            "EVENTSEC_INDEX_PREFIX": f"{self.name}-",
            "EVENTSEC_REGISTRY_SECONDS": "0.5",
            "EVENTSEC_ACCOUNTS_SECONDS": "0.5",
            "EVENTSEC_LOG_FORMAT": "json",
            "EVENTSEC_INSECURE_COOKIES": "true",
            "EVENTSEC_STREAMS_PER_CALLER": "1000",
        }
        own.pop(VARIABLE, None)
        return own

    def _services(self, name: str, many: int) -> list[Service]:
        shared = free_port()
        return [
            self._service(name, number, f"127.0.0.{number + 1}", shared)
            if self._together
            else self._service(name, number, LOOPBACK, free_port())
            for number in range(many)
        ]

    def _service(self, name: str, number: int, host: str, port: int) -> Service:
        label = name if number == 0 else f"{name}-{number}"
        environment = self.environment | {
            f"EVENTSEC_{name.upper()}_HOST": host,
            f"EVENTSEC_{name.upper()}_PORT": str(port),
            "EVENTSEC_REGISTRY_PATH": str(self._directory / f"registry-{number}"),
            "EVENTSEC_EVIDENCE_FOLDER": str(self.evidence),
        }
        for server, local in self._through.items():
            environment |= {variable: _with_port(environment[variable], local) for variable in SERVER_URLS[server]}
        command, log = ["-m", f"services.{name}"], self._directory / f"{label}.log"
        return Service(name, command, port, environment, log, label, host)

    @property
    def sensor_id(self) -> UUID:
        """The Suricata sensor's id."""
        return self.sensors["suricata_eve"].id

    @property
    def key(self) -> str:
        """The Suricata sensor's key."""
        return self.sensors["suricata_eve"].key

    @property
    def ingest(self) -> Service:
        """The first door."""
        return self.doors[0]

    @property
    def indexer(self) -> Service:
        """The first indexer."""
        return self.indexers[0]

    @property
    def services(self) -> list[Service]:
        """All processes."""
        return [*self.doors, *self.indexers, *self.apis]

    @property
    def door_urls(self) -> list[str]:
        """Where senders go."""
        return [self.front] if self.front else [door.url for door in self.doors]

    @property
    def api_urls(self) -> list[str]:
        """Where people go."""
        return [self.front] if self.front else [api.url for api in self.apis]

    @property
    def reports_lost_at(self) -> list[datetime]:
        """When a door ended without the last report of its accounts."""
        return [moment for door in self.doors for moment in door.reports_lost_at]

    @property
    def owner_url(self) -> str:
        """The database as its owner."""
        return self.environment["EVENTSEC_POSTGRES_URL"]

    @property
    def search_url(self) -> str:
        """OpenSearch."""
        return self.environment["EVENTSEC_OPENSEARCH_URL"]

    @property
    def index_prefix(self) -> str:
        """Of its aliases."""
        return self.environment["EVENTSEC_INDEX_PREFIX"]

    @property
    def indices(self) -> str:
        """All that is in OpenSearch under its name."""
        return f"{self.name}-*"

    @property
    def admin_url(self) -> str:
        """The database as the server's superuser."""
        return self.environment["EVENTSEC_POSTGRES_ADMIN_URL"]

    @property
    def door(self) -> str:
        """URL of the first door."""
        return self.ingest.url

    async def create(self) -> None:
        """Make the corner: database, virtual host, schema, topology, templates, sensors with their keys."""
        owner = urlsplit(self.owner_url).username
        admin = await asyncpg.connect(self._servers["EVENTSEC_POSTGRES_ADMIN_URL"])
        await admin.execute(f'CREATE DATABASE "{self.name}" OWNER "{owner}"')
        await admin.close()
        async with self.management() as management:
            (await management.put(f"/api/vhosts/{self.name}")).raise_for_status()
            user = urlsplit(self.environment["EVENTSEC_RABBITMQ_URL"]).username
            rights = {"configure": ".*", "write": ".*", "read": ".*"}
            (await management.put(f"/api/permissions/{self.name}/{user}", json=rights)).raise_for_status()
        await self._prepare()
        for format_name in SENSORS:
            self.sensors[format_name] = Sensor(*await self.register_sensor(format_name, format_name))

    async def _prepare(self) -> None:
        """What the three migrate commands do, without three programs' imports: each test has a corner of its own."""
        of = self.environment
        schema = SchemaSettings(postgres_url=SecretStr(of["EVENTSEC_POSTGRES_URL"]))
        bus = BusMigrateSettings(
            rabbitmq_url=SecretStr(of["EVENTSEC_RABBITMQ_URL"]),
            rabbitmq_management_url=SecretStr(of["EVENTSEC_RABBITMQ_MANAGEMENT_URL"]),
        )
        search = SearchSettings(
            opensearch_url=SecretStr(of["EVENTSEC_OPENSEARCH_URL"]), index_prefix=of["EVENTSEC_INDEX_PREFIX"]
        )
        await asyncio.gather(asyncio.to_thread(migrate_schema, schema), migrate_bus(bus), migrate_search(search))

    async def run(self, module: str, *arguments: str) -> None:
        """Run one of the product's commands to its end. Raises RuntimeError when it fails."""
        if await self.execute(module, *arguments) != 0:
            raise RuntimeError(f"{module} failed, see {self._directory / 'commands.log'}")

    async def execute(
        self, module: str, *arguments: str, crash_at: str | None = None, within: float = 120.0, root: Path = ROOT
    ) -> int:
        """Run one of the product's commands, of the code in `root`; its exit status. It does not outlive this call."""
        armed = {VARIABLE: crash_at} if crash_at else {}
        with (self._directory / "commands.log").open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                cwd=root,
                env=self.environment | armed,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            return await asyncio.wait_for(process.wait(), within)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def start(self, *, crash_at: Mapping[str, str] | None = None, within: float = READY_SECONDS) -> None:
        """Start all processes, keep them alive, and wait until they are ready.

        `crash_at` maps a service's name to the crash point that the first life of its first process is armed with.
        """
        for service in self.services:
            first = service in (self.ingest, self.indexer, *self.apis[:1])
            point = (crash_at or {}).get(service.name) if first else None
            await service.start(**({VARIABLE: point} if point else {}))
            self._keepers.append(asyncio.create_task(service.keep_alive()))
        await asyncio.gather(*(self.ready(service, within) for service in self.services))

    async def ready(self, service: Service, within: float = READY_SECONDS) -> None:
        """Return when the service says so. Raises TimeoutError."""
        async with asyncio.timeout(within), httpx.AsyncClient(timeout=2) as client:
            while True:
                try:
                    if (await client.get(f"{service.url}/readyz")).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)

    async def replace(self, service: Service, root: Path, within: float = READY_SECONDS) -> None:
        """As an operator does: SIGTERM, until it has ended; then the code of `root` in its place, until it is ready."""
        service.hold()
        await service.wait()
        service.root = root
        service.release()
        await self.ready(service, within)

    async def stop(self) -> None:
        """End all processes, gently first."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        for service in self.services:
            service.signal(signal.SIGCONT)
            service.signal(signal.SIGTERM)
        for service in self.services:
            if service.process is None:
                continue
            try:
                await service.wait()
            except TimeoutError:
                service.signal(signal.SIGKILL)
                await service.wait()

    async def destroy(self) -> None:
        """Remove the corner again."""
        await asyncio.to_thread(control.up, self.stack)
        admin = await asyncpg.connect(self._servers["EVENTSEC_POSTGRES_ADMIN_URL"])
        await admin.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
        await admin.close()
        async with self.management() as management:
            await management.delete(f"/api/vhosts/{self.name}")
        async with httpx.AsyncClient(base_url=self.environment["EVENTSEC_OPENSEARCH_URL"], timeout=30) as search:
            found = (await search.get(f"/{self.name}-*?filter_path=*.aliases")).json()
            for index in found:
                await search.delete(f"/{index}")
            templates = (await search.get(f"/_index_template/{self.name}-*")).json()["index_templates"]
            for template in templates:
                await search.delete(f"/_index_template/{template['name']}")
            components = (await search.get(f"/_component_template/{self.name}-*")).json()["component_templates"]
            for component in components:
                await search.delete(f"/_component_template/{component['name']}")

    async def kill_server(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """SIGKILL, or another signal, for all processes of one server; how many there were."""
        return await asyncio.to_thread(control.kill, self.stack, name, number)

    async def stop_server(self, name: str) -> None:
        """End one server gently."""
        await asyncio.to_thread(control.down, self.stack, [name])

    async def rabbitmqctl(self, *arguments: str) -> None:
        """One command of the broker's own tool."""
        process = await asyncio.create_subprocess_exec(
            self.environment["EVENTSEC_STACK_RABBITMQCTL"],
            "--quiet",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            code = await asyncio.wait_for(process.wait(), RABBITMQCTL_SECONDS)
        except TimeoutError:
            process.kill()
            raise
        if code != 0:
            raise RuntimeError(f"rabbitmqctl {arguments[0]} failed")

    async def start_server(self, name: str) -> None:
        """Bring a server back and wait until it answers."""
        await asyncio.to_thread(control.up, self.stack, [name])

    def management(self) -> httpx.AsyncClient:
        """The broker's management API."""
        return httpx.AsyncClient(base_url=self.environment["EVENTSEC_RABBITMQ_MANAGEMENT_URL"], timeout=30)

    async def unsettled(self) -> dict[str, int]:
        """Messages by queue that are ready or in the indexers' hands."""
        rabbitmq = self.environment["EVENTSEC_RABBITMQ_URL"]
        return await count_unsettled(rabbitmq, [indexer.url for indexer in self.indexers])

    async def register_sensor(self, name: str, format_name: str | None) -> tuple[UUID, str]:
        """A sensor of the system's organization; its id and key."""
        key, sensor = f"evs_{secrets.token_urlsafe(32)}", ids.uuid7()
        connection = await asyncpg.connect(self.owner_url)
        try:
            await connection.execute(
                "INSERT INTO organizations (id, name) VALUES ($1, 'test') ON CONFLICT DO NOTHING", self.organization_id
            )
            await connection.execute(
                "INSERT INTO sensors (id, organization_id, name, format) VALUES ($1, $2, $3, $4)",
                sensor,
                self.organization_id,
                name,
                format_name,
            )
            await connection.execute(
                "INSERT INTO sensor_keys (id, organization_id, sensor_id, key_hash, prefix) "
                "VALUES ($1, $2, $3, $4, $5)",
                ids.uuid7(),
                self.organization_id,
                sensor,
                hashlib.sha256(key.encode()).digest(),
                key[:8],
            )
        finally:
            await connection.close()
        return sensor, key


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))


def _with_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    login, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{port}"))
