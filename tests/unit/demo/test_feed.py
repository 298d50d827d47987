"""The feed's manners: its pace, how each request is made, and what it does when the door says no."""

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.demo import feed as feeds
from deploy.demo.feed import Feed, Pace
from deploy.demo.folder import Folder, write_json
from deploy.demo.generator import FORMATS, Batch
from deploy.stack.errors import StackError

TAKEN = {"batch_id": "b-1", "accepted": 1, "rejected": 0, "ignored": 0}
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "stack")
    sensors = {name: {"id": name, "key": f"evs_{name}"} for name in FORMATS}
    write_json(folder.demo, {"ingest_url": "http://door", "sensors": sensors})
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses pass at once and are written down."""
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def sleeping(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr("deploy.demo.feed.asyncio.sleep", sleeping)
    return pauses


def feeding(folder: Folder, answer: Answer) -> Feed:
    feed = Feed(folder, rate=100, seed=1)
    feed._client = httpx.AsyncClient(base_url="http://door", transport=httpx.MockTransport(answer))
    return feed


async def send(feed: Feed, batch: Batch) -> None:
    await feed._send(batch, feed._counts.senders[batch.format])


def one(name: str = "suricata_eve", **more: object) -> Batch:
    return Batch(name, (b'{"a":1}',), **{"shape": "array", **more})  # type: ignore[arg-type]


def test_the_pace_is_kept_on_the_average_and_a_burst_is_paid_for_in_part() -> None:
    pace = Pace(rate=100, now=0.0)
    assert pace.wait(50, now=0.0) == pytest.approx(0.5)
    assert pace.wait(50, now=0.5) == pytest.approx(0.5)
    assert pace.wait(10, now=10.0) == pytest.approx(0.1)  # lost time is not caught up
    assert pace.wait(5000, now=10.1) == feeds.MOST_DEBT


async def test_each_shape_is_sent_as_it_should_be(folder: Folder) -> None:
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json=TAKEN)

    feed = feeding(folder, take)
    await send(feed, one(idempotency_key="k-1", compressed=True))
    await send(feed, one("falco", shape="hook"))
    await send(feed, one("zeek_json", shape="ndjson"))
    array, hook, lines = seen
    assert array.headers["Authorization"] == "Bearer evs_suricata_eve"
    assert (array.headers["Idempotency-Key"], array.headers["Content-Encoding"]) == ("k-1", "gzip")
    assert json.loads(gzip.decompress(array.content)) == [{"a": 1}]
    assert hook.url.path == "/ingest/v1/hook/evs_falco"
    assert "Authorization" not in hook.headers
    assert (lines.url.path, lines.headers["Content-Type"]) == ("/ingest/v1/events/zeek_json", "application/x-ndjson")
    assert lines.content == b'{"a":1}\n'
    assert feed._counts.first == "b-1"


async def test_the_same_request_is_sent_again_after_the_pause_the_door_asks_for(
    folder: Folder, quick: list[float]
) -> None:
    answers = [
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503, headers={"Retry-After": "2"}),
        httpx.Response(500),
        httpx.Response(202, json=TAKEN),
    ]
    bodies: list[tuple[bytes, str | None]] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        bodies.append((request.content, request.headers.get("Idempotency-Key")))
        return answers.pop(0)

    feed = feeding(folder, refuse)
    await send(feed, one(idempotency_key="k-2"))
    assert len(set(bodies)) == 1
    assert quick == [7, 2, 2.0]
    assert feed._counts.senders["suricata_eve"].retries == 3
    assert feed._counts.trouble == ""


async def test_a_door_that_does_not_answer_is_asked_again(folder: Folder, quick: list[float]) -> None:
    troubles = [httpx.ReadTimeout("slow"), httpx.ConnectError("away")]

    def fail(request: httpx.Request) -> httpx.Response:
        if troubles:
            raise troubles.pop(0)
        return httpx.Response(207, json=TAKEN | {"rejected": 2})

    feed = feeding(folder, fail)
    await send(feed, one())
    sender = feed._counts.senders["suricata_eve"]
    assert (sender.requests, sender.retries, sender.accepted, sender.rejected) == (1, 2, 1, 2)
    assert quick == [0.5, 1.0]


async def test_what_the_door_will_never_take_is_counted_and_left(folder: Folder) -> None:
    feed = feeding(folder, lambda _: httpx.Response(413, text="too large"))
    await send(feed, one())
    assert feed._counts.senders["suricata_eve"].refused_requests == 1
    assert "413" in feed._counts.trouble


async def test_a_new_key_is_picked_up_where_the_old_one_ended(folder: Folder, quick: list[float]) -> None:
    def check(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"] == "Bearer evs_new":
            return httpx.Response(202, json=TAKEN)
        sensors = {name: {"id": name, "key": "evs_new"} for name in FORMATS}
        write_json(folder.demo, {"ingest_url": "http://door", "sensors": sensors})
        return httpx.Response(401)

    feed = feeding(folder, check)
    await send(feed, one())
    assert feed._counts.senders["suricata_eve"].accepted == 1


def test_without_a_demo_there_is_nothing_to_feed(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"demo\.json is not there"):
        Feed(Folder(tmp_path / "empty"), rate=1, seed=1)
