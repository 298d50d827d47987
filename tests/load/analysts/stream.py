"""*Stream*: how soon a change made at one process is heard at the other, by whom, and how 200 open streams end."""

import argparse
import asyncio
import signal
import time

import httpx
import orjson

from tests.faults.analysts import make_token
from tests.faults.system import System
from tests.load.analysts.at_work import Found, People, hear, record, send_all
from tests.load.reindex import beside

STREAMS = 200
HEARD_MS, ENDED_SECONDS = 500.0, 2.0


async def prove(system: System, people: People, options: argparse.Namespace) -> Found:
    """Delay between an edit's reply at one process and its word at the other; and the end of many streams."""
    await send_all(system, [record(5_000_000 + n, 1_000_000 + n, "stream") for n in range(options.changes)])
    alerts = (await people.ask("/alerts", status="new", limit=200, sort="-created_at"))["items"][: options.changes]
    stranger = People(system, await make_token(system, "strangers"))
    heard: dict[str, float] = {}
    strange: list[str] = []

    def note(data: str) -> None:
        for one in orjson.loads(data).get("ids", ()):
            heard.setdefault(one, time.monotonic())

    delays: list[float] = []
    async with beside(hear(people.at[1], note)), beside(hear(stranger.at[1], strange.append)):
        await asyncio.sleep(2)
        heard.clear()
        for alert in alerts:
            began = time.monotonic()
            reply = await people.at[0].post(
                f"/alerts/{alert['id']}/tags", json={"add": ["seen"]}, headers={"If-Match": "*"}
            )
            reply.raise_for_status()
            async with asyncio.timeout(10):
                while alert["id"] not in heard:
                    await asyncio.sleep(0.002)
            delays.append((heard[alert["id"]] - began) * 1000)
    ids_told = [data for data in strange if "ids" in data]
    open_now = [asyncio.create_task(_open(people.at[1])) for _ in range(STREAMS)]
    for task in open_now:
        await task
    process = system.apis[1].process
    assert process is not None
    began = time.monotonic()
    system.apis[1].signal(signal.SIGTERM)
    await asyncio.gather(*(task.result().aread() for task in open_now), return_exceptions=True)
    ended = time.monotonic() - began
    await process.wait()
    exited = time.monotonic() - began
    await stranger.close()
    delays.sort()
    return {
        "changes": len(delays),
        "p50_ms": round(delays[len(delays) // 2]),
        "p95_ms": round(delays[int(len(delays) * 0.95)]),
        "told_to_strangers": len(ids_told),
        "streams": len(open_now),
        "ended_after_seconds": round(ended, 2),
        "exited_after_seconds": round(exited, 2),
    }


async def _open(client: httpx.AsyncClient) -> httpx.Response:
    request = client.build_request("GET", "/stream")
    reply = await client.send(request, stream=True)
    reply.raise_for_status()
    return reply


def wrong(found: Found) -> list[str]:
    """What does not hold."""
    late = found["p95_ms"] > HEARD_MS or found["exited_after_seconds"] > ENDED_SECONDS
    return ["late, or slow to end"] * late + ["told to strangers"] * bool(found["told_to_strangers"])
