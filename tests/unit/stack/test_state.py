import shutil
import stat
import threading
from pathlib import Path

import pytest

from deploy.stack import state
from deploy.stack.errors import StackError
from deploy.stack.process import Process
from deploy.stack.state import Record, Store


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    record = Record(
        {"sql": 5}, {"owner": "s3cret"}, {"epmd": Process(1, "a/1"), "server": Process(2, "a/2")}, ["url"], "engine"
    )
    store = Store(tmp_path)
    store.records["postgres"] = record
    store.save()
    assert Store(tmp_path).record("postgres") == record
    assert list(Store(tmp_path).record("postgres").processes) == ["epmd", "server"]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save()
    store.save()
    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"postgres": {}}', '{"postgres": {"ports": 3}}', "\x00\x00"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert Store(tmp_path).records == {}


def test_what_came_with_a_copied_checkout_is_the_originals(tmp_path: Path) -> None:
    for name in ("original", "copy"):
        (tmp_path / name).mkdir()
    store = Store(tmp_path / "original")
    store.record("postgres")
    store.save()
    shutil.copy(tmp_path / "original/state.json", tmp_path / "copy")
    assert Store(tmp_path / "original").records
    assert Store(tmp_path / "copy").records == {}


def test_one_command_at_a_time(tmp_path: Path) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with state.locked(tmp_path):
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        held.wait(10)
        with pytest.raises(StackError, match="another command"), state.locked(tmp_path, seconds=0.2):
            pass
    finally:
        done.set()
        holder.join()
    with state.locked(tmp_path, seconds=0.2):
        pass
