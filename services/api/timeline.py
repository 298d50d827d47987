"""How a span of time is cut into the buckets of a histogram."""

from datetime import datetime, timedelta

from shared.errors import Invalid

MAX_BUCKETS = 120
LONGEST = timedelta(days=3650)

INTERVALS = tuple(
    timedelta(seconds=seconds)
    for seconds in (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400, 30 * 86400)
)


class BadSpan(Invalid):
    """A span begins before it ends, and is at most ten years long."""

    code = "bad_span"


def interval_of(start: datetime, end: datetime) -> timedelta:
    """The least interval of which MAX_BUCKETS cover the span. Raises BadSpan."""
    span = end - start
    if not timedelta(0) < span <= LONGEST:
        raise BadSpan
    return next((one for one in INTERVALS if span <= one * (MAX_BUCKETS - 1)), INTERVALS[-1])
