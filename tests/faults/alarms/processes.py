"""Processes that die, are deployed wrong, are full, or have a wrong clock."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from deploy.stack import packages
from shared.crash import EXIT_STATUS, VARIABLE
from tests.faults.alarms.causes import cause
from tests.faults.alarms.ground import Ground
from tests.faults.service import ROOT

FAKETIME = "faketime/libfaketime.so.1"
# Doors one after the other, each from what is imported already: a machine with other work takes long to import it.
STARTED_AT_ONCE = """
import ctypes, os, runpy, signal
import services.ingest.app
while True:
    if not os.fork():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: none outlives its parent
        runpy.run_module("services.ingest", run_name="__main__", alter_sys=True)
    os.wait()
"""


@cause("the only door is ended", "ServiceMissing", "ProcessDown")
@contextlib.asynccontextmanager
async def door_gone(ground: Ground) -> AsyncIterator[None]:
    async with ground.held(ground.door):
        yield


@cause("a door dies of every eighth batch", "ProcessRestarts")
@contextlib.asynccontextmanager
async def dying(ground: Ground) -> AsyncIterator[None]:
    async with _another_door(ground, STARTED_AT_ONCE, **{VARIABLE: "ingest_after_publish:8"}):
        yield


@contextlib.asynccontextmanager
async def _another_door(ground: Ground, program: str, **settings: str) -> AsyncIterator[None]:
    good = ground.door.command
    ground.door.command = ["-c", program]
    async with ground.other_settings(ground.door, **settings):
        try:
            yield
        finally:
            ground.door.command = good


@cause("senders upload slowly, as many as the door has room for", "DoorFull", "DoorRefuses")
@contextlib.asynccontextmanager
async def full(ground: Ground) -> AsyncIterator[None]:
    head = (
        "POST /ingest/v1/events HTTP/1.1\r\nHost: eventsec\r\nContent-Length: 1000\r\n"
        f"Authorization: Bearer {ground.system.key}\r\n\r\n{{"
    ).encode()

    async def dribble() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", ground.door.port)
                writer.write(head)
                await reader.read()
                writer.close()
            await asyncio.sleep(0.1)

    async with ground.other_settings(ground.door, EVENTSEC_INGEST_IN_FLIGHT_REQUESTS="2"):
        tasks = [asyncio.create_task(dribble()) for _ in range(6)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@cause("a door with a defect is deployed", "DoorErrors")
@contextlib.asynccontextmanager
async def defect(ground: Ground) -> AsyncIterator[None]:
    copy = ground.directory / "defect"
    for package in ("services", "shared"):
        shutil.copytree(ROOT / package, copy / package, dirs_exist_ok=True)
    routes = copy / "services" / "ingest" / "routes.py"
    text = routes.read_text(encoding="utf-8")
    assert "door.check_open()" in text
    routes.write_text(text.replace("door.check_open()", "door.check_opened()"), encoding="utf-8")
    program = (
        f"import sys, runpy; sys.path.insert(0, {str(copy)!r}); "
        "runpy.run_module('services.ingest', run_name='__main__', alter_sys=True)"
    )
    async with _another_door(ground, program):
        yield


@cause("the clock of an api is half a minute ahead", "ClockSkewed")
@contextlib.asynccontextmanager
async def clock(ground: Ground) -> AsyncIterator[None]:
    library = await asyncio.to_thread(_faketime)
    settings = {"LD_PRELOAD": str(library), "FAKETIME": "+30s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    async with ground.other_settings(ground.api, **settings):
        yield


def _faketime() -> Path:
    """The library that lies about the time, installed where that can be done. Raises StopIteration without it."""
    found = list(Path("/usr/lib").glob(f"*/{FAKETIME}"))
    if not found and packages.can_install():
        packages.install("libfaketime")
        found = list(Path("/usr/lib").glob(f"*/{FAKETIME}"))
    return next(iter(found))


@cause("the api dies in the middle of a job, and stays away", "JobsStuck")
@contextlib.asynccontextmanager
async def left_job(ground: Ground) -> AsyncIterator[None]:
    good, died = ground.api.environment, len(ground.api.deaths)
    await ground.restart(ground.api, good | {VARIABLE: "job_before_commit"})
    try:
        await ground.ask("POST", "/exports", {"of": "alerts"})
        async with asyncio.timeout(60):
            while EXIT_STATUS not in ground.api.deaths[died:]:
                await asyncio.sleep(0.1)
    finally:
        ground.api.environment = good
    async with ground.held(ground.api):
        yield
