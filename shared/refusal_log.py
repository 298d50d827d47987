"""Tells of refused requests without flooding the log: a few lines a second for each code, the rest counted."""

import time
from collections.abc import Callable
from typing import Any

from shared import log

logger = log.get(__name__)

LINES_A_SECOND = 5


class RefusalLog:
    """One per process; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second = 0
        self._lines: dict[str, int] = {}

    def refused(self, code: str, **fields: Any) -> None:
        """One request was refused with that code."""
        second = int(self._clock())
        if second != self._second:
            self._tell_suppressed()
            self._second = second
        lines = self._lines[code] = self._lines.get(code, 0) + 1
        if lines <= LINES_A_SECOND:
            logger.info("request_refused", code=code, **fields)

    def _tell_suppressed(self) -> None:
        for code, lines in self._lines.items():
            if lines > LINES_A_SECOND:
                logger.info("requests_refused", code=code, not_logged=lines - LINES_A_SECOND)
        self._lines.clear()
