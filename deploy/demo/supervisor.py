"""Starts the product on running servers and keeps it running, until it is told to end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import FrameType
from typing import Any

import httpx

from deploy.demo import commands, ending, enrol, handovers, incidents, people, triage, web
from deploy.demo import state as states
from deploy.demo.folder import Folder, read_json, write_text
from deploy.stack import control, process
from deploy.stack.errors import StackError
from deploy.stack.report import Report

READY_SECONDS = 90
MIGRATE_SECONDS = commands.SERVER_SECONDS + 30
WHOLE_SECONDS = 20
STEADY_SECONDS = 60  # who lived that long starts again at once
_FIRST_PAUSE, _MOST_PAUSE = 0.5, 30.0


class Ended(Exception):
    """Somebody asked for the end."""


@dataclass
class Watched:
    """A process that shall run, and its luck so far."""

    argv: list[str]
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float | None = None


class Supervisor:
    """One life of the demo. `options` are the feed's."""

    def __init__(self, folder: Folder, options: Mapping[str, float], report: Report) -> None:
        self._folder, self._options, self._report = folder, options, report
        self._state = states.read(folder)
        self._env = commands.environment(folder, control.environment(folder.path), self._state.ports)
        self._watched: dict[str, Watched] = {}
        self._probe = httpx.Client(timeout=2)  # one: making it costs more than a hundred probes
        self._ending = False

    def run(self) -> int:
        """Until SIGTERM or a failure at the start; nothing it started is left when it returns."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        write_text(self._folder.pid, f"{os.getpid()}\n")
        self._keep(processes={"supervisor": process.identify(os.getpid())}, phase="starting", trouble="")
        trouble = ""
        try:
            self._start()
            self._keep(phase="running")
            while True:
                self._pause(0.2)
                self._look_after()
        except Ended:
            pass
        except (StackError, httpx.HTTPError, subprocess.SubprocessError) as error:
            trouble = str(error) or type(error).__name__
        finally:
            ending.end_processes(self._folder, self._report)
            self._keep(phase="failed" if trouble else "none", trouble=trouble, processes={})
            self._folder.pid.unlink(missing_ok=True)
        return 1 if trouble else 0

    def _start(self) -> None:
        # Boot order does not matter to the services, so they start while the servers do. Nor does OpenSearch, the
        # slowest of those, to what is sent: events are stored without it, and found once it is there.
        self._folder.feed.unlink(missing_ok=True)
        migrates = {name: self._migrate(name, target) for name, target in commands.MIGRATES.items()}
        built = self._build()
        for name, target in commands.SERVICES.items():
            self._watched[name] = Watched(commands.module(target))
            self._spawn(name)
        for name in ("migrate", "bus-migrate"):
            self._finish(name, migrates[name])
        for name in commands.SERVICES:
            self._wait(partial(self._is_ready, name), READY_SECONDS, name)
        known = read_json(self._folder.demo).get("users", {})
        users = people.enrol(self._state.url("api"), enrol.ORGANIZATION, known, self._env)
        for change in people.replaced(known, users):
            self._report("demo", change)
        enrol.enrol(self._folder, {name: self._state.url(name) for name in self._state.ports}, self._env, users)
        self._report("demo", "ingest, indexer and api are ready, two people and six sensors registered")
        if self._options["rate"] > 0:
            self._watched["feed"] = Watched(commands.feed(self._folder, self._options))
            self._spawn("feed")
            self._report("demo", f"about {self._options['rate']:g} events a second are on their way")
        # Who feeds and who searches need not wait for it.
        if built:
            self._serve(built)
        self._finish("search-migrate", migrates["search-migrate"])
        self._wait_until_whole()
        self._report("demo", "all dependencies answer, what is stored can be searched")
        if self._options["rate"] > 0:
            self._work(users)

    def _build(self) -> "subprocess.Popen[bytes] | None":
        """The web UI on its way; None where it is left out. The rest of the product is there without it."""
        lacking = web.missing()
        if lacking:
            self._report(web.NAME, f"left out: it needs {lacking}")
            return None
        return web.build(self._folder)

    def _serve(self, built: "subprocess.Popen[bytes]") -> None:
        try:
            self._finish("web-build", built, web.BUILD_SECONDS)
            argv = web.serve(self._folder, self._state, self._report)
        except StackError as error:  # such as packages that cannot be fetched
            self._report(web.NAME, f"left out: {error}")
            return
        self._watched[web.NAME] = Watched(argv)
        self._spawn(web.NAME)
        self._wait(partial(self._answers, web.NAME), READY_SECONDS, web.NAME)
        self._report(web.NAME, f"open {self._state.url(web.NAME)}")

    def _work(self, users: Mapping[str, Mapping[str, str]]) -> None:
        """What people would have done by now, so that there is something of each sort to see."""
        url = self._state.url("api")
        if triage.triage(url, users, self._pause):
            self._report("demo", "the first alerts were worked on, by both people")
        if incidents.work(url, users):
            self._report("demo", "incidents stand in five states, one was closed by another person")
        if handovers.hand_over(url, users):
            self._report("demo", "a shift was handed over, and another waits for who takes it")

    def _finish(self, name: str, running: "subprocess.Popen[bytes]", seconds: float = MIGRATE_SECONDS) -> None:
        self._wait(partial(_has_ended, running), seconds, name)
        if running.returncode:
            raise StackError(self._words(name, f"ended with status {running.returncode}"))

    def _wait_until_whole(self) -> None:
        """Nothing is degraded any more; if something stays so the view says it, and the demo goes on."""
        deadline = time.monotonic() + WHOLE_SECONDS
        while time.monotonic() < deadline and not all(self._is_ready(name, whole=True) for name in commands.SERVICES):
            self._pause(0.2)

    def _migrate(self, name: str, target: str) -> "subprocess.Popen[bytes]":
        with self._folder.log(name).open("ab") as log:
            return subprocess.Popen(
                commands.module(target), env=self._env, cwd=commands.ROOT, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip

    def _spawn(self, name: str) -> None:
        watched = self._watched[name]
        watched.started, watched.again_at = time.monotonic(), None
        started = commands.spawn(self._folder, name, watched.argv, self._env)
        self._keep(processes={**self._state.processes, name: started})

    def _look_after(self) -> None:
        """Start again who died, after a pause that doubles; a feed that had its time is done."""
        now = time.monotonic()
        for name, watched in list(self._watched.items()):
            if self._state.is_alive(name):
                if now - watched.started > STEADY_SECONDS:
                    watched.pause = _FIRST_PAUSE
            elif name == "feed" and read_json(self._folder.feed).get("finished"):
                del self._watched[name]
                self._report(name, "has sent what it was asked for")
            elif watched.again_at is None:
                watched.again_at = now + watched.pause
                self._report(name, f"ended; starting it again in {watched.pause:g} s, see {self._folder.log(name)}")
                watched.pause = min(watched.pause * 2, _MOST_PAUSE)
            elif now >= watched.again_at:
                self._spawn(name)

    def _wait(self, done: Callable[[], bool], seconds: float, name: str) -> None:
        """Raises `StackError` with the log's last words when it takes longer or a service ends."""
        deadline = time.monotonic() + seconds
        while not done():
            for service in commands.SERVICES:
                if not self._state.is_alive(service):
                    raise StackError(self._words(service, "ended while starting"))
            if time.monotonic() > deadline:
                raise StackError(self._words(name, f"is not ready after {seconds:g} s"))
            self._pause(0.2)

    def _is_ready(self, name: str, *, whole: bool = False) -> bool:
        try:
            answer = self._probe.get(f"{self._state.url(name)}/readyz")
            return answer.status_code == httpx.codes.OK and (not whole or answer.json()["status"] == "ok")
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def _answers(self, name: str) -> bool:
        try:
            return self._probe.get(self._state.url(name)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _words(self, name: str, what: str) -> str:
        return (
            f"{name} {what}. Its last words ({self._folder.log(name)}):\n{self._folder.tail(name)}\n"
            f"  Servers: python -m deploy.stack --dir {self._folder.path} status;  all logs: {self._folder.log('*')}"
        )

    def _keep(self, **fields: Any) -> None:
        self._state = replace(self._state, **fields)
        states.write(self._folder, self._state)

    def _pause(self, seconds: float) -> None:
        if self._ending:
            raise Ended
        time.sleep(seconds)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True


def _has_ended(running: "subprocess.Popen[bytes]") -> bool:
    return running.poll() is not None
