"""*Bulk*: 12,000 alerts closed by query under a feed, the api killed half-way, and all of it taken back."""

import argparse
import asyncio
import itertools
import random
import signal
import time

import asyncpg

from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.load.analysts.at_work import Found, People, feeding, hear, record, send_all
from tests.load.reindex import beside


async def prove(system: System, people: People, options: argparse.Namespace) -> Found:
    """Many alerts closed by query under a feed, the api that does it killed half-way, and all of it taken back."""
    flows = itertools.count(1_000_000)
    await send_all(system, [record(next(flows), 10_000 + n, "bulk") for n in range(options.alerts)])
    query = "title:bulk"
    feed = (record(flow, 10_000 + random.randrange(options.alerts), "bulk") for flow in flows)
    heard: list[str] = []
    body = {
        "query": query,
        "action": {"type": "close", "verdict": "false_positive", "reason": "known_good", "quiet_seconds": 86400},
    }
    async with feeding(system, options.rate // 5, feed), beside(hear(people.at[1], heard.append)):
        draft = (await people.at[0].post("/alerts/bulk", json=body)).json()
        preview = draft["total"]
        began = time.monotonic()
        (await people.at[0].post(f"/jobs/{draft['id']}/start")).raise_for_status()
        killed = await _kill_half_way(system, people, draft["id"], preview)
        job = await people.job(draft["id"])
        seconds = time.monotonic() - began
        undone = await people.job((await people.at[1].post(f"/alerts/bulk/{draft['id']}/undo")).json()["id"])
        told = sum(draft["id"] in event for event in heard)
    await quiet(system)
    connection = await asyncpg.connect(system.owner_url)
    statuses = {
        row["status"]: row["count"]
        for row in await connection.fetch(
            "SELECT status, count(*) FROM alerts WHERE starts_with(title, 'bulk') GROUP BY status"
        )
    }
    whole = await connection.fetchval(
        "SELECT (SELECT coalesce(sum(count), 0) FROM alerts) = (SELECT count(*) FROM events WHERE kind = 'alert')"
    )
    await connection.close()
    skipped = await people.ask(f"/jobs/{undone['id']}/items", status="skipped", limit=5)
    return {
        "preview": preview,
        "done": job["done"],
        "skipped": job["skipped"],
        "job": job["status"],
        "seconds": round(seconds, 1),
        "killed_at": killed,
        "heard_of_progress": told,
        "undone": undone["done"],
        "undo_skipped": undone["skipped"],
        "undo_reasons": sorted({item["reason"] for item in skipped["items"]}),
        "statuses": statuses,
        "counts_are_events": whole,
    }


async def _kill_half_way(system: System, people: People, job_id: str, total: int) -> int:
    """SIGKILL to the process that does the job, once half is done; how much was done then. It is started again."""
    while True:
        job = await people.ask(f"/jobs/{job_id}", at=1)
        if job["done"] >= total / 2 or job["status"] == "done":
            break
        await asyncio.sleep(0.02)
    # The lease does not say whose it is: the one whose metrics count the job's chunks is at it. Both are, in turn.
    for api in system.apis:
        api.signal(signal.SIGKILL)
        await asyncio.sleep(0.3)
    await asyncio.gather(*map(system.ready, system.apis))
    return int(job["done"])


def wrong(found: Found) -> list[str]:
    """What does not hold."""
    told = []
    if found["job"] != "done" or found["preview"] != found["done"] + found["skipped"]:
        told.append("what was previewed was not done")
    if found["undone"] + found["undo_skipped"] != found["done"] or not found["counts_are_events"]:
        told.append("undoing left something out")
    if not found["heard_of_progress"]:
        told.append("nobody heard of its progress")
    return told
