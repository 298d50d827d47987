"""What the demo in containers says of itself."""

import shlex
import socket
import sys
from pathlib import Path

import pytest

from deploy.demo import join
from deploy.demo.folder import Folder, write_json

DEMO = {
    "ingest_url": "http://web:8080",
    "api_url": "http://web:8080",
    "web_url": "http://web:8080",
    "users": {"admin": {"email": "admin@alderbrook.example", "password": "it's secret"}},
    "api_token": "evt_1",
    "sensors": {"json": {"id": "7", "key": "evk_7"}},
}


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, command: str, *more: str) -> int:
    argv = ["join", command, "--dir", str(folder), "--public-url", "https://soc.example.org", *more]
    monkeypatch.setattr(sys, "argv", argv)
    return join.main()


def test_a_shell_gets_the_address_that_people_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(Folder(tmp_path).demo, DEMO)
    assert run(monkeypatch, tmp_path, "env") == 0
    found = dict(word.split("=", 1) for word in shlex.split(capsys.readouterr().out))
    assert {found[name] for name in ("INGEST", "API", "WEB")} == {"https://soc.example.org"}
    assert found["ADMIN_PASSWORD"] == "it's secret"
    assert (found["TOKEN"], found["KEY_JSON"], found["ID_JSON"]) == ("evt_1", "evk_7", "7")


def test_people_are_told_where_and_as_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(Folder(tmp_path).demo, DEMO)
    assert run(monkeypatch, tmp_path, "sign-in") == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("https://soc.example.org", "admin@alderbrook.example", "it's secret"))
    assert said.splitlines()[-1].endswith("one that was changed or reset since then is not known here.")


@pytest.mark.parametrize("command", ["env", "sign-in"])
def test_before_it_is_there_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert run(monkeypatch, tmp_path, command) == 1
    assert "still starting" in capsys.readouterr().err


def test_an_installation_that_does_not_answer_is_said_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(Folder(tmp_path).demo, DEMO)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert run(monkeypatch, tmp_path, "join", "--url", f"http://127.0.0.1:{port}") == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
