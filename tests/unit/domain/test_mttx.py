"""How long the stages took: each formula, and what misses a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.mttx import MEASURES, Moments, taken

OCCURRED = datetime(2026, 3, 9, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
BY_NAME = {measure.name: measure for measure in MEASURES}
DETECT = BY_NAME["time_to_detect"]

INCIDENT: Moments = {
    "occurred_at": OCCURRED,
    "detected_at": OCCURRED + 1 * HOUR,
    "received_at": OCCURRED + 3 * HOUR,
    "acknowledged_at": OCCURRED + 7 * HOUR,
    "contained_at": OCCURRED + 15 * HOUR,
    "eradicated_at": OCCURRED + 31 * HOUR,
    "recovered_at": OCCURRED + 63 * HOUR,
    "resolved_at": OCCURRED + 127 * HOUR,
}


@pytest.mark.parametrize(
    ("name", "formula", "hours"),
    [
        ("time_to_detect", "detected − occurred", 1),
        ("time_to_acknowledge", "acknowledged − received", 4),
        ("time_to_contain", "contained − detected", 14),
        ("time_to_eradicate", "eradicated − detected", 30),
        ("time_to_recover", "recovered − detected", 62),
        ("time_to_resolve", "resolved − received", 124),
    ],
)
def test_each_measure_and_its_formula(name: str, formula: str, hours: int) -> None:
    assert BY_NAME[name].formula == formula
    assert taken(BY_NAME[name], INCIDENT) == hours * HOUR


def test_the_measures_are_those_and_each_says_what_it_is() -> None:
    assert len(BY_NAME) == len(MEASURES) == 6
    assert [measure.label for measure in MEASURES] == [name.replace("_", " ").capitalize() for name in BY_NAME]


@pytest.mark.parametrize("missing", ["occurred_at", "detected_at"])
def test_without_one_of_its_moments_there_is_no_time(missing: str) -> None:
    assert taken(DETECT, {**INCIDENT, missing: None}) is None
    assert taken(DETECT, {name: moment for name, moment in INCIDENT.items() if name != missing}) is None


def test_one_time_below_nothing_is_shown_as_it_is() -> None:
    assert taken(DETECT, {**INCIDENT, "detected_at": OCCURRED - 2 * HOUR}) == -2 * HOUR
