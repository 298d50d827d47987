from pathlib import Path

import pytest

from tests.architecture.docs import faults, faults_of_decisions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[there](other.md) and [a part](other.md#two-words) and [here](#title)", None),
        ("[away](http" + "s://elsewhere.example/x)", None),
        ("[gone](missing.md)", "link to missing.md"),
        ("[gone](other.md#three-words)", "#three-words"),
        ("run `make lint`", None),
        ("they make mistakes", None),
        ("run `make lintt`", "make lintt"),
        ("```\nmake nothing ARGS=x\n```", "make nothing"),
        ("`python -m tests.run unit`", None),
        ("`python -m tests.walk`", "python -m tests.walk"),
    ],
)
def test_a_page(text: str, said: str | None, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("lint: setup ## x\n", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "run.py").touch()
    (tmp_path / "other.md").write_text("## Two words\n", encoding="utf-8")
    (tmp_path / "page.md").write_text(f"# Title\n{text}\n", encoding="utf-8")
    found = list(faults(Path("page.md"), tmp_path))
    assert (found == []) if said is None else (len(found) == 1 and said in found[0])


def test_decisions_are_numbered_once_and_listed(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[0001](0001-a.md) [0002](0002-b.md)", encoding="utf-8")
    for name in ("0001-a.md", "0002-b.md"):
        (tmp_path / name).touch()
    assert list(faults_of_decisions(tmp_path)) == []
    (tmp_path / "0002-c.md").touch()
    assert len(list(faults_of_decisions(tmp_path))) == 2
