"""One seed: the product under load, its nemeses by plan, then rest and the verdict."""

import asyncio
import contextlib
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from deploy.stack import control
from deploy.stack.errors import StackError
from tests.faults.analysts import keep_working, make_token
from tests.faults.incident_workers import Worked, hire, keep_incidents
from tests.faults.nemeses.all import NEMESES
from tests.faults.nemeses.nemesis import SERVERS, Field
from tests.faults.oracle import Mix, Oracle
from tests.faults.people import Work, ask_for_redrive, close_alerts, keep_closing
from tests.faults.plan import Plan, Planned
from tests.faults.proxy import proxied
from tests.faults.search_proxy import search_proxied
from tests.faults.sender import Habits, Sender
from tests.faults.system import SERVER_URLS, System
from tests.faults.verdict import QUIET_SECONDS, Verdict, judge
from tests.waiting import until

MIX = Mix(telemetry=0.1, unreadable=0.02, alertmanager=0.08, late=0.05, ahead=0.05)
HABITS = Habits(pause=0.4, resends=0.1, twins=0.1, gives_up=0.03, strange=0.03, patience=6.0)
LANES, BATCH = 4, 60
WARM_SECONDS, ACKNOWLEDGED_SECONDS, NEMESIS_SECONDS = 60.0, 90.0, 240.0
# Alerts closed before the last batches: enough that some of them fire again, whatever the nemeses left undone.
FRESH_BATCHES, CLOSED_BEFORE = 4, 400


@dataclass
class Run:
    """What came of a plan. `trouble` says why it did not end as it should, beside what the verdict says."""

    plan: Plan
    verdict: Verdict = field(default_factory=Verdict)
    faults_seen: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    replies: Counter[str] = field(default_factory=Counter)
    done_to_incidents: Counter[str] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)
    judged: bool = False
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """True when every promise held and every planned fault happened."""
        return self.judged and self.verdict.clean and not self.trouble

    def as_dict(self) -> dict[str, Any]:
        """For the report."""
        told = self.verdict.as_dict()
        details = told.pop("details")
        return {
            "seed": self.plan.seed,
            "nemeses": self.plan.names,
            "doors": self.plan.doors,
            "indexers": self.plan.indexers,
            **told,
            "faults_seen": dict(self.faults_seen),
            "deaths": dict(self.deaths),
            "replies": dict(self.replies),
            "done_to_incidents": dict(self.done_to_incidents),
            "passed": self.passed,
            "trouble": self.trouble + details,
            "seconds": round(self.seconds, 1),
        }


async def carry_out(plan: Plan, environment: dict[str, str], directory: Path, *, within: float = QUIET_SECONDS) -> Run:
    """The run of a plan on these servers; what goes wrong is in it, and logs are in the directory."""
    run, began = Run(plan), time.monotonic()
    try:
        await heal(Path(environment["EVENTSEC_STACK_DIR"]))
        async with _field(plan, environment, directory) as there:
            await _hurt_under_load(plan, there, run)
            sender, noted, worked = there.sender, there.noted, there.worked
            run.verdict = await judge(
                there.system, sender.oracle, sender=sender, noted=noted, worked=worked, within=within
            )
            run.judged = True
            if not run.verdict.succeeded:
                run.trouble.append("no closed alert fired again")
            if not run.verdict.changed_by_people:
                run.trouble.append("nobody changed an alert")
            if not is_whole(there.worked):
                run.trouble.append("nobody worked an incident to its end")
    except Exception as error:  # any failure is this seed's, and the next one starts afresh
        run.trouble.append(f"{type(error).__name__}: {error}")
        (directory / "failure.txt").write_text(traceback.format_exc(), "utf-8")
    run.seconds = time.monotonic() - began
    return run


def is_whole(worked: Worked) -> bool:
    """True when somebody opened an incident, linked alerts to it, and closed one."""
    return {f"incident.{one}" for one in ("created", "closed", "alerts_linked")} <= worked.done.keys()


async def heal(directory: Path) -> None:
    """All servers running and answering, whatever was left of an earlier run."""
    for server in SERVERS:
        with contextlib.suppress(StackError):
            await asyncio.to_thread(control.kill, directory, server, signal.SIGCONT)
    await asyncio.to_thread(control.up, directory)


@contextlib.asynccontextmanager
async def _field(plan: Plan, environment: dict[str, str], directory: Path) -> AsyncIterator[Field]:
    """The product on its corner, with proxies before all servers; all goes when the block ends."""
    async with contextlib.AsyncExitStack() as stack:
        proxies = {
            server: await stack.enter_async_context(proxied(urlsplit(environment[SERVER_URLS[server][0]]).port or 0))
            for server in SERVERS
        }
        search = await stack.enter_async_context(search_proxied(environment["EVENTSEC_OPENSEARCH_URL"]))
        through = {server: proxy.port for server, proxy in proxies.items()}
        system = System(
            environment, directory, doors=plan.doors, indexers=plan.indexers, apis=plan.apis, through=through
        )
        stack.push_async_callback(system.destroy)
        await system.create()
        stack.push_async_callback(system.stop)
        await system.start()
        sender = Sender(system, Oracle(plan.seed, MIX), lanes=LANES, batch=BATCH, habits=HABITS)
        yield Field(system, sender, proxies, search)


async def _hurt_under_load(plan: Plan, there: Field, run: Run) -> None:
    """The load for as long as the plan lasts; afterwards all must be ready again, and something fresh go through."""
    enough = asyncio.Event()
    sending = asyncio.create_task(there.sender.keep_sending(enough))
    token = await make_token(there.system)
    people = await hire(there.system)
    at_work = [
        asyncio.create_task(keep_closing(there.system, there.sender.oracle)),
        asyncio.create_task(keep_working(there.system, there.noted, plan.seed, token)),
        asyncio.create_task(keep_incidents(there.system, there.worked, plan.seed, people)),
    ]
    try:
        await until(lambda: bool(there.sender.receipts), within=WARM_SECONDS)
        for step in plan.steps:
            await asyncio.sleep(step.pause)
            async with asyncio.TaskGroup() as group:
                for planned in step.nemeses:
                    group.create_task(hurt(planned, there, run))
        await _certainly(ask_for_redrive, there)
        enough.set()
        await asyncio.wait_for(sending, ACKNOWLEDGED_SECONDS)
        await asyncio.gather(*map(there.system.ready, there.system.services))
        await _certainly(partial(close_alerts, most=CLOSED_BEFORE), there)
        await asyncio.wait_for(there.sender.send(FRESH_BATCHES * plan.doors), ACKNOWLEDGED_SECONDS)
        # However long the faults held them up.
        await until(lambda: is_whole(there.worked) or at_work[-1].done(), within=ACKNOWLEDGED_SECONDS)
    finally:
        for task in (sending, *at_work):
            task.cancel()
        _, *failed = await asyncio.gather(sending, *at_work, return_exceptions=True)
        for error in failed:
            if isinstance(error, Exception):
                run.trouble.append(f"people at work: {type(error).__name__}: {error}")
        run.replies = there.sender.replies + there.sender.reasons + there.noted.replies + there.worked.replies
        run.done_to_incidents = there.worked.done
        run.faults_seen = there.faults_seen
        run.deaths = Counter(f"{one.name} {status}" for one in there.system.services for status in one.deaths)


async def hurt(planned: Planned, there: Field, run: Run) -> None:
    """One nemesis, which undoes what it did however it ends."""
    seen = 0
    try:
        async with asyncio.timeout(NEMESIS_SECONDS):
            seen = await NEMESES[planned.name].hurt(there, random.Random(planned.seed), planned.seconds)
    except Exception as error:  # one nemesis that fails leaves the others, and fails the run
        run.trouble.append(f"{planned.name}: {type(error).__name__}: {error}")
    there.faults_seen[planned.name] += seen
    if not seen:
        run.trouble.append(f"{planned.name} did not happen")


async def _certainly(work: Work, there: Field) -> None:
    connection = await asyncpg.connect(there.system.owner_url)
    try:
        await work(connection, there.sender.oracle)
    finally:
        await connection.close()
