"""The commands, for Python callers; `__main__` gives them to a shell."""

import os
import shutil
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from deploy.stack import engine, place, providers, state
from deploy.stack.engine import Engine
from deploy.stack.errors import StackError
from deploy.stack.native import interrupted
from deploy.stack.providers import SERVERS, Server, Stack, ours, server
from deploy.stack.report import Report, silent
from deploy.stack.state import Store

S = TypeVar("S", bound=Server)

FREE_GB = 4


def default_directory() -> Path:
    """`EVENTSEC_STACK_DIR`, else `.stack` in the checkout."""
    return Path(os.environ.get("EVENTSEC_STACK_DIR") or Path(__file__).parents[2] / ".stack")


def up(
    directory: Path | None = None,
    names: Iterable[str] = SERVERS,
    *,
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> dict[str, str]:
    """All of `names` running and answering; their environment. Raises `StackError` naming each that is not."""
    with _changing(directory, environ) as stack:
        names = list(names)
        providers.settle(names, stack, report)
        servers = [server(name, stack) for name in names]
        _warn_of_full_disk(stack.place.data.parent, report)
        _each(servers, lambda one: one.ensure(report))
        return _environment(stack)


def down(
    directory: Path | None = None,
    names: Iterable[str] = SERVERS,
    *,
    wipe: bool = False,
    report: Report = silent,
) -> None:
    """None of `names` running that was started here, and with `wipe` no data of any server left.

    Raises `StackError` for each that does not end.
    """
    if not (directory or default_directory()).is_dir():
        return
    with _changing(directory, {}) as stack:
        _each([ours(name, stack) for name in (SERVERS if wipe else names)], lambda one: one.stop(report))
        if wipe:
            if any(record.provider == Engine.provider for record in stack.store.records.values()):
                engine.wipe(stack.place)
            place.wipe(stack.place)


def kill(directory: Path | None, name: str, number: signal.Signals = signal.SIGKILL) -> int:
    """Send a signal to every process of one server at once, for fault tests; how many there were.

    SIGKILL returns when all are gone. Waits for nobody: it may be sent in the middle of an `up`.
    """
    stack = _open(directory, {})
    return ours(name, stack).signal(number)


def environment(directory: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What `up` gave, whether it still runs or not; a server never started is left out."""
    return _environment(_open(directory, environ))


def status(directory: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> dict[str, dict[str, object]]:
    stack = _open(directory, environ)
    return {name: server(name, stack).status() for name in SERVERS}


def _open(directory: Path | None, environ: Mapping[str, str]) -> Stack:
    """Raises `StackError` where there is none."""
    wanted = directory or default_directory()
    if not wanted.is_dir():
        raise StackError(f"nothing was started in {wanted} yet: python -m deploy.stack up")
    where = place.settle(wanted)
    return Stack(where, Store(where.directory), environ)


@contextmanager
def _changing(directory: Path | None, environ: Mapping[str, str]) -> Iterator[Stack]:
    """The state is read only once nobody else is changing it."""
    where = place.settle(directory or default_directory())
    with state.locked(where.directory):
        yield Stack(where, Store(where.directory), environ)


def _environment(stack: Stack) -> dict[str, str]:
    gathered = {"EVENTSEC_STACK_DIR": str(stack.place.directory)}
    for name in SERVERS:
        gathered |= server(name, stack).environment()
    return gathered


def _warn_of_full_disk(folder: Path, report: Report) -> None:
    free = shutil.disk_usage(folder).free / 10**9
    if free < FREE_GB:
        report("disk", f"only {free:.1f} GB free in {folder}: RabbitMQ blocks below 2, OpenSearch below 0.5")


def _each(servers: list[S], act: Callable[[S], None]) -> None:
    """At the same time; all their troubles in one error."""
    interrupted.clear()
    with ThreadPoolExecutor(len(servers) or 1) as pool:
        try:  # around the first submit too: its thread may be heard before the second comes
            outcomes = [(one.name, pool.submit(act, one)) for one in servers]
            pending = {outcome for _, outcome in outcomes}
            while pending:  # in steps: a Ctrl-C just before a wait without an end would be heard at its end only
                pending = wait(pending, timeout=0.2).not_done
        except KeyboardInterrupt:
            interrupted.set()
            raise
    troubles = [f"{name}: {error}" for name, outcome in outcomes if (error := outcome.exception())]
    for _, outcome in outcomes:
        error = outcome.exception()
        if error is not None and not isinstance(error, StackError):
            raise error
    if troubles:
        raise StackError("\n".join(troubles))
