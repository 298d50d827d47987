"""What a run tells: it passes when it was judged, every promise held, and every planned fault was seen."""

import random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.faults import campaign, plan, run
from tests.faults.nemeses.all import NEMESES
from tests.faults.nemeses.nemesis import Field, Nemesis
from tests.faults.run import Run
from tests.faults.verdict import Verdict

# What operations promises of reports/faults.json.
REPORTED = (
    "seed nemeses attempted acknowledged indeterminate stored searchable lost duplicated miscounted faults_seen seconds"
)
COUNTS = (
    "attempted acknowledged indeterminate rejected stored searchable quarantined succeeded changed_by_people".split()
)


def judged(**wrong: Any) -> Run:
    """A run that ended, with this in its verdict."""
    return Run(plan.make(1), Verdict(**wrong), judged=True)


def test_a_run_passes_only_when_it_was_judged_and_all_is_zero() -> None:
    assert judged().passed
    assert not Run(plan.make(1)).passed
    assert not Run(plan.make(1), judged=True, trouble=["indexer_killed did not happen"]).passed


@pytest.mark.parametrize(
    "what",
    [
        name
        for name, value in Verdict().as_dict().items()
        if value == 0 and isinstance(value, int) and name not in COUNTS
    ],
)
def test_any_one_thing_wrong_fails_it(what: str) -> None:
    assert not judged(**{what: 1}).passed


def test_the_report_has_what_is_read_from_it() -> None:
    told = judged().as_dict()
    assert told.keys() >= set(REPORTED.split())
    assert told["nemeses"] == plan.make(1).names


def test_a_line_says_that_it_failed_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    campaign.show(judged())
    assert "FAILED" not in capsys.readouterr().out
    failed = judged(lost=1)
    failed.verdict.details = ["lost: [7]"]
    campaign.show(failed)
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "lost: [7]" in said


def hurting(how: Any) -> Nemesis:
    async def hurt(_field: Field, _chance: random.Random, _seconds: float) -> int:
        return int(how())

    return Nemesis("planned", frozenset(), hurt)


@pytest.mark.parametrize(
    ("how", "seen", "trouble"), [(lambda: 3, 3, False), (lambda: 0, 0, True), (lambda: 1 / 0, 0, True)]
)
async def test_a_nemesis_that_did_not_happen_or_failed_is_trouble(
    monkeypatch: pytest.MonkeyPatch, how: Any, seen: int, trouble: bool
) -> None:
    monkeypatch.setitem(NEMESES, "planned", hurting(how))
    there = cast(Field, SimpleNamespace(faults_seen={"planned": 0}))
    one = judged()
    await run.hurt(plan.Planned("planned", 0.1, 1), there, one)
    assert there.faults_seen["planned"] == seen
    assert bool(one.trouble) == trouble
    assert one.passed != trouble
