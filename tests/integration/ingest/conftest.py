"""A running door per test, on the worker's virtual host and a database of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.ingest.doors import Client, Registered, make_sensor, running, settings


@pytest.fixture
async def sensor(postgres: Postgres) -> Registered:
    """A sensor with defaults."""
    return await make_sensor(postgres)


@pytest.fixture
async def door(rabbitmq: Rabbitmq, postgres: Postgres, sensor: Registered, tmp_path: Path) -> AsyncIterator[Client]:
    """A door that is ready and knows the sensor."""
    async with running(settings(rabbitmq, postgres.url("ingest"), tmp_path)) as client:
        yield client
