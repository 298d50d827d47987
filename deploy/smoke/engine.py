"""The Docker engine, and one project of deploy/compose.yaml in it."""

import ipaddress
import json
import os
import random
import secrets
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deploy.stack import ports
from deploy.stack.errors import StackError

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
STARTER = "EVENTSEC_ENGINE_UP"

ASK_SECONDS = 60
STARTER_SECONDS = 900
UP_SECONDS = 900
DOWN_SECONDS = 180


def answers() -> bool:
    """Whether there is an engine with compose."""
    return _succeeds("info") and has_compose()


def has_compose() -> bool:
    """Whether there is compose; an engine may be missing."""
    return _succeeds("compose", "version")


def _succeeds(*words: str) -> bool:
    try:
        return subprocess.run(["docker", *words], capture_output=True, check=False, timeout=ASK_SECONDS).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def start(environ: Mapping[str, str]) -> None:
    """Run the program that EVENTSEC_ENGINE_UP names, if it names one. Raises StackError when it fails."""
    if not (command := environ.get(STARTER)):
        return
    try:
        done = subprocess.run(shlex.split(command), stdin=subprocess.DEVNULL, check=False, timeout=STARTER_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"{STARTER}={command}: {error}") from error
    if done.returncode != 0:
        raise StackError(f"{STARTER}={command} ended with status {done.returncode}")


def free_subnet(taken: Iterable[str]) -> str:
    """One for a project's network that is apart from these, as the engine requires; any, lest two at once agree.

    Raises StackError where all of ours are taken.
    """
    others = [ipaddress.ip_network(one) for one in taken]
    ours = [ipaddress.ip_network(f"10.213.{third}.0/24") for third in range(80, 250)]
    free = [one for one in ours if not any(one.overlaps(other) for other in others)]
    if not free:
        raise StackError(f"no network of {ours[0]} to {ours[-1]} is free: `docker network prune` removes unused ones")
    return str(random.SystemRandom().choice(free))


def _subnets() -> list[str]:
    """Of all the engine's networks; none where no engine answers."""
    try:
        found = docker("network", "ls", "--quiet").split()
        template = "{{range .IPAM.Config}}{{println .Subnet}}{{end}}"
        return docker("network", "inspect", "--format", template, *found).split() if found else []
    except (StackError, OSError):
        return []


class Project:
    """Its name, port and network are its own, and no setting of the caller's reaches it."""

    def __init__(
        self, kind: str = "smoke", also: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """With `also` another compose file over the first, and settings for either."""
        self.name = f"eventsec-{kind}-{secrets.token_hex(3)}"
        self._files = [COMPOSE] if also is None else [COMPOSE, also]
        self.port = ports.settle(["web"], {})["web"]
        self._env = {
            name: value for name, value in os.environ.items() if not name.startswith(("EVENTSEC_", "COMPOSE_"))
        }
        self._env |= {
            "EVENTSEC_WEB_PORT": str(self.port),
            "EVENTSEC_SUBNET": free_subnet(_subnets()),
            "EVENTSEC_SETTINGS": os.devnull,
            "COMPOSE_ANSI": "never",
            **(settings or {}),
        }

    @property
    def url(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    def up(self) -> None:
        """Build, start, and wait until all is healthy. Raises StackError with what is not."""
        try:
            self.compose("up", "--build", "--wait", seconds=UP_SECONDS)
        except StackError as error:
            raise StackError(f"{error}\n{self._state_of_all()}") from error

    def down(self) -> None:
        """Containers, networks and volumes; images and the build's cache stay. Raises StackError."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "10", seconds=DOWN_SECONDS)

    def run_in(self, service: str, *words: str) -> str:
        """What a program prints in a running container. Raises StackError when it fails."""
        return self.compose("exec", "--no-TTY", service, *words)

    def containers(self) -> list[dict[str, Any]]:
        """All of them as the engine describes them, those that ended too."""
        found: list[dict[str, Any]] = json.loads(docker("inspect", *self._ids()))
        return found

    def stats(self) -> dict[str, str]:
        """By container name, the memory it uses of what it may."""
        lines = docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", *self._ids(running=True))
        return dict(line.split("\t") for line in lines.splitlines())

    def _ids(self, *, running: bool = False) -> list[str]:
        every = [] if running else ["--all"]
        return docker("ps", *every, "--quiet", "--filter", f"label=com.docker.compose.project={self.name}").split()

    def _state_of_all(self) -> str:
        try:
            return self.compose("ps", "--all") + self.compose("logs", "--tail", "15")
        except StackError as error:
            return str(error)

    @property
    def command(self) -> list[str]:
        """Of compose, up to what it is to do; to be run in this project's `environment`."""
        files = [word for file in self._files for word in ("--file", str(file))]
        return ["docker", "compose", "--project-name", self.name, "--env-file", os.devnull, *files, "--profile", "demo"]

    @property
    def environment(self) -> dict[str, str]:
        """What compose reads."""
        return dict(self._env)

    def compose(self, *words: str, seconds: float = ASK_SECONDS) -> str:
        """What compose prints. Raises StackError when it fails or takes longer."""
        return docker(*self.command[1:], *words, env=self._env, seconds=seconds)


def image(name: str) -> dict[str, Any]:
    """An image as the engine describes it."""
    found: dict[str, Any] = json.loads(docker("image", "inspect", name))[0]
    return found


def docker(*words: str, env: Mapping[str, str] | None = None, seconds: float = ASK_SECONDS) -> str:
    """What the client prints. Raises StackError when it fails or takes longer."""
    try:
        done = subprocess.run(
            ["docker", *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise StackError(f"docker {' '.join(words)}: no end after {seconds:g} s") from error
    if done.returncode != 0:
        raise StackError(f"docker {' '.join(words)}: status {done.returncode}\n{(done.stderr or done.stdout)[-3000:]}")
    return done.stdout
