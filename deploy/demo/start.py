"""`up`: servers, then the supervisor, then the first event; all of it ended again when anything goes wrong."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import httpx

from deploy.demo import commands, ending
from deploy.demo import state as states
from deploy.demo.folder import Folder, read_json
from deploy.demo.state import State
from deploy.stack import control, process
from deploy.stack.errors import StackError
from deploy.stack.providers import SERVERS
from deploy.stack.report import Report

LOCK_SECONDS = 5
FIRST_EVENT_SECONDS = 60


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, a closed terminal, or `stop` while we were starting."""


def is_running(folder: Folder) -> bool:
    """Whether a supervisor looks after a demo that came up."""
    state = states.read(folder)
    return state.phase == "running" and state.is_alive("supervisor")


def start(folder: Folder, options: Mapping[str, float], report: Report) -> float | None:
    """The product answers and the feed runs when this returns; seconds until the first event was stored.

    None where there is no feed. Raises `StackError`, or `Interrupted`, with everything ended that was started.
    """
    began = time.time()
    with folder.locked(LOCK_SECONDS):
        try:
            ending.end_processes(folder, report)
            _prepare(folder, report)
            _supervise(folder, options)
            return _first_event(folder, began) if options["rate"] > 0 else None
        except (StackError, Interrupted):
            with _undisturbed():
                ending.end_all(folder, report)
            raise


@contextmanager
def interruptible() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise `Interrupted` inside."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C would leave processes behind; ending them takes seconds."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _prepare(folder: Folder, report: Report) -> None:
    """Servers up. Which of them are ours to stop is written down before the first one starts."""
    running = [name for name, fields in control.status(folder.path).items() if fields["running"]]
    before = states.read(folder)
    ours = tuple(name for name in SERVERS if name not in running or name in before.servers)
    fresh = State(
        phase="starting",
        began=datetime.now(UTC).isoformat(timespec="seconds"),
        servers=ours,
        ports=commands.settle_ports(before.ports, os.environ),
        processes={"starter": process.identify(os.getpid())},
    )
    states.write(folder, fresh)
    control.up(folder.path, report=report)


def _supervise(folder: Folder, options: Mapping[str, float]) -> None:
    """Start it and pass on what it says until the product is up. Raises `StackError` when it fails."""
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    argv = commands.module("deploy.demo", "--dir", str(folder.path), "supervise", *given)
    log = folder.log("demo")
    said = log.stat().st_size if log.exists() else 0
    supervisor = commands.spawn(folder, "demo", argv, dict(os.environ))
    while True:
        alive = process.is_alive(supervisor)
        said = _pass_on(folder, said)
        state = states.read(folder)
        if state.phase == "running":
            return
        if not alive:
            raise StackError(state.trouble or f"the supervisor ended. Its last words:\n{folder.tail('demo')}")
        time.sleep(0.1)


def _pass_on(folder: Folder, said: int) -> int:
    log = folder.log("demo")
    if not log.exists():
        return said
    with log.open("rb") as file:
        file.seek(said)
        text = file.read()
    sys.stderr.write(text.decode(errors="replace"))
    sys.stderr.flush()
    return said + len(text)


def _first_event(folder: Folder, began: float) -> float:
    """Seconds from the start to when the first event was in Postgres. Raises `StackError` when it never is."""
    demo, state = read_json(folder.demo), states.read(folder)
    headers = {"Authorization": f"Bearer {demo['api_token']}"}
    with httpx.Client(base_url=f"{state.url('api')}/api/v1", headers=headers, timeout=5) as api:
        first = _until(lambda: read_json(folder.feed).get("first"), "the door has accepted nothing", folder)
        stored = _until(lambda: _stored_at(api, str(first)), "nothing is stored", folder)
    return datetime.fromisoformat(str(stored)).timestamp() - began


def _stored_at(api: httpx.Client, receipt: str) -> str | None:
    try:
        answer = api.get(f"/receipts/{receipt}")
    except httpx.HTTPError:
        return None
    return answer.json().get("stored_at") if answer.status_code == httpx.codes.OK else None


def _until(found: Callable[[], object], otherwise: str, folder: Folder) -> object:
    deadline = time.monotonic() + FIRST_EVENT_SECONDS
    while time.monotonic() < deadline:
        if value := found():
            return value
        if not is_running(folder):
            raise StackError(f"the demo ended. Its last words:\n{folder.tail('demo')}")
        time.sleep(0.05)
    trouble = read_json(folder.feed).get("trouble") or "see the logs"
    raise StackError(
        f"{otherwise} after {FIRST_EVENT_SECONDS} s: {trouble}.\n  The indexer's last words:\n{folder.tail('indexer')}"
    )
