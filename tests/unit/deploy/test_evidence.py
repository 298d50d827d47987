"""What of the evidence is copied into a backup, and what of it is not what it should be."""

import hashlib
from pathlib import Path

import pytest

from deploy.backup import evidence
from deploy.backup.errors import BackupError
from deploy.backup.evidence import Files
from deploy.backup.shelf import Entry, Manifest

KEYS = ("0001", "0002", "0003")
TEXT = b"proof " * 2000
SHA256 = hashlib.sha256(TEXT).hexdigest()
WANTED = dict.fromkeys(KEYS, SHA256)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the api keeps its files."""
    for key in KEYS:
        file = tmp_path / "files" / evidence.place_of(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(TEXT)
    return tmp_path / "files"


def through(script: str) -> list[str]:
    """What is put before tar, so that a shell runs it as `"$@"`."""
    return ["sh", "-c", script, "sh"]


def test_damage_in_an_earlier_backup_does_not_go_on_into_the_next(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    known = evidence.copy(Files(str(folder)), first, WANTED, None, [])
    assert known == [Entry(f"evidence/{evidence.place_of(key)}", len(TEXT), SHA256) for key in KEYS]
    hurt, whole = (first / entry.path for entry in known[:2])
    hurt.write_bytes(b"P" + TEXT[1:])
    came = evidence.copy(Files(str(folder)), second, WANTED, first, known)
    assert sorted(came, key=lambda entry: entry.path) == known
    assert (second / known[0].path).read_bytes() == TEXT
    assert (second / known[1].path).samefile(whole)


def test_a_file_that_is_not_there_is_one_that_did_not_come(folder: Path, tmp_path: Path) -> None:
    (folder / evidence.place_of(KEYS[1])).unlink()
    came = evidence.copy(Files(str(folder)), tmp_path / "backup", WANTED, None, [])
    assert [entry.path[-4:] for entry in came] == [KEYS[0], KEYS[2]]


def test_an_archive_that_breaks_off_is_called_one(folder: Path, tmp_path: Path) -> None:
    files = Files(str(folder), through('"$@" | head -c 15000; echo cut off >&2; exit 137'))
    with pytest.raises(BackupError, match=r"tar's archive is not whole \(.+\): cut off"):
        evidence.copy(files, tmp_path / "backup", WANTED, None, [])


def test_files_that_a_killed_tar_did_not_send_are_not_called_missing(folder: Path, tmp_path: Path) -> None:
    first_member = 512 + -(-len(TEXT) // 512) * 512
    files = Files(str(folder), through(f'"$@" | head -c {first_member}; exit 137'))
    with pytest.raises(BackupError, match="tar ended with status 137"):
        evidence.copy(files, tmp_path / "backup", WANTED, None, [])


def test_what_a_killed_restore_left_half_written_is_put_back_whole(folder: Path, tmp_path: Path) -> None:
    """Whoever has it open meanwhile reads on what they opened."""
    backup = tmp_path / "backup"
    manifest = Manifest("0.1.0", "20261127_0930", "17.5", "pg_dump 17.5", "2026-11-28T03:00:00Z")
    manifest.files += evidence.copy(Files(str(folder)), backup, WANTED, None, [])
    half, gone = (folder / evidence.place_of(key) for key in KEYS[:2])
    half.write_bytes(TEXT[:700])
    gone.unlink()
    with half.open("rb") as reader:
        assert evidence.put_back(Files(str(folder)), backup, manifest) == len(KEYS)
        assert reader.read() == TEXT[:700]
    assert {(folder / evidence.place_of(key)).read_bytes() for key in KEYS} == {TEXT}
