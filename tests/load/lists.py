"""`python -m tests.load.lists`: lists, facets and histograms over a million alerts and five million events.

An api process is asked over HTTP as the UI asks it, by one client at a time and by eight at once: with OpenSearch, and
by another one that cannot reach it, so that all comes from Postgres. Into reports/lists.json. What was filled stays in
.stack/lists (12 GB) for the next run; `python -m deploy.stack --dir .stack/lists down --wipe` frees it.
"""

import argparse
import asyncio
import itertools
import math
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock, ids
from shared.domain.alert import STATUSES
from tests import borrowed
from tests.faults.analysts import make_token
from tests.faults.service import ROOT, free_port
from tests.faults.system import System
from tests.load import bench
from tests.load.filled import FIRST_ORGANIZATION, Corner, fill, show

DIRECTORY = ROOT / ".stack" / "lists"
NAME = "lists"
REPORT = ROOT / "reports" / "lists.json"
TARGET_MS, READY_SECONDS = 150.0, 300.0
AT_ONCE = (1, 8)
REQUESTS, LEAST_REQUESTS, WARM_UP = 100, 10, 5
PAGE = 5

ALL = list(STATUSES)
WORDS = ("kerberos", "beacon", "powershell", "lsass", "gateway", "encoded", "administrator", "lateral")


@dataclass(frozen=True)
class Case:
    """A question; words in braces are others each time. `page` is reached by following cursors, unmeasured."""

    name: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)
    page: int = 1

    @property
    def by_rows(self) -> bool:
        """True when Postgres can answer it too."""
        return not self.path.startswith("/events")

    def asked(self, chance: random.Random, span: dict[str, str]) -> dict[str, Any]:
        """The parameters of one request."""
        words = {
            "word": chance.choice(WORDS),
            "rule": f"1:{9_000_000 + int(2000 * chance.random() ** 3)}",
            "host": f"srv-{int(3000 * chance.random() ** 3)}",
            "address": f"100.64.{int(250 * chance.random() ** 3)}.{chance.randrange(15) * 17}",
            "network": f"100.64.{chance.randrange(250)}.0/24",
            "inside": f"10.20.{int(200 * chance.random() ** 3)}.{chance.randrange(250)}",
            **span,
        }
        return {name: value.format(**words) if isinstance(value, str) else value for name, value in self.params.items()}


QUARTER = {"from": "{quarter}", "to": "{end}"}
MONTH = {"from": "{month}", "to": "{end}"}
CASES = (
    Case("queue, with total", "/alerts", {"with_total": "true"}),
    Case("queue, page 5", "/alerts", page=PAGE),
    Case("all statuses, by last seen, with total", "/alerts",
         {"status": ALL, "sort": "-last_seen", "with_total": "true"}),
    Case("all of a rule", "/alerts", {"status": ALL, "rule_id": "{rule}"}),
    Case("query: status, with total", "/alerts", {"query": "status:closed", "with_total": "true"}),
    Case("query: status, page 5", "/alerts", {"query": "status:closed"}, page=PAGE),
    Case("query: free text, with total", "/alerts", {"query": "{word}", "with_total": "true"}),
    Case("query: free text, page 5", "/alerts", {"query": "{word}"}, page=PAGE),
    Case("query: word of the title, by last seen", "/alerts", {"query": "title:{word}", "sort": "-last_seen"}),
    Case("query: rule", "/alerts", {"query": 'rule.id:"{rule}"'}),
    Case("query: host", "/alerts", {"query": "host.name:{host}"}),
    Case("query: address", "/alerts", {"query": "source.ip:{address}"}),
    Case("query: any address", "/alerts", {"query": "{address}"}),
    Case("query: network", "/alerts", {"query": "source.ip:{network}"}),
    Case("query: by severity", "/alerts", {"query": "module:wazuh", "sort": "-severity"}),
    Case("query: by last seen", "/alerts", {"query": "module:wazuh", "sort": "-last_seen"}),
    Case("facets of the queue", "/alerts/facets"),
    Case("facets of all", "/alerts/facets", {"status": ALL}),
    Case("facets of a query, two filters", "/alerts/facets",
         {"query": "module:suricata", "filter": ["severity:>=high", "status:closed"]}),
    Case("facets of free text", "/alerts/facets", {"query": "{word}"}),
    Case("facets of a host", "/alerts/facets", {"query": "host.name:{host}"}),
    Case("histogram of the queue", "/alerts/histogram", QUARTER),
    Case("histogram of all, 90 days", "/alerts/histogram", {**QUARTER, "status": ALL}),
    Case("histogram of free text, 90 days", "/alerts/histogram", {**QUARTER, "query": "{word}"}),
    Case("events, last day, with total", "/events", {"from": "{day}", "to": "{end}", "with_total": "true"}),
    Case("events, address, 30 days", "/events", {**MONTH, "query": "source.ip:{inside}"}),
    Case("events, page 5", "/events", {**MONTH, "query": "event.dataset:suricata.dns"}, page=PAGE),
    Case("events, histogram, 30 days", "/events/histogram", MONTH),
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """What a case took. `refused` counts replies 503; `degraded` is what the replies said of being without search."""

    case: str
    store: str
    at_once: int
    requests: int
    p50_ms: float
    p95_ms: float
    refused: int
    degraded: str
    load_average: float

    @property
    def missed(self) -> bool:
        """True when somebody waits too long for what OpenSearch, or the queue's own index, is there for."""
        return self.store == "search" and self.at_once == 1 and self.p95_ms > TARGET_MS

    @property
    def told(self) -> str:
        """In few words."""
        return f"{self.p50_ms:,.0f} / {self.p95_ms:,.0f}" + (f" ({self.refused} refused)" if self.refused else "")


class Asker:
    """A program with a token at one api process."""

    def __init__(self, url: str, token: str, span: dict[str, str], seconds: float) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        self._span, self._seconds = span, seconds

    async def close(self) -> None:
        """End its connections."""
        await self._client.aclose()

    async def warm(self, case: Case) -> None:
        """A few replies that do not count: a JVM compiles, and pages come into memory."""
        chance = random.Random()
        for _ in range(WARM_UP):
            await self._client.get(case.path, params=case.asked(chance, self._span))

    async def measure(self, case: Case, store: str, at_once: int) -> Figure:
        """Ask until there are enough replies, or so many seconds are over and there are the fewest that will do."""
        chance = random.Random(case.name)
        began, times, refused, degraded = time.monotonic(), [], 0, ""
        numbers = itertools.count()

        async def ask() -> None:
            nonlocal refused, degraded
            while (number := next(numbers)) < LEAST_REQUESTS or (
                number < REQUESTS and time.monotonic() - began < self._seconds
            ):
                params = await self._at_page(case, case.asked(chance, self._span))
                start = time.monotonic()
                reply = await self._client.get(case.path, params=params)
                times.append((time.monotonic() - start) * 1000)
                if reply.status_code == 503:
                    refused, degraded = refused + 1, reply.json()["code"]
                else:
                    degraded = reply.raise_for_status().json().get("degraded") or degraded

        await asyncio.gather(*(ask() for _ in range(at_once)))
        p50, p95 = (round(quantile(times, share), 1) for share in (0.5, 0.95))
        load = round(os.getloadavg()[0], 1)
        return Figure(case.name, store, at_once, len(times), p50, p95, refused, degraded, load)

    async def _at_page(self, case: Case, params: dict[str, Any]) -> dict[str, Any]:
        for _ in range(case.page - 1):
            reply = await self._client.get(case.path, params=params)
            if reply.status_code == 503 or reply.json()["next_cursor"] is None:
                break
            params = {**params, "cursor": reply.json()["next_cursor"]}
        return params


def span_of(now: datetime) -> dict[str, str]:
    """The times that questions name: until now, and since a day, a month and a quarter of a year before."""
    days = {"end": 0, "day": 1, "month": 30, "quarter": 90}
    return {name: clock.isoformat(now - timedelta(days=number)) for name, number in days.items()}


def quantile(times: Sequence[float], share: float) -> float:
    """What this share of them took at most (the nearest rank)."""
    return sorted(times)[max(0, math.ceil(share * len(times)) - 1)]


async def asked(system: System, store: str, token: str, options: argparse.Namespace) -> list[Figure]:
    """All cases of an api of that system."""
    api, figures = system.apis[0], []
    await api.start()
    try:
        await system.ready(api, within=READY_SECONDS)
        asker = Asker(api.url, token, span_of(clock.now()), options.seconds)
        for case in CASES:
            if options.only in case.name and (store == "search" or case.by_rows):
                await asker.warm(case)
                for at_once in AT_ONCE:
                    figures.append(await asker.measure(case, store, at_once))
                    print(figures[-1], file=sys.stderr, flush=True)
        await asker.close()
    finally:
        await system.stop()
    return figures


async def ready(system: System, options: argparse.Namespace) -> None:
    """The corner as it was left, with today's schema; made anew where it is not of that size."""
    size, marker = f"{options.alerts} {options.events}", DIRECTORY / "filled"
    if not marker.exists() or marker.read_text() != size:
        await system.destroy()
        await system.create()
        marker.write_text(size)
    await system.run("shared.migrations")
    await system.run("shared.search.migrate")
    connection = await asyncpg.connect(system.owner_url)
    sensor_id = ids.plain(await connection.fetchval("SELECT id FROM sensors ORDER BY id LIMIT 1"))
    await connection.close()
    admin = urlunsplit(urlsplit(system.admin_url)._replace(path=f"/{NAME}"))
    opensearch = system.environment["EVENTSEC_OPENSEARCH_URL"]
    corner = Corner(admin, opensearch, f"{NAME}-", sensor_id)
    if options.as_is:
        await show(corner)
    else:
        await fill(corner, options.alerts, options.events)
    async with httpx.AsyncClient(base_url=opensearch, timeout=60) as client:
        # Under a feed each refresh empties it, so a figure from it would be one that nobody sees.
        cached = {"index.requests.cache.enable": False}
        (await client.put(f"/{NAME}-*/_settings", json=cached)).raise_for_status()


async def main(options: argparse.Namespace) -> int:
    """Fill, ask, print and keep the table; exit status 1 when OpenSearch's figures miss the target."""
    started_at = clock.isoformat(clock.now())
    with borrowed.stack(DIRECTORY), tempfile.TemporaryDirectory() as logs:
        environment = control.up(DIRECTORY, report=to_stderr())
        system = System(environment, Path(logs), apis=1, name=NAME)
        await ready(system, options)
        system.organization_id = FIRST_ORGANIZATION
        token = await make_token(system)
        away = System(environment, Path(logs), apis=1, name=NAME, through={"opensearch": free_port()})
        figures = await asked(system, "search", token, options) + await asked(away, "rows", token, options)
    missed = [one.case for one in figures if one.missed]
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": started_at,
        "commit": bench.commit(),
        "alerts": options.alerts,
        "events": options.events,
        "target_p95_ms": TARGET_MS,
        "missed": missed,
        "rows": [asdict(one) for one in figures],
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print(table(figures))
    return 1 if missed else 0


def table(figures: Sequence[Figure]) -> str:
    """p50 / p95 by case: each store, one at a time and all at once."""
    columns = [(store, at_once) for store in ("search", "rows") for at_once in AT_ONCE]
    heads = [f"{'OpenSearch' if store == 'search' else 'Postgres'}, {at_once} at once" for store, at_once in columns]
    lines = ["| p50 / p95, ms | " + " | ".join(heads) + " |", "|---" * (len(columns) + 1) + "|"]
    told = {(one.case, one.store, one.at_once): one.told for one in figures}
    for name in dict.fromkeys(one.case for one in figures):
        lines.append(f"| {name} | " + " | ".join(told.get((name, *column), "–") for column in columns) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.lists", description=__doc__)
    parser.add_argument("--alerts", type=int, default=1_000_000, help="of the large organization; a tenth more besides")
    parser.add_argument("--events", type=int, default=5_000_000, help="of all, one of each alert among them")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each case is asked at most")
    parser.add_argument("--as-is", action="store_true", help="ask of what is there, whole or not")
    parser.add_argument("--only", default="", help="only the cases whose name holds this")
    sys.exit(borrowed.run(main(parser.parse_args())))
