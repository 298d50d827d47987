"""Sends the generator's requests through the public door, at a pace, and again where the door says so."""

import asyncio
import base64
import contextlib
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from deploy.demo import counts
from deploy.demo.counts import Counts, Sender
from deploy.demo.folder import Folder, read_json
from deploy.demo.generator import FORMATS, Batch, generate
from deploy.stack.errors import StackError

QUEUE = 20  # requests a sensor may be behind before the generator waits, as a shipper's tail of a file does
CONNECTIONS = 2  # a sensor
TIMEOUT_SECONDS = 10.0
LAST_SECONDS = 8.0  # for what is under way when the end comes
MOST_PAUSE = 30.0
MOST_DEBT = 2.0  # seconds by which a burst may run ahead of the pace


class Pace:
    """Says how long to wait so that, on the average, `rate` records a second go out."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._due = now

    def wait(self, records: int, now: float) -> float:
        """Seconds to wait after sending that many. Time lost is not caught up, a burst is paid for in part."""
        self._due = min(max(self._due, now) + records / self._rate, now + MOST_DEBT)
        return self._due - now


class Feed:
    """One run of the feed: a queue and a few connections for each sensor."""

    def __init__(self, folder: Folder, *, rate: float, seed: int) -> None:
        """Raises `StackError` where there is no running demo to feed."""
        self._folder = folder
        self._demo = _demo(folder)
        self._counts = Counts(rate, seed, {name: Sender() for name in FORMATS})
        self._queues: dict[str, asyncio.Queue[Batch]] = {name: asyncio.Queue(QUEUE) for name in FORMATS}
        self._client = httpx.AsyncClient(
            base_url=self._demo["ingest_url"],
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=CONNECTIONS * len(FORMATS)),
        )

    async def run(self, seconds: float) -> None:
        """For that long, or until SIGTERM; 0 is for ever."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        senders = [asyncio.create_task(self._send_all(name)) for name in FORMATS for _ in range(CONNECTIONS)]
        telling = asyncio.create_task(self._tell())
        producing = asyncio.create_task(self._produce())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds or None)
        producing.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(queue.join() for queue in self._queues.values())), LAST_SECONDS)
        for task in (*senders, telling, producing):
            task.cancel()
        await asyncio.gather(*senders, telling, producing, return_exceptions=True)
        await self._client.aclose()
        self._counts.finished = not stop.is_set()
        counts.write(self._folder, self._counts)

    async def _produce(self) -> None:
        pace = Pace(self._counts.rate, time.monotonic())
        for batch in self._batches():
            await self._queues[batch.format].put(batch)
            await asyncio.sleep(pace.wait(len(batch.records), time.monotonic()))

    def _batches(self) -> Iterator[Batch]:
        return generate(self._counts.seed, lambda: datetime.now(UTC))

    async def _send_all(self, name: str) -> None:
        queue, sender = self._queues[name], self._counts.senders[name]
        while True:
            batch = await queue.get()
            try:
                await self._send(batch, sender)
            finally:
                queue.task_done()

    async def _send(self, batch: Batch, sender: Sender) -> None:
        """Until the door has it, or says that it will never take it."""
        body = batch.body()
        pause = 0.5
        while True:
            answer = await self._post(batch, body)
            if answer is not None and not _may_pass(answer.status_code):
                break
            sender.retries += 1
            await asyncio.sleep(_wait(answer, pause))
            pause = min(pause * 2, MOST_PAUSE)
            if answer is not None and answer.status_code == httpx.codes.UNAUTHORIZED:
                self._demo = read_json(self._folder.demo) or self._demo
        self._count(batch, sender, answer)

    async def _post(self, batch: Batch, body: bytes) -> httpx.Response | None:
        path, headers = _request(batch, self._demo["sensors"][batch.format]["key"])
        try:
            answer = await self._client.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            # Nobody knows whether it arrived; sending the same once more is harmless.
            self._counts.trouble = f"the door does not answer ({type(error).__name__})"
            return None
        if answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.MULTI_STATUS}:
            self._counts.trouble = ""
        else:
            self._counts.trouble = f"the door answers {answer.status_code} to {batch.format}: {answer.text[:200]}"
        return answer

    def _count(self, batch: Batch, sender: Sender, answer: httpx.Response) -> None:
        sender.requests += 1
        sender.sent += len(batch.records)
        sender.resent += len(batch.records) if batch.resent else 0
        sender.damaged += len(batch.damaged)
        if answer.status_code not in {httpx.codes.ACCEPTED, httpx.codes.MULTI_STATUS}:
            sender.refused_requests += 1
            return
        told = answer.json()
        sender.accepted += told["accepted"]
        sender.rejected += told["rejected"]
        sender.ignored += told["ignored"]
        if not self._counts.first and told["accepted"]:
            self._counts.first = told["batch_id"]
            counts.write(self._folder, self._counts)

    async def _tell(self) -> None:
        while True:
            for name, queue in self._queues.items():
                self._counts.senders[name].waiting = queue.qsize()
            counts.write(self._folder, self._counts)
            await asyncio.sleep(1)


def _demo(folder: Folder) -> dict[str, Any]:
    demo = read_json(folder.demo)
    if not demo:
        raise StackError(f"{folder.demo} is not there: start the demo first, with make demo.")
    return demo


def _request(batch: Batch, key: str) -> tuple[str, dict[str, str]]:
    """Path and headers. Each sensor shows its key in another of the ways the door knows."""
    headers = {"Content-Type": batch.content_type}
    if batch.compressed:
        headers["Content-Encoding"] = "gzip"
    if batch.idempotency_key is not None:
        headers["Idempotency-Key"] = batch.idempotency_key
    if batch.shape == "hook":
        return f"/ingest/v1/hook/{key}?items=none", headers
    path = f"/ingest/v1/events/{batch.format}" if batch.format == "zeek_json" else "/ingest/v1/events"
    return f"{path}?items=none", headers | _credential(batch.format, key)


def _credential(name: str, key: str) -> dict[str, str]:
    match name:
        case "wazuh4":
            return {"Authorization": "Basic " + base64.b64encode(f"wazuh:{key}".encode()).decode()}
        case "zeek_json":
            return {"X-API-Key": key}
        case _:
            return {"Authorization": f"Bearer {key}"}


def _may_pass(status: int) -> bool:
    """Whether the same request may succeed later: overload, outage, or a key the door has not heard of yet."""
    return status >= 500 or status in {
        httpx.codes.UNAUTHORIZED,
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.REQUEST_TIMEOUT,
    }


def _wait(answer: httpx.Response | None, pause: float) -> float:
    told = "" if answer is None else answer.headers.get("Retry-After", "")
    return min(float(told), MOST_PAUSE) if told.isdigit() else pause
