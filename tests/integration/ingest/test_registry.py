"""Keys come, change and go while the door runs, with the database and without it."""

import asyncio
import stat
import time
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from services.ingest.registry import Registry
from shared import clock, metrics
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import (
    Client,
    Registered,
    add_key,
    alert,
    fresh_key,
    make_sensor,
    running,
    settings,
)
from tests.waiting import until

GOOD = orjson.dumps(alert(1))
AWAY = "postgresql://nobody:nothing@127.0.0.1:9/nowhere"


def with_key(sensor: Registered, key: str) -> Registered:
    return Registered(sensor.id, sensor.organization_id, key)


async def status(door: Client, sensor: Registered) -> int:
    return (await door.post(sensor, GOOD)).status_code


async def test_a_fresh_sensor_works_at_once(rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path) -> None:
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path, registry_seconds=3600)) as door:
        for _ in range(2):  # the second is made right after a reading that did not know it
            fresh = await make_sensor(postgres)
            assert await status(door, fresh) == 202


async def test_strangers_cause_one_refresh_a_second_at_most(
    rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path
) -> None:
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path, registry_seconds=3600)) as door:
        sensor = await make_sensor(postgres)
        registry = door.app.parts.registry
        readings, began = set[datetime](), time.monotonic()

        async def stranger() -> None:
            while time.monotonic() - began < 2.5:
                assert await status(door, with_key(sensor, fresh_key())) == 401
                assert registry._snapshot is not None
                readings.add(registry._snapshot.taken_at)

        await asyncio.gather(*(stranger() for _ in range(8)))
        assert 2 <= len(readings) <= time.monotonic() - began + 1


async def test_rotation_keeps_the_old_key_until_its_date_and_revocation_does_not(
    door: Client, sensor: Registered, postgres: Postgres
) -> None:
    short, long = fresh_key(), fresh_key()
    await add_key(postgres, sensor, long, expires_at=clock.now() + timedelta(hours=1))
    await add_key(postgres, sensor, short, expires_at=clock.now() + timedelta(seconds=4))
    assert [await status(door, with_key(sensor, key)) for key in (sensor.key, long, short)] == [202, 202, 202]
    async with postgres.connect() as connection:
        await connection.execute("UPDATE sensor_keys SET revoked_at = now() WHERE prefix = $1", sensor.key[:8])

    async def revoked() -> bool:
        return await status(door, sensor) == 401

    await until(revoked)
    await asyncio.sleep(4)
    assert [await status(door, with_key(sensor, key)) for key in (long, short)] == [202, 401]


async def test_disabling_reaches_the_door(door: Client, sensor: Registered, postgres: Postgres) -> None:
    assert await status(door, sensor) == 202
    async with postgres.connect() as connection:
        await connection.execute("UPDATE sensors SET status = 'disabled'")

    async def disabled() -> bool:
        return await status(door, sensor) == 403

    await until(disabled)


async def test_a_restarted_door_without_a_database_knows_its_sensors_from_the_file(
    rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path
) -> None:
    sensor = await make_sensor(postgres, format="suricata_eve", zone="Europe/Berlin", rate_per_second=1000)
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path)) as door:
        assert await status(door, sensor) == 202
        known = door.app.parts.registry._sensors
    file = tmp_path / "registry"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sensor.key.encode() not in file.read_bytes()
    async with running(settings(rabbitmq, AWAY, tmp_path)) as door:
        assert await status(door, sensor) == 202
        assert door.app.parts.registry._sensors == known
        reply = await door.post(with_key(sensor, fresh_key()), GOOD)
        assert (reply.status_code, reply.json()["code"]) == (503, "key_not_checked")
        report = (await door.http.get("/readyz")).json()
        assert report["checks"]["registry"]["status"] == "ok"


async def test_a_door_whose_role_may_too_much_is_not_ready_whatever_the_file_says(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path, env="production")) as door:
        assert await status(door, sensor) == 202
    async with running(settings(rabbitmq, postgres.url("owner"), tmp_path, env="production"), ready=False) as door:
        replies = []
        for _ in range(20):
            replies.append(await door.http.get("/readyz"))
            await asyncio.sleep(0.1)
        assert {reply.status_code for reply in replies} == {503}
        registry = replies[-1].json()["checks"]["registry"]
        assert (registry["required"], registry["status"]) == (True, "down")
        assert "owns the tables" in registry["detail"]


async def test_without_database_and_file_nobody_is_told_that_his_key_is_wrong(
    rabbitmq: Rabbitmq, sensor: Registered, tmp_path: Path
) -> None:
    async with running(settings(rabbitmq, AWAY, tmp_path), ready=False) as door:
        reply = await door.post(sensor, GOOD)
        assert (reply.status_code, reply.json()["code"]) == (503, "registry_not_loaded")
        assert int(reply.headers["retry-after"]) >= 1
        await asyncio.sleep(2.5)
        report = await door.http.get("/readyz")
        assert report.status_code == 503
        assert report.json()["checks"]["registry"]["status"] == "down"


async def test_a_door_knows_that_its_clock_is_wrong(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = clock.now
    monkeypatch.setattr(clock, "now", lambda: true() + timedelta(seconds=30))
    registry = Registry(postgres.url("ingest"), tmp_path / "registry")
    try:
        await registry.refresh()
    finally:
        await registry.close()
    assert metrics.REGISTRY.get_sample_value("eventsec_clock_skew_seconds") == pytest.approx(30, abs=2)


async def test_a_file_that_is_not_ours_changes_nothing(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    (tmp_path / "registry").write_bytes(b"\x81\xa4type\xa3odd")
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path)) as door:
        assert await status(door, sensor) == 202
