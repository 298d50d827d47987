"""A real command, run anew by real changes of files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import reload
from tests.architecture.place import ROOT

SECONDS = 20.0


def lines(file: Path, count: int) -> list[str]:
    """What the command has written, once it wrote that much."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{count} lines did not come: {found}")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "one.py").write_text("pass\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def reloading(place: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = (
        f"echo $$ >> {place}/started; trap 'exit 0' TERM; [ -e {place}/broken ] && exit 1; while :; do sleep 0.05; done"
    )
    script = str(ROOT / "deploy" / "reload.py")
    program = subprocess.Popen([sys.executable, script, str(place / "source"), "--", "sh", "-c", command])
    yield program
    program.terminate()  # it ends its command; were it killed, that would be left
    program.wait(SECONDS)


def test_a_change_starts_it_anew_and_the_end_ends_it(place: Path, reloading: "subprocess.Popen[bytes]") -> None:
    lines(place / "started", 1)
    (place / "source" / "two.py").write_text("pass\n", encoding="utf-8")
    first, second = lines(place / "started", 2)
    with pytest.raises(ProcessLookupError):
        os.kill(int(first), 0)
    reloading.send_signal(signal.SIGTERM)
    assert reloading.wait(SECONDS) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(second), 0)


def test_what_ended_by_itself_is_started_with_the_next_change(
    place: Path, reloading: "subprocess.Popen[bytes]"
) -> None:
    lines(place / "started", 1)
    (place / "broken").touch()
    (place / "source" / "one.py").write_text("1 +\n", encoding="utf-8")
    lines(place / "started", 2)
    (place / "broken").unlink()
    (place / "source" / "one.py").write_text("1 + 1\n", encoding="utf-8")
    lines(place / "started", 3)
    assert reloading.poll() is None


def test_only_python_counts(place: Path) -> None:
    before = reload.seen([place])
    (place / "source" / "notes.txt").touch()
    assert reload.seen([place]) == before
    (place / "source" / "one.py").unlink()
    assert reload.seen([place]) == {}


def test_it_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert reload.main(["shared", "python"]) == 2
    assert "COMMAND" in capsys.readouterr().err
