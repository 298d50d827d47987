"""Backups beside each other on one disk, of which not every one can be read."""

from pathlib import Path

from deploy.backup import shelf, work
from deploy.backup.evidence import Files
from deploy.backup.shelf import Manifest


def manifest() -> Manifest:
    return Manifest(version="1", revision="a", server="17.0", dumped_by="pg_dump 17", started_at="2026-11-28T03:00:00Z")


def put(place: Path, *days: int) -> list[Path]:
    """A backup of each of these days."""
    made = [place / f"eventsec-202611{day:02}T030000Z" for day in days]
    for backup in made:
        backup.mkdir()
        shelf.write(backup, manifest())
    return made


def test_a_newest_that_cannot_be_read_hinders_no_other(tmp_path: Path) -> None:
    _, newest = put(tmp_path, 1, 2)
    (newest / shelf.MANIFEST).write_text("{")
    taken = manifest()
    work._copy(Files(str(tmp_path)), tmp_path, tmp_path / "draft", {}, taken)
    assert taken.files == []


def test_pruning_takes_the_old_and_the_broken_and_leaves_what_a_newer_version_wrote(tmp_path: Path) -> None:
    old, newer, broken, unreachable, kept = put(tmp_path, 1, 2, 3, 4, 5)
    (newer / shelf.MANIFEST).write_text(f'{{"format": {shelf.FORMAT + 1}}}')
    (broken / shelf.MANIFEST).write_text("{")
    (unreachable / shelf.MANIFEST).unlink()
    (unreachable / shelf.MANIFEST).mkdir()  # what cannot be opened gives an error of the system
    assert shelf.prune(tmp_path, 1) == [old, broken]
    assert shelf.backups(tmp_path) == [newer, unreachable, kept]
