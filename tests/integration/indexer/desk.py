"""An organization with people, channels and receivers, for tests of what people are told."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import SecretStr

from services.api.settings import ApiSettings
from services.indexer import outbox
from services.indexer.notifier import Notifier
from services.indexer.settings import IndexerSettings
from shared import ids, outgoing
from shared.cipher import Cipher
from shared.db.engine import create_engine, create_pool, sessionmaker
from shared.domain.notification import Kind
from shared.notices import Notice
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import make_token
from tests.integration.indexer.receivers import Inbox, Mailbox, inbox, mailbox

LOOPBACK = ip_network("127.0.0.0/8")
KEY = "k" * 32
ALWAYS = {"from": "00:00", "to": "00:00", "zone": "UTC", "days": list(range(7))}


@dataclass
class Desk:
    """An organization, its people and channels, and whoever takes what they are told."""

    postgres: Postgres
    pool: asyncpg.Pool
    owner: asyncpg.Connection
    settings: IndexerSettings
    mail: Mailbox
    hook: Inbox
    organization_id: UUID

    async def person(self, role: str | None = "analyst", *, disabled: bool = False) -> UUID:
        user_id = ids.uuid7()
        await self.owner.execute(
            "INSERT INTO users (id, email, name, disabled_at) VALUES ($1, $2, 'Ada', CASE WHEN $3 THEN now() END)",
            user_id,
            f"{user_id}@example.org",
            disabled,
        )
        if role is not None:
            await self.owner.execute(
                "INSERT INTO memberships (id, user_id, organization_id, role) VALUES ($1, $2, $3, $4)",
                ids.uuid7(),
                user_id,
                self.organization_id,
                role,
            )
        return user_id

    async def channel(self, kind: str = "webhook", form: str = "generic", to: str = "soc@example.org") -> UUID:
        channel_id = ids.uuid7()
        secret = Cipher(self.settings.secret_keys.get_secret_value().split(",")).encrypt(
            orjson.dumps({"url": self.hook.url, "key": KEY}).decode()
        )
        settings = {"format": form, "host": "127.0.0.1"} if kind == "webhook" else {"to": to.split()}
        await self.owner.execute(
            "INSERT INTO notification_channels (id, organization_id, kind, name, settings, secret) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            channel_id,
            self.organization_id,
            kind,
            str(channel_id),
            orjson.dumps(settings).decode(),
            secret if kind == "webhook" else None,
        )
        return channel_id

    async def route(self, *kinds: Kind, channel: UUID | None = None, user: UUID | None = None, **more: Any) -> UUID:
        values = {
            "id": ids.uuid7(),
            "organization_id": self.organization_id,
            "channel_id": channel,
            "user_id": user,
            "kinds": list(kinds),
        } | more
        names = ", ".join(values)
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        await self.owner.execute(f"INSERT INTO notification_routes ({names}) VALUES ({places})", *values.values())
        return UUID(str(values["id"]))

    async def tell(self, kind: Kind, thing: str = "1", **more: Any) -> None:
        async with self.pool.acquire() as connection:
            values: dict[str, Any] = {"subject": f"{kind} {thing}", "severity": 4} | more
            await outbox.notify(connection, [Notice(self.organization_id, kind, thing, **values)])

    async def rows(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.owner.fetch("SELECT * FROM notifications ORDER BY id")]

    async def statuses(self) -> list[str]:
        return sorted(row["status"] for row in await self.rows())

    @contextlib.asynccontextmanager
    async def api(self) -> AsyncIterator[Api]:
        """The api process on the same database, called by who may do everything."""
        engine = create_engine(self.postgres.url("owner"), application_name="test")
        async with sessionmaker(engine)() as session:
            token = await make_token(session, self.organization_id)
        await engine.dispose()
        settings = ApiSettings(
            postgres_url=SecretStr(self.postgres.url("api")),
            rabbitmq_url=SecretStr("amqp://guest:guest@127.0.0.1:1/"),
            rabbitmq_management_url=None,
            opensearch_url=SecretStr("http://127.0.0.1:1"),
            outgoing_allow=[LOOPBACK],
        )
        async with running(settings, token) as api:
            yield api

    async def make_due(self) -> None:
        """Let the time until the next attempt pass."""
        await self.owner.execute("UPDATE notifications SET due_at = now() WHERE status = 'pending'")

    async def send(self, notifier: Notifier | None = None) -> int:
        """One round."""
        async with outgoing.client([LOOPBACK], self.settings.notify_timeout_seconds) as client:
            return await (notifier or Notifier(self.pool, self.settings)).send_due(client)


@contextlib.asynccontextmanager
async def opened(postgres: Postgres) -> AsyncIterator[Desk]:
    """A desk on a database of its own."""
    pool = await create_pool(postgres.url("indexer"), application_name="test", max_size=8)
    async with mailbox() as mail, inbox() as hook, postgres.connect() as owner:
        organization_id = ids.uuid7()
        await owner.execute("INSERT INTO organizations (id, name) VALUES ($1, 'test')", organization_id)
        settings = IndexerSettings(
            postgres_url=SecretStr(postgres.url("indexer")),
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_tls="none",
            smtp_from="eventsec@example.org",
            notify_timeout_seconds=3,
            outgoing_allow=[LOOPBACK],
            public_url="https://soc.example.org/",
        )
        yield Desk(postgres, pool, owner, settings, mail, hook, organization_id)
    await pool.close()
