"""Shows the demo at a terminal until somebody has seen enough, or the demo ends."""

import asyncio
import contextlib

from rich.console import Console
from rich.live import Live

from deploy.demo.folder import Folder
from deploy.demo.interrupts import NUMBERS, Interrupted
from deploy.demo.start import is_running
from deploy.demo.view import screen
from deploy.demo.view.numbers import Sources
from deploy.stack import control

PERIOD_SECONDS = 1.0
PLAIN_PERIOD_SECONDS = 15.0  # into a file or a pipe


def watch(folder: Folder, *, footer: str) -> None:
    """Returns when the demo has ended. Raises `Interrupted` on Ctrl-C, SIGTERM or a closed terminal."""
    if asyncio.run(_watch(folder, footer)):
        raise Interrupted


async def _watch(folder: Folder, footer: str) -> bool:
    enough = asyncio.Event()
    for number in NUMBERS:
        asyncio.get_running_loop().add_signal_handler(number, enough.set)
    sources = Sources(folder, control.environment(folder.path)["EVENTSEC_OPENSEARCH_URL"])
    asking = asyncio.create_task(sources.run())
    console = Console()
    period = PERIOD_SECONDS if console.is_terminal else PLAIN_PERIOD_SECONDS
    live = Live(console=console, screen=console.is_terminal, auto_refresh=False, transient=True)
    try:
        with live:
            while not enough.is_set() and is_running(folder):
                width, height = console.size
                picture = screen.render(sources.numbers, now=screen.now(), width=width, height=height, footer=footer)
                if console.is_terminal:
                    live.update(picture, refresh=True)
                else:
                    console.print(picture)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(enough.wait(), period)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    return enough.is_set()
