"""The day a disk is full, by arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest

from services.indexer.stores.forecast import DAY, LEAST, WINDOW, Growth, Sized, full_in_days, growth_of, measured_over

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOW.replace(hour=0)
LONG_AGO = NOW - 90 * DAY


@pytest.mark.parametrize(
    ("free", "growths", "days"),
    [
        pytest.param(100, [Growth(10, None)], 10, id="for ever"),
        pytest.param(100, [Growth(10, 20)], 10, id="before retention helps"),
        pytest.param(100, [Growth(10, 10)], 10, id="just as retention helps"),
        pytest.param(100, [Growth(10, 9)], None, id="retention helps in time"),
        pytest.param(100, [Growth(10, 5), Growth(5, None)], 10, id="one stops, the other goes on"),
        pytest.param(100, [Growth(10, 4), Growth(10, 6)], 6, id="all stop as it is full: 4 × 20 + 2 × 10"),
        pytest.param(101, [Growth(10, 4), Growth(10, 6)], None, id="all stop before it is full"),
        pytest.param(99, [Growth(10, 4), Growth(10, 6)], 5.9, id="a little earlier"),
        pytest.param(100, [], None, id="nothing grows"),
        pytest.param(100, [Growth(0, None)], None, id="nothing comes"),
        pytest.param(0, [], 0, id="full"),
        pytest.param(-5, [Growth(10, None)], 0, id="over"),
    ],
)
def test_full_in_days(free: float, growths: list[Growth], days: float | None) -> None:
    assert full_in_days(free, growths) == (None if days is None else pytest.approx(days))


def days_of(size: int, *ago: int) -> list[Sized]:
    return [Sized(TODAY - day * DAY, TODAY - (day - 1) * DAY, size) for day in ago]


def test_the_rate_is_that_of_the_time_covered() -> None:
    # Five whole days and half of today.
    growth = growth_of(days_of(100, 5, 4, 3, 2, 1, 0), NOW, since=LONG_AGO, retention_days=0)
    assert growth.bytes_per_day == pytest.approx(600 / 5.5)
    assert growth.days is None


@pytest.mark.parametrize("minutes", [15, 60, 600])
def test_a_steady_stream_has_the_same_rate_from_the_first_day_on(minutes: int) -> None:
    """150 events a second of 750 bytes are 9.72 GB a day, however long ago the first of them came."""
    came = days_of(150 * 750 * 60 * minutes, 0)
    growth = growth_of(came, NOW, since=NOW - timedelta(minutes=minutes), retention_days=0)
    assert growth.bytes_per_day == pytest.approx(150 * 750 * 86_400)


def test_a_burst_just_after_midnight_is_not_a_days_growth() -> None:
    growth = growth_of(days_of(100, 0), TODAY + timedelta(minutes=1), since=LONG_AGO, retention_days=0)
    assert growth.bytes_per_day == pytest.approx(100 * DAY / LEAST)


def test_what_is_older_than_the_installation_came_late_and_is_no_rate() -> None:
    growth = growth_of(days_of(100, 5, 4, 3, 2, 1, 0), NOW, since=NOW - timedelta(hours=6), retention_days=0)
    assert growth.bytes_per_day == pytest.approx(400)


def test_after_a_few_minutes_nothing_is_known_and_after_two_weeks_no_more() -> None:
    assert measured_over(NOW - timedelta(minutes=14), NOW) is None
    assert measured_over(NOW - timedelta(minutes=16), NOW) == timedelta(minutes=16)
    assert measured_over(LONG_AGO, NOW) == WINDOW


def test_periods_ahead_and_long_ago_and_years_do_not_count() -> None:
    year = Sized(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 10**12)
    ahead = Sized(TODAY + DAY, TODAY + 2 * DAY, 0)
    old = days_of(10**9, 60)
    assert (
        growth_of([year, *old, *days_of(100, 2, 1), ahead], NOW, since=LONG_AGO, retention_days=0).bytes_per_day == 100
    )


@pytest.mark.parametrize(("retention_days", "left"), [(30, 24.5), (5, 0.0), (3, 0.0)])
def test_it_grows_until_the_oldest_day_is_as_old_as_retention(retention_days: int, left: float) -> None:
    growth = growth_of(days_of(100, 5, 4, 3, 2, 1, 0), NOW, since=LONG_AGO, retention_days=retention_days)
    assert growth.days == left


def test_without_events_it_grows_for_all_of_retention() -> None:
    assert growth_of([], NOW, since=LONG_AGO, retention_days=30) == Growth(0.0, 30.0)
