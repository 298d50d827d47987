"""What processes cost: resident memory, and processor time, which says more than a clock on a busy machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.stack import control

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def of_servers(directory: Path) -> dict[str, int]:
    """The main process of each server of a stack, by the server's name."""
    found: dict[str, int] = {}
    for name, fields in control.status(directory).items():
        members = fields["processes"]
        if isinstance(members, dict) and "server" in members:
            found[name] = members["server"]
    return found


def with_children(pid: int) -> float:
    """Processor time of a process, its children and those of its children that have ended: Postgres is many."""
    return _all_seconds(pid) + sum(map(_all_seconds, _children(pid)))


class Meter:
    """Processor time of several processes since it was made."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = dict(pids)
        self._before = self._now()

    def seconds(self) -> dict[str, float]:
        """By name."""
        return {name: now - self._before[name] for name, now in self._now().items()}

    def _now(self) -> dict[str, float]:
        return {name: with_children(pid) for name, pid in self._pids.items()}


def _fields(pid: int) -> list[str]:
    """The fields of `stat` from the third on (proc_pid_stat(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _all_seconds(pid: int) -> float:
    try:
        return sum(map(int, _fields(pid)[11:15])) / TICKS
    except FileNotFoundError:  # it ended while we looked
        return 0.0


def _children(pid: int) -> list[int]:
    children = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_fields(int(entry.name))[1]) == pid:
                    children.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return children
