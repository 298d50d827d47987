import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.stack import account, place
from deploy.stack.errors import StackError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Servers run as the caller, and what must live outside the checkout lives here."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.setattr(place, "ELSEWHERE", folder)
    monkeypatch.setattr(account, "ordinary", lambda: None)
    return folder


def test_looking_makes_nothing(tmp_path: Path, elsewhere: Path) -> None:
    place.settle(tmp_path / "plain")
    place.settle(tmp_path / "with space")
    assert list((tmp_path / "plain").iterdir()) == list(elsewhere.iterdir()) == []


def test_data_lives_in_the_directory(tmp_path: Path) -> None:
    settled = place.settle(tmp_path / ".stack")
    settled.make()
    assert settled.data == tmp_path / ".stack" / "data"
    assert settled.data.is_dir()


def test_data_lives_elsewhere_where_start_scripts_would_stumble(tmp_path: Path, elsewhere: Path) -> None:
    first, second = place.settle(tmp_path / "a b" / ".stack"), place.settle(tmp_path / "a c" / ".stack")
    for settled in (first, second, first):
        settled.make()
        assert settled.data.parent == elsewhere
        assert (settled.directory / "data").resolve() == settled.data
    assert first.data != second.data


def test_a_copied_checkouts_link_is_turned(tmp_path: Path, elsewhere: Path) -> None:
    settled = place.settle(tmp_path / "a b")
    (settled.directory / "data").symlink_to(elsewhere)
    settled.make()
    assert (settled.directory / "data").resolve() == settled.data


def test_servers_make_the_place_at_the_same_time(tmp_path: Path) -> None:
    settled = place.settle(tmp_path / "a b")
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            (settled.directory / "data").unlink(missing_ok=True)
            list(pool.map(lambda _: settled.make(), range(4)))
    assert (settled.directory / "data").resolve() == settled.data
    assert {path.name for path in settled.directory.iterdir()} == {"data", "log"}


def test_somebody_elses_name_is_not_used(tmp_path: Path) -> None:
    settled = place.settle(tmp_path / "a b")
    (tmp_path / "theirs").mkdir()
    settled.data.symlink_to(tmp_path / "theirs")
    with pytest.raises(StackError, match="in the way"):
        settled.make()


def test_marks_differ_between_checkouts_and_servers(tmp_path: Path) -> None:
    first, second = place.settle(tmp_path / "1"), place.settle(tmp_path / "2")
    assert len({first.mark("postgres"), first.mark("rabbitmq"), second.mark("postgres")}) == 3


def test_files_are_replaced_whatever_their_mode(tmp_path: Path) -> None:
    settled = place.settle(tmp_path)
    for text in ("first", "second"):
        settled.write(tmp_path / "cookie", text, 0o400)
    assert (tmp_path / "cookie").read_text() == "second"
    assert stat.S_IMODE((tmp_path / "cookie").stat().st_mode) == 0o400


@pytest.mark.parametrize("name", ["plain", "with space"])
def test_wiping_takes_what_is_ours_and_leaves_the_rest(tmp_path: Path, elsewhere: Path, name: str) -> None:
    settled = place.settle(tmp_path / name)
    settled.make()
    settled.write(settled.folder("postgres") / "PG_VERSION", "15")
    (settled.directory / "state.json").touch()
    (settled.directory / "demo.json").touch()
    place.wipe(settled)
    assert [path.name for path in settled.directory.iterdir()] == ["demo.json"]
    assert list(elsewhere.iterdir()) == []


def test_a_server_gets_nothing_that_would_redirect_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "RABBITMQ_NODENAME", "PGDATA", "ERL_FLAGS"):
        monkeypatch.setenv(name, "x")
    assert set(place.settle(tmp_path).environment(tmp_path)) == {"PATH", "HOME", "LANG", "LC_ALL", "TZ"}


def test_a_program_that_does_not_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "SHORT_SECONDS", 0.2)
    settled = place.settle(tmp_path / ".stack")
    settled.make()
    with pytest.raises(StackError, match="sleep does not end"):
        settled.run(["sleep", "60"])
