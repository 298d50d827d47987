"""Files of evidence, through tar: so that a folder in a container is reached as one of this machine is."""

import hashlib
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.backup import postgres
from deploy.backup.errors import BackupError
from deploy.backup.postgres import END_SECONDS, ended, failed, last_words
from deploy.backup.shelf import BLOCK_BYTES, EVIDENCE, Entry, Manifest, Writer


@dataclass(frozen=True)
class Files:
    """The folder of evidence; `prefix` is put before tar, such as `docker compose exec -T api`."""

    folder: str
    prefix: Sequence[str] = ()

    def tar(self, *arguments: str) -> list[str]:
        """The command, in that folder."""
        return [*self.prefix, "tar", "--directory", self.folder, *arguments]


def place_of(key: str) -> str:
    """Where the api keeps a file, below its folder (services/api/evidence_store/files.py)."""
    return f"{key[-2:]}/{key[-4:-2]}/{key}"


def copy(
    files: Files, backup: Path, wanted: dict[str, str], before: Path | None, known: Sequence[Entry]
) -> list[Entry]:
    """Copy the files of these ids, each with the SHA-256 of its row; what came, under `evidence`.

    Files never change: one that an earlier backup has, and that is as its row says, is linked to and not copied again.
    """
    had = {(file.path, file.sha256): file for file in known}
    kept, asked = [], []
    for key, sha256 in wanted.items():
        path = f"{EVIDENCE}/{place_of(key)}"
        file = had.get((path, sha256))
        if before is not None and file is not None and _link(before / path, backup / path, sha256):
            kept.append(file)
        else:
            asked.append(place_of(key))
    return kept + (_receive(files, backup, asked) if asked else [])


def put_back(files: Files, backup: Path, manifest: Manifest) -> int:
    """Put the files of a backup where the api looks for them. How many. Raises BackupError.

    One that is there already is replaced, as tar does unless it is told otherwise: a restore before this one may have
    been cut off in the middle of it.
    """
    ours = [file for file in manifest.files if file.path.startswith(f"{EVIDENCE}/")]
    with tempfile.TemporaryFile() as errors:
        command = files.tar("--extract", "--no-same-owner", "--file=-")
        process = postgres.spawn(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors)
        with ended(process):
            assert process.stdin is not None
            try:
                with tarfile.open(fileobj=process.stdin, mode="w|") as archive:
                    for file in ours:
                        _add(archive, backup / file.path, str(PurePosixPath(file.path).relative_to(EVIDENCE)))
                process.stdin.close()
            except BrokenPipeError:
                raise failed("tar", errors) from None
            if process.wait() != 0:
                raise failed("tar", errors)
    return len(ours)


def _receive(files: Files, backup: Path, asked: Sequence[str]) -> list[Entry]:
    """What tar finds of these. One that is not there is none that came: whoever compares with the rows says so."""
    came: list[Entry] = []
    wanted = set(asked)
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as names:
        names.write("".join(f"{path}\n" for path in asked).encode())
        names.seek(0)
        process = postgres.spawn(
            files.tar("--create", "--ignore-failed-read", "--no-recursion", "--files-from=-", "--file=-"),
            stdin=names, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        try:
            with ended(process), tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                for member in archive:
                    if member.isfile() and member.name in wanted:
                        came.append(_write(archive, member, backup))
                status = process.wait(END_SECONDS)
        except tarfile.TarError as error:
            raise BackupError(f"tar's archive is not whole ({error}): {last_words(errors)}") from None
        # Below 3 tar itself may only mean files that are not there; above, it was ended before it was done.
        if status not in range(3) or (status != 0 and (not came or len(came) == len(asked))):
            raise BackupError(f"tar ended with status {status}: {last_words(errors)}")
    return came


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, backup: Path) -> Entry:
    source = archive.extractfile(member)
    if source is None:
        raise BackupError(f"tar gave no bytes of {member.name}")
    with Writer(backup, f"{EVIDENCE}/{member.name}") as writer:
        while block := source.read(BLOCK_BYTES):
            writer.add(block)
        return writer.close()


def _add(archive: tarfile.TarFile, source: Path, name: str) -> None:
    for folder in reversed(PurePosixPath(name).parents[:-1]):
        entry = tarfile.TarInfo(str(folder))
        entry.type, entry.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(entry)
    with source.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
        entry.mtime = int(os.fstat(file.fileno()).st_mtime)
        archive.addfile(entry, file)


def _link(source: Path, target: Path, sha256: str) -> bool:
    """False where there is nothing with that content to link to, or the disk knows no links.

    It is read: damage that an earlier backup has suffered must not go on into every later one.
    """
    try:
        with source.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                return False
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.link(source, target)
    except OSError:
        return False
    return True
