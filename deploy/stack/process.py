"""Processes that outlive the command that started them, told apart from strangers who got their number later."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

# Each server's environment carries it, and its children inherit it: so they are found even when the state file is lost.
MARK = "EVENTSEC_STACK_MARK"


class _Outliving(subprocess.Popen[bytes]):
    """It runs on when we end, as is meant: Python is not to warn of that."""

    def __del__(self) -> None:
        pass


# Ours until the command ends: waited for when they die under us, adopted by init otherwise.
_children: list[_Outliving] = []


@dataclass(frozen=True)
class Process:
    """A process for certain: numbers are used again, a number with its start is not."""

    pid: int
    started: str


@dataclass(frozen=True)
class Command:
    """What to run. With a `port`, whatever is started next waits until it listens there."""

    role: str
    argv: list[str]
    environment: dict[str, str]
    directory: Path
    port: int | None = None


@dataclass(frozen=True)
class _Entry:
    parent: int
    group: int
    started: str


def is_alive(process: Process) -> bool:
    entry = _table(process.pid).get(process.pid)
    return entry is not None and entry.started == process.started


def identify(pid: int) -> Process:
    entry = _table(pid).get(pid)
    return Process(pid, entry.started if entry else "")


def spawn(command: Command, log: Path, mark: str, user: int | None = None, group: int | None = None) -> Process:
    """Start in a session of its own, as `user` when given, with all it prints appended to `log`."""
    with log.open("ab") as output:
        child = _Outliving(
            command.argv,
            env={**command.environment, MARK: mark},
            cwd=command.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
    _children.append(child)
    return identify(child.pid)


def family(roots: Iterable[Process], mark: str) -> list[Process]:
    """The living of `roots`, whatever carries the mark, their groups and all their descendants; roots first."""
    table = _table()
    living = [root.pid for root in roots if root.pid in table and table[root.pid].started == root.started]
    found = dict.fromkeys([*living, *(pid for pid in table if _carries(pid, mark))])
    while True:
        more = [
            pid for pid, entry in table.items() if pid not in found and (entry.parent in found or entry.group in found)
        ]
        if not more:
            break
        found.update(dict.fromkeys(more))
    found.pop(os.getpid(), None)
    return [Process(pid, table[pid].started) for pid in found]


def send(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if is_alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)


def wait_gone(processes: Iterable[Process], seconds: float) -> bool:
    """Whether all of them ended within the time."""
    deadline = time.monotonic() + seconds
    waiting = list(processes)
    while waiting := [process for process in waiting if is_alive(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(roots: Iterable[Process], mark: str, seconds: float = 15) -> bool:
    """SIGKILL the family, again while it still has members (a child may be born meanwhile); whether none is left."""
    roots = list(roots)
    deadline = time.monotonic() + seconds
    while members := family(roots, mark):
        if time.monotonic() > deadline:
            return False
        send(members, signal.SIGKILL)
        wait_gone(members, 2)
    return True


def _carries(pid: int, mark: str) -> bool:
    """In its environment; Postgres' children write their title over it, which then begins with the mark."""
    folder = PROC / str(pid)
    try:
        if (folder / "cmdline").read_bytes().startswith(f"postgres: {mark}: ".encode()):
            return True
        return f"{MARK}={mark}\0".encode() in (folder / "environ").read_bytes()
    except OSError:  # ended meanwhile, or another user's: not ours
        return False


def _table(only: int | None = None) -> dict[int, _Entry]:
    """The living processes; the dead that nobody waited for do not count, once the last of their threads is gone."""
    for child in _children:
        child.poll()
    if not (PROC / "self" / "stat").exists():
        return _from_ps()
    boot = (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    pids = [only] if only is not None else [int(found.name) for found in PROC.iterdir() if found.name.isdigit()]
    entries = ((pid, _from_proc(pid, boot)) for pid in pids)
    return {pid: entry for pid, entry in entries if entry is not None}


def _from_proc(pid: int, boot: str) -> _Entry | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field, the program's name in brackets, may hold anything: it ends at the last bracket.
    state, parent, group, *more = stat.rpartition(")")[2].split()
    # Of a process with threads the first may be dead before the others, which hold its sockets until then.
    gone = state == "X" or (state == "Z" and int(more[14]) <= 1)
    return None if gone else _Entry(int(parent), int(group), f"{boot}/{more[16]}")


def _from_ps() -> dict[int, _Entry]:
    """Where there is no /proc (macOS, the BSDs); starts are known to the second only."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="],
        capture_output=True, text=True, check=True, env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
    )  # fmt: skip
    table = {}
    for line in listing.stdout.splitlines():
        pid, parent, group, status, started = line.split(None, 4)
        if not status.startswith("Z"):
            table[int(pid)] = _Entry(int(parent), int(group), started)
    return table
