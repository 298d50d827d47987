"""Progress for people: one line an event on stderr, with the seconds since the start."""

import sys
import time
from collections.abc import Callable

Report = Callable[[str, str], None]


def to_stderr() -> Report:
    began = time.monotonic()

    def report(server: str, text: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {server:<10}  {text}", file=sys.stderr, flush=True)

    return report


def silent(server: str, text: str) -> None:
    """For callers that want the outcome only."""
