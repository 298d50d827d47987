"""The demo's files in the stack's directory: what runs, what scripts may read, and everybody's last words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.stack import place, state

TAIL_LINES = 15


class Folder:
    """Paths under `.stack`, and the way its JSON files are written: whole, for the owner only."""

    def __init__(self, directory: Path) -> None:
        """Made when absent. Raises `StackError` when it is somebody else's."""
        where = place.settle(directory)
        self.path = where.directory
        (self.path / "log").mkdir(exist_ok=True)
        self.mark = where.mark("demo")
        self.demo = self.path / "demo.json"
        self.state = self.path / "demo-state.json"
        self.feed = self.path / "demo-feed.json"
        self.pid = self.path / "demo.pid"
        self.registry = self.path / "demo-registry"
        self.evidence = self.path / "demo-evidence"

    def log(self, name: str) -> Path:
        return self.path / "log" / f"{name}.log"

    def tail(self, name: str) -> str:
        """The last lines of that log, indented."""
        try:
            lines = self.log(name).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "    (nothing)"
        return "\n".join(f"    {line[:400]}" for line in lines[-TAIL_LINES:])

    @contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """One `up` or `stop` at a time. Raises `StackError` when another one takes longer than that."""
        folder = self.path / "demo-lock"
        folder.mkdir(exist_ok=True)
        with state.locked(folder, seconds):
            yield


def read_json(file: Path) -> dict[str, Any]:
    """Empty when it is missing or was cut off."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_text(file: Path, text: str) -> None:
    """Mode 0600, and either the old text or the new one, whoever reads it when."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def write_json(file: Path, value: dict[str, Any]) -> None:
    """As `write_text`."""
    write_text(file, json.dumps(value, indent=2) + "\n")
