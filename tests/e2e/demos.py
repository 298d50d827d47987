"""A demo in a directory of its own, on servers of its own, for tests that use the product as people do."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack import place
from tests import NATIVE

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "eventsec-demo-"
START_SECONDS = 300


@dataclass
class Demo:
    """A demo in a directory of its own, and what its start printed."""

    directory: Path
    printed: str = ""
    told: str = ""

    def run(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.demo", "--dir", str(self.directory), *arguments],
            cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def read(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.directory / name).read_text())
        return found

    def variables(self) -> dict[str, str]:
        lines = self.run("env").stdout.splitlines()
        return dict(line.split("=", 1) for line in lines)


def clean_environment() -> dict[str, str]:
    """Without the test's own servers, which must not look like given by the user: nothing would be started then."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EVENTSEC_")} | NATIVE


@contextmanager
def running(*feed: str) -> Iterator[Demo]:
    """One that came up, with these words to its feed; nothing of it is left afterwards."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with held(left) as free:
            if free:
                end(Demo(left))
    # Not pytest's own folder: the servers' user must be able to reach it.
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    directory.chmod(0o711)
    demo = Demo(directory)
    with held(directory):
        try:
            started = demo.run("up", "--detach", *feed, seconds=START_SECONDS)
            assert started.returncode == 0, started.stdout + started.stderr
            demo.printed, demo.told = started.stdout, started.stderr
            yield demo
        finally:
            end(demo)


@contextmanager
def held(directory: Path) -> Iterator[bool]:
    """Whether nobody else uses it: a run that was killed uses it no more, and cannot have cleaned up."""
    with (directory / "in-use").open("a") as mark:
        try:
            fcntl.flock(mark.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def end(demo: Demo) -> None:
    demo.run("stop")
    shutil.rmtree(place.settle(demo.directory).data, ignore_errors=True)
    shutil.rmtree(demo.directory, ignore_errors=True)
