"""GitHub's workflows run what CI runs, and no code that somebody else may change afterwards."""

import re
from pathlib import Path

import pytest

from tests.architecture.place import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
USES = re.compile(r"uses: ")
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+(\.\d+)*$", re.MULTILINE)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert len(USES.findall(text)) == len(PINNED.findall(text)) > 0


def test_it_runs_what_ci_runs() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.search(r"run: .*bash \.ci/run --require$", text, re.MULTILINE)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for workflow in WORKFLOWS:
        named = re.findall(r"run: make ([a-z-]+)", workflow.read_text(encoding="utf-8"))
        assert set(named) <= targets
