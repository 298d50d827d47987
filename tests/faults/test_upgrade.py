"""The next version takes over under load: nobody is refused but with a 503 that says when to ask again, all is kept."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.analysts import Noted, answer_to, keep_working, make_token
from tests.faults.incident_workers import Worked, at_work
from tests.faults.next_version import REVISION, imported_from, make_next_version
from tests.faults.oracle import Mix, Oracle
from tests.faults.sender import Habits, Sender
from tests.faults.service import ROOT, Service
from tests.faults.system import System
from tests.faults.test_verdict import owner
from tests.faults.verdict import judge

SEED = 41
LISTS = ("/alerts", "/incidents", "/sensors")
# What tells that a process works for somebody: its metric, and of which labels.
WORK = {
    "ingest": ("eventsec_ingest_records", {}),
    "indexer": ("eventsec_writer_events", {}),
    "api": ("eventsec_api_requests", {"route": "/alerts", "status": "200"}),
}
DOOR_SAYS = {"202", "207", "503"}
# A conflict of two people is an answer, not a failure; so is that nobody decides a review that they asked for.
API_SAYS = {"200", "201", "202", "204", "403", "409", "412", "503"}
ENDED_GENTLY = {0, -signal.SIGTERM}
# Many processes start at once here; and who waits less than nginx does would blame the wrong one.
READY_SECONDS, SERVED_SECONDS, PATIENCE = 360.0, 60.0, 90.0


class Load(NamedTuple):
    """What was asked for through nginx meanwhile, and what came of it."""

    sender: Sender
    noted: Noted
    worked: Worked
    looked: Counter[str]
    streams: Counter[str]

    @property
    def api_replies(self) -> Counter[str]:
        """Of the api, to anybody."""
        return self.noted.replies + self.worked.replies + self.looked


@contextlib.asynccontextmanager
async def under_load(system: System) -> AsyncIterator[Load]:
    """Sensors, analysts, people at incidents, pages and a stream, all through the front, until it is done with."""
    mix = Mix(telemetry=0.1, unreadable=0.02, alertmanager=0.1)
    habits = Habits(pause=0.2, resends=0.1, twins=0.1, patience=PATIENCE)
    sender, enough = Sender(system, Oracle(SEED, mix), lanes=2, batch=30, habits=habits), asyncio.Event()
    async with at_work(system, SEED, patience=PATIENCE) as worked:
        load, token = Load(sender, Noted(), worked, Counter(), Counter()), await make_token(system)
        sending = asyncio.create_task(sender.keep_sending(enough))
        others = [
            asyncio.create_task(keep_working(system, load.noted, SEED, token, patience=PATIENCE)),
            asyncio.create_task(keep_looking(system, load.looked, token)),
            asyncio.create_task(keep_listening(system, load.streams, token)),
        ]
        try:
            yield load
            enough.set()
            await asyncio.wait_for(sending, 60)
            ended = [task for task in others if task.done()]
            assert not ended, ended
        finally:
            for task in (sending, *others):
                task.cancel()
            await asyncio.gather(sending, *others, return_exceptions=True)


async def keep_looking(system: System, replies: Counter[str], token: str) -> None:
    """One list after the other; for ever."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{system.front}/api/v1", headers=headers, timeout=PATIENCE) as client:
        while True:
            for path in LISTS:
                await answer_to(client, replies, "GET", path, params={"limit": 5})
                await asyncio.sleep(0.1)


async def keep_listening(system: System, ends: Counter[str], token: str) -> None:
    """A page that hears of changes, and asks again whenever its stream ends; for ever."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"{system.front}/api/v1", headers=headers, timeout=PATIENCE) as client:
        while True:
            try:
                async with client.stream("GET", "/stream") as reply:
                    ends[str(reply.status_code)] += 1
                    async for _ in reply.aiter_raw():
                        pass
            except httpx.HTTPError as error:
                ends[type(error).__name__] += 1
            await asyncio.sleep(0.2)


async def worked_so_far(service: Service) -> float:
    """How much a process has done for somebody in this life."""
    name, labels = WORK[service.name]
    async with httpx.AsyncClient(timeout=30) as client:
        text = (await client.get(f"{service.url}/metrics")).text
    samples = [one for family in text_string_to_metric_families(text) if family.name == name for one in family.samples]
    return sum(one.value for one in samples if one.name == f"{name}_total" and labels.items() <= one.labels.items())


async def until_it_works(service: Service) -> None:
    """Return once the process, as it lives now, has done more for somebody than when this was asked."""
    before = await worked_so_far(service)
    async with asyncio.timeout(SERVED_SECONDS):
        while await worked_so_far(service) <= before:
            await asyncio.sleep(0.2)


async def schema_of(system: System) -> str:
    async with owner(system) as connection:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))


async def test_the_next_version_takes_over_under_load(paired: System, tmp_path: Path) -> None:
    system, root = paired, tmp_path / "next"
    await asyncio.to_thread(make_next_version, root)
    await system.start(within=READY_SECONDS)
    began = time.monotonic()
    async with under_load(system) as load:
        for module in ("shared.migrations", "shared.bus.migrate", "shared.search.migrate"):
            assert await system.execute(module, root=root) == 0, f"{module} of the next version failed"
        assert await schema_of(system) == REVISION
        print(f"migrated after {time.monotonic() - began:.1f} s")
        await asyncio.gather(*map(until_it_works, system.services))
        assert not [one.label for one in system.services if one.deaths], "the old ones served until they were replaced"

        for service in (*system.indexers, *system.apis, *system.doors):
            await system.replace(service, root, READY_SECONDS)
            await until_it_works(service)
            print(f"{service.label} replaced after {time.monotonic() - began:.1f} s")
        assert all(imported_from(one.log.read_bytes(), root) for one in system.services), "they are of the next version"

        # Back again: the old code leaves the schema alone, and works on it.
        assert await system.execute("shared.migrations") == 0
        returned = system.apis[0]
        await system.replace(returned, ROOT, READY_SECONDS)
        await until_it_works(returned)
        print(f"one api went back after {time.monotonic() - began:.1f} s")

    verdict = await judge(system, load.sender.oracle, sender=load.sender, noted=load.noted, worked=load.worked)

    print("door:", load.sender.replies, load.sender.reasons, f"{load.sender.worst_seconds:.1f} s at most")
    print("api:", load.api_replies, "streams:", load.streams)
    print("verdict:", verdict.as_dict())
    assert load.sender.replies.keys() <= DOOR_SAYS
    assert {one.partition(" ")[2] for one in load.api_replies} <= API_SAYS
    assert load.streams.keys() <= {"200", "503"}, "a stream ends whole when its process does"
    assert verdict.clean, verdict.as_dict()
    assert verdict.acknowledged == verdict.attempted > 0
    assert await schema_of(system) == REVISION
    deaths = {one.label: one.deaths for one in system.services}
    assert all(set(ends) <= ENDED_GENTLY for ends in deaths.values()), deaths
    assert {label: len(ends) for label, ends in deaths.items()} == dict.fromkeys(deaths, 1) | {returned.label: 2}
