"""What the demo runs: the three migrates, the three services, the feed; with their environment."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.demo.folder import Folder
from deploy.demo.state import State
from deploy.stack import ports, process
from deploy.stack.errors import StackError
from deploy.stack.native import LOG_LIMIT
from deploy.stack.process import Command, Process

ROOT = Path(__file__).resolve().parents[2]

MIGRATES = {
    "migrate": "shared.migrations",
    "bus-migrate": "shared.bus.migrate",
    "search-migrate": "shared.search.migrate",
}
SERVICES = {"ingest": "services.ingest", "indexer": "services.indexer", "api": "services.api"}
SERVER_SECONDS = 300  # until a server answers; `up` gives up much earlier when one ends
PORTS = {name: f"EVENTSEC_{name.upper()}_PORT" for name in (*SERVICES, "web")}


def settle_ports(before: Mapping[str, int], environ: Mapping[str, str]) -> dict[str, int]:
    """The port each service and the web UI shall have: the one its variable names, the one it had, or a free one.

    Raises `StackError` when a port asked for is no port or is taken.
    """
    given = {name: _given(variable, environ[variable]) for name, variable in PORTS.items() if environ.get(variable)}
    others = [name for name in PORTS if name not in given]
    free = {name: port for name, port in before.items() if port not in given.values()}
    return ports.settle(others, free) | given


def _given(variable: str, text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"{variable}={text} is no port.")
    if not ports.is_free(int(text)):
        raise StackError(f"{variable}={text}: something listens there already. Unset it to get a free port.")
    return int(text)


def environment(folder: Folder, stack: Mapping[str, str], settled: Mapping[str, int]) -> dict[str, str]:
    """What every process of ours gets: the caller's, the servers' URLs, the ports."""
    return {
        "EVENTSEC_INGEST_PUBLIC_URL": f"http://127.0.0.1:{settled['ingest']}",
        # Plain HTTP on loopback, where curl and scripts send no cookie that asks for TLS.
        "EVENTSEC_INSECURE_COOKIES": "true",
        **os.environ,
        **stack,
        **{PORTS[name]: str(port) for name, port in settled.items()},
        "EVENTSEC_REGISTRY_PATH": str(folder.registry),
        "EVENTSEC_EVIDENCE_FOLDER": str(folder.evidence),
        "EVENTSEC_MIGRATE_WAIT_SECONDS": str(SERVER_SECONDS),
        "PYTHONUNBUFFERED": "1",
    }


def module(name: str, *arguments: str) -> list[str]:
    """A module of ours, run by this very interpreter."""
    return [sys.executable, "-m", name, *arguments]


def spawn(folder: Folder, name: str, argv: list[str], env: dict[str, str]) -> Process:
    """Start it apart from the terminal, in the checkout, with a log of its own."""
    log = folder.log(name)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
    return process.spawn(Command(name, argv, env, ROOT), log, folder.mark)


def feed(folder: Folder, options: Mapping[str, float]) -> list[str]:
    """The feed's command line; `options` are `rate`, `seed` and `seconds`."""
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return module("deploy.demo", "--dir", str(folder.path), "feed", *given)


def listening(state: State) -> list[str]:
    """Those services whose port still answers, for checks after the end."""
    return [name for name, port in state.ports.items() if not ports.is_free(port)]
