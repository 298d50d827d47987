"""The real servers, started, killed and disturbed as a user's machine would."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from deploy.stack import place, ports, process
from deploy.stack.process import Process
from tests import NATIVE

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

ROOT = Path(__file__).parents[3]
SERVERS = ("postgres", "rabbitmq", "opensearch")


@dataclass(frozen=True)
class Stack:
    """The program as people run it, in a directory of its own."""

    directory: Path

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        small = {"EVENTSEC_STACK_OPENSEARCH_HEAP": "512m", "EVENTSEC_STACK_SHARED_BUFFERS": "64MB"}
        done = subprocess.run(
            self.argv(*words), cwd=ROOT, env={**_nothing_given(), **small, **more},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "deploy.stack", "--dir", str(self.directory), *words]

    def environment(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.run("env", "--json").stdout)
        return found

    def status(self) -> dict[str, dict[str, Any]]:
        """Whatever the exit code, which tells whether all answer."""
        done = subprocess.run(
            self.argv("status", "--json"), cwd=ROOT, env=_nothing_given(), capture_output=True, text=True, check=False
        )
        found: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return found

    def processes(self) -> list[Process]:
        """All of them, from the system's own table."""
        roots = [process.identify(pid) for one in self.status().values() for pid in one["processes"].values()]
        marks = [place.settle(self.directory).mark(name) for name in SERVERS]
        return list({member for mark in marks for member in process.family(roots, mark)})


def _nothing_given() -> dict[str, str]:
    """The environment without the servers of this run of tests, or they would be taken as given."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EVENTSEC_")} | NATIVE


def _wiped(folder: Path) -> Iterator[Stack]:
    stack = Stack(folder / "checkout with spaces" / ".stack")
    yield stack
    stack.run("down", "--wipe")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Where other users cannot go, and where a path has spaces: the servers' data must then live elsewhere."""
    yield from _wiped(tmp_path_factory.mktemp("stack"))


@pytest.fixture
def full(stack: Stack) -> Stack:
    """All three running."""
    stack.run("up")
    return stack


@pytest.fixture(scope="module")
def beside() -> Iterator[Stack]:
    """A second checkout, where everybody can go."""
    folder = Path(tempfile.mkdtemp(prefix="eventsec-test-"))
    folder.chmod(0o755)
    stack = Stack(folder / ".stack")
    yield stack
    stack.run("down", "--wipe")
    shutil.rmtree(folder)


async def test_the_logins_are_as_the_services_expect(full: Stack) -> None:
    environment = full.environment()
    for login, names in {
        "eventsec_owner": "EVENTSEC_POSTGRES_URL",
        "eventsec_ingest": "EVENTSEC_INGEST_POSTGRES_URL",
        "eventsec_indexer": "EVENTSEC_INDEXER_POSTGRES_URL",
        "eventsec_api": "EVENTSEC_API_POSTGRES_URL",
        "eventsec_admin": "EVENTSEC_POSTGRES_ADMIN_URL",
    }.items():
        connection = await asyncpg.connect(environment[names])
        try:
            facts = await connection.fetchrow("""
                SELECT current_user::text AS login, rolsuper AS super, rolcreaterole AS makes_roles,
                       pg_get_userbyid(datdba) = current_user AS owns, pg_encoding_to_char(encoding) AS encoding
                FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()""")
        finally:
            await connection.close()
        admin = login == "eventsec_admin"
        assert dict(facts or {}) == {
            "login": login, "super": admin, "makes_roles": admin, "owns": login == "eventsec_owner", "encoding": "UTF8",
        }  # fmt: skip


async def test_a_wrong_password_is_refused(full: Stack) -> None:
    url = full.environment()["EVENTSEC_API_POSTGRES_URL"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url, password="guess")


async def test_an_index_is_never_made_by_accident(full: Stack) -> None:
    index = full.environment()["EVENTSEC_OPENSEARCH_URL"] + "/typo/_doc"
    assert "index_not_found_exception" in _http("POST", index, {"a": 1})


def test_up_again_finds_all_running(full: Stack) -> None:
    before = full.status()
    began = time.monotonic()
    said = full.run("up").stderr
    assert time.monotonic() - began < 2  # half a second on a quiet machine
    assert said.count("already running") == 3
    assert full.status() == before


async def test_killed_servers_come_back_with_their_data(full: Stack) -> None:
    environment, ports_before = full.environment(), _ports(full)
    document = environment["EVENTSEC_OPENSEARCH_URL"] + "/kept"
    await _sql(environment, "CREATE TABLE kept AS SELECT 42 AS answer")
    await _publish(environment, "kept", b"42")
    _http("PUT", document, {})
    _http("PUT", document + "/_doc/1?refresh=wait_for", {"answer": 42})

    members = full.processes()
    for name in SERVERS:
        full.run("kill", name)
    assert process.wait_gone(members, 0)
    assert not any(one["running"] for one in full.status().values())
    full.run("up")

    assert _ports(full) == ports_before
    assert await _sql(environment, "SELECT answer FROM kept") == 42
    assert await _receive(environment, "kept") == b"42"
    assert json.loads(_http("GET", document + "/_doc/1"))["_source"] == {"answer": 42}


def test_a_killed_head_and_a_taken_port_are_not_in_the_way(full: Stack) -> None:
    """As the kernel does when memory runs out: one process dies, its helpers do not. Then another takes its port."""
    for name, role in (("postgres", "sql"), ("rabbitmq", "amqp")):
        before = full.status()[name]
        os.kill(before["processes"]["server"], signal.SIGKILL)
        with _occupied(before["ports"][role]):
            full.run("start", name)
        after = full.status()[name]
        assert after["answers"]
        assert after["processes"]["server"] != before["processes"]["server"]
        assert after["ports"][role] != before["ports"][role]


def test_frozen_is_not_taken_for_running(full: Stack) -> None:
    full.run("kill", "postgres", "--signal", "STOP")
    try:
        frozen = full.status()["postgres"]
        assert (frozen["running"], frozen["answers"]) == (True, False)
    finally:
        full.run("kill", "postgres", "--signal", "CONT")
    assert full.status()["postgres"]["answers"]


def test_a_frozen_server_can_be_stopped(full: Stack) -> None:
    full.run("kill", "postgres", "--signal", "STOP")
    assert "killing it" not in full.run("stop", "postgres").stderr


def test_stale_numbers_are_nobodys(full: Stack) -> None:
    """After a reboot the state and Postgres' own pid file name processes that are others' now."""
    full.run("kill", "postgres")
    data = place.settle(full.directory).data / "postgres" / "data"
    owner = (data / "PG_VERSION").stat()
    with subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None) as stranger:
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            (data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:], ""]))
            state = json.loads((full.directory / "state.json").read_text())
            state["postgres"]["processes"] = {"server": {"pid": stranger.pid, "started": "before/1"}}
            (full.directory / "state.json").write_text(json.dumps(state))
            assert not full.status()["postgres"]["running"]
            full.run("start", "postgres")
            full.run("stop", "postgres")
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_an_interrupted_start_is_taken_up_again(beside: Stack) -> None:
    with subprocess.Popen(
        beside.argv("start", "rabbitmq"), cwd=ROOT, env=_nothing_given(), stderr=subprocess.PIPE, text=True
    ) as first:
        assert first.stderr is not None
        assert any("starting on" in line for line in first.stderr)
        while not beside.status()["rabbitmq"]["running"]:
            assert first.poll() is None
        first.send_signal(signal.SIGINT)
        said = first.communicate(timeout=60)[1]
    assert "interrupted" in said
    assert "ready" not in said
    assert first.returncode == 130
    started = beside.status()["rabbitmq"]["processes"]
    beside.run("start", "rabbitmq")
    assert beside.status()["rabbitmq"]["processes"] == started


def test_a_start_that_was_interrupted_half_way_is_not_taken_for_running(beside: Stack) -> None:
    """Between two of its processes: of RabbitMQ its epmd is there, and the server was never started."""
    beside.run("start", "rabbitmq")
    kept = beside.directory / "state.json"
    state = json.loads(kept.read_text())
    server = state["rabbitmq"]["processes"].pop("server")["pid"]
    os.kill(server, signal.SIGKILL)
    kept.write_text(json.dumps(state))
    assert not beside.status()["rabbitmq"]["running"]
    beside.run("start", "rabbitmq")
    assert beside.status()["rabbitmq"]["answers"]


def test_the_control_tool_speaks_to_this_node_and_no_other(full: Stack, beside: Stack) -> None:
    beside.run("start", "rabbitmq")
    for stack in (full, beside):
        url = stack.environment()["EVENTSEC_RABBITMQ_MANAGEMENT_URL"]
        stack_pid = stack.status()["rabbitmq"]["processes"]["server"]
        said = subprocess.run(
            [stack.environment()["EVENTSEC_STACK_RABBITMQCTL"], "-q", "eval", "os:getpid()."],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert said.stdout.strip() == f'"{stack_pid}"'
        assert "eventsec@localhost" in _http("GET", url + "/api/nodes")


def test_two_stacks_do_not_know_each_other(full: Stack, beside: Stack) -> None:
    before = full.status()
    beside.run("start", "postgres")
    beside.run("start", "rabbitmq")
    theirs = {port for roles in _ports(full).values() for port in roles.values()}
    assert not theirs & {port for roles in _ports(beside).values() for port in roles.values()}
    beside.run("kill", "postgres")
    beside.run("start", "postgres")
    assert full.status() == before


def test_a_lost_state_file_costs_a_restart_only(beside: Stack) -> None:
    for name in ("postgres", "rabbitmq"):
        beside.run("start", name)
    members = beside.processes()
    (beside.directory / "state.json").unlink()
    for name in ("postgres", "rabbitmq"):
        beside.run("start", name)
    assert process.wait_gone(members, 0)
    assert "eventsec" in _http("GET", beside.environment()["EVENTSEC_RABBITMQ_MANAGEMENT_URL"] + "/api/whoami")


async def test_logins_work_after_the_state_file_was_lost(beside: Stack) -> None:
    beside.run("start", "postgres")
    beside.run("stop", "postgres")
    (beside.directory / "state.json").unlink()
    beside.run("start", "postgres")
    assert await _sql(beside.environment(), "SELECT 1") == 1


def test_two_at_once_start_one(beside: Stack) -> None:
    beside.run("stop", "postgres")
    both = [
        subprocess.Popen(beside.argv("start", "postgres"), cwd=ROOT, env=_nothing_given(), stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = b"".join(one.communicate(timeout=120)[1] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert (said.count(b"starting on"), said.count(b"already running")) == (1, 1)


def test_a_given_server_is_used_and_left_alone(full: Stack, tmp_path: Path) -> None:
    url = full.environment()["EVENTSEC_POSTGRES_URL"]
    other = Stack(tmp_path / ".stack")
    try:
        assert "given by EVENTSEC_POSTGRES_URL" in other.run("start", "postgres", EVENTSEC_POSTGRES_URL=url).stderr
        assert f"EVENTSEC_POSTGRES_URL={url}" in other.run("env", EVENTSEC_POSTGRES_URL=url).stdout
    finally:
        other.run("down", "--wipe", EVENTSEC_POSTGRES_URL=url)
    assert full.status()["postgres"]["answers"]


def test_our_own_environment_is_not_taken_for_given(full: Stack) -> None:
    said = full.run("up", **full.environment()).stderr
    assert "given" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_without_being_root() -> None:
    python = next((path for minor in (11, 12, 13, 14) if (path := Path(f"/usr/bin/python3.{minor}")).exists()), None)
    if python is None:
        pytest.skip("no Python that other users may run")
    folder = Path(tempfile.mkdtemp(prefix="eventsec-test-"))
    os.chown(folder, 65534, 65534)
    try:
        shutil.copytree(ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("demo", "__pycache__"))
        for words in (("start", "postgres"), ("start", "rabbitmq"), ("down", "--wipe")):
            subprocess.run(
                [python, "-m", "deploy.stack", *words],
                cwd=folder, env={"PATH": os.defpath, "HOME": str(folder)} | NATIVE,
                user=65534, group=65534, extra_groups=[], check=True, timeout=120,
            )  # fmt: skip
    finally:
        shutil.rmtree(folder)


def test_down_leaves_nothing(full: Stack) -> None:
    """Last in the file: it ends what the others use."""
    members, taken = full.processes(), _ports(full)
    assert len(members) > 8
    full.run("down")
    assert process.wait_gone(members, 0)
    assert full.processes() == []
    assert all(ports.is_free(port) for roles in taken.values() for port in roles.values())
    data = place.settle(full.directory).data
    full.run("down", "--wipe")
    assert not data.exists()
    assert [path.name for path in full.directory.iterdir()] == ["lock"]


def _ports(stack: Stack) -> dict[str, dict[str, int]]:
    return {name: one["ports"] for name, one in stack.status().items()}


@contextmanager
def _occupied(port: int) -> Iterator[None]:
    """Somebody else listens there, as soon as that is possible."""
    deadline = time.monotonic() + 10
    while not ports.is_free(port):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with socket.create_server((ports.LOOPBACK, port)):
        yield


async def _sql(environment: dict[str, str], statement: str) -> Any:
    connection = await asyncpg.connect(environment["EVENTSEC_POSTGRES_URL"])
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _publish(environment: dict[str, str], queue: str, body: bytes) -> None:
    async with await aio_pika.connect(environment["EVENTSEC_RABBITMQ_URL"]) as connection:
        channel = await connection.channel()
        await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue)


async def _receive(environment: dict[str, str], queue: str) -> bytes:
    async with await aio_pika.connect(environment["EVENTSEC_RABBITMQ_URL"]) as connection:
        channel = await connection.channel()
        message = await (await channel.get_queue(queue)).get(timeout=10)
        await message.ack()
        return message.body


def _http(method: str, url: str, body: object = None) -> str:
    """The reply's text, whatever its status."""
    parts = urlsplit(url)
    headers = {"Content-Type": "application/json"}
    if parts.username:
        login = f"{parts.username}:{parts.password}"
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)) as connection:
        content = None if body is None else json.dumps(body)
        connection.request(method, f"{parts.path}?{parts.query}", content, headers)
        return connection.getresponse().read().decode()
