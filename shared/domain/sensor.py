"""What holds for a sensor, whoever asks."""

from datetime import datetime, timedelta

HEARD_TO_THE = timedelta(minutes=1)
"""`last_seen_at` is the minute in which something came."""


def is_silent(
    *, heard_at: datetime | None, made_at: datetime, expected: timedelta | None, active: bool, now: datetime
) -> bool | None:
    """True when nothing came for longer than is normal, counted from the end of the minute in which something last did.

    None where nobody said what is normal, or where nothing may come.
    """
    if expected is None or not active:
        return None
    return now - (heard_at + HEARD_TO_THE if heard_at is not None else made_at) > expected
