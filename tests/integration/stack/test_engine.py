"""The servers in containers, as `deploy.stack` starts them where a Docker engine answers; skipped where none does."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.stack import engine, place, providers

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Stack:
    directory: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("EVENTSEC_")}
        return subprocess.run(
            [sys.executable, "-m", "deploy.stack", "--dir", str(self.directory), *words],
            cwd=ROOT, env=clean | {providers.VARIABLE: "engine"}, capture_output=True, text=True, timeout=600,
            check=False,
        )  # fmt: skip

    def did(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.did("env", "--json"))
        return found

    def status(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = json.loads(self.run("status", "--json").stdout)
        return found


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="eventsec-engine-") as folder:
        directory = Path(folder)
        if reason := engine.lacking(place.settle(directory)):
            pytest.skip(reason)
        stack = Stack(directory)
        try:
            stack.did("up")
            yield stack
        finally:
            stack.did("down", "--wipe")
        assert [path.name for path in directory.iterdir()] == ["lock"]


async def logged_in(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT current_user"))
    finally:
        await connection.close()


async def test_all_three_answer_on_loopback_and_each_login_of_postgres_is_there(stack: Stack) -> None:
    assert {name: (one["provider"], one["answers"]) for name, one in stack.status().items()} == {
        "postgres": ("engine", True), "rabbitmq": ("engine", True), "opensearch": ("engine", True),
    }  # fmt: skip
    environment = stack.environment()
    for login in ("ingest", "indexer", "api"):
        assert await logged_in(environment[f"EVENTSEC_{login.upper()}_POSTGRES_URL"]) == f"eventsec_{login}"


def test_its_rabbitmqctl_is_the_brokers_own(stack: Stack) -> None:
    tool = stack.environment()["EVENTSEC_STACK_RABBITMQCTL"]
    done = subprocess.run([tool, "-q", "list_vhosts"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["name", "/"], done.stderr


async def test_a_killed_server_comes_back_where_it_was_with_its_data(stack: Stack) -> None:
    before = stack.environment()
    connection = await asyncpg.connect(before["EVENTSEC_POSTGRES_URL"])
    await connection.execute("CREATE TABLE kept (n int)")
    await connection.close()
    stack.did("kill", "postgres")
    assert not stack.status()["postgres"]["running"]
    stack.did("up")
    assert stack.environment() == before
    connection = await asyncpg.connect(before["EVENTSEC_POSTGRES_URL"])
    await connection.execute("DROP TABLE kept")
    await connection.close()


def test_a_frozen_one_runs_and_does_not_answer(stack: Stack) -> None:
    stack.did("kill", "rabbitmq", "--signal", "STOP")
    frozen = stack.status()["rabbitmq"]
    stack.did("kill", "rabbitmq", "--signal", "CONT")
    assert (frozen["running"], frozen["answers"]) == (True, False)
    assert stack.status()["rabbitmq"]["answers"]


async def test_secrets_outlive_a_lost_state(stack: Stack) -> None:
    (stack.directory / "state.json").unlink()
    stack.did("up")
    assert await logged_in(stack.environment()["EVENTSEC_API_POSTGRES_URL"]) == "eventsec_api"


def test_others_of_this_machine_cannot_read_the_secrets(stack: Stack) -> None:
    assert (stack.directory / "secrets").stat().st_mode & 0o077 == 0
