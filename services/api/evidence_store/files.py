"""The folder's files, as the system sees them. All of this blocks and raises OSError: for threads.

A file lies two folders deep, by the end of its key, for the beginning is a time and alike for months. Every step goes
from an open folder to a name in it and follows no link: whoever may write there leads us nowhere else.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from io import FileIO
from pathlib import Path
from uuid import UUID

from services.api.evidence_store.store import FileMissing, StoreFull
from shared.health import NotReady

UNFINISHED = ".part"
FANOUT = tuple(f"{number:02x}" for number in range(256))

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK a named pipe in a file's place would be waited for.
_EXISTING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Fresh:
    """A file that is being written. It has its name only once it is kept; the folder's disk keeps `reserve` bytes."""

    def __init__(self, root: Path, key: UUID, reserve: int) -> None:
        self._root, self._key, self._reserve = root, key, reserve
        self._open = contextlib.ExitStack()
        self._begun = False

    def begin(self) -> None:
        """Make it, empty."""
        self._folder = self._open.enter_context(_leaf(self._root, self._key, make=True))
        descriptor = os.open(self._unfinished, _FRESH, 0o600, dir_fd=self._folder)
        self._begun = True
        self._file = self._open.enter_context(FileIO(descriptor, "wb"))

    def add(self, block: bytes) -> None:
        """Write these bytes to its end. Raises StoreFull."""
        if free_bytes(self._folder) < self._reserve + len(block):
            raise StoreFull
        left = memoryview(block)
        while left:
            left = left[self._file.write(left) :]

    def keep(self) -> None:
        """Give it its name, once the disk has it."""
        os.fsync(self._file.fileno())
        os.rename(self._unfinished, str(self._key), src_dir_fd=self._folder, dst_dir_fd=self._folder)
        os.fsync(self._folder)
        self._open.close()

    def discard(self) -> None:
        """Take back what was made of it, kept or not."""
        self._open.close()
        if self._begun:
            remove(self._root, self._key)

    @property
    def _unfinished(self) -> str:
        return f"{self._key}{UNFINISHED}"


def open_existing(root: Path, key: UUID) -> FileIO:
    """The file, to be read. Raises FileMissing, also where something else has its name."""
    with _leaf(root, key) as folder, _or_missing():
        descriptor = os.open(str(key), _EXISTING, dir_fd=folder)
    file = FileIO(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise FileMissing
    return file


def remove(root: Path, key: UUID) -> None:
    """Take away the file, and one that was not finished. Raises FileMissing where even its folder is not there."""
    with _leaf(root, key) as folder:
        for name in (str(key), f"{key}{UNFINISHED}"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
        os.fsync(folder)


def keys_below(root: Path, name: str, older_than: datetime) -> list[UUID]:
    """The keys in one of the FANOUT folders whose files, finished or not, were last written before that time."""
    found: list[UUID] = []
    with _opened(root) as top, contextlib.suppress(FileMissing), _entered(top, name) as first:
        for inner in FANOUT:
            with contextlib.suppress(FileMissing), _entered(first, inner) as leaf, os.scandir(leaf) as entries:
                found += [key for entry in entries if (key := _key(entry, older_than.timestamp()))]
    return found


def check(root: Path, reserve: int) -> None:
    """Raises NotReady where no file could be made, OSError where the folder is not there."""
    with _opened(root) as folder:
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
            raise NotReady("the folder of evidence cannot be written to")
        if free_bytes(folder) < reserve:
            raise NotReady("the disk of the folder of evidence is full")


def free_bytes(descriptor: int) -> int:
    """What others than root may still write to the disk of this open file or folder."""
    disk = os.fstatvfs(descriptor)
    return disk.f_bavail * disk.f_frsize


def _key(entry: os.DirEntry[str], older_than: float) -> UUID | None:
    """Of an entry of a folder, where it is a file of ours from before that time."""
    try:
        key = UUID(entry.name.removesuffix(UNFINISHED))
        return key if entry.stat(follow_symlinks=False).st_mtime < older_than else None
    except (ValueError, FileNotFoundError):  # not ours; finished or gone meanwhile
        return None


@contextlib.contextmanager
def _leaf(root: Path, key: UUID, *, make: bool = False) -> Iterator[int]:
    """The open folder of a key's file. Raises FileMissing where it is not there and not to be made."""
    outer, inner = key.hex[-2:], key.hex[-4:-2]
    with _opened(root) as top, _entered(top, outer, make=make) as first, _entered(first, inner, make=make) as leaf:
        yield leaf


@contextlib.contextmanager
def _opened(root: Path) -> Iterator[int]:
    descriptor = os.open(root, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _entered(folder: int, name: str, *, make: bool = False) -> Iterator[int]:
    if make:
        _make(folder, name)
    with contextlib.nullcontext() if make else _or_missing():
        descriptor = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _make(folder: int, name: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=folder)
        os.fsync(folder)


@contextlib.contextmanager
def _or_missing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NOT_THERE:
            raise FileMissing from None
        raise
