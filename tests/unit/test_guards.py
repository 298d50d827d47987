"""What EVENTSEC_ENV=production refuses, each with what to do instead; and that a demo may have all of it."""

from pathlib import Path
from typing import Any

import pytest

from deploy import secrets
from services.api.settings import ApiSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from shared import crash
from shared.errors import Invalid
from shared.guards import DEMO_SECRET_KEY, is_open_way
from shared.settings import Settings

SAFE: dict[str, Any] = {
    "env": "production",
    "postgres_url": "postgresql://eve:one@db/x?sslmode=verify-full",
    "rabbitmq_url": "amqps://eve:one@mq/",
    "rabbitmq_management_url": "https://eve:one@mq:15671",
    "opensearch_url": "https://eve:one@search:9200",
    "secret_keys": secrets.key(),
    "public_url": "https://soc.example.org",
}

TLS = "EVENTSEC_STORES_ON_PRIVATE_NETWORK=true"
OWN = "python -m deploy.secrets"

# By what is set: the setting that is named, and what to do instead.
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"postgres_url": "postgresql://eventsec:eventsec@127.0.0.1:5432/eventsec"}, "PostgreSQL login", "POSTGRES_URL"),
    ({"postgres_url": "postgresql://eve:eve@127.0.0.1/x"}, "EVENTSEC_POSTGRES_PASSWORD", OWN),
    ({"postgres_url": "postgresql://eve@db/x?sslmode=verify-full", "postgres_password": "demo-only-a"}, "demo's", OWN),
    ({"postgres_url": "postgresql://eve:one@db/x"}, "EVENTSEC_POSTGRES_URL", TLS),
    ({"postgres_url": "postgresql://eve:one@db/x?sslmode=require"}, "EVENTSEC_POSTGRES_URL", TLS),
    ({"rabbitmq_url": "amqps://guest:guest@mq/"}, "guest login", "shared.bus.users"),
    ({"rabbitmq_url": "amqps://guest@mq/", "rabbitmq_password": "own"}, "guest login", "shared.bus.users"),
    ({"rabbitmq_url": "amqps://mq/"}, "guest login", "shared.bus.users"),
    ({"rabbitmq_url": "amqps://%67uest:own@mq/"}, "guest login", "shared.bus.users"),
    ({"rabbitmq_url": "amqps://eve:one@mq/?no_verify_ssl="}, "EVENTSEC_RABBITMQ_URL", TLS),
    ({"rabbitmq_url": "amqps://eve:%64emo-only-b@mq/"}, "EVENTSEC_RABBITMQ_PASSWORD", OWN),
    (
        {"postgres_url": "postgresql://eve@db/x?sslmode=verify-full&password=demo-only-a"},
        "EVENTSEC_POSTGRES_PASSWORD",
        OWN,
    ),
    ({"rabbitmq_management_url": "https://guest:own@mq"}, "guest login", "shared.bus.users"),
    ({"rabbitmq_url": "amqps://eve:demo-only-b@mq/"}, "EVENTSEC_RABBITMQ_PASSWORD", OWN),
    ({"rabbitmq_url": "amqp://eve:one@mq/"}, "EVENTSEC_RABBITMQ_URL", TLS),
    ({"rabbitmq_url": "amqps://eve:one@mq/?no_verify_ssl=1"}, "EVENTSEC_RABBITMQ_URL", TLS),
    ({"rabbitmq_management_url": "http://eve:one@mq:15672"}, "EVENTSEC_RABBITMQ_MANAGEMENT_URL", TLS),
    ({"rabbitmq_management_url": "https://eve:demo-only-c@mq"}, "EVENTSEC_RABBITMQ_MANAGEMENT_PASSWORD", OWN),
    ({"opensearch_url": "http://eve:one@search:9200"}, "EVENTSEC_OPENSEARCH_URL", TLS),
    ({"opensearch_url": "https://eve:demo-only-d@search:9200"}, "EVENTSEC_OPENSEARCH_PASSWORD", OWN),
    ({"secret_keys": f"{secrets.key()},{DEMO_SECRET_KEY}"}, "EVENTSEC_SECRET_KEYS", OWN),
    ({"public_url": None}, "public URL", "EVENTSEC_PUBLIC_URL=https://"),
    ({"public_url": "http://soc.example.org"}, "public URL", "EVENTSEC_PUBLIC_URL=https://"),
    ({"public_url": ""}, "public URL", "EVENTSEC_PUBLIC_URL=https://"),
]
OF_THE_API: list[tuple[dict[str, Any], str, str]] = [
    ({"insecure_cookies": True}, "EVENTSEC_INSECURE_COOKIES", "serve by TLS"),
    ({"api_host": "0.0.0.0"}, "open bind", "EVENTSEC_TLS_IN_FRONT=true"),
]


@pytest.mark.parametrize(("setting", "what", "instead"), [*REFUSED, *OF_THE_API])
def test_production_refuses_and_says_what_to_do(setting: dict[str, Any], what: str, instead: str) -> None:
    ApiSettings(**SAFE)
    with pytest.raises(Invalid) as refused:
        ApiSettings(**SAFE | setting)
    said = str(refused.value)
    assert said.startswith("EVENTSEC_ENV=production refuses ")
    assert what in said.partition(": ")[0]
    assert instead in said.partition(": ")[2]
    ApiSettings(**SAFE | setting | {"env": "demo"})


@pytest.mark.parametrize("setting", [setting for setting, _, _ in REFUSED])
def test_the_indexer_refuses_the_same(setting: dict[str, Any]) -> None:
    IndexerSettings(**SAFE)
    with pytest.raises(Invalid, match="EVENTSEC_ENV=production refuses"):
        IndexerSettings(**SAFE | setting)


def test_the_door_refuses_what_is_of_its_own_stores() -> None:
    safe = {name: value for name, value in SAFE.items() if name in IngestSettings.model_fields}
    IngestSettings(**safe)
    own = [setting for setting, _, _ in REFUSED if setting.keys() <= IngestSettings.model_fields.keys()]
    assert len(own) >= 10
    for setting in (*own, {"ingest_host": "0.0.0.0"}):
        with pytest.raises(Invalid, match="EVENTSEC_ENV=production refuses"):
            IngestSettings(**safe | setting)


def test_a_crash_point_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(crash.VARIABLE, "relay_after_publish")
    with pytest.raises(Invalid, match=r"die at a point.*leave it out"):
        Settings(env="production")


def test_a_network_of_the_stores_own_needs_no_tls() -> None:
    plain = {name: url for setting, _, instead in REFUSED if instead == TLS for name, url in setting.items()}
    assert len(plain) == 4
    ApiSettings(**SAFE | plain | {"stores_on_private_network": True})


def test_every_password_of_the_demo_is_refused() -> None:
    for file in (secrets.FOLDER / "demo").iterdir():
        if file.name != "secret_keys":
            login = {"postgres_url": "postgresql://eve@127.0.0.1/x", "postgres_password": file.read_text().rstrip()}
            with pytest.raises(Invalid, match="the demo's login"):
                ApiSettings(**SAFE | login)


@pytest.mark.parametrize(
    ("url", "is_open"),
    [
        ("postgresql://127.0.0.1,[::1]:5433,localhost/x", False),
        ("postgresql://127.0.0.1,db/x", True),
        ("postgresql://127.0.0.1,db/x?sslmode=verify-full", False),
        ("postgresql:///x", False),
        ("postgresql:///x?host=/run/postgresql", False),
        ("postgresql:///x?host=db", True),
        ("postgresql://127.0.0.1/x?host=db", True),
        ("amqp://127.0.0.1:5672/", False),
        ("amqp://127.0.0.1.example.org/", True),
        ("amqps://mq/?cafile=/ca.pem", False),
        ("http://localhost:9200", False),
        ("http://[fd00::1]:9200", True),
        ("https://search", False),
    ],
)
def test_which_way_is_open(url: str, is_open: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    assert is_open_way(url) is is_open


@pytest.mark.parametrize(("host", "is_open"), [("/run/postgresql", False), ("localhost", False), ("db", True)])
def test_a_url_without_a_host_leads_where_pghost_says(
    host: str, is_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", host)
    assert is_open_way("postgresql:///x") is is_open
    assert is_open_way("postgresql://127.0.0.1/x") is False


def test_a_ca_file_without_certificates_is_refused(tmp_path: Path) -> None:
    for file, content in (("missing", None), ("empty", ""), ("text", "no certificate")):
        if content is not None:
            (tmp_path / file).write_text(content)
        with pytest.raises(Invalid, match="EVENTSEC_STORES_CA_FILE: no certificates"):
            IngestSettings(stores_ca_file=tmp_path / file)
