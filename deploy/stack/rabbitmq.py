"""A private RabbitMQ node: its own epmd, cookie, plugins and folders, so that the system's broker never notices."""

import base64
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
from pathlib import Path

from deploy.stack import machine, packages, probes
from deploy.stack.errors import Missing
from deploy.stack.place import Place
from deploy.stack.ports import LOOPBACK
from deploy.stack.process import Command
from deploy.stack.report import Report
from deploy.stack.state import Record

NAME = "rabbitmq"
URL = "EVENTSEC_RABBITMQ_URL"
PORTS: tuple[str, ...] = ("amqp", "management", "distribution", "epmd")
SECONDS = 120
STOP: dict[str, signal.Signals] = {"server": signal.SIGTERM, "epmd": signal.SIGTERM}
STOP_SECONDS = 30
PASSING = re.compile("eaddrinuse")

USER = VHOST = "eventsec"
NODE = "eventsec@localhost"  # its own epmd knows no other, so the name need not differ between checkouts

_GB = 10**9
_HOW = (
    "Debian/Ubuntu: sudo apt-get install rabbitmq-server; Fedora: sudo dnf install rabbitmq-server; "
    f"macOS: brew install rabbitmq; or set {URL} to a server you have."
)
# Before the PATH, because the scripts there are Debian's wrappers, which serve root and `rabbitmq` only.
_PLACES = (
    "/usr/lib/rabbitmq/bin", "/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin", "/opt/rabbitmq/sbin",
    "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin",
)  # fmt: skip


def prepare(place: Place, record: Record, report: Report) -> list[Command]:
    scripts = _scripts()
    if scripts is None and packages.can_install():
        report(NAME, "installing the package rabbitmq-server")
        packages.install("rabbitmq-server")
        scripts = _scripts()
    epmd = _epmd()
    if scripts is None or epmd is None:
        raise Missing("RabbitMQ (rabbitmq-server, with Erlang's erl and epmd)", _HOW)
    for secret in ("password", "cookie"):
        record.secrets.setdefault(secret, os.urandom(18).hex())
    home = place.folder(NAME)
    _write_settings(place, record, home)
    environment = place.environment(home, **_environment(record, home))
    _write_control(place, scripts, environment)
    return [
        Command("epmd", [epmd], environment, home, record.ports["epmd"]),
        Command("server", [str(scripts / "rabbitmq-server")], environment, home),
    ]


def check(place: Place, record: Record) -> None:
    probes.amqp(LOOPBACK, record.ports["amqp"])
    # Its listeners open before the virtual host has recovered. Only this node knows the password.
    path, password = "/api/health/checks/virtual-hosts", record.secrets["password"]
    probes.http_json(LOOPBACK, record.ports["management"], path, user=USER, password=password)


def urls(place: Place, record: Record) -> dict[str, str]:
    login = f"{USER}:{record.secrets['password']}@{LOOPBACK}"
    return {
        URL: f"amqp://{login}:{record.ports['amqp']}/{VHOST}",
        "EVENTSEC_RABBITMQ_MANAGEMENT_URL": f"http://{login}:{record.ports['management']}",
        "EVENTSEC_STACK_RABBITMQCTL": str(_control(place)),
    }


def _scripts() -> Path | None:
    on_path = machine.program("rabbitmq-server")
    folders = [*machine.folders(_PLACES), *([on_path.parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "rabbitmqctl").exists()), None)


def _epmd() -> str | None:
    """On the PATH, else where Erlang keeps its own."""
    erl = machine.program("erl")
    inside = machine.folders([f"{erl.parents[1]}/erts-*/bin/epmd"]) if erl else []
    return next((str(path) for path in (machine.program("epmd"), *inside) if path), None)


def _control(place: Place) -> Path:
    return place.directory / "rabbitmqctl"


def _environment(record: Record, home: Path) -> dict[str, str]:
    return {
        "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_DIST_PORT": str(record.ports["distribution"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_CTL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_PORT": str(record.ports["epmd"]),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "ERL_CRASH_DUMP": str(home / "erl_crash.dump"),
        # The start script then becomes the server instead of staying as its parent and guarding its signals.
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def _write_settings(place: Place, record: Record, home: Path) -> None:
    for folder in ("data", "log", "conf.d"):
        place.folder(NAME, folder)
    place.write(home / "rabbitmq-env.conf", "")
    place.write(home / "enabled_plugins", "[rabbitmq_management].\n")
    place.write(home / ".erlang.cookie", record.secrets["cookie"], 0o400)
    place.write(home / "definitions.json", json.dumps(_definitions(record.secrets["password"])))
    place.write(home / "rabbitmq.conf", f"""\
# Written by deploy/stack at every start.
listeners.tcp.1 = {LOOPBACK}:{record.ports["amqp"]}
management.tcp.ip = {LOOPBACK}
management.tcp.port = {record.ports["management"]}
load_definitions = {home}/definitions.json
disk_free_limit.absolute = {_disk_limit(home)}
vm_memory_high_watermark.absolute = {_memory_limit()}
raft.wal_max_size_bytes = 134217728
log.console = true
log.console.level = info
""")  # fmt: skip


def _definitions(password: str) -> dict[str, object]:
    """Read at every boot: the user and the virtual host are there before anyone can connect, with this password."""
    salt = os.urandom(4)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [{
            "name": USER, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256",
            "tags": "administrator",
        }],
        "vhosts": [{"name": VHOST}],
        "permissions": [{"user": USER, "vhost": VHOST, **everything}],
    }  # fmt: skip


def _disk_limit(home: Path) -> int:
    """Free bytes below which publishers are blocked: 2 GB, less on a small disk."""
    return min(2 * _GB, shutil.disk_usage(home).total // 20)


def _memory_limit() -> int:
    """Bytes above which publishers are blocked: 2 GB, less on a small machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(256 * 10**6, min(2 * _GB, memory // 4))


def _write_control(place: Place, scripts: Path, environment: dict[str, str]) -> None:
    """`.stack/rabbitmqctl`: the tool, for this node. The cookie is its owner's; root may read it too."""
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items() if name != "PATH")
    path = _control(place)
    path.unlink(missing_ok=True)
    tool = shlex.quote(str(scripts / "rabbitmqctl"))
    path.write_text(f'#!/bin/sh\n# Written by deploy/stack at every start.\n{exports}exec {tool} "$@"\n', "utf-8")
    path.chmod(0o700)
