"""A stack that several runs of tests may use at once, and that ends with the last of them.

A stack that somebody started by hand (`python -m deploy.stack --dir .stack/test up`) is used and left running.
"""

import asyncio
import fcntl
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.stack import control
from deploy.stack.report import to_stderr


@contextmanager
def stack(directory: Path) -> Iterator[None]:
    """Bring it up inside. What was not running on entry is down on exit, unless another run still uses it."""
    directory.mkdir(parents=True, exist_ok=True)
    ours = directory / "started-by-tests"
    with (directory / "users").open("a", encoding="utf-8") as users:
        if _alone(users.fileno()) and not _answers(directory):
            ours.touch()
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with _undisturbed():
                if _alone(users.fileno()) and ours.exists():
                    control.down(directory, report=to_stderr())
                    ours.unlink()


def run(main: Coroutine[Any, Any, int]) -> int:
    """The exit status of a command that borrows; SIGTERM ends it as Ctrl-C does: what it started ends first."""

    async def stoppable() -> int:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await main

    try:
        return asyncio.run(stoppable())
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


def _answers(directory: Path) -> bool:
    return any(fields["provider"] == "native" and fields["answers"] for fields in control.status(directory).values())


def _alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C would leave servers behind; ending them takes seconds."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
