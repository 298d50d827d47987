"""How a start is watched, with a shell script for a server."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import process
from deploy.stack.errors import Died, NotAnswering, StackError
from deploy.stack.native import Native
from deploy.stack.place import Place
from deploy.stack.process import Command
from deploy.stack.report import Report, silent
from deploy.stack.state import Record, Store


class Script:
    """Answers once the file `ready` is in its folder."""

    NAME = "toy"
    URL = "TOY_URL"
    PORTS: tuple[str, ...] = ("toy",)
    SECONDS = 1
    STOP: dict[str, signal.Signals] = {"server": signal.SIGTERM}  # noqa: RUF012  as in the servers' modules
    STOP_SECONDS = 5
    PASSING = re.compile("try me again")

    def __init__(self, script: str) -> None:
        self.script, self.starts = script, 0

    def prepare(self, place: Place, record: Record, report: Report) -> list[Command]:
        self.starts += 1
        folder = place.folder(self.NAME)
        return [Command("server", ["/bin/sh", "-c", self.script], place.environment(folder), folder)]

    def check(self, place: Place, record: Record) -> None:
        if not (place.data / self.NAME / "ready").exists():
            raise NotAnswering("not ready")

    def urls(self, place: Place, record: Record) -> dict[str, str]:
        return {self.URL: f"toy://{record.ports['toy']}"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, tmp_path / "data", None)
    yield place
    Native(Script(""), place, Store(tmp_path)).stop(silent)


def _start(script: Script, place: Place) -> Native:
    server = Native(script, place, Store(place.directory))
    server.ensure(silent)
    return server


def test_a_start_ends_when_the_server_answers(place: Place) -> None:
    script = Script("sleep 0.2; touch ready; exec sleep 60")
    server = _start(script, place)
    assert server.status()["answers"]
    assert list(server.environment()) == ["TOY_URL"]
    server.ensure(silent)
    assert script.starts == 1


def test_a_server_that_is_ending_is_started_anew(place: Place) -> None:
    script = Script(
        "touch ready; [ -e once ] && exec sleep 60; touch once; while [ -e once ]; do sleep 0.05; done; touch once"
    )
    server = _start(script, place)
    folder = place.data / Script.NAME
    (folder / "ready").unlink()
    ending = threading.Timer(0.2, (folder / "once").unlink)
    ending.start()
    server.ensure(silent)
    ending.join()
    assert script.starts == 2
    assert server.status()["answers"]


def test_a_silent_server_is_given_up(place: Place) -> None:
    with pytest.raises(StackError, match=r"(?s)toy does not answer after 1 s: not ready.*first words.*kill toy"):
        _start(Script("echo first words; exec sleep 60"), place)


def test_a_server_that_gets_on_is_waited_for(place: Place) -> None:
    _start(Script("for i in 1 2 3 4; do echo $i; sleep 0.5; done; touch ready; exec sleep 60"), place)


def test_but_not_for_ever(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.stack.native.PATIENCE", 2)
    with pytest.raises(StackError, match="does not answer after 2 s"):
        _start(Script("while :; do echo; sleep 0.2; done"), place)


def test_the_last_words_are_shown_without_call_stacks(place: Place) -> None:
    script = Script("echo 'IllegalStateException: no space'; echo '    at org.example.Node.start(Node.java:7)'; exit 1")
    with pytest.raises(Died, match="no space") as caught:
        _start(script, place)
    assert "Node.java" not in str(caught.value)
    assert script.starts == 1


def test_words_of_an_earlier_start_are_not_taken_for_its_own(place: Place) -> None:
    with pytest.raises(Died):
        _start(Script("echo alpha; exit 1"), place)
    with pytest.raises(Died) as caught:
        _start(Script("echo beta; exit 1"), place)
    assert "alpha" not in str(caught.value)


def test_a_passing_reason_is_tried_again(place: Place) -> None:
    script = Script("[ -e once ] && touch ready && exec sleep 60; touch once; echo 'try me again'; exit 1")
    assert _start(script, place).status()["answers"]
    assert script.starts == 2


def test_a_reason_that_does_not_pass_is_told_in_the_end(place: Place) -> None:
    script = Script("echo 'try me again'; exit 1")
    with pytest.raises(Died):
        _start(script, place)
    assert script.starts == 3


def test_a_long_log_is_put_aside(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.stack.native.LOG_LIMIT", 10)
    for words in ("a first long line", "a second long line"):
        with pytest.raises(Died, match=words):
            _start(Script(f"echo {words}; exit 1"), place)
    assert place.log("toy").read_text() == "a second long line\n"
    assert (place.directory / "log" / "toy.old.log").read_text() == "a first long line\n"


LASTING = """
import ctypes, platform, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[platform.machine()], 0)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="/proc says of no thread where there is none")
def test_a_process_is_not_gone_while_one_of_its_threads_lives() -> None:
    """As a server that is killed: it holds its ports until then."""
    with subprocess.Popen([sys.executable, "-c", LASTING]) as child:
        stat = Path(f"/proc/{child.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "Z":
            assert child.poll() is None
        one = process.identify(child.pid)
        assert process.is_alive(one)
        assert not process.wait_gone([one], 0.1)
        child.kill()
        assert process.wait_gone([one], 10)
