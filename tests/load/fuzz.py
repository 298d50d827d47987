"""`python -m tests.load.fuzz`: both doors fuzzed by their own descriptions, into reports/fuzz.json.

Schemathesis reads the OpenAPI of a running api and of a running ingest, makes requests that fit it and requests that
break it, follows the links between operations, and holds every reply against what is described. The api is asked by a
program with a token and by a person with a session, ingest by a sensor. Everything runs behind: what is sent is stored,
what is started is done.
"""

import argparse
import asyncio
import itertools
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import schemathesis
from argon2 import PasswordHasher
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.result import Ok
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import (
    RejectedPositiveData,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
)

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock, ids
from tests import borrowed
from tests.faults.analysts import make_person, make_token
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.faults.verdict import quiet
from tests.load.analysts.at_work import record
from tests.load.good import EMAIL_ADDRESS, PASSWORD
from tests.load.guide import Guide
from tests.load.prepared import ALERTS, GROUNDS, prepare
from tests.load.tally import Found, Tally, undone

REPORT = ROOT / "reports" / "fuzz.json"
COOKIE = "__Host-eventsec"
# A caller who lost what it may is given it back this soon: from a colleague, where a person would ask one.
RENEWED_SECONDS = 3
MOST_READ = 64 << 10

Headers = dict[str, str]

# Everything is checked but what stands here, with its reason.
CHECKS: Found = {
    # A check of Schemathesis' own for two identities, which it has to be given; ours is tests/integration/api.
    "object_level_authorization": {"enabled": False},
    # If-Match is made up, and so of another revision than the thing has.
    "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", "401", "403", "404", "409", "412", "429", "5xx"]},
    # If-Match alone is required, and 428 says so; who may not, or asks for nothing that is there, hears of that first.
    "missing_required_header": {"expected-statuses": ["401", "403", "404", "409", "422", "428"]},
}


def configuration(options: argparse.Namespace) -> SchemathesisConfig:
    """What all callers do, for so long."""
    return SchemathesisConfig.from_dict(
        {
            "seed": options.seed,
            "max-time": options.seconds,
            "continue-on-failure": True,
            "request-timeout": 30,
            # The stream has no end: its beginning is what is looked at.
            "max-stream-events": 1,
            # A redirect is the answer: it is not followed to where a browser would be sent.
            "max-redirects": 0,
            "checks": CHECKS,
            # Each operation is first asked what nothing should be wrong with.
            "phases": {"examples": {"fill-missing": True}},
            "generation": {
                "max-examples": options.examples,
                "database": "none",
                # Callers are ours. What nobody and a stranger get is asked by the check `ignored_auth`.
                "with-security-parameters": False,
            },
        }
    )


def fuzz(
    url: str, base: str, renew: Callable[[], Headers], config: SchemathesisConfig, guide: Guide, *, only: str
) -> Tally:
    """Ask everything that the document describes, as who the headers say, and mostly of what is there."""
    schema = schemathesis.openapi.from_url(url, config=config).include(path_regex=only)
    schema.config.update(base_url=base)
    addresses = (f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}" for n in itertools.count(1))

    @schema.auth(refresh_interval=RENEWED_SECONDS)
    class Caller:
        def get(self, case: Any, context: Any) -> Headers:
            return renew()

        def set(self, case: Any, data: Headers, context: Any) -> None:
            # Each from an address of its own: one address that fails to sign in so often is made to wait.
            case.headers.update(data | {"X-Forwarded-For": next(addresses)})

    @schema.hook
    def map_case(context: Any, case: Any) -> Any:
        guide.lead(case)
        return case

    @schema.hook
    def before_add_examples(context: Any, examples: list[Any]) -> None:
        guide.surely(examples)

    @schema.hook
    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return not is_right(failure, response.status_code, response.content, response.request.url)

    tally = Tally({result.ok().label for result in schema.get_all_operations() if isinstance(result, Ok)})
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            tally.take(event.recorder)
        elif isinstance(event, events.NonFatalError):
            tally.fail(event.label, type(event.value).__name__, str(event.value))
        elif isinstance(event, events.FatalError):
            tally.fail("", type(event.exception).__name__, str(event.exception))
    return tally


def is_right(failure: Failure, status: int, body: bytes, url: str) -> bool:
    """True where the reply is right, and Schemathesis cannot know it."""
    if isinstance(failure, UndefinedStatusCode) and status == HTTPStatus.BAD_REQUEST:
        # What can be said in a query is longer than what the server reads as a request.
        return len(url) > MOST_READ
    if isinstance(failure, AcceptedNegativeData):
        # Ingest refuses no body for what it says: what cannot be read is kept, in quarantine, and 207 says so. And a
        # number that stands in a URL where texts are listed is a text.
        return status == HTTPStatus.MULTI_STATUS or "parameter `filter` in query" in failure.message
    if isinstance(failure, RejectedPositiveData) and status == HTTPStatus.BAD_REQUEST:
        # Of bytes a schema cannot say that some must not be blanks.
        return bool(orjson.loads(body)["code"] == "no_records")
    if isinstance(failure, UnsupportedMethodResponse):
        # For another method the last part of `/alerts/bulk` is where an alert's id stands, and is none; of one that
        # takes a body it is said first that there was none.
        return status in (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if status != HTTPStatus.UNPROCESSABLE_ENTITY:
        return False
    if isinstance(failure, RejectedPositiveData):
        # What a schema cannot state, as a query's grammar or that one time is behind another: it has a code of its own,
        # or is said in words of ours. What a schema can state has to be in it, and so never refuses what fits it.
        problem = orjson.loads(body)
        return problem["code"] != "invalid" or {one["code"] for one in problem.get("errors", ())} == {"value_error"}
    return False


class Callers:
    """Who asks. Whatever they took from themselves, they get back: by signing in, or from a colleague."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.user_id = ids.uuid7()

    def program(self) -> Headers:
        """A program with a token that may do everything."""
        return {"Authorization": f"Bearer {asyncio.run(make_token(self._system))}"}

    def person(self) -> Headers:
        """An administrator who has just signed in."""
        asyncio.run(self.restore())
        reply = httpx.post(
            f"{self._system.apis[0].url}/api/v1/auth/login",
            json={"email": EMAIL_ADDRESS, "password": PASSWORD},
            headers={"X-Forwarded-For": "192.0.2.1"},
            timeout=30,
        )
        reply.raise_for_status()
        cookie = reply.headers["set-cookie"].partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": reply.json()["csrf_token"]}

    def sensor(self) -> Headers:
        """A sensor with its key."""
        return {"Authorization": f"Bearer {self._system.key}"}

    async def restore(self) -> None:
        """The person as they were before they changed themselves."""
        connection = await asyncpg.connect(self._system.owner_url)
        await connection.execute(
            "INSERT INTO users (id, email, name, password_hash) VALUES ($1, $2, 'Fuzz', $3) "
            "ON CONFLICT (id) DO UPDATE SET disabled_at = NULL, totp_confirmed_at = NULL, "
            "password_hash = excluded.password_hash",
            self.user_id, EMAIL_ADDRESS, PasswordHasher().hash(PASSWORD),
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO memberships (id, user_id, organization_id, role) VALUES ($1, $2, $3, 'admin') "
            "ON CONFLICT (user_id, organization_id) DO UPDATE SET role = 'admin'",
            ids.uuid7(), self.user_id, self._system.organization_id,
        )  # fmt: skip
        await connection.execute("DELETE FROM login_throttles")
        await connection.close()


async def begin(system: System) -> None:
    """Alerts of two events each, and what cannot be read."""
    broken = [b'{"event_type": "alert"}'] * 2 * GROUNDS
    headers = {"authorization": f"Bearer {system.key}", "content-type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=system.door, headers=headers, timeout=60) as client:
        records = [record(number, 100 + number % ALERTS, "fuzz") for number in range(2 * ALERTS)]
        reply = await client.post("/ingest/v1/events", content=b"\n".join(records + broken))
        assert reply.status_code == 207, reply.text
    await quiet(system)


async def ask(system: System, options: argparse.Namespace) -> dict[str, Tally]:
    """What came of the requests of each caller; each has a part of the ground of its own, which it may use up."""
    await begin(system)
    api, callers = system.apis[0], Callers(system)
    parts = await prepare(system, await make_person(system, "colleague"), await asyncio.to_thread(callers.person))
    document = f"{api.url}/api/v1/openapi.json"
    whom = {
        "program": (document, api.url, callers.program),
        "person": (document, api.url, callers.person),
        "sensor": (f"{system.door}/ingest/openapi.json", system.door, callers.sensor),
    }
    tallies = {}
    for number, name in enumerate(options.callers or CALLERS):
        guide = Guide(parts[number % len(parts)], options.seed)
        tallies[name] = await asyncio.to_thread(fuzz, *whom[name], configuration(options), guide, only=options.only)
        print(name, orjson.dumps(tallies[name].report(), option=orjson.OPT_INDENT_2).decode(), flush=True)
    return tallies


def concluded(tallies: dict[str, Tally], options: argparse.Namespace) -> Found:
    """The report of all of them; not ok when anything was not as it is described, or was never done."""
    classes = Counter[str]()
    for tally in tallies.values():
        for status, count in tally.statuses.items():
            classes[f"{status[0]}xx"] += count
    never_done = sorted(undone(tallies.values()))
    found = {name: tally.report() for name, tally in tallies.items()}
    # What a program may not do a person may: only all of them together can be told that something was left out.
    left_out = never_done and set(tallies) == set(CALLERS)
    return {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": clock.isoformat(clock.now()),
        "seed": options.seed,
        "ok": not (left_out or any(one["failures"] or one["never_asked"] for one in found.values())),
        "requests": sum(one["requests"] for one in found.values()),
        "statuses": dict(sorted(classes.items())),
        "never_done": never_done,
        "callers": found,
    }


async def main(options: argparse.Namespace) -> int:
    """Ask for as long as is wanted; exit status 1 when anything was not as it is described, or was never done."""
    directory = ROOT / ".stack" / "bench"
    with borrowed.stack(directory), tempfile.TemporaryDirectory() as logs:
        system = System(control.up(directory, report=to_stderr()), Path(logs), apis=1)
        # Under the name that the description gives to the session's cookie.
        system.apis[0].environment["EVENTSEC_INSECURE_COOKIES"] = "false"
        await system.create()
        try:
            await system.start()
            report = concluded(await ask(system, options), options)
        finally:
            await system.stop()
            await system.destroy()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print("never done:", *report["never_done"] or ["nothing"], sep="\n  ")
    verdict = "all as described" if report["ok"] else "FAILED"
    print(f"{report['requests']} requests, {report['statuses']}: {verdict}", flush=True)
    return 0 if report["ok"] else 1


CALLERS = ("program", "person", "sensor")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.fuzz", description=__doc__)
    parser.add_argument("callers", nargs="*", metavar="caller", help=f"of {', '.join(CALLERS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=300, help="how long each asks, at most")
    parser.add_argument("--examples", type=int, default=30, help="of each operation in a phase, at most")
    parser.add_argument("--seed", type=int, default=1, help="what is made up depends on it alone")
    parser.add_argument("--only", default=".", metavar="REGEX", help="operations whose path has this")
    given = parser.parse_args()
    if unknown := set(given.callers) - set(CALLERS):
        parser.error(f"no such caller: {', '.join(sorted(unknown))}")
    sys.exit(borrowed.run(main(given)))
