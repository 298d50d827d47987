"""`python -m tests.load.incidents`: a page, lists and numbers over 20,000 incidents of 100,000 alerts.

An api process is asked over HTTP as the UI asks it, by one client at a time and by eight at once: by a person who is a
member of all restricted incidents, and by one from whom they are hidden. Into reports/incidents.json. What was made
stays in .stack/incidents for `--as-is`; `python -m deploy.stack --dir .stack/incidents down --wipe` frees it.
"""

import argparse
import hashlib
import random
import secrets
import sys
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg

from deploy.stack import control
from deploy.stack.report import to_stderr
from services.api.auth.permissions import CSRF_HEADER
from services.api.auth.sessions import csrf_of
from shared import clock, ids
from tests import borrowed
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.load import filled_incidents
from tests.load.asking import AT_ONCE, PAGE, Asker, Case, Figure, keep, table
from tests.load.filled import FIRST_ORGANIZATION, Corner
from tests.load.incident_rows import LARGE, SEES_ALL, SEES_SOME

DIRECTORY = ROOT / ".stack" / "incidents"
NAME = "incidents"
REPORT = ROOT / "reports" / "incidents.json"
PAGE_MS, LIST_MS = 200.0, 150.0

WORDS = ("kerberos", "beacon", "powershell", "lsass", "gateway", "encoded", "administrator", "lateral")
TAGS = ("phishing", "vip", "cloud", "lab", "dmz")

OF_PAGE = (
    Case("incident", "/incidents/{large}"),
    Case("its alerts", "/incidents/{large}/alerts"),
    Case("its tasks", "/incidents/{large}/tasks"),
    Case("its notes", "/incidents/{large}/notes"),
    Case("its observables", "/incidents/{large}/observables"),
    Case("its timeline", "/incidents/{large}/timeline"),
    Case("its events", "/incidents/{large}/events"),
    Case("its evidence", "/incidents/{large}/evidence"),
    Case("its reviews", "/incidents/{large}/reviews"),
    Case("its links", "/incidents/{large}/links"),
    Case("similar incidents", "/incidents/{large}/similar"),
)
WHOLE_PAGE = Case("page: all of these together", together=OF_PAGE)
LISTS = (
    Case("queue, with total", "/incidents", {"with_total": "true"}),
    Case("queue, page 5", "/incidents", page=PAGE),
    Case("mine", "/incidents", {"assignee_id": "{person}"}),
    Case("all, by change, with total", "/incidents",
         {"query": "number:>0", "sort": "-updated_at", "with_total": "true"}),
    Case("query: free text, with total", "/incidents", {"query": "{word}", "with_total": "true"}),
    Case("query: tag", "/incidents", {"query": "tags:{tag}"}),
    Case("query: assignee, page 5", "/incidents", {"query": "assignee:{person}"}, page=PAGE),
    Case("query: by severity", "/incidents", {"query": "status:closed", "sort": "-severity"}),
    Case("query: a value in it", "/incidents", {"query": "observable:{host}"}),
    Case("facets of the queue", "/incidents/facets"),
    Case("facets of all", "/incidents/facets", {"query": "number:>0"}),
    Case("facets of free text", "/incidents/facets", {"query": "{word}"}),
    Case("dashboard, 7 days", "/dashboard", {"days": 7}),
    Case("dashboard, 30 days", "/dashboard", {"days": 30}),
    Case("dashboard, 90 days", "/dashboard", {"days": 90}),
)  # fmt: skip
BESIDE = (
    Case("handover: a new draft", "/handovers", body={"shift": "night", "organization_id": str(FIRST_ORGANIZATION)}),
    Case("handovers", "/handovers"),
    Case("report, HTML", "/incidents/{large}/report"),
)


def words(chance: random.Random, large: UUID) -> dict[str, str]:
    """What one request asks for."""
    return {
        "large": str(large),
        "word": chance.choice(WORDS),
        "tag": chance.choice(TAGS),
        "host": f"srv-{int(3000 * chance.random() ** 3)}",
        "person": str(person(chance.randrange(40))),
    }


def person(number: int) -> UUID:
    """The id of that one of the people who were made."""
    return UUID(hashlib.md5(f"person{number}".encode(), usedforsecurity=False).hexdigest())


def asked_of(who: str) -> list[tuple[Case, float | None]]:
    """The cases with their targets: of parts of the page, and of what people wait for knowingly, there is none."""
    lists: list[tuple[Case, float | None]] = [(case, LIST_MS) for case in LISTS]
    if who != "member":
        return lists
    return [(WHOLE_PAGE, PAGE_MS), *((case, None) for case in OF_PAGE), *lists, *((case, None) for case in BESIDE)]


async def sign_in(system: System, number: int) -> dict[str, str]:
    """The headers of a fresh session of that one of the people."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    connection = await asyncpg.connect(system.owner_url)
    await connection.execute(
        "INSERT INTO sessions (id, user_id, token_hash, address, user_agent, expires_at, last_used_at) "
        "VALUES ($1, $2, $3, '127.0.0.1', 'tests', $4, $5)",
        ids.uuid7(), person(number), hashlib.sha256(secret.encode()).digest(), now + timedelta(hours=12), now,
    )  # fmt: skip
    await connection.close()
    return {"Cookie": f"eventsec={secret}", CSRF_HEADER: csrf_of(secret)}


async def large_one(system: System) -> UUID:
    """The id of the incident with a thousand alerts."""
    connection = await asyncpg.connect(system.owner_url)
    found: UUID = await connection.fetchval(
        "SELECT id FROM incidents WHERE organization_id = $1 AND number = $2 AND alerts_count = 1000",
        FIRST_ORGANIZATION, LARGE,
    )  # fmt: skip
    await connection.close()
    return found


async def asked(system: System, options: argparse.Namespace) -> list[Figure]:
    """All cases, by both."""
    api, figures = system.apis[0], []
    question = partial(words, large=await large_one(system))
    await api.start()
    try:
        await system.ready(api)
        for who, number in (("member", SEES_ALL), ("other", SEES_SOME)):
            asker = Asker(api.url, await sign_in(system, number), question, options.seconds)
            for case, target_ms in asked_of(who):
                if options.only not in case.name:
                    continue
                await asker.warm(case)
                for at_once in AT_ONCE:
                    figures.append(await asker.measure(case, who, at_once, target_ms))
                    print(figures[-1], file=sys.stderr, flush=True)
            await asker.close()
    finally:
        await system.stop()
    return figures


async def filled(system: System, alerts: int) -> None:
    """The corner, made anew: what is counted as of today has to be of today."""
    await system.destroy()
    await system.create()
    admin = urlunsplit(urlsplit(system.admin_url)._replace(path=f"/{NAME}"))
    opensearch = system.environment["EVENTSEC_OPENSEARCH_URL"]
    await filled_incidents.fill(Corner(admin, opensearch, f"{NAME}-", system.sensor_id), alerts)


async def main(options: argparse.Namespace) -> int:
    """Fill, ask, print and keep the table; exit status 1 when a target is missed."""
    started_at = clock.isoformat(clock.now())
    with borrowed.stack(DIRECTORY), tempfile.TemporaryDirectory() as logs:
        system = System(control.up(DIRECTORY, report=to_stderr()), Path(logs), apis=1, name=NAME)
        if options.as_is:
            await system.run("shared.migrations")
            await system.run("shared.search.migrate")
        else:
            await filled(system, options.alerts)
        figures = await asked(system, options)
    missed = keep(REPORT, figures, started_at=started_at, alerts=options.alerts, incidents=LARGE)
    print(table(figures, {"member": "who sees all", "other": "who sees not all"}))
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.incidents", description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000, help="of the organization; a tenth more besides")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each case is asked at most")
    parser.add_argument("--as-is", action="store_true", help="ask of what was made before")
    parser.add_argument("--only", default="", help="only the cases whose name holds this")
    sys.exit(borrowed.run(main(parser.parse_args())))
