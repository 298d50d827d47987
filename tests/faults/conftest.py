"""A fresh system per test, on the servers of this run."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.front import fronted
from tests.faults.system import System


@contextlib.asynccontextmanager
async def _corner(
    directory: Path, *, doors: int = 1, indexers: int = 1, apis: int = 0, together: bool = False
) -> AsyncIterator[System]:
    if "EVENTSEC_STACK_DIR" not in os.environ:
        pytest.fail("EVENTSEC_STACK_DIR is not set: run this by `make test`, which starts the servers", pytrace=False)
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    one = System(environment, directory, doors=doors, indexers=indexers, apis=apis, together=together)
    await one.create()
    try:
        yield one
    finally:
        await one.stop()
        await one.destroy()


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """The product's corner is made, its processes are not started yet; all goes when the test ends."""
    async with _corner(tmp_path) as one:
        yield one


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[System]:
    """The same with two doors and three indexers."""
    async with _corner(tmp_path, doors=2, indexers=3) as several:
        yield several


@pytest.fixture
async def staffed(tmp_path: Path) -> AsyncIterator[System]:
    """The same with one of each and an api, for people to work at."""
    async with _corner(tmp_path, apis=1) as one:
        yield one


@pytest.fixture
async def paired(tmp_path: Path) -> AsyncIterator[System]:
    """The same with two of each, behind nginx."""
    async with _corner(tmp_path, doors=2, indexers=2, apis=2, together=True) as one, fronted(one, tmp_path):
        yield one
