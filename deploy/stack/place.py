"""Where a stack lives: its directory in the checkout, its servers' data, and the user who owns them."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.stack import account, machine
from deploy.stack.account import Account
from deploy.stack.errors import StackError

# RabbitMQ's and OpenSearch's start scripts split what they are given at other characters.
_PLAIN = re.compile(r"[A-Za-z0-9/._+@-]+")

SHORT_SECONDS = 300  # initdb, on a machine that is busy with other things

ELSEWHERE = Path("/var/tmp")  # noqa: S108  what is made there is checked


@dataclass(frozen=True)
class Place:
    directory: Path  # `.stack`: state, logs, wrappers
    data: Path  # the servers' files
    account: Account | None  # whose they are; None: the caller's

    def log(self, server: str) -> Path:
        return self.directory / "log" / f"{server}.log"

    @property
    def project(self) -> str:
        """Tells this stack from any other."""
        return f"eventsec-{_digest(self.directory)}"

    def mark(self, server: str) -> str:
        """Tells this stack's server from any other's."""
        return f"{self.project}-{server}"

    def make(self) -> None:
        """The directories that servers need; a link shows the way to data that lives elsewhere."""
        (self.directory / "log").mkdir(exist_ok=True)
        _make_ours(self.data)
        pointer = self.directory / "data"
        if pointer != self.data and (pointer.is_symlink() or not pointer.exists()):
            _point(pointer, self.data)

    def folder(self, *parts: str) -> Path:
        """A directory under `data`, made when absent, for the servers' user alone."""
        path = self.data
        for part in parts:
            path = path / part
            if not path.is_dir():
                path.mkdir(mode=0o700)
                self.give(path)
        return path

    def write(self, path: Path, text: str, mode: int = 0o600) -> Path:
        """Replace a file of the servers' user."""
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def environment(self, home: Path, **more: str) -> dict[str, str]:
        """For the servers: nothing of the caller's that could redirect them (JAVA_OPTS, RABBITMQ_…, PG…)."""
        return {
            "PATH": machine.search_path(),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            **more,
        }

    def run(self, argv: list[str], stdin: str = "", home: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a short program as the servers' user; its output comes back as text. Raises `StackError` if it is not."""
        try:
            return subprocess.run(
                argv,
                input=stdin,
                env=self.environment(home or self.data),
                cwd=home or self.data,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=SHORT_SECONDS,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        except subprocess.TimeoutExpired:
            raise StackError(f"{argv[0]} does not end after {SHORT_SECONDS} s.") from None


def settle(directory: Path) -> Place:
    """Make the directory and settle where the data goes and whose it is; `Place.make` is for those who start servers.

    Raises `StackError` when the directory is someone else's.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    owner = directory.stat().st_uid
    if owner != os.geteuid():
        raise StackError(f"{directory} belongs to user {owner}: run as that user, or choose another --dir.")
    directory.chmod(directory.stat().st_mode | 0o711)
    user = account.ordinary()
    fits = _PLAIN.fullmatch(str(directory)) and (user is None or _reaches(user, directory))
    return Place(directory, directory / "data" if fits else _outside(directory), user)


def wipe(place: Place) -> None:
    """Remove data, logs and state; what others keep in the directory stays."""
    for folder in (place.data, place.directory / "data", place.directory / "log"):
        shutil.rmtree(folder, ignore_errors=True)  # does not follow a link
    for name in ("data", "state.json", "rabbitmqctl"):
        (place.directory / name).unlink(missing_ok=True)


def _reaches(user: Account, directory: Path) -> bool:
    """Asked of the system itself: modes, access lists and mounts all have a say."""
    attempt = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)],
        cwd="/",
        capture_output=True,
        check=False,
        user=user.uid,
        group=user.gid,
        extra_groups=[],
    )
    return attempt.returncode == 0


def _outside(directory: Path) -> Path:
    """A place every user can reach, for checkouts they cannot (/root/…) or whose path has spaces."""
    return ELSEWHERE / f"eventsec-stack-{os.geteuid()}-{_digest(directory)}"


def _make_ours(path: Path) -> None:
    """Anyone can make a name in /var/tmp: only a real directory of our own will do."""
    try:
        path.mkdir(mode=0o711)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise StackError(f"{path} is in the way and not ours: remove it, or choose another --dir.") from None
    path.chmod(0o711)


def _point(pointer: Path, to: Path) -> None:
    """In one step: the servers start at the same time, and each of them makes the place."""
    with tempfile.TemporaryDirectory(dir=pointer.parent) as own:
        made = Path(own) / pointer.name
        made.symlink_to(to)
        made.replace(pointer)


def _digest(directory: Path) -> str:
    return hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
