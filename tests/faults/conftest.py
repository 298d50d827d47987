"""A fresh system per test, on the servers of this run."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.system import System


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    """The product's corner is made, its processes are not started yet; all goes when the test ends."""
    if "EVENTSEC_STACK_DIR" not in os.environ:
        pytest.fail("EVENTSEC_STACK_DIR is not set: run this by `make test`, which starts the servers", pytrace=False)
    environment = {name: value for name, value in os.environ.items() if name.startswith("EVENTSEC_")}
    one = System(environment, tmp_path)
    await one.create()
    try:
        yield one
    finally:
        await one.stop()
        await one.destroy()
