"""Who dies is started again, not at once and not faster and faster; a feed that is done is left alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo import ending
from deploy.demo import state as states
from deploy.demo.folder import Folder, write_json
from deploy.demo.state import State
from deploy.demo.supervisor import STEADY_SECONDS, Supervisor, Watched
from deploy.stack import process
from deploy.stack.report import silent


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("deploy.demo.supervisor.time.monotonic", clock)
    return clock


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(tmp_path / "stack")
    states.write(folder, State(ports={"ingest": 1, "indexer": 2, "api": 3}))
    yield folder
    ending.end_processes(folder, silent)


def supervising(folder: Folder, name: str, argv: list[str]) -> Supervisor:
    supervisor = Supervisor(folder, {"rate": 1}, silent)
    supervisor._watched[name] = Watched(argv)
    supervisor._spawn(name)
    return supervisor


def wait_for_the_end(folder: Folder, name: str) -> None:
    assert process.wait_gone([states.read(folder).processes[name]], 20)


def test_the_pause_before_a_new_start_doubles(folder: Folder, clock: Clock) -> None:
    supervisor = supervising(folder, "api", [sys.executable, "-c", ""])
    pid = states.read(folder).processes["api"].pid
    for pause in (0.5, 1.0, 2.0):
        wait_for_the_end(folder, "api")
        supervisor._look_after()
        clock.now += pause - 0.01
        supervisor._look_after()
        assert states.read(folder).processes["api"].pid == pid, pause
        clock.now += 0.02
        supervisor._look_after()
        again = states.read(folder).processes["api"].pid
        assert again != pid
        pid = again


def test_who_lived_long_starts_again_soon(folder: Folder, clock: Clock) -> None:
    supervisor = supervising(folder, "api", ["sleep", "60"])
    supervisor._watched["api"].pause = 16.0
    clock.now += STEADY_SECONDS + 1
    supervisor._look_after()
    assert supervisor._watched["api"].pause == 0.5


def test_a_feed_that_had_its_time_is_not_started_again(folder: Folder, clock: Clock) -> None:
    supervisor = supervising(folder, "feed", [sys.executable, "-c", ""])
    write_json(folder.feed, {"finished": True})
    wait_for_the_end(folder, "feed")
    supervisor._look_after()
    assert "feed" not in supervisor._watched


def test_a_feed_that_was_killed_is(folder: Folder, clock: Clock) -> None:
    supervisor = supervising(folder, "feed", [sys.executable, "-c", ""])
    write_json(folder.feed, {"finished": False})
    wait_for_the_end(folder, "feed")
    supervisor._look_after()
    assert supervisor._watched["feed"].again_at is not None
