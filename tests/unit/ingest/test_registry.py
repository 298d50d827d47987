"""Keys against a snapshot on disk, with no database in reach."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from services.ingest.refusals import Refused
from services.ingest.registry import Registry
from services.ingest.snapshot import Key, Sensor, Snapshot, from_file, to_file
from shared import clock, ids
from shared.normalise.event import SensorProfile

AWAY = "postgresql://nobody:nothing@127.0.0.1:9/nowhere"


def sensor(number: int, *, disabled: bool = False) -> Sensor:
    return Sensor(SensorProfile(id=UUID(int=number), organization_id=UUID(int=9)), None, disabled)


def key(text: str, number: int, expires_in: float | None = None) -> Key:
    expires_at = None if expires_in is None else clock.now() + timedelta(seconds=expires_in)
    return Key(sha256(text.encode()).digest(), UUID(int=number), expires_at, UUID(bytes=text.encode().ljust(16)))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    keys = [key("good", 1), key("soon", 1, 60), key("past", 1, -1), key("off", 2), key("orphan", 3)]
    to_file(Snapshot(clock.now(), [sensor(1), sensor(2, disabled=True)], keys), tmp_path / "registry")
    registry = Registry(AWAY, tmp_path / "registry")
    registry._read = float("inf")  # as if the database had just been read: no sockets in unit tests
    registry.load_file()
    return registry


async def code(registry: Registry, shown: str) -> str:
    with pytest.raises(Refused) as raised:
        await registry.identify(shown)
    return raised.value.code


async def test_keys_of_every_state(registry: Registry) -> None:
    for shown in ("good", "soon"):
        sensor, key_id = await registry.identify(shown)
        assert (sensor.profile.id, key_id) == (UUID(int=1), UUID(bytes=shown.encode().ljust(16)))
    for shown in ("past", "orphan", "never seen", "", "\udcff"):
        assert await code(registry, shown) == "unknown_key"
    assert await code(registry, "off") == "sensor_disabled"
    assert await code(registry, "evt_" + "x" * 43) == "not_a_sensor_key", "it is an API token"


async def test_a_key_ends_at_its_date_without_a_new_snapshot(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registry.identify("soon")
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert await code(registry, "soon") == "unknown_key"
    await registry.identify("good")


def test_a_file_of_an_earlier_version_still_opens_the_door(tmp_path: Path) -> None:
    path = tmp_path / "registry"
    to_file(Snapshot(clock.now(), [sensor(1)], [key("good", 1)]), path)
    written = msgspec.msgpack.decode(path.read_bytes())
    for one in written["keys"]:
        del one["id"]
    path.write_bytes(msgspec.msgpack.encode(written))
    read = from_file(path)
    assert read is not None
    assert [one.id for one in read.keys] == [ids.NIL]


async def test_without_any_snapshot_nobody_is_called_unknown(tmp_path: Path) -> None:
    registry = Registry(AWAY, tmp_path / "none")
    registry._read = float("inf")
    registry.load_file()
    assert await code(registry, "good") == "registry_not_loaded"
    assert registry.age == float("inf")
