"""`python deploy/reload.py FOLDER … -- COMMAND …`: runs the command, and runs it anew when a Python file there changes.

For containers of developers, deploy/compose.dev.yaml. A command that ends by itself is started again with the next
change, so that a mistake half typed ends nothing.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

PAUSE_SECONDS = 0.5
END_SECONDS = 25.0

Seen = dict[Path, int]


def seen(folders: Sequence[Path]) -> Seen:
    """When each Python file under the folders was changed last; one that goes away meanwhile is left out."""
    found = {}
    for folder in folders:
        for file in folder.rglob("*.py"):
            try:
                found[file] = file.stat().st_mtime_ns
            except FileNotFoundError:
                continue
    return found


class Reloader:
    """One command, as long as nobody ends it."""

    def __init__(self, folders: Sequence[Path], command: Sequence[str]) -> None:
        self._folders, self._command = folders, command
        self._ending = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT; the command has ended when it returns."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        before = seen(self._folders)
        running = subprocess.Popen(self._command)
        while not self._ending:
            time.sleep(PAUSE_SECONDS)
            if (now := seen(self._folders)) != before:
                changed = sorted(str(file) for file, _ in before.items() ^ now.items())
                print(f"reload: {', '.join(dict.fromkeys(changed))}", file=sys.stderr, flush=True)
                before = now
                _stop(running)
                running = subprocess.Popen(self._command)
        _stop(running)
        return 0

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True


def _stop(running: "subprocess.Popen[bytes]") -> None:
    running.terminate()
    try:
        running.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def main(arguments: Sequence[str]) -> int:
    if "--" not in arguments[1:-1]:
        print("reload: python deploy/reload.py FOLDER … -- COMMAND …", file=sys.stderr)
        return 2
    at = arguments.index("--")
    return Reloader([Path(folder) for folder in arguments[:at]], arguments[at + 1 :]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
