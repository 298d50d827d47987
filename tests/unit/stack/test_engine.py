"""What compose is told by a stack of our own."""

from pathlib import Path

import pytest

from deploy.stack import engine
from deploy.stack.place import Place


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says what it was called with."""
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\necho "$@"\nenv\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


@pytest.mark.usefixtures("docker")
def test_no_setting_of_the_caller_reaches_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither from the environment nor from deploy/.env, which compose would read by itself."""
    monkeypatch.setenv("EVENTSEC_POSTGRES_MEMORY", "mine")
    monkeypatch.setenv("COMPOSE_PROFILES", "mine")
    said = engine._compose(Place(tmp_path, tmp_path / "data", None), {"sql": 5}, "up")
    called, *environment = said.splitlines()
    assert " --env-file /dev/null --file " in called
    assert called.endswith(" up")
    assert not [line for line in environment if line.endswith("=mine")]
    assert "EVENTSEC_STACK_SQL_PORT=5" in environment
