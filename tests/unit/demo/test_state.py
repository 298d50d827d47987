"""What the demo knows of its processes: kept whole, believed only as far as it is true."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.demo import commands, ending
from deploy.demo import state as states
from deploy.demo.folder import Folder, read_json, write_json
from deploy.demo.start import is_running
from deploy.demo.state import State
from deploy.stack import process
from deploy.stack.errors import StackError
from deploy.stack.process import Command, Process
from deploy.stack.report import silent


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "stack")


def sleeper(folder: Folder, argv: list[str] | None = None) -> Process:
    return commands.spawn(folder, "api", argv or ["sleep", "60"], dict(os.environ))


def test_the_state_survives_being_written(folder: Folder) -> None:
    state = State(
        phase="running",
        began="2026-11-24T12:00:00+00:00",
        servers=("postgres",),
        ports={"api": 8081},
        processes={"api": Process(17, "boot/4")},
    )
    states.write(folder, state)
    assert states.read(folder) == state
    assert stat.S_IMODE(folder.state.stat().st_mode) == 0o600
    assert state.url("api") == "http://127.0.0.1:8081"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"phase": "running"}', '{"processes": {"api": 3}}'])
def test_a_broken_state_counts_as_none(folder: Folder, text: str) -> None:
    folder.state.write_text(text)
    assert states.read(folder) == State()
    assert not is_running(folder)


def test_a_file_is_replaced_whole_and_for_the_owner_only(folder: Folder) -> None:
    write_json(folder.demo, {"a": 1})
    write_json(folder.demo, {"a": 2})
    assert read_json(folder.demo) == {"a": 2}
    assert stat.S_IMODE(folder.demo.stat().st_mode) == 0o600
    assert [path.name for path in folder.path.glob("demo.json*")] == ["demo.json"]


def test_a_number_that_another_process_got_is_not_ours(folder: Folder) -> None:
    mine = process.identify(os.getpid())
    state = State(processes={"api": mine, "ingest": replace(mine, started="another/boot")})
    assert state.is_alive("api")
    assert not state.is_alive("ingest")
    assert not state.is_alive("feed")


def test_ending_spares_a_stranger_with_a_number_from_the_state(folder: Folder) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        states.write(folder, State(processes={"api": Process(stranger.pid, "long/ago")}))
        ending.end_processes(folder, silent)
        assert stranger.poll() is None
        stranger.kill()


def test_what_was_started_is_found_and_ended_though_the_state_is_lost(folder: Folder) -> None:
    started = sleeper(folder)
    assert process.is_alive(started)
    ending.end_processes(folder, silent)
    assert not process.is_alive(started)


def test_ending_lets_a_service_finish_and_says_so(folder: Folder) -> None:
    polite = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('drained', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\ntime.sleep(60)"
    )
    started = sleeper(folder, [sys.executable, "-c", polite])
    while "up" not in folder.tail("api"):
        assert process.is_alive(started)
    states.write(folder, State(processes={"api": started}))
    said: list[tuple[str, str]] = []
    ending.end_processes(folder, lambda name, text: said.append((name, text)))
    assert "drained" in folder.tail("api")
    assert said == [("api", "stopped")]


def test_stopping_what_does_not_run_is_no_trouble(folder: Folder) -> None:
    folder.pid.write_text("1\n")
    ending.stop(folder, silent)
    ending.stop(folder, silent)
    assert states.read(folder).phase == "none"
    assert not folder.pid.exists()


def test_a_command_runs_in_the_checkout_with_its_own_log(folder: Folder) -> None:
    started = process.spawn(
        Command("feed", [sys.executable, "-c", "import os; print(os.getcwd())"], dict(os.environ), commands.ROOT),
        folder.log("feed"),
        folder.mark,
    )
    assert process.wait_gone([started], 20)
    assert str(commands.ROOT) in folder.tail("feed")


def test_ports_are_those_asked_for_then_those_it_had() -> None:
    first = commands.settle_ports({}, {})
    assert first.keys() == {"ingest", "indexer", "api", "web"}
    assert len(set(first.values())) == 4
    assert commands.settle_ports(first, {}) == first
    free = commands.settle_ports({}, {})["api"]
    given = commands.settle_ports({**first, "api": free}, {"EVENTSEC_INGEST_PORT": str(free)})
    assert given["ingest"] == free
    assert given["api"] != free


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StackError, match="EVENTSEC_API_PORT"):
        commands.settle_ports({}, {"EVENTSEC_API_PORT": text})
