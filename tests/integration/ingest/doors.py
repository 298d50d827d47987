"""A door in this process, on a real broker and a real database, and sensors for it."""

import base64
import gzip
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any, TypeVar
from uuid import UUID

import httpx
import orjson
from pydantic import SecretStr

from services.ingest.app import Ingest, create_app
from services.ingest.settings import IngestSettings
from shared import ids
from shared.bus import messages
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.waiting import until

M = TypeVar("M", messages.EventBatch, messages.Quarantined, messages.Accounts)


@dataclass(frozen=True)
class Registered:
    """A sensor in the database, and a key of it."""

    id: UUID
    organization_id: UUID
    key: str

    @property
    def bearer(self) -> dict[str, str]:
        """The header that shows the key."""
        return {"Authorization": f"Bearer {self.key}"}


def fresh_key() -> str:
    """A key as the API makes them."""
    return "evs_" + base64.urlsafe_b64encode(token_bytes(32)).decode().rstrip("=")


async def make_sensor(postgres: Postgres, **values: object) -> Registered:
    """A sensor of an organization of its own, with one key."""
    organization_id, sensor_id = ids.uuid7(), ids.uuid7()
    row = {"id": sensor_id, "organization_id": organization_id, "name": "box"} | values
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    async with postgres.connect() as connection:
        name = f"org {organization_id}"
        await connection.execute("INSERT INTO organizations (id, name) VALUES ($1, $2)", organization_id, name)
        await connection.execute(f"INSERT INTO sensors ({', '.join(row)}) VALUES ({marks})", *row.values())
    sensor = Registered(sensor_id, organization_id, fresh_key())
    await add_key(postgres, sensor, sensor.key)
    return sensor


async def add_key(postgres: Postgres, sensor: Registered, key: str, *, expires_at: datetime | None = None) -> None:
    """One more key of the sensor."""
    async with postgres.connect() as connection:
        await connection.execute(
            "INSERT INTO sensor_keys (id, organization_id, sensor_id, key_hash, prefix, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            ids.uuid7(), sensor.organization_id, sensor.id, sha256(key.encode()).digest(), key[:8], expires_at,
        )  # fmt: skip


async def key_id_of(postgres: Postgres, sensor: Registered) -> UUID:
    """The id of the sensor's one key."""
    async with postgres.connect() as connection:
        return ids.plain(await connection.fetchval("SELECT id FROM sensor_keys WHERE sensor_id = $1", sensor.id))


def settings(rabbitmq: Rabbitmq, postgres_url: str, path: Path, **values: Any) -> IngestSettings:
    """A door's settings for a test: quick refreshes, nothing from the environment that matters."""
    return IngestSettings(
        rabbitmq_url=SecretStr(rabbitmq.url),
        rabbitmq_management_url=SecretStr(rabbitmq.management_url),
        postgres_url=SecretStr(postgres_url),
        registry_path=path / "registry",
        **{"registry_seconds": 0.3, "accounts_seconds": 0.3, "log_format": "json", **values},
    )


class Client:
    """A door that runs, and requests to it."""

    def __init__(self, app: Ingest, http: httpx.AsyncClient) -> None:
        self.app, self.http = app, http

    async def post(
        self, sensor: Registered, content: bytes, path: str = "/ingest/v1/events", **headers: str
    ) -> httpx.Response:
        """Send a body with the sensor's key; `content_type="…"` and the like become headers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.post(path, content=content, headers={**sensor.bearer, **named})

    async def ready(self) -> None:
        """Return when `/readyz` says 200."""

        async def is_ready() -> bool:
            return (await self.http.get("/readyz")).status_code == 200

        await until(is_ready)


@asynccontextmanager
async def running(wanted: IngestSettings, *, ready: bool = True) -> AsyncIterator[Client]:
    """The door's whole life. Its log pipeline takes over the root logger, and gives it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    app = create_app(wanted)
    try:
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://door") as http:
                client = Client(app, http)
                if ready:
                    await client.ready()
                yield client
    finally:
        root.handlers[:], root.level = handlers, level


async def taken(rabbitmq: Rabbitmq, queue: str, kind: type[M]) -> list[M]:
    """All messages of a queue, decoded."""
    return [messages.decode(message.body, kind) for message in await rabbitmq.take(queue)]


async def accounted(rabbitmq: Rabbitmq) -> list[messages.MinuteAccount]:
    """Each sensor's minutes as last reported: reports repeat what a minute holds, and a test may run into the next."""
    minutes: dict[tuple[UUID, UUID, datetime], messages.MinuteAccount] = {}
    for message in await taken(rabbitmq, "accounts", messages.Accounts):
        minutes |= {(message.boot_id, row.sensor_id, row.minute): row for row in message.minutes}
    return list(minutes.values())


def alert(number: int, **fields: object) -> dict[str, object]:
    """A Suricata alert; each number is another event."""
    return {
        "timestamp": f"2026-11-24T10:{number // 60 % 60:02}:{number % 60:02}.{number % 1000000:06}+0000",
        "flow_id": 1000 + number,
        "event_type": "alert",
        "src_ip": "10.0.0.1",
        "src_port": 1024 + number % 60000,
        "dest_ip": "192.0.2.7",
        "dest_port": 22,
        "proto": "TCP",
        "alert": {
            "action": "allowed", "gid": 1, "signature_id": 2001219, "rev": 20, "severity": 2,
            "signature": "ET SCAN Potential SSH Scan", "category": "Attempted Information Leak",
        },
    } | fields  # fmt: skip


def ndjson(*records: Mapping[str, object]) -> bytes:
    """One record a line."""
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def gzipped(body: bytes) -> bytes:
    """Compressed as shippers do."""
    return gzip.compress(body, 1)
