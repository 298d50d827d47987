"""docs/clocks.md says what the rules do: its JSON is read, its example counted, and its formulas are the rules' own."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.domain.calendar import MAX_DAYS, MAX_SPANS, Calendar
from shared.domain.mttx import MEASURES
from shared.domain.sla import DEFAULT, MAX_MINUTES, Clock, Policy, Run, Targets, state
from tests.clock_cases import at

PAGE = (Path(__file__).parents[3] / "docs" / "clocks.md").read_text(encoding="utf-8")


def examples() -> list[Any]:
    return [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]


def test_its_policy_is_the_one_to_begin_with() -> None:
    assert Policy.read(examples()[0]) == DEFAULT
    assert f"{MAX_MINUTES}\nminutes" in PAGE


def test_its_calendar_is_one_and_its_bounds_are_ours() -> None:
    kept = examples()[1]
    assert Calendar.read(kept).as_json() == kept
    assert f"up to {MAX_DAYS} dates" in PAGE
    assert MAX_SPANS == 12


def test_its_example_is_right() -> None:
    received = at("2026-04-02 15:00")
    reading = state(
        Policy({4: Targets({Clock.CONTAIN: 480})}),
        Calendar.read(examples()[1]),
        severity=4,
        started_at=received,
        runs={Clock.CONTAIN: Run(None)},
        now=received + timedelta(days=1),
    )[Clock.CONTAIN]
    assert reading.elapsed == timedelta(hours=1)
    assert (reading.warn_at, reading.due_at) == (at("2026-04-07 11:30"), at("2026-04-07 13:30"))


def test_its_formulas_are_all_of_them() -> None:
    table = re.findall(r"^\| (Time to \w+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert table == [(measure.label, measure.formula) for measure in MEASURES]
