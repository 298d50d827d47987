"""What a cause is: something that really goes wrong, and the alerts that have to say so."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from tests.faults.alarms.ground import Ground

# Generous: it is waited out only by what does not fire, and a machine may have other work.
LIMIT_SECONDS = 240.0

Hurt = Callable[[Ground], AbstractAsyncContextManager[None]]


class Cause(NamedTuple):
    """While `hurt` is open it goes wrong; its end mends it. Alerts have `limit` seconds to fire, and as long to end."""

    words: str
    alerts: tuple[str, ...]
    hurt: Hurt
    limit: float


def cause(words: str, *alerts: str, limit: float = LIMIT_SECONDS) -> Callable[[Hurt], Cause]:
    """Makes a cause of what hurts."""
    return lambda hurt: Cause(words, alerts, hurt, limit)
