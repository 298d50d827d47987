"""The api and its command as people start them: real processes, signals, output."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from services.api.__main__ import config
from services.api.auth import credentials
from services.api.settings import ApiSettings
from shared import clock
from shared.models import ApiToken, Organization
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import until
from tests.integration.api.conftest import NOWHERE
from tests.integration.api.rows import Tenant

START_SECONDS = 60.0


def environment(database: Postgres, **more: str) -> dict[str, str]:
    """What the processes are told; the servers but Postgres are away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENTSEC_")}
    return kept | {
        "EVENTSEC_API_POSTGRES_URL": database.url("api"),
        "EVENTSEC_RABBITMQ_URL": f"amqp://guest:guest@127.0.0.1:{NOWHERE}/",
        "EVENTSEC_OPENSEARCH_URL": f"http://127.0.0.1:{NOWHERE}",
        "EVENTSEC_LOG_FORMAT": "json",
        **more,
    }


def tokens(database: Postgres, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.api.tokens", *arguments],
        env=environment(database, **more),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


async def found(session: AsyncSession, secret: str) -> ApiToken:
    statement = select(ApiToken).where(ApiToken.token_hash == credentials.digest_of(secret))
    token = await session.scalar(statement.execution_options(populate_existing=True))
    assert token is not None
    return token


async def test_create_makes_the_organization_and_prints_the_token_and_nothing_else(
    database: Postgres, session: AsyncSession
) -> None:
    made = tokens(database, "create", "--organization", "Made by hand", "--name", "bootstrap")
    assert (made.returncode, made.stderr) == (0, "")
    secret = made.stdout.removesuffix("\n")
    assert credentials.is_token(secret)
    token = await found(session, secret)
    assert (token.name, token.scopes, token.revoked_at) == ("bootstrap", ["*"], None)
    assert token.expires_at is not None
    assert timedelta(days=89) < token.expires_at - clock.now() < timedelta(days=91)
    again = tokens(
        database, "create", "--organization", "Made by hand", "--name", "second", "--scopes",
        "sensors:read,alerts:read", "--expires-days", "0",
    )  # fmt: skip
    second = await found(session, again.stdout.strip())
    assert second.organization_id == token.organization_id
    assert (second.scopes, second.expires_at) == (["alerts:read", "sensors:read"], None)
    named = await session.scalars(select(Organization).where(Organization.name == "Made by hand"))
    assert len(named.all()) == 1


async def test_a_token_is_listed_without_its_secret_and_revoked(database: Postgres, session: AsyncSession) -> None:
    secret = tokens(database, "create", "--organization", "Listed", "--name", "of a list").stdout.strip()
    token = await found(session, secret)
    listed = tokens(database, "list").stdout
    (line,) = [line for line in listed.splitlines() if str(token.id) in line]
    assert "Listed" in line
    assert secret not in listed
    assert tokens(database, "revoke", str(token.id)).returncode == 0
    await session.commit()
    assert (await found(session, secret)).revoked_at is not None


def test_what_is_not_there_cannot_be_revoked(database: Postgres) -> None:
    ended = tokens(database, "revoke", "00000000-0000-0000-0000-000000000000")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "tokens: There is no such token.\n"


def test_without_a_database_it_says_so_and_shows_no_password(database: Postgres) -> None:
    nowhere = f"postgresql://eventsec:secret-5e1f@127.0.0.1:{NOWHERE}/eventsec"
    ended = tokens(database, "create", "--organization", "A", "--name", "b", EVENTSEC_API_POSTGRES_URL=nowhere)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "PostgreSQL does not answer" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "5e1f" not in ended.stderr


@contextmanager
def serving(database: Postgres, *command: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, once it answers, and its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", *(part.format(port=port) for part in command)],
        env=environment(database, EVENTSEC_API_PORT=str(port), **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(process, url)
        yield process, url
    finally:
        process.kill()
        process.communicate()


def _until_it_answers(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.1)


COMMANDS = {
    "python": ("services.api",),
    "uvicorn": ("uvicorn", "services.api.app:app", "--port", "{port}", "--no-access-log"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_it_serves_logs_json_and_ends_cleanly_on_sigterm(
    database: Postgres, acme: Tenant, command: tuple[str, ...]
) -> None:
    with serving(database, *command) as (process, url):
        headers = {"Authorization": f"Bearer {acme.token}", "X-Request-ID": "in-the-logs"}
        assert httpx.get(f"{url}/api/v1/sensors", headers=headers).status_code == 200
        assert httpx.get(f"{url}/api/v1/nothing?key=marker-5e1f", headers=headers).status_code == 404
        made = httpx.post(f"{url}/api/v1/sensors", headers=headers, json={"name": f"of {command[0]}"})
        assert made.status_code == 201
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        output, _ = process.communicate(timeout=15)
    assert process.returncode in (0, -signal.SIGTERM)
    assert time.monotonic() - started < 10
    assert acme.token not in output
    assert made.json()["key"]["key"] not in output
    assert "marker-5e1f" not in output
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert {line["process"] for line in lines} == {"api"}
    told = [line for line in lines if line.get("correlation_id") == "in-the-logs"]
    refused, changed = told
    assert (refused["event"], refused["status"], refused["code"]) == ("request_refused", 404, "not_found")
    assert (changed["event"], changed["status"], changed["method"]) == ("request_answered", 201, "POST")
    assert changed["route"].endswith("/sensors")
    assert changed["caller_id"]
    if command == COMMANDS["python"]:
        assert len(lines) == len(output.splitlines())


@asynccontextmanager
async def serving_here(settings: ApiSettings, **given: object) -> AsyncIterator[int]:
    """The port of a server that tells everybody their own address."""

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": scope["client"][0].encode()})

    server = uvicorn.Server(config(told, settings.model_copy(update={"api_port": 0, **given})))
    running = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


async def test_only_the_proxies_that_are_named_say_where_somebody_comes_from(bare_settings: ApiSettings) -> None:
    seen = []
    async with serving_here(bare_settings, trusted_proxies="10.0.0.0/8, 127.0.0.2") as port:
        for address in ("127.0.0.2", "127.0.0.1"):
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(local_address=address)) as client:
                headers = {"X-Forwarded-For": "198.51.100.7, 10.1.2.3"}
                seen.append((await client.get(f"http://127.0.0.1:{port}", headers=headers)).text)
    assert seen == ["198.51.100.7", "127.0.0.1"]


async def test_an_idle_connection_is_kept_as_long_as_is_said(bare_settings: ApiSettings) -> None:
    assert bare_settings.api_idle_seconds == 75  # nginx keeps one for 60
    async with serving_here(bare_settings, api_idle_seconds=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(4):
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


def test_a_request_in_flight_at_sigterm_is_answered(database: Postgres, acme: Tenant) -> None:
    """Its sender had begun and finishes; the process waits for that, and ends."""
    with serving(database, "services.api") as (process, url):
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as slow:
            body = b'{"name": "slow"}'
            head = (
                f"POST /api/v1/sensors HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {acme.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            slow.sendall(head.encode() + body[:5])
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None
            slow.sendall(body[5:])
            assert slow.recv(65536).startswith(b"HTTP/1.1 201")
        output, _ = process.communicate(timeout=15)
        assert "Application shutdown complete" in output
