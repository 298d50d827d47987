"""Private instances of the three servers, each started from its module's recipe."""

import re
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from deploy.stack import opensearch, ports, postgres, probes, process, rabbitmq
from deploy.stack.errors import Died, NotAnswering, StackError
from deploy.stack.place import Place
from deploy.stack.process import Command, Process
from deploy.stack.report import Report
from deploy.stack.state import Record, Store

ATTEMPTS = 3
PATIENCE = 5  # times a server's seconds, while its log shows that it gets on
LOG_LIMIT = 20_000_000  # bytes; a longer log is put aside at the next start
TAIL_LINES, TAIL_WIDTH = 20, 300

# Set when the user has had enough: servers start in threads, which an interrupt does not reach.
interrupted = threading.Event()


class Recipe(Protocol):
    """What a server's module says about it. Times in seconds, ports by what they are for."""

    NAME: str
    URL: str
    PORTS: tuple[str, ...]
    SECONDS: int  # it may take to answer without a word in its log
    STOP: dict[str, signal.Signals]  # what ends each of its processes in good order
    STOP_SECONDS: int
    PASSING: re.Pattern[str]  # last words after which a second attempt makes sense

    def prepare(self, place: Place, record: Record, report: Report, /) -> list[Command]:
        """Find, install, configure. Raises `Missing`, `StackError`."""

    def check(self, place: Place, record: Record, /) -> None:
        """That it serves, and is not another that took its port. Raises `NotAnswering`."""

    def urls(self, place: Place, record: Record, /) -> dict[str, str]:
        """The environment it gives."""


RECIPES: dict[str, Recipe] = {"postgres": postgres, "rabbitmq": rabbitmq, "opensearch": opensearch}


class Native:
    """One server of this stack."""

    provider = "native"

    def __init__(self, recipe: Recipe, place: Place, store: Store) -> None:
        self.name = recipe.NAME
        self._recipe, self._place, self._store = recipe, place, store
        self._record = store.record(recipe.NAME)

    def ensure(self, report: Report) -> None:
        """Running and answering when this returns, started anew if it was not. Raises `StackError`."""
        if self._is_running():
            try:
                self._wait(report, self._log_size())
            except Died:
                report(self.name, "was ending: starting it anew")
            else:
                report(self.name, f"already running on {self._where()}")
                return
        attempts_left = ATTEMPTS
        while not self._starts(report, may_fail=attempts_left > 1):
            attempts_left -= 1
            report(self.name, "ended while starting, for a passing reason: trying again")
            time.sleep(1)

    def stop(self, report: Report) -> None:
        """In good order, then by force; nothing of it runs when this returns. Raises `StackError` if something does."""
        was_running = bool(self._family())
        process.send(self._family(), signal.SIGCONT)  # it may have been frozen
        for role, member in reversed(self._record.processes.items()):
            process.send([member], self._recipe.STOP[role])
            if not process.wait_gone([member], self._recipe.STOP_SECONDS):
                report(self.name, f"did not stop within {self._recipe.STOP_SECONDS} s: killing it")
        self._clear()
        report(self.name, "stopped" if was_running else "was not running")

    def signal(self, number: signal.Signals) -> int:
        """To every process of it; how many there were. SIGKILL returns when all are gone. Raises if there is none."""
        members = self._family()
        if not members:
            raise StackError(f"{self.name} does not run here.")
        if number == signal.SIGKILL:
            self._end()
        else:
            process.send(members, number)
        return len(members)

    def environment(self) -> dict[str, str]:
        """Empty before the first start."""
        return self._recipe.urls(self._place, self._record) if self._record.issued else {}

    def status(self) -> dict[str, object]:
        running = self._is_running()
        living = {role: member.pid for role, member in self._record.processes.items() if process.is_alive(member)}
        reason = self._answer() if running else " and ".join(["not running", *(f"its {role} is" for role in living)])
        return {
            "provider": self.provider,
            "running": running,
            "answers": reason is None,
            "detail": reason or "",
            "processes": living,
            "ports": self._record.ports,
            "log": str(self._log),
        }

    def _starts(self, report: Report, may_fail: bool) -> bool:
        """False when it ended for a reason that may have passed at the next attempt."""
        self._clear()
        try:
            self._start(report)
        except Died as error:
            moved = ports.settle(self._recipe.PORTS, self._record.ports) != self._record.ports
            if may_fail and (moved or self._recipe.PASSING.search(str(error))):
                return False
            raise
        return True

    def _start(self, report: Report) -> None:
        self._record.ports = ports.settle(self._recipe.PORTS, self._record.ports)
        self._place.make()
        commands = self._recipe.prepare(self._place, self._record, report)
        url = self._recipe.urls(self._place, self._record)[self._recipe.URL]
        if url not in self._record.issued:
            self._record.issued.append(url)
        report(self.name, f"starting on {self._where()}")
        log_start = self._put_long_log_aside()
        for command in commands:
            self._record.processes[command.role] = self._spawn(command)
            self._store.save()
            if command.port is not None:
                self._wait_for(partial(probes.tcp, ports.LOOPBACK, command.port), report, log_start)
        self._wait(report, log_start)
        report(self.name, "ready")

    def _spawn(self, command: Command) -> Process:
        account = self._place.account
        user, group = (account.uid, account.gid) if account else (None, None)
        return process.spawn(command, self._place.log(self.name), self._place.mark(self.name), user, group)

    def _wait(self, report: Report, log_start: int) -> None:
        self._wait_for(partial(self._recipe.check, self._place, self._record), report, log_start)

    def _wait_for(self, check: Callable[[], None], report: Report, log_start: int) -> None:
        """Until the check passes. Raises `Died` when a process ends first, `StackError` when time is up."""
        began = said = heard = time.monotonic()
        log_size = log_start
        while True:
            try:
                return check()
            except NotAnswering as error:
                reason = str(error)
            now = time.monotonic()
            if not self._is_alive():
                raise Died(f"{self.name} ended while starting. Its last words ({self._log}):\n{self._tail(log_start)}")
            if (size := self._log_size()) != log_size:
                log_size, heard = size, now
            if now - heard > self._recipe.SECONDS or now - began > self._recipe.SECONDS * PATIENCE:
                raise StackError(
                    f"{self.name} does not answer after {now - began:.0f} s: {reason}.\n"
                    f"  Its last words ({self._log}):\n{self._tail(log_start)}\n"
                    f"  To start it anew: python -m deploy.stack kill {self.name}, then up."
                )
            if now - said > 10:
                report(self.name, f"still waiting: {reason}")
                said = now
            if interrupted.wait(0.1):
                raise StackError(f"interrupted while {self.name} was starting.")

    def _clear(self) -> None:
        """End whatever is left of it: helpers of a killed server, or a whole one whose state file was lost."""
        self._end()
        self._record.processes.clear()
        self._store.save()

    def _end(self) -> None:
        if self._family() and not process.end(self._record.processes.values(), self._place.mark(self.name)):
            raise StackError(f"{self.name}: processes {[member.pid for member in self._family()]} do not end.")

    def _family(self) -> list[Process]:
        return process.family(self._record.processes.values(), self._place.mark(self.name))

    def _is_running(self) -> bool:
        """All it consists of: a start that was interrupted may have left a part."""
        return self._record.processes.keys() == self._recipe.STOP.keys() and self._is_alive()

    def _is_alive(self) -> bool:
        """Whatever was started of it."""
        return all(process.is_alive(member) for member in self._record.processes.values())

    def _answer(self) -> str | None:
        """Why it does not answer; `None` when it does."""
        try:
            self._recipe.check(self._place, self._record)
        except NotAnswering as error:
            return str(error)
        return None

    def _where(self) -> str:
        return f"{ports.LOOPBACK}:{self._record.ports[self._recipe.PORTS[0]]}"

    @property
    def _log(self) -> Path:
        return self._place.log(self.name)

    def _log_size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _put_long_log_aside(self) -> int:
        """Where in the log, in bytes, this start's words will begin."""
        size = self._log_size()
        if size < LOG_LIMIT:
            return size
        self._log.replace(self._log.with_suffix(".old.log"))
        return 0

    def _tail(self, start: int) -> str:
        """Without Java's call stacks, which would hide what they are about."""
        with self._log.open("rb") as file:
            file.seek(start)
            lines = file.read().decode(errors="replace").splitlines()
        lines = [line for line in lines if not re.match(r"\s+at \S+\(|\s*$", line)]
        return "\n".join(f"    {line[:TAIL_WIDTH]}" for line in lines[-TAIL_LINES:])
