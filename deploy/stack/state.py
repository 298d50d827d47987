"""`.stack/state.json`: what runs, where, with which secrets; and the lock that lets one command change it at a time."""

import contextlib
import fcntl
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from deploy.stack.errors import StackError
from deploy.stack.process import Process

LOCK_SECONDS = 600  # an `up` that downloads a server may take that long


@dataclass
class Record:
    """One server of ours. `processes`, of a native one, by role, in the order they were started."""

    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    issued: list[str] = field(default_factory=list)  # URLs once handed out: ours, though a shell still exports them
    provider: str = ""  # who runs it, once that is settled: its data is there


class Store:
    """The records of a stack directory, saved as a whole. Safe to use from several threads."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._file = directory, directory / "state.json"
        self._saving = threading.Lock()
        self.records = self._read()

    def record(self, server: str) -> Record:
        return self.records.setdefault(server, Record())

    def save(self) -> None:
        """Atomic, readable by the owner only."""
        with self._saving:
            records = {name: asdict(record) for name, record in self.records.items()}
            text = json.dumps({"directory": str(self._directory), **records}, indent=2)
            draft = self._file.with_suffix(".new")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(text + "\n", encoding="utf-8")
            draft.replace(self._file)

    def _read(self) -> dict[str, Record]:
        """Of a damaged file nothing counts: running servers are found again by their mark, secrets are set anew.

        Nor of one that came with a copied checkout: what it names is the original's.
        """
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            if stored.pop("directory") != str(self._directory):
                return {}
            return {name: _record(fields) for name, fields in stored.items()}
        except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return {}


def _record(fields: dict[str, Any]) -> Record:
    processes = {role: Process(**process) for role, process in fields["processes"].items()}
    provider = str(fields.get("provider", "native"))  # there was no other
    return Record(dict(fields["ports"]), dict(fields["secrets"]), processes, list(fields["issued"]), provider)


@contextlib.contextmanager
def locked(directory: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the directory for one command. Raises `StackError` when another one holds it for longer than `seconds`."""
    with (directory / "lock").open("a") as file:
        deadline = time.monotonic() + seconds
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise StackError(f"another command has held {directory} for {seconds:.0f} s: see `fuser {file.name}`.")
            time.sleep(0.1)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
