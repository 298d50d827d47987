"""deploy/postgres/roles.sh: no login gets an empty password."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.place import ROOT

SCRIPT = ROOT / "deploy" / "postgres" / "roles.sh"
SECRETS = [f"postgres_{service}_password" for service in ("ingest", "indexer", "api")]


def run(folder: Path) -> tuple[int, str, list[str]]:
    """Exit status, what was said, and for which logins psql was called."""
    called = folder / "called"
    called.touch()
    (folder / "psql").write_text(f'#!/bin/sh\necho "$@" | grep -o "eventsec_[a-z]*" >> {called}\n')
    (folder / "psql").chmod(0o700)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}", "EVENTSEC_SECRETS": str(folder), "POSTGRES_USER": "eventsec",
        "POSTGRES_DB": "x",
    }  # fmt: skip
    done = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr, called.read_text().split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in SECRETS:
        (tmp_path / name).write_text("a password\n")
    return tmp_path


def test_each_service_gets_its_login(folder: Path) -> None:
    assert run(folder) == (0, "", ["eventsec_ingest", "eventsec_indexer", "eventsec_api"])


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_without_a_secret_no_login_is_touched(folder: Path, content: str | None) -> None:
    secret = folder / SECRETS[-1]
    if content is None:
        secret.unlink()
    else:
        secret.write_text(content)
    status, said, called = run(folder)
    assert (status, called) == (1, [])
    assert f"{secret} is empty, or user {os.getuid()} cannot read it" in said
