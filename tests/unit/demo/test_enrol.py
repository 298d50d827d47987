"""Registering again on kept data: what still works is kept, what does not is made anew."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo.enrol import enrol
from deploy.demo.folder import Folder, read_json
from deploy.demo.generator import FORMATS
from deploy.stack.errors import StackError

URLS = {"ingest": "http://127.0.0.1:1", "api": "http://127.0.0.1:2", "web": "http://127.0.0.1:3"}


class FakeApi:
    """The few endpoints, with a memory."""

    def __init__(self) -> None:
        self.sensors: dict[str, dict[str, Any]] = {}
        self.tokens = {"evt_good"}
        self.made = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return httpx.Response(401)
        path = request.url.path.removeprefix("/api/v1/sensors").strip("/").split("/")
        body = json.loads(request.content) if request.content else {}
        match request.method, path:
            case "GET", [""]:
                return httpx.Response(200, json={"items": list(self.sensors.values()), "next_cursor": None})
            case "GET", [sensor]:
                return httpx.Response(200, json=self.sensors[sensor]) if sensor in self.sensors else httpx.Response(404)
            case "POST", [""]:
                return self._create(body)
            case "POST", [sensor, "keys"]:
                return httpx.Response(201, json=self._key(sensor))
            case "PATCH", [_] if "If-Match" not in request.headers:
                return httpx.Response(428)
            case "PATCH", [sensor]:
                self.sensors[sensor] |= body
                return httpx.Response(200, json=self.sensors[sensor])
        return httpx.Response(405)

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        sensor = f"s{len(self.sensors)}"
        self.sensors[sensor] = {"id": sensor, "status": "active", "keys": [], **body}
        return httpx.Response(201, json=self.sensors[sensor] | {"key": self._key(sensor)})

    def _key(self, sensor: str) -> dict[str, Any]:
        self.made += 1
        secret = f"evs_{self.made:08}secret"
        self.sensors[sensor]["keys"].append({"prefix": secret[:12], "revoked_at": None, "expires_at": None})
        return {"key": secret}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    fake = FakeApi()

    class Made:
        returncode, stdout, stderr = 0, "evt_made\n", ""

    def run(*_: object, **__: object) -> Made:
        fake.tokens.add("evt_made")
        return Made()

    monkeypatch.setattr("deploy.demo.enrol.subprocess.run", run)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "stack")


def enrolled(folder: Folder, fake: FakeApi) -> dict[str, Any]:
    users = {"admin": {"email": "admin@example.org", "password": "x"}}
    return enrol(folder, URLS, {}, users, httpx.MockTransport(fake.answer))


def test_the_second_time_everything_is_kept(folder: Folder, fake: FakeApi) -> None:
    first = enrolled(folder, fake)
    assert enrolled(folder, fake) == first == read_json(folder.demo)
    assert first["sensors"].keys() == set(FORMATS)
    assert first["api_token"] == "evt_made"
    assert len(fake.sensors) == len(FORMATS)
    assert fake.made == len(FORMATS)


def test_a_lost_file_costs_new_keys_and_no_second_sensor(folder: Folder, fake: FakeApi) -> None:
    first = enrolled(folder, fake)
    folder.demo.unlink()
    second = enrolled(folder, fake)
    assert {name: one["id"] for name, one in first["sensors"].items()} == {
        name: one["id"] for name, one in second["sensors"].items()
    }
    assert first["sensors"]["falco"]["key"] != second["sensors"]["falco"]["key"]


@pytest.mark.parametrize("harm", [{"revoked_at": "2026-11-24T12:00:00Z"}, {"expires_at": "2026-11-24T12:00:00Z"}])
def test_a_key_that_ended_is_replaced(folder: Folder, fake: FakeApi, harm: dict[str, str]) -> None:
    first = enrolled(folder, fake)["sensors"]
    fake.sensors[first["json"]["id"]]["keys"][0] |= harm
    second = enrolled(folder, fake)["sensors"]
    assert [name for name in FORMATS if first[name] != second[name]] == ["json"]


def test_a_disabled_sensor_is_enabled_again(folder: Folder, fake: FakeApi) -> None:
    sensor = enrolled(folder, fake)["sensors"]["zeek_json"]["id"]
    fake.sensors[sensor]["status"] = "disabled"
    enrolled(folder, fake)
    assert fake.sensors[sensor]["status"] == "active"


def test_after_a_wipe_everything_is_made_anew(folder: Folder, fake: FakeApi) -> None:
    enrolled(folder, fake)
    fake.sensors.clear()
    fake.tokens.clear()
    again = enrolled(folder, fake)
    assert len(fake.sensors) == len(FORMATS)
    assert again["api_token"] == "evt_made"


def test_what_the_api_refuses_is_said(folder: Folder, fake: FakeApi) -> None:
    fake._create = lambda body: httpx.Response(409, text="name taken")  # type: ignore[method-assign]
    with pytest.raises(StackError, match="409 to POST /sensors"):
        enrolled(folder, fake)
