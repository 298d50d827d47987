"""How spans are written in replies."""

from datetime import timedelta

import pytest

from services.api.text import duration


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(), "PT0S"),
        (timedelta(minutes=5), "PT5M"),
        (timedelta(hours=3), "PT3H"),
        (timedelta(hours=1, seconds=5), "PT1H0M5S"),
        (timedelta(days=366), "P366D"),
        (timedelta(days=1, seconds=1), "P1DT1S"),
        (timedelta(days=400, hours=2, minutes=3, seconds=4), "P400DT2H3M4S"),
    ],
)
def test_a_duration_leaves_no_part_out_and_knows_no_years(span: timedelta, written: str) -> None:
    assert duration(span) == written
