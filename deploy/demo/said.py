"""Progress for people, on one clock for `up` and for the supervisor it starts."""

import sys
import time

from deploy.stack.report import Report


def since(began: float) -> Report:
    """One line an event on stderr, with the seconds since `began` (Unix time)."""

    def report(name: str, text: str) -> None:
        print(f"[{time.time() - began:5.1f} s] {name:<10}  {text}", file=sys.stderr, flush=True)

    return report
