"""What a sender's book says of one minute: what surely fell into it, and what can have."""

from datetime import UTC, datetime, timedelta

from tests.faults.books import Bounds, bounds
from tests.faults.sender import Attempt

MINUTE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def attempt(since: float, until: float | None, *, acknowledged: bool = True, records: int = 10) -> Attempt:
    """A request from so many seconds after the minute's beginning to so many."""
    end = None if until is None else MINUTE + timedelta(seconds=until)
    return Attempt("sensor", records, MINUTE + timedelta(seconds=since), end, acknowledged)


def test_an_acknowledged_request_within_the_minute_surely_counts() -> None:
    assert bounds([attempt(0, 59.9), attempt(5, 6, records=3)], MINUTE) == Bounds(13, 13)


def test_one_over_the_edge_may_be_of_either_minute() -> None:
    assert bounds([attempt(-1, 1), attempt(59, 61)], MINUTE) == Bounds(0, 20)


def test_a_refused_one_may_be_in_all_the_same() -> None:
    assert bounds([attempt(1, 2, acknowledged=False)], MINUTE) == Bounds(0, 10)


def test_one_that_was_never_answered_may_be_received_at_any_later_time() -> None:
    assert bounds([attempt(-600, None, acknowledged=False)], MINUTE) == Bounds(0, 10)


def test_what_ended_before_or_began_after_cannot_be_in_it() -> None:
    assert bounds([attempt(-9, -1), attempt(60, 61), attempt(60, None, acknowledged=False)], MINUTE) == Bounds(0, 0)
