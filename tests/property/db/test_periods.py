"""Periods: every instant has exactly one, whatever was cut before and however the length changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.domain.periods import Length, Period, period_of

DAY = timedelta(days=1)
INSTALLED = 2026
FIRST = datetime(2000, 1, 1, tzinfo=UTC)

moments = st.datetimes(datetime(2000, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
lengths: st.SearchStrategy[Length] = st.sampled_from(["day", "week"])


def of(moment: datetime, length: Length = "day", existing: tuple[Period, ...] = ()) -> Period:
    return period_of("alert", clock.milliseconds(moment), length=length, installed_year=INSTALLED, existing=existing)


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@given(st.lists(st.tuples(moments, lengths), max_size=60), st.sampled_from([2020, 2025, 2026]))
def test_periods_never_overlap_and_always_hold_their_instant(
    made: list[tuple[datetime, Length]], installed_year: int
) -> None:
    existing: list[Period] = []
    for moment, length in made:
        milliseconds = clock.milliseconds(moment)
        period = period_of(
            "alert", milliseconds, length=length, installed_year=installed_year, existing=tuple(existing)
        )
        assert period.holds(clock.from_milliseconds(milliseconds))
        assert (period.starts_at - FIRST) % DAY == (period.ends_at - FIRST) % DAY == timedelta(0)
        assert period.ends_at - period.starts_at <= timedelta(days=366)
        if period not in existing:
            for other in existing:
                assert period.ends_at <= other.starts_at or other.ends_at <= period.starts_at
            existing.append(period)


@given(moments, lengths)
def test_the_same_instant_has_the_same_period_again(moment: datetime, length: Length) -> None:
    first = of(moment, length)
    assert of(moment, length, (first,)) == first
    assert of(first.starts_at, length) == first
    assert of(first.ends_at - clock.MILLISECOND, length) == first
    assert of(first.ends_at, length) != first


@given(moments, lengths)
def test_the_order_of_existing_periods_does_not_matter(moment: datetime, length: Length) -> None:
    moment = max(moment, at(2000, 1, 3))
    near = [of(moment + step * DAY, "day") for step in (-2, -1, 1, 3)]
    assert of(moment, length, tuple(near)) == of(moment, length, tuple(reversed(near)))


@pytest.mark.parametrize(
    ("moment", "length", "starts_at", "ends_at"),
    [
        (at(2026, 11, 24, 23), "day", at(2026, 11, 24), at(2026, 11, 25)),
        (at(2026, 11, 24, 23), "week", at(2026, 11, 23), at(2026, 11, 30)),
        (at(2026, 11, 23), "week", at(2026, 11, 23), at(2026, 11, 30)),
        (at(2026, 1, 1), "week", at(2026, 1, 1), at(2026, 1, 5)),
        (at(2026, 12, 31), "week", at(2026, 12, 28), at(2027, 1, 4)),
        (at(2025, 12, 31, 23), "week", at(2025, 1, 1), at(2026, 1, 1)),
        (at(2024, 2, 29), "day", at(2024, 1, 1), at(2025, 1, 1)),
        (at(2000, 1, 1), "day", at(2000, 1, 1), at(2001, 1, 1)),
    ],
)
def test_examples(moment: datetime, length: Length, starts_at: datetime, ends_at: datetime) -> None:
    assert of(moment, length) == Period(starts_at, ends_at)


def test_a_change_of_length_leaves_the_past_alone() -> None:
    tuesday = Period(at(2026, 11, 24), at(2026, 11, 25))
    thursday = Period(at(2026, 11, 26), at(2026, 11, 27))
    assert of(at(2026, 11, 23, 5), "week", (tuesday, thursday)) == Period(at(2026, 11, 23), at(2026, 11, 24))
    assert of(at(2026, 11, 25, 5), "week", (tuesday, thursday)) == Period(at(2026, 11, 25), at(2026, 11, 26))
    assert of(at(2026, 11, 28, 5), "week", (tuesday, thursday)) == Period(at(2026, 11, 27), at(2026, 11, 30))
    week = Period(at(2026, 11, 23), at(2026, 11, 30))
    assert of(at(2026, 11, 28, 5), "day", (week,)) == week


def test_before_2000_there_is_none() -> None:
    with pytest.raises(ValueError, match="2000"):
        of(at(1999, 12, 31, 23))
