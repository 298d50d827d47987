"""How a process lives: one task group, signals that ask it to stop, a bounded drain, a reader that goes."""

import asyncio
import contextlib
import gc
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType

from shared import log, metrics

logger = log.get(__name__)

# Failures are looked at over ten minutes (the alert BackgroundLoopFails): four of them have to fit in.
AGAIN_SECONDS = 60.0


@contextlib.contextmanager
def settled() -> Iterator[None]:
    """Garbage collection leaves alone what is there now; enter when all is there that stays.

    A full collection walks every object while nobody is served, and modules, models and schemas are most of them.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Stop:
    """A process's wish to end: set once, waited for anywhere."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ask everyone to finish. Idempotent; call from the loop's own thread."""
        self._event.set()

    @property
    def requested(self) -> bool:
        """True from the first request on."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Return when stopping was asked for."""
        await self._event.wait()

    async def sleep(self, seconds: float) -> bool:
        """Sleep that long or until stopping was asked for; True in the second case."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self._event.is_set()


@contextlib.contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`, once each handler that was there before has been kept callable.

    uvicorn ends its lifespan only after the last reply, so a process must hear the signal itself. asyncio's own
    handler of SIGINT is left out: it cancels the main task, which would end a process in the middle of its work.
    """
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)
        before = previous[signal.Signals(number)]
        if callable(before) and before is not signal.default_int_handler and not _is_of_runner(before):
            before(number, frame)

    for number in previous:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


def to_stdout(data: bytes) -> None:
    """Write a command's result; a reader that has read enough (`| head`) is no reason to stop its work."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_of_runner(handler: object) -> bool:
    """True for the handler that `asyncio.Runner` sets for SIGINT (asyncio/runners.py)."""
    of = getattr(handler, "func", None)
    return isinstance(getattr(of, "__self__", None), asyncio.Runner)


async def repeat(name: str, action: Callable[[], Awaitable[object]], *, every: float, stop: Stop) -> None:
    """Run `action` every that many seconds until `stop`; a failure is logged, and the loop goes on soon.

    The pause is jittered by a tenth so that processes started together do not act together.
    """
    while not stop.requested:
        pause = every
        try:
            await action()
        except Exception:  # a background loop outlives any one failure; each has its own metric
            metrics.BACKGROUND_FAILURES.labels(name).inc()
            logger.exception("background_action_failed", action=name)
            pause = after_failure(every)
        if await stop.sleep(pause * random.uniform(0.9, 1.1)):  # noqa: S311
            return


def after_failure(every: float) -> float:
    """Seconds until what failed is tried again, and fails often enough to be told of, though it is done by the hour."""
    return min(every, AGAIN_SECONDS)
