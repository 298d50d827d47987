"""What counts as a difference between a row and its document."""

import pytest

from services.indexer.stores.compare import Difference, Row, judge

SETTLED = 61.0


@pytest.mark.parametrize(
    ("row", "found", "difference"),
    [
        pytest.param(Row(3, SETTLED), 3, None, id="equal"),
        pytest.param(Row(None, SETTLED), 1, None, id="an event has no version"),
        pytest.param(Row(3, SETTLED), None, Difference.MISSING, id="missing"),
        pytest.param(Row(None, SETTLED), None, Difference.MISSING, id="an event is missing"),
        pytest.param(Row(3, SETTLED), 2, Difference.STALE, id="stale"),
        pytest.param(Row(3, SETTLED), 4, Difference.AHEAD, id="ahead"),
        pytest.param(None, 1, Difference.TOO_MANY, id="too many"),
        pytest.param(None, None, None, id="gone from both"),
    ],
)
def test_judge(row: Row | None, found: int | None, difference: Difference | None) -> None:
    assert judge(row, found, pending=False) == difference
    assert judge(row, found, pending=True) is None, "what is pending is on its way"


@pytest.mark.parametrize(("age", "settled"), [(0.0, False), (59.9, False), (60.0, True)])
def test_a_row_is_settled_after_a_minute(age: float, settled: bool) -> None:
    assert Row(3, age).settled == settled
