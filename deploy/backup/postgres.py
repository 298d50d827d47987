"""Postgres by its own programs: psql, pg_dump and pg_restore, of this machine or where the server runs."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from deploy.backup.errors import BackupError
from deploy.backup.shelf import BLOCK_BYTES, Writer
from deploy.stack import machine
from deploy.stack.postgres import PLACES

CONNECT_SECONDS, VERSION_SECONDS, LOCK_SECONDS, END_SECONDS = 10, 60, 60, 60
_END = "-- end of answer --"
_VERSION = re.compile(r"\) (\d+)")


@dataclass(frozen=True)
class Client:
    """How to reach a database. `prefix` is put before each program, such as `docker compose exec -T postgres`."""

    url: str
    prefix: Sequence[str] = ()
    password: str | None = None
    folder: Path | None = None

    def start(self, program: str, *arguments: str, **pipes: Any) -> "subprocess.Popen[bytes]":
        """The running program, connected to the database. The password is in its environment, not in its arguments."""
        bare, password = without_password(self.url)
        settings = {"PGAPPNAME": "eventsec-backup", "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS)}
        if secret := password or self.password:
            settings["PGPASSWORD"] = secret
        return spawn([*self.command(program), *arguments, "--dbname", bare], settings, **pipes)

    def command(self, program: str) -> list[str]:
        """How the program is called."""
        return [*self.prefix, str(self.folder / program) if self.folder else program]


def without_password(url: str) -> tuple[str, str]:
    """The URL without its password, and that; empty where it has none. An option overrules the login, as in libpq."""
    if "://" not in url:  # a database's name
        return url, ""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    rest = []
    for option in parts.query.split("&"):
        key, _, value = option.partition("=")
        if unquote(key) == "password":
            password = value
        elif option:
            rest.append(option)
    # Not by urlunsplit, which takes away the slashes before no host.
    address = f"{parts.scheme}://{name}@{host}{parts.path}" if name else f"{parts.scheme}://{host}{parts.path}"
    return f"{address}?{'&'.join(rest)}" if rest else address, unquote(password)


def spawn(command: Sequence[str], settings: dict[str, str] | None = None, **pipes: Any) -> "subprocess.Popen[bytes]":
    """Start a program. Raises BackupError where it is not there."""
    try:
        return subprocess.Popen(command, env=os.environ | (settings or {}), **pipes)
    except OSError as error:
        raise BackupError(f"{command[0]} cannot be started: {error.strerror}") from None


def client_of(url: str, prefix: Sequence[str], password: str | None = None) -> Client:
    """The newest programs of this machine, or those behind the prefix. Raises BackupError where there are none."""
    if prefix:
        return Client(url, prefix, password)
    on_path = shutil.which("pg_dump", path=machine.search_path())
    folders = [*machine.folders(PLACES), *([Path(on_path).parent] if on_path else [])]
    found = {major(str(folder / "pg_dump")): folder for folder in folders if (folder / "pg_dump").exists()}
    if not found:
        raise BackupError(
            "pg_dump is missing: install PostgreSQL's client programs (Debian/Ubuntu: postgresql-client), "
            "or say how to reach the server's own with --postgres-exec"
        )
    return Client(url, password=password, folder=found[max(found)])


def major(*command: str) -> int:
    """The major version that a program says it is of; 0 where it says none. Raises BackupError."""
    process = spawn(
        [*command, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with ended(process):
        try:
            said, _ = process.communicate(timeout=VERSION_SECONDS)
        except subprocess.TimeoutExpired:
            raise BackupError(f"{shlex.join(command)} --version: no answer after {VERSION_SECONDS} s") from None
    version = _VERSION.search(said.decode(errors="replace"))
    return int(version[1]) if version else 0


class Session:
    """One psql that stays: what is asked in it is asked in one session."""

    def __init__(self, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
        self._process, self._errors = process, errors

    def ask(self, sql: str) -> list[list[str]]:
        """The rows of some statements, as text. Raises BackupError with what the server said."""
        assert self._process.stdout is not None
        self._write(f"{sql};\n\\echo {_END}\n".encode())
        rows: list[list[str]] = []
        for line in self._process.stdout:
            text = line.decode().rstrip("\n")
            if text == _END:
                return rows
            rows.append(text.split("|"))
        self._process.wait(END_SECONDS)
        raise failed("psql", self._errors)

    def feed(self, script: IO[bytes]) -> None:
        """Give it a script, with what that copies in. What comes of it is known to the next question."""
        while block := script.read(BLOCK_BYTES):
            self._write(block)

    def _write(self, block: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(block)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise failed("psql", self._errors) from None

    def value(self, sql: str) -> str:
        """The one value of a query."""
        ((value,),) = self.ask(sql)
        return value


@contextmanager
def session(client: Client) -> Iterator[Session]:
    """A session without limits of time: a backup of much takes long. Raises BackupError."""
    with tempfile.TemporaryFile() as errors:
        process = client.start(
            "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        with ended(process):
            asked = Session(process, errors)
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                asked.ask(f"SET {limit} = 0")
            yield asked


def dump(client: Client, snapshot: str, writer: Writer) -> None:
    """The database as of that snapshot, in the custom format. Raises BackupError."""
    with tempfile.TemporaryFile() as errors:
        process = client.start(
            "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--lock-wait-timeout={LOCK_SECONDS}s",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        with ended(process):
            assert process.stdout is not None
            while block := process.stdout.read(BLOCK_BYTES):
                writer.add(block)
            if process.wait(END_SECONDS) != 0:
                raise failed("pg_dump", errors)


def restore(client: Client, session: Session, dump_file: Path) -> None:
    """Put a dump into an empty schema, in the transaction that the session is in. Raises BackupError.

    pg_restore would take a connection and a transaction of its own; as a script it can share ours.
    """
    with dump_file.open("rb") as source, tempfile.TemporaryFile() as errors:
        command = [*client.command("pg_restore"), "--no-owner", "--file=-"]
        process = spawn(command, stdin=source, stdout=subprocess.PIPE, stderr=errors)
        with ended(process):
            assert process.stdout is not None
            session.feed(process.stdout)
            if process.wait(END_SECONDS) != 0:
                raise failed("pg_restore", errors)
    session.ask("")


def listed(client: Client, dump_file: Path) -> int:
    """How many entries pg_restore finds in a dump. Raises BackupError where it finds no dump."""
    command = [*client.command("pg_restore"), "--list"]
    with dump_file.open("rb") as source, tempfile.TemporaryFile() as errors:
        with spawn(command, stdin=source, stdout=subprocess.PIPE, stderr=errors) as process:
            said, _ = process.communicate()
        if process.returncode != 0:
            raise failed("pg_restore --list", errors)
    return sum(1 for line in said.splitlines() if line and not line.startswith(b";"))


@contextmanager
def ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """No program of ours outlives us."""
    try:
        yield
    finally:
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def failed(program: str, errors: IO[bytes]) -> BackupError:
    """What a program wrote before it failed."""
    return BackupError(f"{program} failed: {last_words(errors)}")


def last_words(errors: IO[bytes]) -> str:
    """The last of what a program wrote to its standard error."""
    errors.seek(0)
    return errors.read().decode(errors="replace").strip()[-2000:] or "it said nothing"
