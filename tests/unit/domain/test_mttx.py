"""How long the stages took: each formula, and what a mean and a median leave out."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.mttx import MEASURES, Moments, Summary, summarise, taken

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


def detected(*hours: float | None) -> list[Moments]:
    return [{"occurred_at": OCCURRED, "detected_at": None if one is None else OCCURRED + one * HOUR} for one in hours]


# Hours until detected | mean | median | counted, missing, negative
SUMMARIES = [
    ([], None, None, (0, 0, 0)),
    ([None, -1], None, None, (0, 1, 1)),
    ([3], 3, 3, (1, 0, 0)),
    ([0], 0, 0, (1, 0, 0)),
    ([1, 2, 9], 4, 2, (3, 0, 0)),
    ([9, 1, 2, 4], 4, 3, (4, 0, 0)),
    ([None, 9, -5, 1, None, 2, -0.001], 4, 2, (3, 2, 2)),
]


@pytest.mark.parametrize(("hours", "mean", "middle", "counts"), SUMMARIES)
def test_mean_and_median_leave_out_what_says_nothing(
    hours: list[float | None], mean: float | None, middle: float | None, counts: tuple[int, int, int]
) -> None:
    expected = Summary(None if mean is None else mean * HOUR, None if middle is None else middle * HOUR, *counts)
    found = summarise(DETECT, detected(*hours))
    assert found == expected
    assert found.left_out == found.missing + found.negative == len(hours) - found.counted


def test_one_time_below_nothing_is_shown_as_it_is() -> None:
    (moments,) = detected(-2)
    assert taken(DETECT, moments) == -2 * HOUR
