"""The demo inside a running installation, such as the containers of deploy/compose.yaml.

Without a command it makes the invented company's people and sensors, or finds again those it had, and feeds until it
is told to end. `env` prints what a shell needs, `sign-in` where to look and as whom.

Everything goes through the web's address, as a browser's and a sensor's requests do; only the people and the token are
made in the database, by the api's own programs, which find it in the environment.
"""

import argparse
import asyncio
import os
import random
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from deploy.demo import enrol, handovers, incidents, people, summary, triage
from deploy.demo.feed import Feed
from deploy.demo.folder import Folder, read_json
from deploy.demo.said import since
from deploy.stack.errors import StackError

RATE = 150.0
FOLDER = Path("/var/lib/eventsec/demo")


def main() -> int:
    options = _parser().parse_args()
    try:
        return _COMMANDS[options.command](Folder(options.dir), options)
    except (StackError, httpx.HTTPError, subprocess.SubprocessError) as error:
        print(f"deploy.demo.join: {error}", file=sys.stderr)
        return 1  # and is started again


def _join(folder: Folder, options: argparse.Namespace) -> int:
    report = since(time.time())
    # One made before this start says nothing of it.
    folder.feed.unlink(missing_ok=True)
    known = read_json(folder.demo).get("users", {})
    users = people.enrol(options.url, enrol.ORGANIZATION, known, os.environ)
    for change in people.replaced(known, users):
        report("demo", change)
    enrol.enrol(folder, dict.fromkeys(("ingest", "api", "web"), options.url), os.environ, users)
    report("demo", f"two people and six sensors are there, about {options.rate:g} events a second are on their way")
    print(_sign_in(users, options.public_url), flush=True)
    # Beside the feed, because it works on what that brings.
    threading.Thread(target=_work, args=(options.url, users), daemon=True).start()
    asyncio.run(Feed(folder, rate=options.rate, seed=options.seed).run(0))
    return 0


def _work(url: str, users: Mapping[str, Mapping[str, str]]) -> None:
    """What people would have done by now; whatever stands in its way, the feed goes on."""
    try:
        triage.triage(url, users, time.sleep)
        incidents.work(url, users)
        handovers.hand_over(url, users)
    except Exception as error:
        print(f"deploy.demo.join: some of the demo's work was not done: {error}", file=sys.stderr, flush=True)


def _env(folder: Folder, options: argparse.Namespace) -> int:
    demo = read_json(folder.demo)
    if not demo:
        raise StackError("the demo is still starting: ask again in a few seconds")
    urls = dict.fromkeys(("INGEST", "API", "WEB"), options.public_url)
    for name, value in (urls | summary.credentials(demo)).items():
        print(f"{name}={shlex.quote(value)}")
    return 0


def _show_sign_in(folder: Folder, options: argparse.Namespace) -> int:
    users = read_json(folder.demo).get("users")
    if not users:
        raise StackError("the demo is still starting: ask again in a few seconds")
    print(_sign_in(users, options.public_url))
    # To know, it would have to sign in, and a wrong password is counted against its owner.
    print("These are the demo's own passwords; one that was changed or reset since then is not known here.")
    return 0


def _sign_in(users: Mapping[str, Mapping[str, str]], url: str) -> str:
    rows = (f"  {role:<8} {person['email']:<28} {person['password']}" for role, person in users.items())
    return "\n".join((f"Open {url} and sign in as", *rows))


_COMMANDS = {"join": _join, "env": _env, "sign-in": _show_sign_in}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo.join", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", nargs="?", choices=_COMMANDS, default="join")
    parser.add_argument("--dir", type=Path, default=FOLDER, help="where people, keys and counts are kept")
    parser.add_argument("--url", default="http://web:8080", help="where the web answers here")
    parser.add_argument(
        "--public-url",
        default=os.environ.get("EVENTSEC_PUBLIC_URL")
        or os.environ.get("EVENTSEC_DEMO_PUBLIC_URL", "http://127.0.0.1:8080"),
        help="the same, as people's browsers find it",
    )
    parser.add_argument("--rate", type=float, default=RATE, help=f"events a second ({RATE:g})")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(31), help="of the generator")
    return parser


if __name__ == "__main__":
    sys.exit(main())
