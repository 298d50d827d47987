"""`python -m tests.load.lists`: lists, facets and histograms over a million alerts and five million events.

An api process is asked over HTTP as the UI asks it, by one client at a time and by eight at once: with OpenSearch, and
by another one that cannot reach it, so that all comes from Postgres. Into reports/lists.json. What was filled stays in
.stack/lists (12 GB) for the next run; `python -m deploy.stack --dir .stack/lists down --wipe` frees it.
"""

import argparse
import random
import sys
import tempfile
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock, ids
from shared.domain.alert import STATUSES
from tests import borrowed
from tests.faults.analysts import make_token
from tests.faults.service import ROOT, free_port
from tests.faults.system import System
from tests.load.asking import AT_ONCE, PAGE, Asker, Case, Figure, keep, span_of, table
from tests.load.filled import FIRST_ORGANIZATION, Corner, fill, show

DIRECTORY = ROOT / ".stack" / "lists"
NAME = "lists"
REPORT = ROOT / "reports" / "lists.json"
TARGET_MS, READY_SECONDS = 150.0, 300.0

ALL = list(STATUSES)
WORDS = ("kerberos", "beacon", "powershell", "lsass", "gateway", "encoded", "administrator", "lateral")


def words(chance: random.Random, span: dict[str, str]) -> dict[str, str]:
    """What one request asks for."""
    return {
        "word": chance.choice(WORDS),
        "rule": f"1:{9_000_000 + int(2000 * chance.random() ** 3)}",
        "host": f"srv-{int(3000 * chance.random() ** 3)}",
        "address": f"100.64.{int(250 * chance.random() ** 3)}.{chance.randrange(15) * 17}",
        "network": f"100.64.{chance.randrange(250)}.0/24",
        "inside": f"10.20.{int(200 * chance.random() ** 3)}.{chance.randrange(250)}",
        **span,
    }


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


def target_of(store: str) -> float | None:
    """For what OpenSearch, or the queue's own index, is there for; what Postgres does in its place may take longer."""
    return TARGET_MS if store == "search" else None


def by_rows(case: Case) -> bool:
    """True when Postgres can answer it too."""
    return not case.path.startswith("/events")


async def asked(system: System, store: str, token: str, options: argparse.Namespace) -> list[Figure]:
    """All cases of an api of that system."""
    api, figures = system.apis[0], []
    await api.start()
    try:
        await system.ready(api, within=READY_SECONDS)
        headers = {"Authorization": f"Bearer {token}"}
        asker = Asker(api.url, headers, partial(words, span=span_of(clock.now())), options.seconds)
        for case in CASES:
            if options.only in case.name and (store == "search" or by_rows(case)):
                await asker.warm(case)
                for at_once in AT_ONCE:
                    figures.append(await asker.measure(case, store, at_once, target_of(store)))
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
    about = {"started_at": started_at, "alerts": options.alerts, "events": options.events, "target_p95_ms": TARGET_MS}
    missed = keep(REPORT, figures, **about)
    print(table(figures, {"search": "OpenSearch", "rows": "Postgres"}))
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.lists", description=__doc__)
    parser.add_argument("--alerts", type=int, default=1_000_000, help="of the large organization; a tenth more besides")
    parser.add_argument("--events", type=int, default=5_000_000, help="of all, one of each alert among them")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each case is asked at most")
    parser.add_argument("--as-is", action="store_true", help="ask of what is there, whole or not")
    parser.add_argument("--only", default="", help="only the cases whose name holds this")
    sys.exit(borrowed.run(main(parser.parse_args())))
