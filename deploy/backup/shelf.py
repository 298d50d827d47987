"""What backups are on a disk: folders with a manifest, which have their name only when all of it is there."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from deploy.backup.errors import BackupError, UnknownBackup

FORMAT = 1
MANIFEST, DUMP, EVIDENCE = "manifest.json", "postgres.dump", "evidence"
BLOCK_BYTES = 1 << 20
_NAME = re.compile(r"eventsec-\d{8}T\d{6}Z")
_UNFINISHED = ".part"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Entry:
    """One file of a backup, by its path in it."""

    path: str
    bytes: int
    sha256: str


@dataclass
class Manifest:
    """What a backup holds: `revision` is the schema's, `rows` are counted in the same snapshot as the dump.

    `evidence` is where its files were: `copied`, `bucket` (not copied) or `none`; `missing` and `changed` are files
    that were not as their rows said, or were removed before they could be copied.
    """

    version: str
    revision: str
    server: str
    dumped_by: str
    started_at: str
    ended_at: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    evidence: str = "none"
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    files: list[Entry] = field(default_factory=list)
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(file.bytes for file in self.files)


def read(backup: Path) -> Manifest:
    """The manifest of a backup. Raises BackupError where there is none that we understand."""
    try:
        said: dict[str, Any] = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise UnknownBackup(f"{backup} is of format {said['format']}; this version reads format {FORMAT}")
        return Manifest(**said | {"files": [Entry(**file) for file in said["files"]]})
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise BackupError(
            f"{backup} is no backup of ours: {MANIFEST} cannot be read ({type(error).__name__})"
        ) from None
    except OSError as error:
        raise UnknownBackup(f"{backup}: {MANIFEST} cannot be read: {error.strerror}") from None


def backups(shelf: Path) -> list[Path]:
    """All that look like one, the oldest first."""
    return sorted(path for path in shelf.glob("eventsec-*") if _NAME.fullmatch(path.name) and path.is_dir())


@contextlib.contextmanager
def alone(shelf: Path) -> Iterator[None]:
    """Nobody else takes or prunes here meanwhile; what a killed run left half done goes. Raises BackupError."""
    shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (shelf / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another backup is being taken to {shelf}") from None
        for left in shelf.glob(f"eventsec-*{_UNFINISHED}"):
            shutil.rmtree(left)
        yield


@contextlib.contextmanager
def fresh(shelf: Path, started: datetime) -> Iterator[Path]:
    """A folder to fill, which gets its name when all of it is on the disk, and goes when anything fails."""
    named = shelf / f"eventsec-{started.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if named.exists():
        raise BackupError(f"{named} is there already")
    draft = named.with_name(named.name + _UNFINISHED)
    draft.mkdir(mode=0o700)
    try:
        yield draft
        _sync_folders(draft)
        draft.rename(named)
        _sync(shelf)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise BackupError(f"no room left below {shelf}; nothing was kept of this backup") from error
        raise


class Writer:
    """One file of a backup on its way: hashed as it is written, on the disk once it is closed."""

    def __init__(self, backup: Path, path: str) -> None:
        self._path = path
        target = backup / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = target.open("xb")
        self._hash, self._bytes = hashlib.sha256(), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, block: bytes) -> None:
        """Write these bytes to its end."""
        self._file.write(block)
        self._hash.update(block)
        self._bytes += len(block)

    def close(self) -> Entry:
        """What the manifest says of it."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return Entry(self._path, self._bytes, self._hash.hexdigest())


def write(backup: Path, manifest: Manifest) -> None:
    """The manifest, last of all."""
    with Writer(backup, MANIFEST) as writer:
        writer.add(json.dumps(asdict(manifest), indent=2).encode() + b"\n")
        writer.close()


def damages(backup: Path, files: Sequence[Entry]) -> list[str]:
    """What is not as the manifest says, in words; reads every byte."""
    there = {str(path.relative_to(backup)) for path in backup.rglob("*") if not path.is_dir()}
    found = [f"{path} is not in the manifest" for path in sorted(there - {MANIFEST} - {file.path for file in files})]
    for file in files:
        try:
            with (backup / file.path).open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            found.append(f"{file.path} cannot be read: {error.strerror}")
            continue
        if sha256 != file.sha256:
            found.append(f"{file.path} is not what was written: its SHA-256 differs")
    return found


def prune(shelf: Path, keep: int) -> list[Path]:
    """Remove all but the newest that many that can be read, and those that cannot; which went.

    One that cannot be read counts for nothing: it must not push out one that can. One that only we cannot read, for it
    is of a newer version, or the disk gives an error, stays.
    """
    staying = readable(shelf)[-keep:]
    going = [
        backup for backup in backups(shelf) if backup not in staying and not isinstance(_refusal(backup), UnknownBackup)
    ]
    for backup in going:
        draft = backup.with_name(backup.name + _UNFINISHED)
        backup.rename(draft)  # half removed, it must not look like one
        shutil.rmtree(draft)
    return going


def readable(shelf: Path) -> list[Path]:
    """Those with a manifest that we understand, the oldest first."""
    return [backup for backup in backups(shelf) if _refusal(backup) is None]


def _refusal(backup: Path) -> BackupError | None:
    """Why its manifest cannot be read."""
    try:
        read(backup)
    except BackupError as error:
        return error
    return None


def _sync_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root):
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
