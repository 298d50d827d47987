"""The only source of the present moment, so that rules stay pure and times stay aware UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """The present moment, aware UTC, cut to milliseconds."""
    return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment cut to milliseconds: the precision every stored time has."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware moment; exact, floats are not involved."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(value: int) -> datetime:
    """The moment that many milliseconds after 1970.

    Raises OverflowError outside the years 1 to 9999.
    """
    return EPOCH + timedelta(milliseconds=value)


def isoformat(moment: datetime) -> str:
    """RFC 3339 with milliseconds and a `Z`, the one form in documents, replies and logs."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """The moment that `isoformat` wrote. Raises ValueError."""
    return utc(datetime.fromisoformat(text))


def utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for one without a zone, and one that has no date there."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the years are 1 to 9999") from None
