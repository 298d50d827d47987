"""The api process's application on real servers, a client that holds it to its own description, and tokens."""

import asyncio
import secrets
import sys
import traceback
from collections.abc import AsyncIterator, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import app
from services.api.deps import Resources
from services.api.settings import ApiSettings
from shared.db.engine import create_engine, sessionmaker
from shared.lifecycle import Stop
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Cluster, Postgres
from tests.fixtures.rabbitmq import Rabbitmq
from tests.integration.api.calling import Api, running
from tests.integration.api.projected import Findable, project
from tests.integration.api.rows import Tenant, make_tenant

NOWHERE = 1  # a port nobody listens on


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What our own code logs, as data; rendering a traceback for the terminal takes longer than most tests."""
    with structlog.testing.capture_logs([_spelled_out]) as entries:
        yield entries
        for entry in entries:
            if "traceback" in entry:
                print(entry["event"], entry["traceback"], sep="\n")


def _spelled_out(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What went wrong, while it is known: pytest shows it with a test that fails."""
    error = sys.exc_info()[1] if entry.get("exc_info") is True else entry.get("exc_info")
    if isinstance(error, BaseException):
        entry["traceback"] = "".join(traceback.format_exception(error)[-12:])
    return entry


@pytest.fixture(scope="session")
def database(postgres_cluster: Cluster, postgres_template: str) -> Iterator[Postgres]:
    """One database for all tests of the api in this process: each has organizations of its own in it."""
    name = f"{postgres_cluster.prefix}_api_{secrets.token_hex(4)}"
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, postgres_cluster.create(name, template=postgres_template)).result()
        yield Postgres(postgres_cluster, name)
        thread.submit(asyncio.run, postgres_cluster.drop(name)).result()


@pytest.fixture
async def session(database: Postgres) -> AsyncIterator[AsyncSession]:
    """For preparing and looking, as the owner of the tables."""
    engine = create_engine(database.url("owner"), application_name="test")
    async with sessionmaker(engine)() as session:
        yield session
        # Of no organization: what one test plants, the next must not find.
        await session.rollback()
        await session.execute(text("DELETE FROM search_generations"))
        await session.commit()
    await engine.dispose()


@pytest.fixture
async def acme(session: AsyncSession) -> Tenant:
    """An organization with a token that may do everything."""
    return await make_tenant(session, "Acme")


@pytest.fixture
async def other(session: AsyncSession) -> Tenant:
    """Another organization, whose things are not Acme's to see."""
    return await make_tenant(session, "Other")


@pytest.fixture(scope="session")
def evidence_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files of evidence lie."""
    return tmp_path_factory.mktemp("evidence")


@pytest.fixture
def bare_settings(database: Postgres, evidence_folder: Path) -> ApiSettings:
    """Postgres only; the other servers are away."""
    return ApiSettings(
        postgres_url=SecretStr(database.url("api")),
        rabbitmq_url=SecretStr(f"amqp://guest:guest@127.0.0.1:{NOWHERE}/"),
        rabbitmq_management_url=None,
        opensearch_url=SecretStr(f"http://127.0.0.1:{NOWHERE}"),
        index_prefix="",
        evidence_folder=evidence_folder,
        evidence_reserve_bytes=0,
    )


@pytest.fixture
def whole_settings(database: Postgres, rabbitmq: Rabbitmq, search: Search, evidence_folder: Path) -> ApiSettings:
    """All three servers."""
    return ApiSettings(
        postgres_url=SecretStr(database.url("api")),
        rabbitmq_url=SecretStr(rabbitmq.url),
        rabbitmq_management_url=SecretStr(rabbitmq.management_url),
        opensearch_url=search.settings.opensearch_url,
        index_prefix=search.settings.index_prefix,
        evidence_folder=evidence_folder,
        evidence_reserve_bytes=0,
    )


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Applications without sweeps of their own, which begin as they start and would take what a test is to find."""

    async def none(resources: Resources, stop: Stop) -> None:
        """No sweep."""

    for loop in ("_sweeps", "_clocks", "_alert_clocks"):
        monkeypatch.setattr(app, loop, none)


@pytest.fixture
async def api(bare_settings: ApiSettings, acme: Tenant) -> AsyncIterator[Api]:
    """The application with Postgres alone, called by Acme."""
    async with running(bare_settings, acme.token) as api:
        yield api


@pytest.fixture
async def whole_api(whole_settings: ApiSettings, acme: Tenant) -> AsyncIterator[Api]:
    """The application with all its servers, called by Acme, once it knows that they are there."""
    async with running(whole_settings, acme.token) as api:
        await api.until_up("postgres", "opensearch", "rabbitmq")
        yield api


@pytest.fixture
def findable(database: Postgres, search: Search) -> Findable:
    """Call it to have rows found: by the indexer's own code, in the index the application asks."""
    return partial(project, database, search)
