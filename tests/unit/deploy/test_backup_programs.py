"""Postgres' programs, where they are not as they should be."""

import subprocess
import time
from pathlib import Path

import pytest

from deploy.backup import __main__ as backup
from deploy.backup import postgres, shelf, work
from deploy.backup.errors import BackupError
from shared.migrations.revisions import schema_head


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


def test_a_backup_is_verified_where_no_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVENTSEC_POSTGRES_URL", raising=False)
    manifest = shelf.Manifest(work.version(), schema_head(), "17.0", "pg_dump 17", "2026-11-28T03:00:00Z")
    with shelf.Writer(tmp_path, shelf.DUMP) as writer:
        writer.add(b"a dump")
        manifest.files.append(writer.close())
    shelf.write(tmp_path, manifest)
    assert (
        backup.verify(backup.parser().parse_args(["verify", str(tmp_path), "--postgres-exec", "true"])) == backup.DONE
    )
    with pytest.raises(BackupError, match="pg_restore --list failed"):
        backup.verify(backup.parser().parse_args(["verify", str(tmp_path), "--postgres-exec", "false"]))


@pytest.mark.parametrize(
    ("url", "bare", "password"),
    [
        ("eventsec", "eventsec", ""),
        ("postgresql://owner@db/eventsec", "postgresql://owner@db/eventsec", ""),
        (
            "postgresql://owner:p%40ss@db:1/eventsec?sslmode=require",
            "postgresql://owner@db:1/eventsec?sslmode=require",
            "p@ss",
        ),
        ("postgresql://owner@db/eventsec?password=p%26ss", "postgresql://owner@db/eventsec", "p&ss"),
        (
            "postgresql://db/x?user=owner&password=s&sslmode=require",
            "postgresql://db/x?user=owner&sslmode=require",
            "s",
        ),
        ("postgresql://owner:weaker@db/x?pass%77ord=stronger", "postgresql://owner@db/x", "stronger"),
        ("postgresql:///x?host=/run/sql&password=s", "postgresql:///x?host=/run/sql", "s"),
        (
            "postgresql://owner@one:1,two:2/x?application_name=a%20b",
            "postgresql://owner@one:1,two:2/x?application_name=a%20b",
            "",
        ),
    ],
)
def test_a_password_is_taken_out_of_the_url_wherever_it_stands(url: str, bare: str, password: str) -> None:
    assert postgres.without_password(url) == (bare, password)


def test_the_password_is_in_the_program_s_environment_and_not_in_its_arguments(tmp_path: Path) -> None:
    program = tmp_path / "psql"
    program.write_text('#!/bin/sh\necho "$@"\necho "$PGPASSWORD"\n')
    program.chmod(0o700)
    client = postgres.Client("postgresql://owner@db/x?password=s3cret", folder=tmp_path)
    with client.start("psql", "--quiet", stdout=subprocess.PIPE) as process:
        said, _ = process.communicate(timeout=30)
    assert said == b"--quiet --dbname postgresql://owner@db/x\ns3cret\n"
