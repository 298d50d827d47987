"""The whole product on this machine, fed by an invented company's sensors: `make demo`.

up starts it and shows it; Ctrl-C ends all that was started. With --detach it goes on in the background until
`stop`; `up` again looks at it.
"""

import argparse
import asyncio
import os
import random
import shlex
import sys
from datetime import datetime
from pathlib import Path

from deploy.demo import ending, summary
from deploy.demo import state as states
from deploy.demo.feed import Feed
from deploy.demo.folder import Folder
from deploy.demo.interrupts import Interrupted, interruptible
from deploy.demo.said import since
from deploy.demo.start import is_running, is_starting, start
from deploy.demo.supervisor import Supervisor
from deploy.demo.view.watch import watch
from deploy.stack import control
from deploy.stack.errors import StackError
from deploy.stack.report import to_stderr

RATE = 150.0

FOOTER = {
    True: "{web}Ctrl-C ends the demo   {folder}/demo.json has people, URLs and keys",
    False: "{web}Ctrl-C leaves it running, make stop ends it   {folder}/demo.json has people, URLs and keys",
}


def main() -> int:
    options = _parser().parse_args()
    try:
        with interruptible():
            return _COMMANDS[options.command](Folder(options.dir or control.default_directory()), options)
    except StackError as error:
        print(f"deploy.demo: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read it has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Interrupted:
        print("deploy.demo: interrupted; nothing of it is left running", file=sys.stderr)
        return 130


def _up(folder: Folder, options: argparse.Namespace) -> int:
    ours = not is_running(folder)
    if ours:
        feed = {"rate": options.rate, "seed": options.seed, "seconds": options.seconds}
        seconds = start(folder, feed)
        if seconds is not None:
            print(f"\nfirst event stored after {seconds:.1f} s", flush=True)
    else:
        print(f"already running in {folder.path}")
    if options.detach or not sys.stdout.isatty():
        print(f"\n{summary.running(folder, states.read(folder))}", flush=True)
    if options.detach:
        return 0
    return _show(folder, ours=ours)


def _show(folder: Folder, *, ours: bool) -> int:
    """The view until Ctrl-C; who started the demo here ends it with that."""
    try:
        state = states.read(folder)
        web = f"{state.url('web')}   " if state.is_alive("web") else ""
        watch(folder, footer=FOOTER[ours].format(folder=folder.path, web=web))
    except Interrupted:
        if not ours:
            print("the demo goes on: make stop ends it, make demo shows it again")
            return 0
        ending.stop(folder, to_stderr())
        return 0
    print("the demo was ended from elsewhere")
    if ours:
        ending.stop(folder, to_stderr())
    return 0


def _stop(folder: Folder, options: argparse.Namespace) -> int:
    ending.stop(folder, to_stderr())
    return 0


def _status(folder: Folder, options: argparse.Namespace) -> int:
    state = states.read(folder)
    for name in ("supervisor", *states.ENDING):
        word = f"pid {state.processes[name].pid}" if state.is_alive(name) else "not running"
        where = f"   {state.url(name)}" if state.is_alive(name) and name in state.ports else ""
        print(f"{name:<11} {word}{where}")
    if not is_running(folder):
        return 1
    print(f"\n{summary.running(folder, state)}")
    return 0


def _env(folder: Folder, options: argparse.Namespace) -> int:
    if is_starting(folder):
        raise StackError(f"the demo in {folder.path} is still starting: ask again in a few seconds")
    if not is_running(folder):
        raise StackError(f"no demo runs in {folder.path}: make demo DETACH=1")
    for name, value in summary.environment(folder, states.read(folder)).items():
        print(f"{name}={shlex.quote(value)}")
    return 0


def _feed(folder: Folder, options: argparse.Namespace) -> int:
    asyncio.run(Feed(folder, rate=options.rate, seed=options.seed).run(options.seconds))
    return 0


def _supervise(folder: Folder, options: argparse.Namespace) -> int:
    feed = {"rate": options.rate, "seed": options.seed, "seconds": options.seconds}
    began = datetime.fromisoformat(states.read(folder).began).timestamp()
    return Supervisor(folder, feed, since(began)).run()


_COMMANDS = {"up": _up, "stop": _stop, "status": _status, "env": _env, "feed": _feed, "supervise": _supervise}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dir", type=Path, help="where it lives (EVENTSEC_STACK_DIR, else .stack in the checkout)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{up,stop,status,env,feed}")
    up = commands.add_parser("up", help="start it, or look at the one that runs")
    up.add_argument("--detach", action="store_true", help="return when what is stored can be searched")
    commands.add_parser("stop", help="end it, whoever started it")
    commands.add_parser("status", help="what runs where")
    commands.add_parser("env", help="its URLs and keys for a shell, one KEY=value a line")
    feed = commands.add_parser("feed", help="only send, to a demo that runs")
    for command in (up, feed, commands.add_parser("supervise")):
        command.add_argument(
            "--rate", type=float, default=RATE, help=f"events a second ({RATE:g}); for `up`, 0 is none"
        )
        command.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(31), help="of the generator")
        command.add_argument("--seconds", type=float, default=0, help="how long to feed; 0, the default, is for ever")
    return parser


if __name__ == "__main__":
    sys.exit(main())
