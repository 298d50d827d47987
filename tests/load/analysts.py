"""`python -m tests.load.analysts`: people at work under a live feed, on two api processes, into reports/analysts.json.

Three proofs. *Hot*: fifty people edit one alert that 500 events a second fold into: one history, nothing lost, nobody
refused because of folding. *Bulk*: 12,000 alerts closed by query, the api killed half-way, then undone. *Stream*: how
soon a change made at one process is heard at the other, by whom, and how 200 open streams end.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import platform
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from services.api.auth import credentials
from shared import clock, ids
from tests import borrowed
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.load.reindex import beside

REPORT = ROOT / "reports" / "analysts.json"
PER_REQUEST = 50
JOB_SECONDS = 600.0
HEARD_MS, ENDED_SECONDS = 500.0, 2.0

Found = dict[str, Any]


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

    async def job(self, job_id: str) -> Any:
        """The job when it has ended, from whichever process answers."""
        async with asyncio.timeout(JOB_SECONDS):
            for turn in itertools.count():
                with contextlib.suppress(httpx.HTTPError):
                    job = await self.ask(f"/jobs/{job_id}", at=turn % len(self.at))
                    if job["status"] in {"done", "failed", "cancelled"}:
                        return job
                await asyncio.sleep(0.2)


async def make_token(system: System, name: str = "") -> str:
    """A token that may do everything in the system's organization, or in a new one of that name."""
    organization = ids.uuid7() if name else system.organization_id
    credential = credentials.make(credentials.TOKEN)
    connection = await asyncpg.connect(system.owner_url)
    if name:
        await connection.execute("INSERT INTO organizations (id, name) VALUES ($1, $2)", organization, name)
    await connection.execute(
        "INSERT INTO api_tokens (id, organization_id, name, token_hash, scopes) VALUES ($1, $2, 'load', $3, '{*}')",
        ids.uuid7(), organization, credential.digest,
    )  # fmt: skip
    await connection.close()
    return credential.secret


@contextlib.asynccontextmanager
async def feeding(system: System, rate: int, records: Iterator[bytes]) -> AsyncIterator[list[int]]:
    """So many events a second through the door, meanwhile."""
    sent: list[int] = []
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}

    async def send() -> None:
        async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
            due = time.monotonic()
            while True:
                body = list(itertools.islice(records, PER_REQUEST))
                reply = await client.post("/ingest/v1/events?items=none", content=b"\n".join(body))
                assert reply.status_code == 202, reply.text
                sent.append(len(body))
                due += PER_REQUEST / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async with beside(send()):
        yield sent


async def send_all(system: System, records: list[bytes]) -> None:
    """These, and until they are stored."""
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
        for low in range(0, len(records), 200):
            reply = await client.post("/ingest/v1/events?items=none", content=b"\n".join(records[low : low + 200]))
            assert reply.status_code == 202, reply.text
    await quiet(system)


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


async def hot(system: System, people: People, options: argparse.Namespace) -> Found:
    """Fifty editors on one alert under folding."""
    flows = itertools.count(1)
    endless = (record(flow, 1, "hot") for flow in flows)
    await send_all(system, [next(endless)])
    alert = (await people.ask("/alerts", status="new"))["items"][0]
    done: Counter[str] = Counter()
    held: set[str] = set()
    ends = time.monotonic() + options.seconds

    async def edit(number: int) -> None:
        """Puts a tag of one's own on and takes it off; who is late looks again."""
        client, tag, on = people.at[number % 2], f"editor-{number}", False
        revision = (await people.ask(f"/alerts/{alert['id']}", at=number % 2))["revision"]
        while time.monotonic() < ends:
            body = {"remove": [tag]} if on else {"add": [tag]}
            reply = await client.post(f"/alerts/{alert['id']}/tags", json=body, headers={"If-Match": f'"{revision}"'})
            done[str(reply.status_code)] += 1
            if reply.status_code == 412:
                # Somebody else's edit, never an event: the revision has moved on.
                done["412_without_an_edit"] += reply.json()["current"]["revision"] <= revision
                revision = reply.json()["current"]["revision"]
                await asyncio.sleep(random.uniform(0, 0.05))
                continue
            assert reply.status_code == 200, reply.text
            revision, on = reply.json()["revision"], not on
            (held.add if on else held.discard)(tag)

    began = time.monotonic()
    async with feeding(system, options.rate, endless) as sent:
        async with asyncio.TaskGroup() as group:
            for number in range(options.editors):
                group.create_task(edit(number))
        rate = sum(sent) / (time.monotonic() - began)
    await quiet(system)
    row = await people.ask(f"/alerts/{alert['id']}")
    connection = await asyncpg.connect(system.owner_url)
    entries = await connection.fetch(
        "SELECT changes FROM audit_log WHERE object_id = $1 AND action = 'alert.tagged'", UUID(alert["id"])
    )
    await connection.close()
    return {
        "editors": options.editors,
        "events_per_second": round(rate),
        "edits": done["200"],
        "late": done["412"],
        "late_without_an_edit": done["412_without_an_edit"],
        "other_replies": sum(count for status, count in done.items() if status.isdigit()) - done["200"] - done["412"],
        "count_is_events": row["count"] == sum(sent) + 1,
        "revision_is_edits": row["revision"] == done["200"] + 1,
        "tags_are_the_last": set(row["tags"]) == held,
        "entries_are_edits": len(entries) == done["200"],
        "one_history": one_history([orjson.loads(entry["changes"])["tags"] for entry in entries]),
    }


def one_history(changes: list[list[list[str]]]) -> bool:
    """True when each change began where another ended: no two of them saw the same alert and both went through."""
    before = Counter(",".join(sorted(first)) for first, _ in changes)
    after = Counter(",".join(sorted(last)) for _, last in changes)
    before.subtract(after)
    # A walk through states: as often left as entered, but for its first and its last.
    return sorted(count for count in before.values() if count) in ([], [-1, 1])


async def bulk(system: System, people: People, options: argparse.Namespace) -> Found:
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
        killed = await kill_half_way(system, people, draft["id"], preview)
        job = await people.job(draft["id"])
        seconds = time.monotonic() - began
        undone = await people.job((await people.at[1].post(f"/alerts/bulk/{draft['id']}/undo")).json()["id"])
        told = sum(draft["id"] in event for event in heard)
    await quiet(system)
    connection = await asyncpg.connect(system.owner_url)
    statuses = dict(
        await connection.fetch("SELECT status, count(*) FROM alerts WHERE starts_with(title, 'bulk') GROUP BY status")
    )
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


async def kill_half_way(system: System, people: People, job_id: str, total: int) -> int:
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


async def stream(system: System, people: People, options: argparse.Namespace) -> Found:
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
    open_now = [asyncio.create_task(_open(people.at[1])) for _ in range(200)]
    for task in open_now:
        await task
    began = time.monotonic()
    system.apis[1].signal(signal.SIGTERM)
    await asyncio.gather(*(task.result().aread() for task in open_now), return_exceptions=True)
    ended = time.monotonic() - began
    await stranger.close()
    delays.sort()
    return {
        "changes": len(delays),
        "p50_ms": round(delays[len(delays) // 2]),
        "p95_ms": round(delays[int(len(delays) * 0.95)]),
        "told_to_strangers": len(ids_told),
        "streams": len(open_now),
        "ended_after_seconds": round(ended, 2),
    }


async def _open(client: httpx.AsyncClient) -> httpx.Response:
    request = client.build_request("GET", "/stream")
    reply = await client.send(request, stream=True)
    reply.raise_for_status()
    return reply


def verdict(found: dict[str, Found]) -> list[str]:
    """What does not hold."""
    wrong = []
    for name in ("count_is_events", "revision_is_edits", "tags_are_the_last", "entries_are_edits", "one_history"):
        if "hot" in found and not found["hot"][name]:
            wrong.append(f"hot: {name}")
    if "hot" in found and (found["hot"]["late_without_an_edit"] or found["hot"]["other_replies"]):
        wrong.append("hot: somebody was refused without an edit by somebody else")
    if "bulk" in found:
        bulk_ = found["bulk"]
        if bulk_["job"] != "done" or bulk_["preview"] != bulk_["done"] + bulk_["skipped"]:
            wrong.append("bulk: what was previewed was not done")
        if bulk_["undone"] + bulk_["undo_skipped"] != bulk_["done"] or not bulk_["counts_are_events"]:
            wrong.append("bulk: undoing left something out")
        if not bulk_["heard_of_progress"]:
            wrong.append("bulk: nobody heard of its progress")
    if "stream" in found:
        told = found["stream"]
        if told["p95_ms"] > HEARD_MS or told["told_to_strangers"] or told["ended_after_seconds"] > ENDED_SECONDS:
            wrong.append("stream: late, told to strangers, or slow to end")
    if any(part.get("differ") for part in found.values()):
        wrong.append("documents differ from their rows")
    return wrong


PROOFS: dict[str, Callable[[System, People, argparse.Namespace], Awaitable[Found]]] = {
    "hot": hot,
    "bulk": bulk,
    "stream": stream,
}


async def main(options: argparse.Namespace) -> int:
    """Run the proofs asked for, each on a corner of its own; exit status 1 when something does not hold."""
    found: dict[str, Found] = {}
    directory = ROOT / ".stack" / "bench"
    with borrowed.stack(directory):
        environment = control.up(directory, report=to_stderr())
        for name in options.proofs:
            with tempfile.TemporaryDirectory() as logs:
                system = System(environment, Path(logs), apis=2)
                await system.create()
                try:
                    await system.start()
                    people = People(system, await make_token(system))
                    found[name] = await PROOFS[name](system, people, options)
                    found[name]["differ"] = await differences(system)
                    await people.close()
                finally:
                    await system.stop()
                    await system.destroy()
            print(name, orjson.dumps(found[name], option=orjson.OPT_INDENT_2).decode(), flush=True)
    wrong = verdict(found)
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": clock.isoformat(clock.now()),
        "ok": not wrong,
        "wrong": wrong,
        **found,
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print("\n".join(wrong) or "all holds", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.analysts", description=__doc__)
    parser.add_argument("proofs", nargs="*", choices=list(PROOFS), default=list(PROOFS), help="which (default: all)")
    parser.add_argument("--rate", type=int, default=500, help="events a second that fold meanwhile")
    parser.add_argument("--editors", type=int, default=50, help="who edit one alert at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they do")
    parser.add_argument("--alerts", type=int, default=12_000, help="how many are closed at once")
    parser.add_argument("--changes", type=int, default=200, help="how many are listened for")
    sys.exit(asyncio.run(main(parser.parse_args())))
