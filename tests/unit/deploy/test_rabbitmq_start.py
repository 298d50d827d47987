"""deploy/rabbitmq/start.sh: the broker does not start with a password that everybody knows."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.architecture.place import ROOT

SCRIPT = ROOT / "deploy" / "rabbitmq" / "start.sh"


def run(folder: Path) -> tuple[int, str, str]:
    """Exit status, what the broker was started with, and what was complained of."""
    broker = folder / "docker-entrypoint.sh"
    broker.write_text('#!/bin/sh\necho "$* with ${RABBITMQ_DEFAULT_PASS}"\n')
    broker.chmod(0o700)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "EVENTSEC_SECRETS": str(folder)}
    done = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_broker_gets_the_password_of_the_secret(tmp_path: Path) -> None:
    (tmp_path / "rabbitmq_password").write_text("a $pass word\n")
    assert run(tmp_path) == (0, "rabbitmq-server with a $pass word\n", "")


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_without_a_secret_it_does_not_start(tmp_path: Path, content: str | None) -> None:
    secret = tmp_path / "rabbitmq_password"
    if content is not None:
        secret.write_text(content)
    status, started, said = run(tmp_path)
    assert (status, started) == (1, "")
    assert f"{secret} is empty, or user {os.getuid()} cannot read it" in said
