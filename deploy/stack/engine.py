"""The servers in containers: those of deploy/compose.yaml, with ports on loopback, where a Docker engine answers."""

import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from deploy.stack import ports, probes
from deploy.stack.errors import NotAnswering, StackError
from deploy.stack.native import interrupted
from deploy.stack.place import Place
from deploy.stack.ports import LOOPBACK
from deploy.stack.report import Report
from deploy.stack.state import Record, Store

DEPLOY = Path(__file__).resolve().parents[1]
FILES = ("compose.yaml", "compose.stack.yaml")

USER = "eventsec"  # in Postgres and in RabbitMQ, as compose.yaml names it
PORTS = {"postgres": ("sql",), "rabbitmq": ("amqp", "management"), "opensearch": ("http",)}
LOGINS = ("ingest", "indexer", "api")
SECRETS = ("postgres_password", *(f"postgres_{login}_password" for login in LOGINS), "rabbitmq_password")

ASK_SECONDS = 20
PULL_SECONDS = 900
COMMAND_SECONDS = 120
START_SECONDS = 300

# One command of compose at a time: two that begin together would both make the project's networks.
_turn = threading.Lock()


def lacking(place: Place) -> str:
    """Why servers cannot be had from an engine here; empty when they can. Images that are not there are pulled."""
    try:
        _run(["docker", "info"], ASK_SECONDS)
        images = _compose(place, {}, "config", "--images", *PORTS).split()
    except StackError:
        return "no Docker engine with Compose answers"
    try:
        _run(["docker", "image", "inspect", *images], ASK_SECONDS)
    except StackError:
        try:
            _compose(place, {}, "pull", "--quiet", *PORTS, seconds=PULL_SECONDS)
        except StackError:
            return f"a Docker engine answers, but not all of these can be pulled: {', '.join(images)}"
    return ""


def wipe(place: Place) -> None:
    """Neither a container nor data of this stack is left. Raises `StackError`."""
    _compose(place, {}, "down", "--volumes", "--remove-orphans")
    shutil.rmtree(_secrets(place))


class Engine:
    """One server of this stack."""

    provider = "engine"

    def __init__(self, name: str, place: Place, store: Store) -> None:
        self.name = name
        self._place, self._store, self._record = place, store, store.record(name)

    def ensure(self, report: Report) -> None:
        """Running and answering when this returns, started anew if it was not. Raises `StackError`."""
        if not self._is_running() or not self._record.ports:  # a lost state file, and the container was not
            self._prepare()
            report(self.name, f"starting a container on {self._where()}")
            _compose(self._place, self._record.ports, "up", "--detach", "--no-deps", self.name)
        self._wait(report)
        report(self.name, "ready")

    def stop(self, report: Report) -> None:
        """In good order, then by force, as the engine does it. Raises `StackError`."""
        was_running = self._is_running()
        _compose(self._place, {}, "stop", self.name)
        report(self.name, "stopped" if was_running else "was not running")

    def signal(self, number: signal.Signals) -> int:
        """To all of it: an engine freezes and thaws a container as a whole. Raises if it does not run."""
        if not self._is_running():
            raise StackError(f"{self.name} does not run here.")
        word = {signal.SIGSTOP: ["pause"], signal.SIGCONT: ["unpause"]}.get(number, ["kill", "--signal", number.name])
        _compose(self._place, {}, *word, self.name)
        return 1

    def environment(self) -> dict[str, str]:
        """Empty before the first start."""
        return _urls(self._place, self.name, self._record) if self._record.issued else {}

    def status(self) -> dict[str, object]:
        running = self._is_running()
        reason = self._trouble() if running else "not running"
        return {
            "provider": self.provider,
            "running": running,
            "answers": not reason,
            "detail": reason,
            "ports": self._record.ports,
            "log": f"docker logs {self._container()}" if running else "",
        }

    def _prepare(self) -> None:
        self._record.ports = ports.settle(PORTS[self.name], self._record.ports)
        for name in SECRETS:
            if not _secret(self._place, name).exists():
                self._place.write(_secret(self._place, name), os.urandom(18).hex(), 0o444)
        url = next(iter(_urls(self._place, self.name, self._record).values()))
        if url not in self._record.issued:
            self._record.issued.append(url)
        if self.name == "rabbitmq":
            _write_control(self._place)
        self._store.save()

    def _wait(self, report: Report) -> None:
        """Raises `StackError` when it ended, or time is up."""
        began = said = time.monotonic()
        while reason := self._trouble():
            now = time.monotonic()
            if not self._is_running() or now - began > START_SECONDS:
                words = _compose(self._place, {}, "logs", "--no-log-prefix", "--tail", "20", self.name)
                raise StackError(f"{self.name} does not answer: {reason}. Its last words:\n{words}")
            if now - said > 10:
                report(self.name, f"still waiting: {reason}")
                said = now
            if interrupted.wait(0.2):
                raise StackError(f"interrupted while {self.name} was starting.")

    def _trouble(self) -> str:
        """Why it does not answer; empty when it does."""
        given = self._record.ports
        try:
            match self.name:
                case "postgres":
                    probes.postgres(LOOPBACK, given["sql"], USER, USER)
                case "rabbitmq":
                    probes.amqp(LOOPBACK, given["amqp"])
                    password = _read(self._place, "rabbitmq_password")
                    path = "/api/health/checks/virtual-hosts"
                    probes.http_json(LOOPBACK, given["management"], path, user=USER, password=password)
                case _:
                    probes.http_json(LOOPBACK, given["http"], "/_cluster/health?wait_for_status=yellow&timeout=1s")
        except NotAnswering as error:
            return str(error)
        return ""

    def _is_running(self) -> bool:
        return bool(self._container())

    def _container(self) -> str:
        """Its id; empty when none runs. Asked of the engine itself: compose takes a second for it."""
        return _run(["docker", "ps", "--quiet", *_ours(self._place, self.name)], ASK_SECONDS).strip()

    def _where(self) -> str:
        return f"{LOOPBACK}:{self._record.ports[PORTS[self.name][0]]}"


def _urls(place: Place, name: str, record: Record) -> dict[str, str]:
    """The environment a server gives, its own URL first."""
    match name:
        case "postgres":
            at = f"{LOOPBACK}:{record.ports['sql']}/{USER}"
            admin = f"postgresql://{USER}:{_read(place, 'postgres_password')}@{at}"
            services = {
                f"EVENTSEC_{login.upper()}_POSTGRES_URL":
                    f"postgresql://{USER}_{login}:{_read(place, f'postgres_{login}_password')}@{at}"
                for login in LOGINS
            }  # fmt: skip
            return {"EVENTSEC_POSTGRES_URL": admin, **services, "EVENTSEC_POSTGRES_ADMIN_URL": admin}
        case "rabbitmq":
            login = f"{USER}:{_read(place, 'rabbitmq_password')}@{LOOPBACK}"
            return {
                "EVENTSEC_RABBITMQ_URL": f"amqp://{login}:{record.ports['amqp']}/",
                "EVENTSEC_RABBITMQ_MANAGEMENT_URL": f"http://{login}:{record.ports['management']}",
                "EVENTSEC_STACK_RABBITMQCTL": str(_control(place)),
            }
        case _:
            return {"EVENTSEC_OPENSEARCH_URL": f"http://{LOOPBACK}:{record.ports['http']}"}


def _secrets(place: Place) -> Path:
    """Files, no part of the state: the data in the volumes was made with them, and outlives a lost state."""
    folder = place.directory / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _secret(place: Place, name: str) -> Path:
    return _secrets(place) / name


def _read(place: Place, name: str) -> str:
    return _secret(place, name).read_text(encoding="ascii")


def _control(place: Place) -> Path:
    return place.directory / "rabbitmqctl"


def _write_control(place: Place) -> None:
    """As the native provider's: the tool, for this broker."""
    find = shlex.join(["docker", "ps", "--quiet", *_ours(place, "rabbitmq")])
    path = _control(place)
    path.unlink(missing_ok=True)
    path.write_text(f'#!/bin/sh\n# Written by deploy/stack.\nexec docker exec "$({find})" rabbitmqctl "$@"\n', "utf-8")
    path.chmod(0o700)


def _ours(place: Place, name: str) -> list[str]:
    return [
        "--filter", f"label=com.docker.compose.project={place.project}",
        "--filter", f"label=com.docker.compose.service={name}",
    ]  # fmt: skip


def _compose(place: Place, given: dict[str, int], *words: str, seconds: float = COMMAND_SECONDS) -> str:
    """A command of compose for this stack's project; `given` are one server's ports. Raises `StackError`."""
    files = [word for name in FILES for word in ("--file", str(DEPLOY / name))]
    # Every server's ports have to be said, whichever one is meant.
    named = {f"EVENTSEC_STACK_{role.upper()}_PORT": "0" for roles in PORTS.values() for role in roles}
    named |= {f"EVENTSEC_STACK_{role.upper()}_PORT": str(port) for role, port in given.items()}
    with _turn:
        return _run(
            ["docker", "compose", "--project-name", place.project, "--env-file", os.devnull, *files, *words],
            seconds,
            {**named, "EVENTSEC_SECRETS_DIR": str(_secrets(place))},
        )


def _run(argv: list[str], seconds: float, named: dict[str, str] | None = None) -> str:
    """What it prints. Raises `StackError` with its last words when it fails, is not there or takes longer."""
    # Nothing else of ours, nor deploy/.env above: a setting of the caller's would change what compose.yaml says.
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("EVENTSEC_", "COMPOSE_"))}
    try:
        done = subprocess.run(
            argv, env=environ | (named or {}), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=seconds, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise StackError(f"{argv[0]} is not on the PATH.") from None
    except subprocess.TimeoutExpired:
        raise StackError(f"`{shlex.join(argv)}` takes longer than {seconds:.0f} s.") from None
    if done.returncode != 0:
        raise StackError(f"`{shlex.join(argv)}` failed:\n{done.stderr.strip()[-2000:]}")
    return done.stdout
