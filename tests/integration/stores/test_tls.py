"""TLS to each store: the right authority and host are let through, all others refused, and so is plain text.

PostgreSQL and RabbitMQ end TLS themselves. OpenSearch does by its security plugin, which the plain distribution lacks:
a TLS end stands before the real server here. One stands before RabbitMQ's management API too.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.stack import control
from shared.bus.connection import close, connect
from shared.bus.migrate import management_of
from shared.db.engine import create_pool, create_single_use_engine, scalar
from shared.errors import Unavailable
from shared.search.client import create_client, ping
from shared.settings import OpensearchSettings, PostgresSettings, RabbitmqSettings
from tests import NATIVE
from tests.fixtures.certificates import Certificates, lend, make, tls_in_front
from tests.fixtures.rabbitmq import PrivateBroker

ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def postgres_url(certificates: Certificates) -> Iterator[str]:
    """A server of our own that takes TLS only; without the scheme's options."""
    with tempfile.TemporaryDirectory(prefix="eventsec-tls-") as name:
        folder = Path(name)
        try:
            given = control.up(folder, ["postgres"], environ=NATIVE)
            asyncio.run(_want_tls(given["EVENTSEC_POSTGRES_ADMIN_URL"], certificates))
            yield given["EVENTSEC_POSTGRES_URL"]
        finally:
            control.down(folder, wipe=True)


async def _want_tls(admin_url: str, certificates: Certificates) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        lend(certificates, Path(await connection.fetchval("SHOW data_directory")))
        _allow_tls_only(Path(await connection.fetchval("SHOW hba_file")))
        await connection.execute("ALTER SYSTEM SET ssl = on")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


def _allow_tls_only(rules: Path) -> None:
    rules.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl all all ::1/128 scram-sha-256\n")


def _postgres(url: str, ca: Path, *, host: str = "127.0.0.1") -> PostgresSettings:
    return PostgresSettings.model_validate(
        {"postgres_url": f"{_at(url, host=host)}?sslmode=verify-full", "stores_ca_file": ca}
    )


def _at(url: str, *, host: str = "127.0.0.1", scheme: str | None = None, port: int | None = None) -> str:
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    where = f"{login}@{host}" if login else host
    return parts._replace(scheme=scheme or parts.scheme, netloc=f"{where}:{port or parts.port}").geturl()


async def test_postgres_by_tls(postgres_url: str, certificates: Certificates) -> None:
    settings = _postgres(postgres_url, certificates.ca)
    engine = create_single_use_engine(settings.postgres_address, application_name="test")
    async with engine.connect() as connection:
        assert await scalar(connection, ENCRYPTED) is True
    pool = await create_pool(settings.postgres_address, application_name="test")
    async with pool, pool.acquire() as connection:
        assert await scalar(connection, ENCRYPTED) is True


async def test_postgres_by_the_systems_authorities(
    postgres_url: str, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nobody names any, and the user has none of their own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca))
    settings = PostgresSettings.model_validate({"postgres_url": f"{postgres_url}?sslmode=verify-full"})
    engine = create_single_use_engine(settings.postgres_address, application_name="test")
    async with engine.connect() as connection:
        assert await scalar(connection, ENCRYPTED) is True


async def test_postgres_refused(postgres_url: str, certificates: Certificates) -> None:
    for settings, why in (
        (_postgres(postgres_url, certificates.stranger), "certificate verify failed"),
        (_postgres(postgres_url, certificates.ca, host="localhost"), "certificate is not valid for 'localhost'"),
    ):
        engine = create_single_use_engine(settings.postgres_address, application_name="test")
        with pytest.raises(OSError, match=why):
            await engine.connect().start()
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="no encryption"):
        await asyncpg.connect(f"{postgres_url}?sslmode=disable")


@pytest.fixture
async def amqps_url(private_broker: PrivateBroker, certificates: Certificates) -> AsyncIterator[str]:
    """A listener for TLS of the broker's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    certificate, key = lend(certificates, private_broker.directory / "data" / "rabbitmq")
    options = f'[{{certfile, "{certificate}"}}, {{keyfile, "{key}"}}]'
    start = f'rabbit_networking:start_ssl_listener({{"127.0.0.1", {port}, inet}}, {options}, 1).'
    await asyncio.to_thread(private_broker.rabbitmq.run_control, "eval", start)
    yield _at(private_broker.rabbitmq.url, scheme="amqps", port=port)
    stop = f'rabbit_networking:stop_tcp_listener({{"127.0.0.1", {port}, inet}}).'
    await asyncio.to_thread(private_broker.rabbitmq.run_control, "eval", stop)


async def test_rabbitmq_by_tls(amqps_url: str, certificates: Certificates) -> None:
    settings = RabbitmqSettings.model_validate({"rabbitmq_url": amqps_url, "stores_ca_file": certificates.ca})
    connection = await connect(settings.rabbitmq_address, name="tests", within=20)
    async with connection.channel() as channel:
        await channel.declare_queue(exclusive=True)
    await close(connection)


async def test_rabbitmq_refused(amqps_url: str, certificates: Certificates) -> None:
    for url, ca, why in (
        (amqps_url, certificates.stranger, "CERTIFICATE_VERIFY_FAILED"),
        (_at(amqps_url, host="localhost"), certificates.ca, "CERTIFICATE_VERIFY_FAILED"),
        (_at(amqps_url, scheme="amqp"), certificates.ca, ""),
    ):
        settings = RabbitmqSettings.model_validate({"rabbitmq_url": url, "stores_ca_file": ca})
        with pytest.raises((OSError, ConnectionError)) as refused:
            await connect(settings.rabbitmq_address, name="tests", within=20)
        assert not isinstance(refused.value, TimeoutError)
        assert why in str(refused.value)


async def test_the_management_api_by_tls(private_broker: PrivateBroker, certificates: Certificates) -> None:
    url = private_broker.rabbitmq.management_url
    async with tls_in_front(urlsplit(url).port or 0, certificates) as port:
        for host, ca, answers in (
            ("127.0.0.1", certificates.ca, True),
            ("127.0.0.1", certificates.stranger, False),
            ("localhost", certificates.ca, False),
        ):
            settings = RabbitmqSettings.model_validate(
                {"rabbitmq_management_url": _at(url, host=host, scheme="https", port=port), "stores_ca_file": ca}
            )
            management = management_of(settings)
            assert management is not None
            if answers:
                assert await asyncio.to_thread(management.version)
            else:
                with pytest.raises(Unavailable):
                    await asyncio.to_thread(management.version)


async def test_opensearch_by_tls(opensearch_url: str, certificates: Certificates) -> None:
    async with tls_in_front(urlsplit(opensearch_url).port or 0, certificates) as port:
        for scheme, host, ca, answers in (
            ("https", "127.0.0.1", certificates.ca, True),
            ("https", "127.0.0.1", certificates.stranger, False),
            ("https", "localhost", certificates.ca, False),
            ("http", "127.0.0.1", certificates.ca, False),
        ):
            settings = OpensearchSettings.model_validate(
                {"opensearch_url": f"{scheme}://{host}:{port}", "stores_ca_file": ca}
            )
            client = create_client(settings)
            try:
                if answers:
                    await ping(client, within=20)
                else:
                    with pytest.raises(Unavailable, match="no connection"):
                        await ping(client, within=20)
            finally:
                await client.close()
