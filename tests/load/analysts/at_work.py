"""What the proofs share: records, a feed meanwhile, clients at the api processes, and what differs in the end."""

import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeAlias

import httpx
import orjson

from shared import clock
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.faults.verdict import quiet

PER_REQUEST = 50
JOB_SECONDS = 600.0

Found: TypeAlias = dict[str, Any]


def record(flow: int, signature: int, title: str) -> bytes:
    """A Suricata alert whose signature decides the alert it folds into."""
    return orjson.dumps(
        {
            "timestamp": clock.isoformat(clock.now()),
            "event_type": "alert",
            "flow_id": flow,
            "src_ip": "198.51.100.7",
            "src_port": 1024 + flow % 60000,
            "dest_ip": "192.0.2.10",
            "dest_port": 443,
            "proto": "TCP",
            "alert": {
                "signature_id": signature,
                "gid": 1,
                "rev": 1,
                "signature": f"{title} {signature}",
                "severity": 2,
            },
        }
    )


class People:
    """Programs with a token of the organization's, each at an api process."""

    def __init__(self, system: System, token: str) -> None:
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {token}"}
        self.at = [
            httpx.AsyncClient(base_url=f"{api.url}/api/v1", headers=headers, timeout=60, limits=limits)
            for api in system.apis
        ]

    async def close(self) -> None:
        """End their connections."""
        for client in self.at:
            await client.aclose()

    async def ask(self, path: str, *, at: int = 0, **params: Any) -> Any:
        """What a GET gives."""
        reply = await self.at[at].get(path, params=params)
        reply.raise_for_status()
        return reply.json()

    async def make(self, path: str, **body: Any) -> Any:
        """What a POST makes."""
        reply = await self.at[0].post(path, json=body)
        reply.raise_for_status()
        return reply.json()

    async def job(self, job_id: str) -> Any:
        """The job when it has ended, from whichever process answers."""
        async with asyncio.timeout(JOB_SECONDS):
            for turn in itertools.count():
                with contextlib.suppress(httpx.HTTPError):
                    job = await self.ask(f"/jobs/{job_id}", at=turn % len(self.at))
                    if job["status"] in {"done", "failed", "cancelled"}:
                        return job
                await asyncio.sleep(0.2)
        raise AssertionError("unreachable")


@contextlib.asynccontextmanager
async def feeding(system: System, rate: int, records: Iterator[bytes]) -> AsyncIterator[list[int]]:
    """So many events a second through the door, meanwhile."""
    sent: list[int] = []
    enough = asyncio.Event()
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}

    async def send() -> None:
        async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
            due = time.monotonic()
            while not enough.is_set():
                body = list(itertools.islice(records, PER_REQUEST))
                reply = await client.post("/ingest/v1/events?items=none", content=b"\n".join(body))
                assert reply.status_code == 202, reply.text
                sent.append(len(body))
                due += PER_REQUEST / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    sending = asyncio.create_task(send())
    try:
        yield sent
        enough.set()
        await sending
    finally:
        sending.cancel()


async def send_all(system: System, records: list[bytes], *, rest: bool = True) -> None:
    """These, and until they are stored and all is at rest."""
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
        for low in range(0, len(records), 200):
            reply = await client.post("/ingest/v1/events?items=none", content=b"\n".join(records[low : low + 200]))
            assert reply.status_code == 202, reply.text
    if rest:
        await quiet(system)


async def hear(client: httpx.AsyncClient, tell: Callable[[str], object]) -> None:
    """Follow the stream, across the ends of processes, and hand on each event's data."""
    last: dict[str, str] = {}
    while True:
        with contextlib.suppress(httpx.HTTPError):
            async with client.stream("GET", "/stream", headers=last, timeout=30) as reply:
                reply.raise_for_status()
                async for line in reply.aiter_lines():
                    if line.startswith("id: "):
                        last = {"Last-Event-ID": line.removeprefix("id: ")}
                    elif line.startswith("data: "):
                        tell(line.removeprefix("data: "))
        await asyncio.sleep(0.2)


async def differences(system: System) -> int:
    """Rows whose documents are missing, old or too many, once what changed is old enough to be compared."""
    await quiet(system)
    await asyncio.sleep(61)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.indexer.stores", "drift", "--json",
        cwd=ROOT, env=system.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(process.communicate(), JOB_SECONDS)
    result = orjson.loads(out)
    return sum(int(result[name]) for name in ("missing", "stale", "ahead", "too_many"))
