"""What only a folder can have happen to it: links, modes, a disk that is full or not mounted."""

import asyncio
import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.api.evidence_store import files
from services.api.evidence_store.folder import BLOCK_BYTES, FolderStore
from services.api.evidence_store.opened import open_store
from services.api.evidence_store.store import FileMissing, StoreAway, StoreFull, Verdict
from services.api.settings import ApiSettings
from shared import ids
from shared.health import NotReady
from tests.architecture.place import ROOT
from tests.integration.api.evidence_places import LIMIT, MIB, all_keys, calls, content_of, kept, read, sent

GIB = 1 << 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder, there and empty."""
    root = tmp_path / "evidence"
    root.mkdir()
    return root


@pytest.fixture
async def store(root: Path) -> AsyncIterator[FolderStore]:
    """A store in it that may fill its disk."""
    store = FolderStore(root, reserve=0)
    yield store
    await store.close()


def files_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if not path.is_dir()]


async def test_a_file_lies_two_folders_deep_for_its_owner_alone(root: Path, store: FolderStore) -> None:
    key, _ = await kept(store, b"evidence")
    (found,) = files_in(root)
    assert found.relative_to(root).parts == (key.hex[-2:], key.hex[-4:-2], str(key))
    assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (found.parent, found.parent.parent)} == {0o700}


async def test_a_link_or_a_pipe_in_the_place_of_a_file_is_not_followed(
    root: Path, store: FolderStore, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of somebody else")
    key, stored = await kept(store, secret.read_bytes())
    (found,) = files_in(root)
    found.unlink()
    found.symlink_to(secret)
    with pytest.raises(FileMissing):
        await read(store, key)
    assert (await store.verify(key, stored.sha256, stored.size)).verdict is Verdict.MISSING
    await store.delete(key)
    assert (files_in(root), secret.exists()) == ([], True)
    os.mkfifo(found)
    assert (await store.verify(key, stored.sha256, stored.size)).verdict is Verdict.MISSING


async def test_a_link_in_the_place_of_a_folder_is_not_followed(root: Path, store: FolderStore, tmp_path: Path) -> None:
    key = ids.uuid7()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / key.hex[-4:-2]).mkdir(parents=True)
    (elsewhere / key.hex[-4:-2] / str(key)).write_bytes(b"of somebody else")
    (root / key.hex[-2:]).symlink_to(elsewhere)
    with pytest.raises(FileMissing):
        await read(store, key)
    with pytest.raises(StoreAway):
        await store.write(key, sent(b"evidence"), LIMIT)
    await store.delete(key)
    assert len(files_in(elsewhere)) == 1
    assert await all_keys(store) == set()


async def test_what_is_not_ours_is_left_alone(root: Path, store: FolderStore) -> None:
    key, _ = await kept(store, b"evidence")
    for path in ("lost+found", f"{key.hex[-2:]}/{key.hex[-4:-2]}/notes.txt", "README"):
        (root / path).write_bytes(b"")
    assert await all_keys(store) == {key}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that fills while a file is written: the system refuses the byte after."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_fills_up_leaves_nothing_and_takes_the_next_file(root: Path, store: FolderStore) -> None:
    with files_of_at_most(3 * BLOCK_BYTES + 5), pytest.raises(StoreFull):
        await store.write(ids.uuid7(), sent(content_of(8 * MIB)), LIMIT)
    assert files_in(root) == []
    key, stored = await kept(store, content_of(8 * MIB))
    assert (await store.verify(key, stored.sha256, stored.size)).verdict is Verdict.INTACT


async def test_a_cancelled_upload_waits_for_its_thread(
    root: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the file would be closed, and its number given to another, while the thread still writes to it."""
    add, written = files.Fresh.add, []

    def slow(fresh: files.Fresh, block: bytes) -> None:
        time.sleep(0.3)
        add(fresh, block)
        written.append(len(block))

    monkeypatch.setattr(files.Fresh, "add", slow)
    writing = asyncio.create_task(store.write(ids.uuid7(), sent(b"evidence"), LIMIT))
    for _ in range(2):
        await asyncio.sleep(0.1)
        writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert (written, files_in(root)) == ([len(b"evidence")], [])


async def test_the_reserve_of_the_disk_stays_free(root: Path) -> None:
    full = FolderStore(root, reserve=1 << 60)
    with pytest.raises(StoreFull):
        await full.write(ids.uuid7(), sent(b"evidence"), LIMIT)
    assert files_in(root) == []
    with pytest.raises(NotReady, match="full"):
        await full.check()
    await full.close()


async def test_a_folder_that_is_not_there_is_away_and_no_file_is_called_missing(
    tmp_path: Path,
) -> None:
    store = FolderStore(tmp_path / "not mounted", reserve=0)
    for call in calls(store).values():
        with pytest.raises(StoreAway):
            await call()
    with pytest.raises(NotReady, match="cannot be opened"):
        await store.check()
    await store.close()


async def test_only_production_needs_the_folder_made(tmp_path: Path) -> None:
    safe = {
        "secret_keys": "a" * 44,
        "rabbitmq_url": "amqps://a:b@mq/",
        "postgres_url": "postgresql://a:b@pg/c?sslmode=verify-full",
        "public_url": "https://soc.example.org",
    }
    production = ApiSettings(env="production", evidence_folder=tmp_path / "production", **safe)  # type: ignore[arg-type]
    demo = ApiSettings(evidence_folder=tmp_path / "some" / "demo")
    for settings in (production, demo):
        await open_store(settings).close()
    assert not production.evidence_folder.exists()
    assert stat.S_IMODE(demo.evidence_folder.stat().st_mode) == 0o700


# The greatest resident memory before and after, in KiB, as a process of its own has it.
MEMORY = """
import asyncio, resource, sys
from collections.abc import AsyncIterator
from pathlib import Path
from services.api.evidence_store.folder import FolderStore
from shared import ids

async def chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield bytes(65536)

async def main() -> None:
    store, key = FolderStore(Path(sys.argv[1]), reserve=0), ids.uuid7()
    await store.write(ids.uuid7(), chunks(1 << 24), 1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = await store.write(key, chunks(1 << 30), 1 << 30)
    verdict = (await store.verify(key, stored.sha256, stored.size)).verdict
    print(stored.size, verdict, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await store.close()

asyncio.run(main())
"""


def test_a_gibibyte_is_written_and_verified_in_flat_memory(root: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, root], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    size, verdict, grown = run.stdout.split()
    assert (int(size), verdict) == (GIB, Verdict.INTACT)
    assert int(grown) < 16 * 1024, f"{grown} KiB more than for 16 MiB"
