"""What runs: enough to find every process again after whoever started it is gone."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from deploy.demo.folder import Folder, read_json, write_json
from deploy.stack import process
from deploy.stack.process import Process

# In the order in which they end: who sends first, who tells about it last.
ENDING = ("feed", "web", "ingest", "indexer", "api")

Phase = Literal["none", "starting", "running", "failed"]


@dataclass(frozen=True)
class State:
    """`servers` are those of the stack that the demo itself started; `began` is ISO 8601."""

    phase: Phase = "none"
    began: str = ""
    trouble: str = ""
    servers: tuple[str, ...] = ()
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    def is_alive(self, name: str) -> bool:
        """Whether that very process still runs: its number and the moment it started say so."""
        found = self.processes.get(name)
        return found is not None and process.is_alive(found)

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service]}"


def read(folder: Folder) -> State:
    """The state as last written; an empty one where there is none, or none that can be read."""
    stored = read_json(folder.state)
    try:
        return _state(stored) if stored else State()
    except (TypeError, KeyError, ValueError):
        return State()


def write(folder: Folder, state: State) -> None:
    write_json(folder.state, asdict(state))


def change(folder: Folder, **fields: Any) -> State:
    """Read, replace, write. Only one process at a time may do so: `up` until the supervisor runs, then that."""
    changed = replace(read(folder), **fields)
    write(folder, changed)
    return changed


def _state(stored: dict[str, Any]) -> State:
    processes = {name: Process(int(one["pid"]), str(one["started"])) for name, one in stored["processes"].items()}
    return State(
        phase=stored["phase"],
        began=str(stored["began"]),
        trouble=str(stored["trouble"]),
        servers=tuple(map(str, stored["servers"])),
        ports={name: int(port) for name, port in stored["ports"].items()},
        processes=processes,
    )
