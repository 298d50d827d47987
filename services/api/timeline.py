"""How a span of time is cut into the buckets of a histogram."""

from datetime import UTC, datetime, timedelta

from shared.errors import Invalid

MAX_BUCKETS = 120
LONGEST = timedelta(days=3650)

INTERVALS = tuple(
    timedelta(seconds=seconds)
    for seconds in (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 30 * 86400)
)


FIRST = datetime.min.replace(tzinfo=UTC) + INTERVALS[-1]
"""The first bucket of a span may begin before the span does."""


class BadSpan(Invalid):
    """A span begins before it ends, and is at most ten years long."""

    code = "bad_span"


def interval_of(start: datetime, end: datetime) -> timedelta:
    """The least interval of which MAX_BUCKETS cover the span. Raises BadSpan."""
    span = end - start
    if not timedelta(0) < span <= LONGEST or start < FIRST:
        raise BadSpan
    return next((one for one in INTERVALS if span <= one * (MAX_BUCKETS - 1)), INTERVALS[-1])


def span_of(
    start: datetime | None, end: datetime | None, *, last: timedelta, now: datetime
) -> tuple[datetime, datetime]:
    """From `start`, or that long before the end, until `end`, or now. Raises BadSpan."""
    until = end or now
    try:
        since = start or until - last
    except OverflowError:
        raise BadSpan from None
    interval_of(since, until)
    return since, until
