"""Signals ask a process to stop, and end nothing by themselves."""

import asyncio
import gc
import os
import signal

import pytest

from shared.lifecycle import Stop, on_signals, repeat, settled


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_and_what_is_going_on_comes_to_its_end(number: signal.Signals) -> None:
    async def work() -> str:
        stop = Stop()
        with on_signals(stop):
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.01)
            assert stop.requested
            return "written"

    assert asyncio.run(work()) == "written"


def test_a_handler_that_was_there_before_is_called_too() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:

        async def work() -> None:
            stop = Stop()
            with on_signals(stop):
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.wait_for(stop.wait(), 5)

        asyncio.run(work())
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_what_is_there_at_the_start_is_left_alone_and_collected_again_in_the_end() -> None:
    gc.unfreeze()
    kept: list[list[int]] = [[] for _ in range(1000)]
    with settled():
        assert gc.get_freeze_count() > len(kept)
    assert gc.get_freeze_count() == 0


def test_what_is_done_by_the_hour_is_tried_again_soon_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.lifecycle.AGAIN_SECONDS", 0.01)
    stop, tries = Stop(), 0

    async def fails_once() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ValueError("a defect")
        stop.set()

    asyncio.run(asyncio.wait_for(repeat("hourly", fails_once, every=3600, stop=stop), 5))
    assert tries == 2
