"""Where a server comes from: the first that can give it."""

import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.stack import engine
from deploy.stack.engine import Engine
from deploy.stack.errors import StackError
from deploy.stack.given import Given
from deploy.stack.native import RECIPES, Native
from deploy.stack.place import Place
from deploy.stack.report import Report
from deploy.stack.state import Store

SERVERS = tuple(RECIPES)

# `native` or `engine` is that one or none; without it the first that can.
VARIABLE = "EVENTSEC_STACK_PROVIDER"


class Server(Protocol):
    """What every provider's server can do."""

    name: str
    provider: str

    def ensure(self, report: Report, /) -> None: ...

    def environment(self) -> dict[str, str]: ...

    def status(self) -> dict[str, object]: ...


@dataclass(frozen=True)
class Stack:
    """All a provider may look at."""

    place: Place
    store: Store
    environment: Mapping[str, str]


def server(name: str, stack: Stack) -> Server:
    return next(found for provider in PROVIDERS if (found := provider(name, stack)) is not None)


def settle(names: Iterable[str], stack: Stack, report: Report) -> None:
    """Write down who runs those of `names` that nobody gives: as the others of this stack, for their data is there.

    The first time it is a Docker engine that answers, else this machine. Raises `StackError` where the one that
    `EVENTSEC_STACK_PROVIDER` names cannot.
    """
    ours = [stack.store.record(name) for name in names if _given(name, stack) is None]
    fresh = [record for record in ours if not record.provider]
    if not fresh:
        return
    before = {record.provider for record in stack.store.records.values()} - {""}
    chosen = next(iter(before), None) or _choose(stack, report)
    for record in fresh:
        record.provider = chosen
    stack.store.save()


def _choose(stack: Stack, report: Report) -> str:
    wanted = stack.environment.get(VARIABLE, "")
    if wanted not in ("", Native.provider, Engine.provider):
        raise StackError(f"{VARIABLE}={wanted} is neither {Native.provider} nor {Engine.provider}.")
    if wanted == Native.provider:
        return wanted
    reason = engine.lacking(stack.place)
    if reason and wanted:
        raise StackError(f"{VARIABLE}={wanted}, and {reason}.")
    report("stack", f"{reason}: servers run natively" if reason else "servers run in containers")
    return Native.provider if reason else Engine.provider


class Ours(Server, Protocol):
    """A server that is started and ended from here."""

    def stop(self, report: Report, /) -> None: ...

    def signal(self, number: signal.Signals, /) -> int: ...


def ours(name: str, stack: Stack) -> Ours:
    """Whichever was settled on; before that there is nothing of either."""
    if stack.store.record(name).provider == Engine.provider:
        return Engine(name, stack.place, stack.store)
    return Native(RECIPES[name], stack.place, stack.store)


def _given(name: str, stack: Stack) -> Given | None:
    """A URL that came out of our own `env`, and is still exported in this shell, is not given by anybody."""
    variable = RECIPES[name].URL
    url = stack.environment.get(variable)
    if not url or url in stack.store.record(name).issued:
        return None
    return Given(name, variable, stack.environment)


PROVIDERS: tuple[Callable[[str, Stack], Server | None], ...] = (_given, ours)
