"""`make test`: each folder of tests by itself, on servers of its own, and what each took.

python -m tests.run [FOLDER …] [-- what pytest understands]
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType

from deploy.stack import control
from deploy.stack.errors import StackError
from deploy.stack.report import to_stderr
from tests import borrowed

ROOT = Path(__file__).resolve().parents[1]

NOTHING_COLLECTED = 5
TEARDOWN_SECONDS = 30  # what fixtures may take to end the processes they started

_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")
_CLOSING = re.compile(r"^(?:=+ )?((?:\d+ |no tests).* in [\d.]+s.*?)(?: =+)?$")
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)")
_PLURALS = {"error": "errors", "warning": "warnings"}


@dataclass(frozen=True)
class Folder:
    name: str
    stack: str | None  # whose servers it uses, by the name of their directory under .stack
    workers: int  # 0: one after the other, in one process

    def has_tests(self) -> bool:
        return any((ROOT / "tests" / self.name).rglob("test_*.py"))


FOLDERS = (
    Folder("unit", stack=None, workers=2),
    Folder("property", stack=None, workers=2),
    Folder("architecture", stack=None, workers=2),
    Folder("helm", stack=None, workers=2),
    # Starts servers of its own, several at once: before ours are there, or memory is short.
    Folder("integration/stack", stack=None, workers=0),
    Folder("integration", stack="test", workers=2),
    # From here on processes are started and killed: one after the other, or they measure each other.
    Folder("e2e", stack="test", workers=0),
    Folder("hostile", stack="test", workers=0),
    # It kills its servers, which another run may be using.
    Folder("faults", stack="faults", workers=0),
)


@dataclass(frozen=True)
class Outcome:
    folder: str
    failed: bool
    closing: str  # pytest's own last line
    seconds: float


def run(folder: Folder, arguments: Sequence[str], environment: dict[str, str]) -> Outcome:
    began = time.monotonic()
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    # By file: one file's tests share servers and fixtures that take seconds to make.
    spread = ["-n", str(folder.workers), "--dist", "loadfile"] if folder.workers else []
    print(f"\n--- tests/{folder.name}", flush=True)
    elsewhere = [f"--ignore=tests/{other.name}" for other in FOLDERS if other.name.startswith(f"{folder.name}/")]
    how = [*colour, *spread, "--durations=15", "--durations-min=5"]
    command = [sys.executable, "-m", "pytest", f"tests/{folder.name}", *elsewhere, *how, *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as pytest:
        try:
            closing = _pass_on(pytest)
        except BaseException:
            _interrupt(pytest)
            raise
    # With arguments (-k, -m) a folder may well have nothing to run.
    fine = (0, NOTHING_COLLECTED) if arguments else (0,)
    return Outcome(folder.name, pytest.returncode not in fine, closing, time.monotonic() - began)


def closing_of(line: bytes) -> str:
    """What pytest's closing line says; empty for any other line."""
    match = _CLOSING.match(_COLOURS.sub(b"", line).decode(errors="replace").strip())
    return match[1] if match else ""


def total(outcomes: Sequence[Outcome], seconds: float) -> str:
    """All folders' counts in the words of pytest's closing line."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        for number, word in _COUNT.findall(outcome.closing):
            counts[_PLURALS.get(word, word)] += int(number)
    return f"{', '.join(f'{number} {word}' for word, number in counts.items())} in {seconds:.2f}s"


def report(outcomes: Sequence[Outcome], seconds: float) -> None:
    print("\n--- by folder")
    for outcome in outcomes:
        print(f"tests/{outcome.folder:<18} {outcome.seconds:7.1f} s   {outcome.closing or 'pytest did not finish'}")
    print(f"{'servers':<24} {seconds - sum(outcome.seconds for outcome in outcomes):7.1f} s   up and down")
    print(f"\n{f' {total(outcomes, seconds)} ':=^100}", flush=True)


def main(arguments: Sequence[str]) -> int:
    names, for_pytest = _split(arguments)
    unknown = set(names) - {folder.name for folder in FOLDERS}
    if unknown:
        print(f"no such folder: {', '.join(sorted(unknown))}; there are {', '.join(f.name for f in FOLDERS)}")
        return 2
    chosen = [folder for folder in FOLDERS if not names or {folder.name, folder.name.split("/")[0]} & set(names)]
    empty = [folder.name for folder in chosen if not folder.has_tests()]
    chosen = [folder for folder in chosen if folder.name not in empty]
    if empty:
        print(f"without tests so far: {', '.join(empty)}")
    began = time.monotonic()
    outcomes: list[Outcome] = []
    broken = False
    try:
        for stack, folders in groupby(chosen, key=lambda folder: folder.stack):
            with servers(stack) as environment:
                outcomes += [run(folder, for_pytest, environment) for folder in folders]
    except StackError as error:
        print(f"tests: {error}", file=sys.stderr)
        broken = True
    report(outcomes, time.monotonic() - began)
    return 1 if broken or not outcomes or any(outcome.failed for outcome in outcomes) else 0


@contextmanager
def servers(stack: str | None) -> Iterator[dict[str, str]]:
    """The environment that tests find their servers by; servers that were not running before end with the tests."""
    if stack is None:
        yield dict(os.environ)
        return
    directory = ROOT / ".stack" / stack
    with borrowed.stack(directory):
        yield os.environ | control.up(directory, report=to_stderr())


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return list(arguments[:at]), list(arguments[at + 1 :])


def _pass_on(pytest: subprocess.Popen[bytes]) -> str:
    """Print what pytest prints, as it comes, and return its closing line without the ornament."""
    assert pytest.stdout is not None
    closing, tail = "", b""
    while chunk := os.read(pytest.stdout.fileno(), 65536):
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        *lines, tail = (tail + chunk).split(b"\n")
        for line in lines:
            closing = closing_of(line) or closing
    return closing


def _interrupt(pytest: subprocess.Popen[bytes]) -> None:
    """As Ctrl-C would, so that fixtures end what they started."""
    pytest.send_signal(signal.SIGINT)
    try:
        pytest.wait(TEARDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.kill()


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    # Set both: a shell that starts us in the background leaves SIGINT ignored, for us and for pytest.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
