"""Finds a Chromium for tests in a real browser, or installs one: `python -m deploy.browser` prints where it is.

One that is there is used as it is; nothing is downloaded that the machine's own packages do not have.
"""

import os
import sys
from pathlib import Path

from deploy.stack import machine, packages
from deploy.stack.errors import Missing, StackError

VARIABLE = "EVENTSEC_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_HOW = f"Debian/Ubuntu: sudo apt-get install chromium; or set {VARIABLE} to a browser you have."


def chromium() -> Path:
    """Raises `StackError` where there is none, and none can be installed."""
    if given := os.environ.get(VARIABLE):
        if not os.access(given, os.X_OK):
            raise StackError(f"{VARIABLE}={given} is no program.")
        return Path(given)
    found = _found()
    if found is None and packages.can_install():
        packages.install("chromium")
        found = _found()
    if found is None:
        raise Missing("Chromium", _HOW)
    return found


def _found() -> Path | None:
    return next((program for name in _NAMES if (program := machine.program(name))), None)


def main() -> int:
    try:
        print(chromium())
    except StackError as error:
        print(f"deploy.browser: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
