"""Ends what the demo started and nothing else, whoever started it and whatever became of them."""

import signal
from dataclasses import replace

from deploy.demo import state as states
from deploy.demo.folder import Folder
from deploy.stack import control, process
from deploy.stack.errors import StackError
from deploy.stack.report import Report

SERVICE_SECONDS = 25  # a service may drain for 20
SUPERVISOR_SECONDS = 110
STARTER_SECONDS = 180  # it ends what it has started so far


def stop(folder: Folder, report: Report) -> None:
    """As `end_all`, also in the middle of somebody's `up`, which is interrupted first."""
    running = states.read(folder)
    if running.phase == "starting" and running.is_alive("starter"):
        report("demo", "interrupting its start")
        process.send([running.processes["starter"]], signal.SIGINT)
    with folder.locked(STARTER_SECONDS):
        end_all(folder, report)


def end_all(folder: Folder, report: Report) -> None:
    """Feed, services, servers, in this order. May be called at any time, and again.

    Raises `StackError` when something does not end.
    """
    running = states.read(folder)
    _end_supervisor(folder, running, report)
    end_processes(folder, report)
    if running.servers:
        control.down(folder.path, running.servers, report=report)
    left = states.read(folder)
    states.write(folder, replace(left, phase="none", servers=(), processes={}, trouble=""))
    folder.pid.unlink(missing_ok=True)


def end_processes(folder: Folder, report: Report) -> None:
    """The feed and the services, each given time to drain, then by force. Raises `StackError`."""
    running = states.read(folder)
    for name in states.ENDING:
        if not running.is_alive(name):
            continue
        one = running.processes[name]
        process.send([one], signal.SIGCONT)  # it may have been frozen
        process.send([one], signal.SIGTERM)
        in_time = process.wait_gone([one], SERVICE_SECONDS)
        report(name, "stopped" if in_time else f"did not stop within {SERVICE_SECONDS} s: killing it")
    # What a lost state file knew, what a killed process left, what was born meanwhile.
    if not process.end(running.processes.values(), folder.mark):
        raise StackError(f"{folder.path}: some processes of the demo do not end.")


def _end_supervisor(folder: Folder, running: states.State, report: Report) -> None:
    """It ends its children itself; if it is gone, or takes too long, that is done here."""
    if not running.is_alive("supervisor"):
        return
    supervisor = running.processes["supervisor"]
    report("demo", "ending feed and services")
    process.send([supervisor], signal.SIGCONT)
    process.send([supervisor], signal.SIGTERM)
    if not process.wait_gone([supervisor], SUPERVISOR_SECONDS):
        report("demo", f"the supervisor did not end within {SUPERVISOR_SECONDS} s: killing it")
        process.send([supervisor], signal.SIGKILL)
        process.wait_gone([supervisor], 5)
