"""What the door knows of its sensors: read from PostgreSQL, kept in a file that outlives both."""

import contextlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from shared import clock, ids
from shared.normalise.event import SensorProfile
from shared.normalise.profile import profile

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_SENSORS = """
    SELECT id, organization_id, name, format, zone, rate_per_second, ignored_types, severity_overrides, status
    FROM sensors ORDER BY id
"""
_KEYS = """
    SELECT key_hash, sensor_id, expires_at, id FROM sensor_keys
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ORDER BY key_hash
"""
_QUERY_SECONDS = 10.0


class Sensor(msgspec.Struct, frozen=True):
    """A sender as the door needs it. `rate` is in records a second; None is the door's default."""

    profile: SensorProfile
    rate: float | None
    disabled: bool


class Key(msgspec.Struct, frozen=True):
    """A key by its SHA-256; it is good until `expires_at`, or for ever. Files of earlier versions have no `id`."""

    digest: bytes
    sensor_id: UUID
    expires_at: datetime | None
    id: UUID = ids.NIL


class Snapshot(msgspec.Struct, frozen=True, tag="ingest-registry.v1"):
    """All sensors and the keys that were good at `taken_at`."""

    taken_at: datetime
    sensors: list[Sensor]
    keys: list[Key]

    @property
    def content(self) -> tuple[list[Sensor], list[Key]]:
        """What two snapshots of the same sensors have in common."""
        return self.sensors, self.keys


async def from_database(connection: Connection) -> Snapshot:
    """The present state, as one consistent view. Raises what asyncpg raises."""
    taken_at = clock.now()
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        sensors = await connection.fetch(_SENSORS, timeout=_QUERY_SECONDS)
        keys = await connection.fetch(_KEYS, timeout=_QUERY_SECONDS)
    return Snapshot(
        taken_at,
        [_sensor(row) for row in sensors],
        [
            Key(bytes(row["key_hash"]), ids.plain(row["sensor_id"]), row["expires_at"], ids.plain(row["id"]))
            for row in keys
        ],
    )


def from_file(path: Path) -> Snapshot | None:
    """The snapshot kept there; None where there is none.

    Raises OSError where it cannot be read, msgspec.DecodeError where it is not one of ours.
    """
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Snapshot)
    except FileNotFoundError:
        return None


def to_file(snapshot: Snapshot, path: Path) -> None:
    """Keep it there, whole or not at all, readable by this user only. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.msgpack.encode(snapshot))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()


def _sensor(row: asyncpg.Record) -> Sensor:
    return Sensor(profile(dict(row)), rate=row["rate_per_second"], disabled=row["status"] != "active")
