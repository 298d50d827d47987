"""When a sensor is silent."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.sensor import is_silent

MADE = datetime(2026, 11, 1, tzinfo=UTC)
HEARD = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("heard", "after", "silent"),
    [
        # What came at 10:00:59 is known as 10:00.
        (HEARD, timedelta(minutes=6), False),
        (HEARD, timedelta(minutes=6, seconds=1), True),
        (None, FIVE, False),
        (None, timedelta(minutes=5, seconds=1), True),
    ],
)
def test_it_is_silent_after_more_than_its_interval(heard: datetime | None, after: timedelta, silent: bool) -> None:
    now = (heard or MADE) + after
    assert is_silent(heard_at=heard, made_at=MADE, expected=FIVE, active=True, now=now) is silent


@pytest.mark.parametrize(("expected", "active"), [(None, True), (FIVE, False)])
def test_of_whom_nothing_is_expected_is_neither(expected: timedelta | None, active: bool) -> None:
    now = HEARD + timedelta(days=1)
    assert is_silent(heard_at=HEARD, made_at=MADE, expected=expected, active=active, now=now) is None
