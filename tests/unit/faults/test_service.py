"""Which ends of a process may take the last report of its accounts with them."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.service import Service
from tests.waiting import until

ENDS_WELL = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit({words}))
print("accounts_not_reported, for the broker is away, and then it was", flush=True)
signal.pause()
"""
WITHOUT_A_WORD = "0"
UNHEARD = "print('accounts_not_reported', flush=True)"


@contextlib.asynccontextmanager
async def living(log: Path, words: str) -> AsyncIterator[Service]:
    """A process that says `words` when it is asked to end."""
    service = Service("door", ["-c", ENDS_WELL.format(words=words)], 0, {}, log)
    service.hold()  # once dead it stays so
    await service.start()
    keeper = asyncio.create_task(service.keep_alive())
    try:
        await until(lambda: bool(log.read_bytes()))
        yield service
    finally:
        keeper.cancel()
        service.signal(signal.SIGKILL)
        await service.wait()


@pytest.mark.parametrize(
    ("number", "words", "lost"),
    [
        (signal.SIGTERM, WITHOUT_A_WORD, False),
        (signal.SIGTERM, UNHEARD, True),
        (signal.SIGKILL, WITHOUT_A_WORD, True),
    ],
)
async def test_a_crash_and_a_last_report_that_nobody_took(
    tmp_path: Path, number: signal.Signals, words: str, lost: bool
) -> None:
    async with living(tmp_path / "log", words) as service:
        service.signal(number)
        await until(lambda: len(service.deaths) == 1)
        assert bool(service.reports_lost_at) is lost
