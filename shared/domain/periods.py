"""Which range of event time an instant belongs to, when partitions and indices are cut by day or by week."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from shared import clock

Length = Literal["day", "week"]

OLDEST_YEAR = 2000

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Period(NamedTuple):
    """Whole UTC days from `starts_at` up to, and without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, moment: datetime) -> bool:
        """True when the moment lies in it."""
        return self.starts_at <= moment < self.ends_at


def period_of(
    kind: str,
    milliseconds: int,
    *,
    length: Length,
    installed_year: int,
    existing: Iterable[Period] = (),
) -> Period:
    """The period of an instant (milliseconds since 1970) among events of that kind.

    That is the existing period that holds it. Else it is a new one: a calendar year before the year of
    installation (old records come in small numbers), after that a day, or a week from Monday that does not
    reach back over that year's first day; cut so that it overlaps no existing one, which is how a change of
    `length` leaves the past alone. Raises ValueError before the year 2000: such events are unclocked.
    """
    moment = clock.from_milliseconds(milliseconds)
    if moment.year < OLDEST_YEAR:
        raise ValueError(f"no period of {kind} events lies before the year {OLDEST_YEAR}")
    starts_at, ends_at = _whole(moment, length, installed_year)
    for period in existing:
        if period.holds(moment):
            return period
        if period.ends_at <= moment:
            starts_at = max(starts_at, period.ends_at)
        else:
            ends_at = min(ends_at, period.starts_at)
    return Period(starts_at, ends_at)


def _whole(moment: datetime, length: Length, installed_year: int) -> Period:
    if moment.year < installed_year:
        return Period(_new_year(moment.year), _new_year(moment.year + 1))
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if length == "day":
        return Period(midnight, midnight + _DAY)
    monday = midnight - moment.weekday() * _DAY
    return Period(max(monday, _new_year(installed_year)), monday + _WEEK)


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)
