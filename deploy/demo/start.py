"""`up`: servers and services at the same time, then the first event; all ended again when anything goes wrong."""

import os
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime

from deploy.demo import commands, ending
from deploy.demo import state as states
from deploy.demo.first_event import seconds_until_stored
from deploy.demo.folder import Folder
from deploy.demo.interrupts import undisturbed
from deploy.demo.said import since
from deploy.demo.state import State
from deploy.stack import control, native, process
from deploy.stack.errors import StackError
from deploy.stack.process import Process
from deploy.stack.providers import SERVERS

LOCK_SECONDS = 5

Servers = Future[dict[str, str]]


def is_running(folder: Folder) -> bool:
    """Whether a supervisor looks after a demo that came up."""
    state = states.read(folder)
    return state.phase == "running" and state.is_alive("supervisor")


def is_starting(folder: Folder) -> bool:
    """Whether somebody is just bringing one up."""
    state = states.read(folder)
    return state.phase == "starting" and (state.is_alive("starter") or state.is_alive("supervisor"))


def start(folder: Folder, options: Mapping[str, float]) -> float | None:
    """The product answers and the feed runs when this returns; seconds until the first event was stored.

    None where there is no feed. Whatever it raises, such as `StackError` and `Interrupted`, everything it started
    has been ended.
    """
    began = time.time()
    report = since(began)
    with folder.locked(LOCK_SECONDS):
        try:
            ending.end_processes(folder, report)
            _claim(folder, began)
            with ThreadPoolExecutor(1) as pool:
                _bring_up(folder, options, pool.submit(control.up, folder.path, report=report))
            return seconds_until_stored(folder, began) if options["rate"] > 0 else None
        except BaseException:
            report("demo", "ending what has been started so far")
            with undisturbed():
                ending.end_all(folder, report)
            raise


def _claim(folder: Folder, began: float) -> None:
    """Write down which servers are ours to stop, before the first one starts."""
    running = [name for name, fields in control.status(folder.path).items() if fields["running"]]
    before = states.read(folder)
    fresh = State(
        phase="starting",
        began=datetime.fromtimestamp(began, UTC).isoformat(timespec="milliseconds"),
        servers=tuple(name for name in SERVERS if name not in running or name in before.servers),
        ports=commands.settle_ports(before.ports, os.environ),
        processes={"starter": process.identify(os.getpid())},
    )
    states.write(folder, fresh)


def _bring_up(folder: Folder, options: Mapping[str, float], servers: Servers) -> None:
    """Our own processes start as soon as it is known where the servers will answer: they wait for them."""
    try:
        known = _addresses(folder, servers)
        _supervise(folder, options, servers)
        servers.result()
        if control.environment(folder.path) != known:
            raise StackError("a server moved to another port while it was starting. Start the demo once more.")
    except BaseException:
        native.interrupted.set()  # the thread that starts them does not hear of it otherwise
        raise


def _addresses(folder: Folder, servers: Servers) -> dict[str, str]:
    """The servers' environment, once each of them has begun to run. Raises `StackError` when one cannot."""
    while not servers.done():
        if all(fields["running"] for fields in control.status(folder.path).values()):
            break
        time.sleep(0.1)
    else:
        servers.result()
    return control.environment(folder.path)


def _supervise(folder: Folder, options: Mapping[str, float], servers: Servers) -> None:
    """Start the supervisor and pass on what it says until the product is up. Raises `StackError` when it fails."""
    log = folder.log("demo")
    said = log.stat().st_size if log.exists() else 0
    supervisor = _spawn_supervisor(folder, options)
    while True:
        alive = process.is_alive(supervisor)
        said = _pass_on(folder, said)
        state = states.read(folder)
        if state.phase == "running":
            return
        if servers.done():
            servers.result()
        if not alive:
            raise StackError(state.trouble or f"the supervisor ended. Its last words:\n{folder.tail('demo')}")
        time.sleep(0.1)


def _spawn_supervisor(folder: Folder, options: Mapping[str, float]) -> Process:
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    argv = commands.module("deploy.demo", "--dir", str(folder.path), "supervise", *given)
    return commands.spawn(folder, "demo", argv, dict(os.environ))


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
