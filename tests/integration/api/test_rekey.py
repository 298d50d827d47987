"""A secret key is changed for another while processes run: both, then every secret anew, then the new one alone."""

import asyncio
import os
import sys

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import LargeBinary, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import rekey
from services.api.auth import totp
from services.api.settings import ApiSettings
from shared.cipher import Cipher, make_key
from shared.db.engine import create_single_use_engine, sessionmaker
from shared.models import Base, NotificationChannel, User
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import running
from tests.integration.api.rows import Tenant, make_person, make_token

OLD, NEW = make_key(), make_key()
HOOK = {"name": "soar", "kind": "webhook", "url": "https://hooks.example.org/secret-path"}


@pytest.fixture(autouse=True)
async def no_others(session: AsyncSession) -> None:
    """The program goes through a whole database, and other tests leave their secrets in this one."""
    await session.execute(update(User).values(totp_secret=None))
    await session.execute(update(NotificationChannel).values(secret=None))
    await session.commit()


async def program(database: Postgres, keys: str, *arguments: str) -> tuple[int | None, str]:
    """The program as an operator runs it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.api.rekey", *arguments,
        env={
            "PATH": os.environ["PATH"],
            "EVENTSEC_API_POSTGRES_URL": database.url("api"),
            "EVENTSEC_SECRET_KEYS": keys,
        },
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode != 2, err.decode()
    return process.returncode, out.decode()


def keyed(settings: ApiSettings, keys: str) -> ApiSettings:
    return settings.model_copy(update={"secret_keys": SecretStr(keys)})


async def test_a_key_is_changed_while_processes_run(
    bare_settings: ApiSettings, database: Postgres, session: AsyncSession, acme: Tenant
) -> None:
    seeds = {}
    for number in range(5):
        seed = totp.make_secret()
        user = await make_person(session, acme, totp_secret=Cipher([OLD]).encrypt(seed), name=f"person {number}")
        seeds[user.id] = seed
    token = await make_token(session, acme.id, "notifications:read", "notifications:write")
    await session.commit()
    async with running(keyed(bare_settings, OLD), token) as old:
        assert (await old.post("notification-channels", HOOK)).status_code == 201

    both = f"{NEW},{OLD}"
    async with running(keyed(bare_settings, both), token) as new:
        assert (await new.post("notification-channels", HOOK | {"name": "second"})).status_code == 201
        status, said = await program(database, both, "--check")
        assert (status, said.splitlines()) == (
            1,
            [
                "one-time-code seeds: 0 renewed, 0 current before, 5 under an old key, 0 under no known key",
                "notification channels: 0 renewed, 1 current before, 1 under an old key, 0 under no known key",
            ],
        )
        status, said = await program(database, both)
        assert (status, "5 renewed" in said, "1 renewed, 1 current" in said) == (0, True, True)
        assert (await program(database, NEW, "--check"))[0] == 0
        status, said = await program(database, both)
        assert (status, said.count("0 renewed")) == (0, 2)
        # What this process kept from before is read with the key it is under now.
        for one in (await new.get("notification-channels")).json()["items"]:
            changed = await new.patch(
                f"notification-channels/{one['id']}", {"url": HOOK["url"] + "2"}, headers={"If-Match": "*"}
            )
            assert changed.status_code == 200, changed.text

    alone = Cipher([NEW])
    session.expire_all()
    users = {user.id: user for user in await session.scalars(select(User).where(User.id.in_(seeds)))}
    assert {key: alone.decrypt(user.totp_secret or b"") for key, user in users.items()} == seeds
    channels = await session.scalars(select(NotificationChannel).where(NotificationChannel.organization_id == acme.id))
    assert {orjson.loads(alone.decrypt(one.secret or b""))["url"] for one in channels} == {HOOK["url"] + "2"}


async def test_a_secret_under_a_lost_key_is_counted_and_left(
    database: Postgres, session: AsyncSession, acme: Tenant
) -> None:
    lost = Cipher([make_key()]).encrypt("gone")
    user = await make_person(session, acme, totp_secret=lost)
    await session.commit()
    status, said = await program(database, NEW)
    assert (status, "1 under no known key" in said) == (1, True)
    await session.refresh(user)
    assert user.totp_secret == lost


async def test_every_page_is_gone_through(
    bare_settings: ApiSettings, session: AsyncSession, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekey, "PAGE", 2)
    people = [await make_person(session, acme, totp_secret=Cipher([OLD]).encrypt(f"s{n}")) for n in range(5)]
    await session.commit()
    engine = create_single_use_engine(bare_settings.postgres_address, application_name="test")
    counts = await rekey.run(sessionmaker(engine), Cipher([NEW, OLD]), write=True)
    assert (counts["one-time-code seeds"].renewed, counts["one-time-code seeds"].old) == (5, 0)
    for person in people:
        await session.refresh(person)
    assert [Cipher([NEW]).decrypt(person.totp_secret or b"") for person in people] == [f"s{n}" for n in range(5)]


def test_every_column_of_secrets_is_known() -> None:
    """Hashes are named so; whatever else is kept as bytes and called a secret can be decrypted."""
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and "secret" in column.name and "hash" not in column.name
    }
    assert named == {(model.__tablename__, column.key) for model, column in rekey.KINDS.values()}
