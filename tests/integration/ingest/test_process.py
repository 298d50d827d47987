"""The process as it is run: its server, its logs, and how it ends."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from shared.bus.messages import EventBatch
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import Registered, accounted, alert, fresh_key, ndjson, taken
from tests.waiting import until

MODULE = ("-m", "services.ingest")
UVICORN = ("-m", "uvicorn", "services.ingest.app:app", "--port")


class Process:
    """A door in a process of its own; what it prints is in `log`."""

    def __init__(self, running: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.running, self.port, self._log = running, port, log
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20)

    @property
    def log(self) -> str:
        return self._log.read_text()

    async def ready(self) -> bool:
        try:
            return (await self.http.get("/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    async def stop(self) -> int:
        if self.running.returncode is None:
            self.running.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.running.wait(), 30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def started(
    rabbitmq: Rabbitmq, postgres: Postgres, path: Path, *, command: tuple[str, ...] = MODULE, **more: str
) -> AsyncIterator[Process]:
    port = free_port()
    environment = os.environ | {
        "EVENTSEC_RABBITMQ_URL": rabbitmq.url,
        "EVENTSEC_RABBITMQ_MANAGEMENT_URL": rabbitmq.management_url,
        "EVENTSEC_INGEST_POSTGRES_URL": postgres.url("ingest"),
        "EVENTSEC_REGISTRY_PATH": str(path / "registry"),
        "EVENTSEC_REGISTRY_SECONDS": "0.5",
        "EVENTSEC_INGEST_PORT": str(port),
        "EVENTSEC_LOG_FORMAT": "json",
        **more,
    }
    arguments = [*command, str(port)] if command is UVICORN else command
    log = path / "log"
    with log.open("wb") as file:
        running = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=environment, stdout=file, stderr=file
        )
    process = Process(running, port, log)
    try:
        await until(process.ready, within=40)
        yield process
    finally:
        await process.stop()
        await process.http.aclose()


@pytest.mark.parametrize("command", [MODULE, UVICORN], ids=["module", "uvicorn"])
async def test_no_log_line_ever_holds_a_key_or_a_hook_path(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path, command: tuple[str, ...]
) -> None:
    unknown, good = fresh_key(), orjson.dumps(alert(1))
    async with started(rabbitmq, postgres, tmp_path, command=command, EVENTSEC_LOG_LEVEL="DEBUG") as process:
        http = process.http
        for key in (sensor.key, unknown):  # hooks first: only the first refusals of a second are logged
            for path in (f"/ingest/v1/hook/{key}", f"/ingest/v1/hook/{key}/json", f"/ingest/v1/hook/{key}/x/y"):
                for content in (b"", good):
                    await http.post(path, content=content)
                await http.get(path)
            for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}, {"Authorization": f"ApiKey {key}"}):
                for content in (b"", good):
                    await http.post("/ingest/v1/events", content=content, headers=headers)
        accepted = await http.post(
            f"/ingest/v1/hook/{sensor.key}", content=good, headers={"X-Request-ID": "find-me-again"}
        )
        assert accepted.status_code == 202
        await asyncio.sleep(1.1)  # a new second, in which refusals are logged again
        refused = await http.post("/ingest/v1/events", content=b"", headers=sensor.bearer | {"X-Request-ID": "and-me"})
        assert refused.status_code == 400
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        writer.write(f"POST /ingest/v1/hook/{sensor.key} HTTP/9.9\r\nnonsense\r\n\r\n".encode())
        await reader.read()
        writer.close()
        await process.stop()
        log = process.log
    assert '"path":"/ingest/v1/hook/{key}"' in log
    assert "find-me-again" in log
    assert "and-me" in log
    for secret in (sensor.key, unknown, sensor.key[4:], unknown[4:], "/ingest/v1/hook/evs_"):
        assert secret not in log
    for url in (rabbitmq.url, postgres.url("ingest")):
        password = re.search(r":([^:@/]+)@", url)
        assert password is not None
        assert password[1] not in log


async def test_the_log_says_who_sends_a_wrong_key_and_which(
    rabbitmq: Rabbitmq, postgres: Postgres, tmp_path: Path
) -> None:
    """Only a proxy that is named is believed."""
    wrong = fresh_key()
    sent = [("127.0.0.2", "198.51.100.7"), ("127.0.0.1", "198.51.100.7"), ("127.0.0.2", "no address")]
    async with started(rabbitmq, postgres, tmp_path, EVENTSEC_TRUSTED_PROXIES="127.0.0.2") as process:
        for address, forwarded in sent:
            transport = httpx.AsyncHTTPTransport(local_address=address)
            async with httpx.AsyncClient(transport=transport, base_url=process.http.base_url, timeout=20) as http:
                headers = {"X-Forwarded-For": forwarded, "Authorization": f"Bearer {wrong}"}
                assert (await http.post("/ingest/v1/events", content=b"{}", headers=headers)).status_code == 401
        await process.stop()
        told = [orjson.loads(line) for line in process.log.splitlines() if "request_refused" in line]
        assert [(one["code"], one["client"], one["key"]) for one in told] == [
            ("unknown_key", "198.51.100.7", wrong[:12]),
            ("unknown_key", "127.0.0.1", wrong[:12]),
            ("unknown_key", None, wrong[:12]),
        ]
        assert wrong not in process.log


async def test_sigterm_finishes_what_is_in_flight_and_reports_it(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    async with started(
        rabbitmq, postgres, tmp_path, EVENTSEC_INGEST_LINGER_SECONDS="1", EVENTSEC_ACCOUNTS_SECONDS="3600"
    ) as process:

        async def some_in_flight() -> bool:
            text = (await process.http.get("/metrics")).text
            return re.search(r"^eventsec_ingest_in_flight_requests [1-9]", text, re.MULTILINE) is not None

        sending = [
            asyncio.create_task(process.http.post("/ingest/v1/events", content=ndjson(alert(n)), headers=sensor.bearer))
            for n in range(20)
        ]
        await until(some_in_flight)  # received, lingering
        process.running.send_signal(signal.SIGTERM)
        replies = await asyncio.gather(*sending, return_exceptions=True)
        assert await process.stop() in (0, -signal.SIGTERM)
    acknowledged = set()
    for reply in replies:
        if isinstance(reply, httpx.Response) and reply.status_code == 202:
            acknowledged.add(reply.json()["batch_id"])
        elif isinstance(reply, httpx.Response):  # it came after the signal
            assert (reply.status_code, reply.json()["code"]) == (503, "stopping")
        else:
            assert isinstance(reply, httpx.TransportError)
    envelopes = await taken(rabbitmq, "events.received", EventBatch)
    stored = {str(item.event.id) for envelope in envelopes for item in envelope.items}
    assert acknowledged
    assert acknowledged <= stored
    assert sum(row.accepted for row in await accounted(rabbitmq)) == len(stored)


async def test_a_door_that_is_full_says_so(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    async with started(
        rabbitmq, postgres, tmp_path, EVENTSEC_INGEST_LINGER_SECONDS="1", EVENTSEC_INGEST_IN_FLIGHT_REQUESTS="3"
    ) as process:
        replies = await asyncio.gather(
            *(process.http.post("/ingest/v1/events", content=ndjson(alert(n)), headers=sensor.bearer) for n in range(8))
        )
        codes = [reply.status_code for reply in replies]
        assert set(codes) == {202, 503}
        assert codes.count(202) >= 3
        for reply in replies:
            if reply.status_code == 503:
                assert reply.json()["code"] == "busy"
                assert int(reply.headers["retry-after"]) >= 1


async def test_openapi_metrics_and_probes(
    rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path
) -> None:
    async with started(rabbitmq, postgres, tmp_path) as process:
        await process.http.post("/ingest/v1/events", content=ndjson(alert(1)), headers=sensor.bearer)
        document = (await process.http.get("/ingest/openapi.json")).json()
        assert "/ingest/v1/hook/{key}/{format}" in document["paths"]
        assert (await process.http.get("/healthz")).json() == {"status": "ok"}
        text = (await process.http.get("/metrics")).text
        assert 'eventsec_ingest_records_total{outcome="accepted"} 1.0' in text
        assert 'eventsec_ingest_requests_total{status="202"} 1.0' in text
