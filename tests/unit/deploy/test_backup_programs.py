"""Postgres' programs, where they are not as they should be."""

import time
from pathlib import Path

import pytest

from deploy.backup import postgres
from deploy.backup.errors import BackupError


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """One that never answers."""
    file = tmp_path / "pg_dump"
    file.write_text("#!/bin/sh\nexec sleep 60\n")
    file.chmod(0o700)
    return file


def test_a_program_that_does_not_tell_its_version_is_named(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "VERSION_SECONDS", 0.2)
    began = time.monotonic()
    with pytest.raises(BackupError, match=f"{program} --version: no answer after 0.2 s"):
        postgres.major(str(program))
    assert time.monotonic() - began < 30
