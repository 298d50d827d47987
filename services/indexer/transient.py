"""What a handler does when Postgres is away: the batch is kept and tried again."""

import contextlib
from collections.abc import Iterator

from shared.db.failures import is_transient, is_unprepared
from shared.errors import Retry


@contextlib.contextmanager
def infrastructure() -> Iterator[None]:
    """Turns what Postgres raises while it is away, or not yet migrated, into Retry; defects and data errors pass."""
    try:
        yield
    except Exception as error:
        if is_transient(error):
            raise Retry(type(error).__name__, code="postgres_away") from error
        if is_unprepared(error):
            raise Retry(type(error).__name__, code="postgres_unprepared") from error
        raise
