"""What a sender's book says of one minute: what surely fell into it, and what can have; and when it is closed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from tests.faults.books import HELD, Bounds, audit_minutes, bounds
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


def minute_of(accepted: int, unconfirmed: int, stored: int) -> asyncpg.Connection:
    """A database with one minute of one sensor, whose rows are all there."""
    counts = {"accepted": accepted, "unconfirmed": unconfirmed, "stored": stored}
    account = {"sensor_id": UUID(int=1), "minute": MINUTE, "duplicate": 0, "quarantined": 0, "discarded": 0} | counts
    held = {"sensor_id": UUID(int=1), "minute": MINUTE, "what": "stored", "n": stored}

    async def fetch(statement: str) -> list[dict[str, Any]]:
        return [held] if statement == HELD else [account]

    return cast(asyncpg.Connection, SimpleNamespace(fetch=fetch))


@pytest.mark.parametrize(
    ("accepted", "unconfirmed", "lost_after", "closed"),
    [
        (10, 0, None, True),
        (9, 1, None, True),
        (9, 0, None, False),  # also where a door was asked to end, and did
        (9, 0, 59.0, True),
        (9, 0, 0.0, True),
        (9, 0, -1.0, False),  # a report lost in an earlier minute cannot have told of this one
        (11, 0, 59.0, False),
    ],
)
async def test_only_a_report_that_was_lost_later_excuses_what_no_door_told_of(
    accepted: int, unconfirmed: int, lost_after: float | None, closed: bool
) -> None:
    lost = [] if lost_after is None else [MINUTE + timedelta(seconds=lost_after)]
    assert (await audit_minutes(minute_of(accepted, unconfirmed, 10), {}, lost) == []) is closed
