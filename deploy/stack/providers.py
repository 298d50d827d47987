"""Where a server comes from: the first that can give it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.stack.given import Given
from deploy.stack.native import RECIPES, Native
from deploy.stack.place import Place
from deploy.stack.report import Report
from deploy.stack.state import Store

SERVERS = tuple(RECIPES)


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


def native(name: str, stack: Stack) -> Native:
    return Native(RECIPES[name], stack.place, stack.store)


def _given(name: str, stack: Stack) -> Given | None:
    """A URL that came out of our own `env`, and is still exported in this shell, is not given by anybody."""
    variable = RECIPES[name].URL
    url = stack.environment.get(variable)
    if not url or url in stack.store.record(name).issued:
        return None
    return Given(name, variable, stack.environment)


# A Docker engine's place is between the two.
PROVIDERS: tuple[Callable[[str, Stack], Server | None], ...] = (_given, native)
