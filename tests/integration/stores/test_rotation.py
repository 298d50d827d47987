"""A password that is changed in its file and on the server is used by the next connection; nothing is restarted."""

import asyncio
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import DBAPIError

from shared.bus.connection import keep_connected
from shared.bus.management import Management
from shared.bus.users import PROCESSES, BusUsersSettings, set_users, user_name
from shared.credentials import FromFile, SecretFile
from shared.db.engine import create_engine, create_pool, scalar
from shared.retry import Backoff
from shared.settings import PostgresSettings, RabbitmqSettings
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbitmq import Rabbitmq, manage
from tests.waiting import until


def secret_in(file: Path) -> SecretFile:
    text = FromFile(file.read_text())
    text.path = file
    return SecretFile(text)


def without_login(url: str, user: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}").geturl()


async def test_postgres(postgres: Postgres, tmp_path: Path) -> None:
    role, file = f"rotated_{secrets.token_hex(4)}", tmp_path / "password"
    file.write_text("first")
    await postgres.cluster.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'first'")
    settings = PostgresSettings.model_validate(
        {"postgres_url": without_login(postgres.url(), role), "postgres_password": secret_in(file)}
    )
    engine = create_engine(settings.postgres_address, application_name="test")
    pool = await create_pool(settings.postgres_address, application_name="test")
    try:
        async with engine.connect() as old, pool.acquire() as old_too:
            await postgres.cluster.execute(f"ALTER ROLE {role} PASSWORD 'second'")
            with pytest.raises(DBAPIError, match="password authentication failed"):
                await engine.connect().start()
            file.write_text("second\n")
            async with engine.connect() as new, pool.acquire() as new_too:
                assert [await scalar(one, "SELECT 1") for one in (old, old_too, new, new_too)] == [1, 1, 1, 1]
    finally:
        await engine.dispose()
        await pool.close()
        await postgres.cluster.execute(f"DROP ROLE {role}")


async def test_rabbitmq(rabbitmq: Rabbitmq, tmp_path: Path) -> None:
    file = tmp_path / "password"
    passwords = {f"{process}_rabbitmq_password": "first" for process in PROCESSES}
    users = {
        "rabbitmq_url": rabbitmq.url,
        "rabbitmq_management_url": rabbitmq.management_url,
        "rabbitmq_users": f"test-{secrets.token_hex(4)}",
    }
    file.write_text("first")
    await set_users(BusUsersSettings.model_validate(users | passwords))
    name = user_name(BusUsersSettings.model_validate(users), "api")
    settings = RabbitmqSettings.model_validate(
        {
            "rabbitmq_url": without_login(rabbitmq.url, name),
            "rabbitmq_password": secret_in(file),
            "rabbitmq_management_url": without_login(rabbitmq.management_url, name),
            "rabbitmq_management_password": secret_in(file),
        }
    )
    management = Management(settings.rabbitmq_management_address, rabbitmq.url)
    connections, lose = 0, asyncio.Event()

    async def session(_: object) -> None:
        nonlocal connections
        connections += 1
        await lose.wait()

    running = asyncio.create_task(
        keep_connected(settings.rabbitmq_address, name="tests", session=session, backoff=Backoff(first=0.05, most=0.2))
    )
    try:
        await until(lambda: connections == 1)
        assert management.version()
        await set_users(BusUsersSettings.model_validate(users | dict.fromkeys(passwords, "second")))
        file.write_text("second\n")
        lose.set()
        await until(lambda: connections > 1)
        assert management.version()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for process in PROCESSES:
            manage(rabbitmq.management_url, "DELETE", f"users/{users['rabbitmq_users']}_{process}")
