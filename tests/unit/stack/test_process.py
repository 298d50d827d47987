import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import process
from deploy.stack.process import Command, Process

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator["Spawn"]:
    spawner = Spawn(tmp_path)
    yield spawner
    process.end([], spawner.mark)


class Spawn:
    """Shell scripts under a mark of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, f"test-{os.getpid()}-{folder.name}"
        self.log = folder / "log"

    def __call__(self, script: str) -> Process:
        command = Command("server", ["/bin/sh", "-c", script], {"PATH": os.defpath}, self.folder)
        return process.spawn(command, self.log, self.mark)

    def wait_for(self, word: str) -> None:
        deadline = time.monotonic() + 10
        while word not in self.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_number_used_again_is_not_the_process(spawn: Spawn) -> None:
    ours = spawn("exec sleep 60")
    stranger = Process(ours.pid, ours.started + "0")
    assert process.is_alive(ours)
    assert not process.is_alive(stranger)
    process.send([stranger], signal.SIGKILL)
    assert process.is_alive(ours)
    assert process.family([stranger], "no such mark") == []


def test_the_dead_whom_nobody_waited_for_are_dead(spawn: Spawn) -> None:
    head = spawn("sh -c 'read line' & echo up; exec sleep 61")  # its standard input is empty; sleep never waits for it
    spawn.wait_for("up")
    children = [member for member in process.family([head], spawn.mark) if member != head]
    assert process.wait_gone(children, 5)
    assert process.family([head], spawn.mark) == [head]
    assert process.wait_gone([spawn("exit 0")], 5)


def test_the_family_is_found_from_its_head(spawn: Spawn) -> None:
    """Children in sessions of their own, as Postgres' are, and grandchildren."""
    head = spawn("setsid sh -c 'sleep 61 & echo up; wait' & wait")
    spawn.wait_for("up")
    assert len(process.family([head], "no such mark")) == 3


def test_orphans_are_found_by_their_mark(spawn: Spawn) -> None:
    head = spawn("setsid sh -c 'sleep 61 & echo up; wait' & wait")
    spawn.wait_for("up")
    os.kill(head.pid, signal.SIGKILL)
    assert process.wait_gone([head], 5)
    orphans = process.family([], spawn.mark)
    assert len(orphans) == 2
    assert process.end([head], spawn.mark)
    assert process.wait_gone(orphans, 0)


def test_the_end_comes_though_signals_are_ignored(spawn: Spawn) -> None:
    head = spawn("trap '' TERM INT; echo up; while :; do sleep 0.1; done")
    spawn.wait_for("up")
    process.send([head], signal.SIGTERM)
    assert not process.wait_gone([head], 0.3)
    assert process.end([head], spawn.mark)


def test_who_started_it_ends_before_it_without_a_warning(spawn: Spawn) -> None:
    starting = f"""
from pathlib import Path
from deploy.stack.process import Command, spawn
spawn(Command("server", ["/bin/sleep", "60"], {{}}, Path("/")), Path({str(spawn.log)!r}), {spawn.mark!r})
"""
    ended = subprocess.run([sys.executable, "-W", "error", "-c", starting], cwd=ROOT, capture_output=True, check=True)
    assert ended.stderr == b""
    assert len(process.family([], spawn.mark)) == 1


def test_without_proc_ps_tells_the_same(spawn: Spawn, monkeypatch: pytest.MonkeyPatch) -> None:
    child = spawn("sh -c 'sleep 61 & echo up; wait' & wait")
    spawn.wait_for("up")
    monkeypatch.setattr(process, "PROC", spawn.folder / "none")
    head = process.identify(child.pid)
    assert process.is_alive(head)
    assert not process.is_alive(Process(head.pid, "Mon Jan  1 00:00:00 2024"))
    assert len(process.family([head], spawn.mark)) == 3
