"""When a disk is full: pure arithmetic over the sizes of periods and the days that retention keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
WINDOW = 14 * DAY
LONGEST = 31 * DAY
# What grew within less says little of a day: indices are merged, and a backlog comes at once.
LEAST = timedelta(minutes=15)


class Sized(NamedTuple):
    """One period and the bytes it takes in a store."""

    starts_at: datetime
    ends_at: datetime
    size: int


@dataclass(frozen=True)
class Growth:
    """So many bytes a day more, for so many days: then retention frees as much as comes. None: for ever."""

    bytes_per_day: float
    days: float | None


def measured_over(installed_at: datetime, now: datetime) -> timedelta | None:
    """The time in which growth was seen; None while that is too short to speak of a day."""
    over = min(now - installed_at, WINDOW)
    return over if over >= LEAST else None


def growth_of(periods: Iterable[Sized], now: datetime, *, since: datetime, retention_days: int) -> Growth:
    """How one kind of events grows, judged by the periods of the last two weeks, and those since the installation.

    Periods before it are left out of the rate: they hold what came late. `retention_days` 0 is for ever.
    """
    held = [period for period in periods if period.size > 0 and period.starts_at < now]
    first = max(since, now - WINDOW)
    recent = [one for one in held if one.ends_at > first and one.ends_at - one.starts_at <= LONGEST]
    covered = sum(((min(one.ends_at, now) - max(one.starts_at, since)) / DAY for one in recent), 0.0)
    # A burst in a minute is no day's growth.
    rate = sum(one.size for one in recent) / max(covered, LEAST / DAY)
    if not retention_days:
        return Growth(rate, None)
    oldest = min((one.starts_at for one in held if one.ends_at - one.starts_at <= LONGEST), default=now)
    return Growth(rate, max(0.0, retention_days - (now - oldest) / DAY))


def full_in_days(free: float, growths: Sequence[Growth]) -> float | None:
    """Days until so many free bytes are used up; None when retention stops the growth before that."""
    if free <= 0:
        return 0.0
    passed = 0.0
    for end in sorted({growth.days for growth in growths if growth.days is not None}):
        rate = _rate(growths, passed)
        if rate * (end - passed) >= free:
            return passed + free / rate
        free -= rate * (end - passed)
        passed = end
    rate = _rate(growths, passed)
    return passed + free / rate if rate > 0 else None


def _rate(growths: Sequence[Growth], passed: float) -> float:
    """Bytes a day of what still grows after so many days."""
    return sum(one.bytes_per_day for one in growths if one.days is None or one.days > passed)
