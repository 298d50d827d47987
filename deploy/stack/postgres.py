"""A private Postgres: binaries from the machine, a cluster of its own, loopback TCP only."""

import os
import re
import shutil
import signal
import sys
from pathlib import Path

from deploy.stack import machine, packages, probes
from deploy.stack.errors import Died, Missing, NotAnswering, StackError
from deploy.stack.place import Place
from deploy.stack.ports import LOOPBACK
from deploy.stack.process import PROC, Command
from deploy.stack.report import Report
from deploy.stack.state import Record

NAME = "postgres"
URL = "EVENTSEC_POSTGRES_URL"
PORTS: tuple[str, ...] = ("sql",)
SECONDS = 120  # a killed server replays its log first
STOP: dict[str, signal.Signals] = {"server": signal.SIGINT}  # "fast": ends sessions, writes a checkpoint
STOP_SECONDS = 30
PASSING = re.compile("pre-existing shared memory block")  # backends that outlived their postmaster by a moment

OLDEST = 15
DATABASE = "eventsec"
ADMIN = "eventsec_admin"
OWNER = "eventsec_owner"
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
SERVICES = ("ingest", "indexer", "api")

_HOW = (
    "Debian/Ubuntu: sudo apt-get install postgresql; Fedora: sudo dnf install postgresql-server; "
    f"macOS: brew install postgresql@17; or set {URL} to a server you have."
)
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


def prepare(place: Place, record: Record, report: Report) -> list[Command]:
    """Find or install the binaries and make the cluster; on every start write its settings anew."""
    place.folder(NAME)
    data = _data(place)
    binaries = _binaries(place, data, report)
    known = bool(record.secrets)
    for role in (ADMIN, OWNER, *map(_login, SERVICES)):
        record.secrets.setdefault(role, os.urandom(18).hex())
    _drop_strangers_pid_file(data)
    if not data.exists():
        report(NAME, "making a cluster")
        _make_cluster(place, binaries, data, record)
    elif not known:  # the state file was lost, the cluster was not
        _single_user(place, binaries, data, _passwords(record))
    place.write(data / "postgresql.conf", _settings(record.ports["sql"], place.mark(NAME)))
    return [Command("server", [str(binaries / "postgres"), "-D", str(data)], place.environment(data), data)]


def check(place: Place, record: Record) -> None:
    pid, status = _pid_file(_data(place))
    if pid != record.processes["server"].pid or status != "ready":
        raise NotAnswering("starting up or recovering")
    probes.postgres(LOOPBACK, record.ports["sql"], OWNER, DATABASE)


def urls(place: Place, record: Record) -> dict[str, str]:
    def url(role: str) -> str:
        return f"postgresql://{role}:{record.secrets[role]}@{LOOPBACK}:{record.ports['sql']}/{DATABASE}"

    services = {f"EVENTSEC_{service.upper()}_POSTGRES_URL": url(_login(service)) for service in SERVICES}
    return {URL: url(OWNER), **services, "EVENTSEC_POSTGRES_ADMIN_URL": url(ADMIN)}


def _login(service: str) -> str:
    return f"eventsec_{service}"


def _binaries(place: Place, data: Path, report: Report) -> Path:
    """The version that made the cluster, else the newest."""
    found = _versions(place)
    if not found and packages.can_install():
        report(NAME, "installing the package postgresql")
        packages.install("postgresql")
        found = _versions(place)
    newest = max(found, default=0)
    if newest < OLDEST:
        older = f"; only {newest} is here" if newest else ""
        raise Missing(f"PostgreSQL {OLDEST} or newer (initdb, postgres{older})", _HOW)
    try:
        wanted = int((data / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        wanted = newest
    if wanted not in found:
        raise StackError(
            f"{data} was made by PostgreSQL {wanted}, and only {sorted(found)} is here. "
            f"Install {wanted}, or give the data up: python -m deploy.stack down --wipe"
        )
    return found[wanted]


def _versions(place: Place) -> dict[int, Path]:
    on_path = machine.program("postgres")
    folders = [*([on_path.parent] if on_path else []), *machine.folders(PLACES)]
    found: dict[int, Path] = {}
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            said = place.run([str(folder / "postgres"), "--version"]).stdout
            if major := re.search(r"\) (\d+)", said):
                found.setdefault(int(major[1]), folder)
    return found


def _make_cluster(place: Place, binaries: Path, data: Path, record: Record) -> None:
    """Built aside and renamed when complete: a run killed half-way leaves nothing that looks like a cluster."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    made = place.run([
        str(binaries / "initdb"), "--pgdata", str(draft), "--username", ADMIN, "--auth", "trust",
        "--encoding", "UTF8", "--locale", LOCALE, "--no-instructions",
    ])  # fmt: skip
    if made.returncode != 0:
        raise Died(f"initdb failed:\n{made.stderr.strip()[-2000:]}")
    # In place of initdb's "trust", before anyone can connect.
    place.write(draft / "pg_hba.conf", f"host all all {LOOPBACK}/32 scram-sha-256\n")
    roles = (OWNER, *map(_login, SERVICES))
    statements = [f"CREATE ROLE {role} LOGIN" for role in roles]
    statements += [f"CREATE DATABASE {DATABASE} OWNER {OWNER}", *_passwords(record)]
    _single_user(place, binaries, draft, statements)
    draft.rename(data)


def _passwords(record: Record) -> list[str]:
    return [f"ALTER ROLE {role} PASSWORD '{secret}'" for role, secret in record.secrets.items()]


def _single_user(place: Place, binaries: Path, data: Path, statements: list[str]) -> None:
    """Needs no password, no port and no client, and nobody can connect meanwhile."""
    script = "".join(f"{statement}\n" for statement in statements)
    place.write(data / "postgresql.conf", "password_encryption = scram-sha-256\n")
    done = place.run([str(binaries / "postgres"), "--single", "-D", str(data), "postgres"], stdin=script)
    if done.returncode != 0 or re.search("^.*(ERROR|FATAL|PANIC):", done.stderr, re.MULTILINE):
        raise Died(f"setting up roles failed:\n{done.stderr.strip()[-2000:]}")


def _drop_strangers_pid_file(data: Path) -> None:
    """After a kill the file stays; once its number belongs to another process, Postgres would refuse to start.

    Kept when that process works in our directory: then it is one of ours, and Postgres waits for it for good reasons.
    """
    pid, _ = _pid_file(data)
    process = PROC / str(pid)
    if process.exists() and _working_folder(process) != str(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _working_folder(process: Path) -> str:
    """Empty for the dead that nobody has waited for, whom Postgres too would take for living."""
    try:
        return str((process / "cwd").readlink())
    except OSError:
        return ""


def _pid_file(data: Path) -> tuple[int, str]:
    """The server's number and its status; 0 and nothing when there is no such file, or half of one."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="ascii").splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
    except (OSError, IndexError, ValueError):
        return 0, ""


def _data(place: Place) -> Path:
    return place.data / NAME / "data"


def _settings(port: int, mark: str) -> str:
    return f"""\
# Written by deploy/stack at every start.
listen_addresses = '{LOOPBACK}'
port = {port}
cluster_name = '{mark}'   # in every process's title
unix_socket_directories = ''   # a socket's path may be too long, and nobody needs it
max_connections = 200
max_locks_per_transaction = 256   # partitions
shared_buffers = {os.environ.get("EVENTSEC_STACK_SHARED_BUFFERS", "512MB")}
password_encryption = scram-sha-256
fsync = on   # acknowledged means stored, on a developer's machine too
wal_buffers = 16MB
max_wal_size = 2GB
checkpoint_timeout = 15min
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"""
