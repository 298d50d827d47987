"""A file that a program writes is compared by `--check`, and only then left alone."""

import sys
from pathlib import Path

import pytest

from deploy import written


def test_what_is_stale_is_named_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(written, "ROOT", tmp_path)
    file = tmp_path / "folder" / "file"
    file.parent.mkdir()

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["program", *arguments])
        return written.main("a.program", "What it is.", file, lambda: "new\n", "make it")

    for old in (None, "old\n"):
        if old is not None:
            file.write_text(old)
        assert run("--check") == 1
        assert capsys.readouterr().err == "folder/file is stale: run `make it`\n"
        assert (file.read_text() if file.exists() else None) == old
    assert run() == 0
    assert file.read_text() == "new\n"
    assert run("--check") == 0
