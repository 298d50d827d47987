"""The processes start with what the chart gives them, in production, and find their logins."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic_settings import BaseSettings

from deploy import secrets
from services.api.settings import ApiSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from shared.bus.migrate import BusMigrateSettings
from shared.bus.users import PROCESSES, BusUsersSettings, user_name
from shared.errors import Invalid
from shared.migrations.settings import MigrateSettings
from shared.search.migrate import MigrateSettings as TemplatesSettings
from tests.helm.chart import SETS, Object, containers, environments, objects, pods

MOUNTED = "/run/secrets/eventsec/"
READ_BY: dict[str, type[BaseSettings]] = {
    "services.ingest": IngestSettings,
    "services.indexer": IndexerSettings,
    "services.api": ApiSettings,
    "shared.migrations": MigrateSettings,
    "shared.bus.users": BusUsersSettings,
    "shared.bus.migrate": BusMigrateSettings,
    "shared.search.migrate": TemplatesSettings,
}
STORES = ("postgres_address", "rabbitmq_address", "rabbitmq_management_address", "opensearch_address")
# Given by whoever runs the store: there is nothing to make up.
GIVEN = {"evidence_s3_secret_key"}


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """A folder with the secrets of an installation, as they are made for one."""
    secrets.make(tmp_path)
    for name in GIVEN:
        (tmp_path / name).write_text("given", encoding="ascii")
    return tmp_path


@pytest.mark.parametrize("values", SETS)
def test_every_process_takes_its_settings_in_production(
    values: str, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = objects(values, "--set=rabbitmq.makeUsers=true")
    assert {module for module, _ in _processes(found)} == set(READ_BY)
    for module, environment in _processes(found):
        settings = _read(READ_BY[module], environment, mounted, monkeypatch)
        assert settings.model_dump()["env"] == "production"
        for address in filter(None, (_called(settings, store) for store in STORES)):
            url = urlsplit(address)
            assert url.username and url.password and url.hostname and url.hostname.endswith(".example.org"), module
            encrypted = url.scheme in ("https", "amqps") or "sslmode=verify-full" in url.query
            assert encrypted, (module, url.scheme)


PLAIN = (
    "postgres.sslmode=require", "rabbitmq.tls=false", "rabbitmq.management.tls=false", "opensearch.tls=false",
)  # fmt: skip


@pytest.mark.parametrize("values", SETS)
def test_stores_without_tls_are_refused_by_every_process_until_it_is_said(
    values: str, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = f"--set=rabbitmq.makeUsers=true,{','.join(PLAIN)}"
    for said in (False, True):
        found = objects(values, plain, f"--set=storesOnPrivateNetwork={str(said).lower()}")
        for module, environment in _processes(found):
            with nullcontext() if said else pytest.raises(Invalid, match="without TLS to another machine"):
                _read(READ_BY[module], environment, mounted, monkeypatch)


def test_the_owner_of_the_schema_is_known_to_the_migration_alone(
    mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = dict(environments(objects("production")))
    owner = (mounted / "postgres_password").read_text().strip()
    for whose, module in (("eventsec-migrate", "shared.migrations"), ("eventsec-api", "services.api")):
        settings = _read(READ_BY[module], found[whose], mounted, monkeypatch)
        assert (owner in _called(settings, "postgres_address")) == (whose == "eventsec-migrate")


def test_the_users_that_are_made_are_those_that_the_services_sign_in_as(
    mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [f"rabbitmq.users.{process}=acme_{process}" for process in PROCESSES]
    found = dict(environments(objects("small", f"--set=rabbitmq.makeUsers=true,{','.join(users)}")))
    making = _read(BusUsersSettings, found["eventsec-migrate"], mounted, monkeypatch)
    assert isinstance(making, BusUsersSettings)
    for process in PROCESSES:
        url = urlsplit(
            _called(
                _read(READ_BY[f"services.{process}"], found[f"eventsec-{process}"], mounted, monkeypatch),
                "rabbitmq_address",
            )
        )
        assert url.username == user_name(making, process) == f"acme_{process}"
        assert url.password == making.passwords()[process].get_secret_value()


def test_each_process_may_have_an_opensearch_user_of_its_own(mounted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {"indexer": "services.indexer", "api": "services.api", "templates": "shared.search.migrate"}
    (mounted / "opensearch_api_password").write_text("of-the-api", encoding="ascii")
    (mounted / "opensearch_templates_password").write_text("of-the-templates", encoding="ascii")
    users = "opensearch.users.api=eventsec_api,opensearch.users.templates=eventsec_migrate"
    found = objects("small", f"--set={users}")
    logins, files = {}, {}
    for process, module in modules.items():
        ((whose, environment),) = [one for one in environments(found) if one[0].startswith(f"eventsec-{process}")]
        url = urlsplit(_called(_read(READ_BY[module], environment, mounted, monkeypatch), "opensearch_address"))
        logins[process] = (url.username, url.password)
        (pod,) = [one for one in pods(found) if one["of"] == whose]
        (volume,) = [one["projected"] for one in pod["spec"]["volumes"] if one["name"] == "secrets"]
        items = [item["path"] for source in volume["sources"] for item in source["secret"]["items"]]
        files[process] = [path for path in items if path.startswith("opensearch_")]
    common = (mounted / "opensearch_password").read_text(encoding="ascii").strip()
    assert logins == {
        "indexer": ("eventsec", common),
        "api": ("eventsec_api", "of-the-api"),
        "templates": ("eventsec_migrate", "of-the-templates"),
    }
    assert files == {
        "indexer": ["opensearch_password"],
        "api": ["opensearch_api_password"],
        "templates": ["opensearch_templates_password"],
    }


def test_a_secret_that_is_missing_is_named(mounted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mounted / "postgres_ingest_password").unlink()
    environment = dict(environments(objects("small")))["eventsec-ingest"]
    with pytest.raises(Exception, match="EVENTSEC_INGEST_POSTGRES_PASSWORD_FILE"):
        _read(IngestSettings, environment, mounted, monkeypatch)


def test_the_secrets_that_are_made_are_the_secrets_that_are_mounted() -> None:
    paths = {
        value.removeprefix(MOUNTED)
        for values in SETS
        for _, environment in environments(objects(values))
        for value in environment.values()
        if value.startswith(MOUNTED)
    }
    # The first person's password is for compose's demo; here a person types theirs.
    assert paths - GIVEN == set(secrets.SECRETS) - {"admin_password"}


def _processes(found: list[Object]) -> list[tuple[str, dict[str, str]]]:
    """Every process of ours, by its module, with its environment."""
    modules = [
        container["command"][-1] for pod in pods(found) for container in containers(pod) if "command" in container
    ]
    given = [environment for whose, environment in environments(found) if not whose.endswith("-web")]
    return list(zip(modules, given, strict=True))


def _read(
    settings: type[BaseSettings], environment: dict[str, str], mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> BaseSettings:
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value.replace(MOUNTED, f"{mounted}/"))
        return settings()


def _called(settings: BaseSettings, method: str) -> str:
    found: Callable[[], str] | None = getattr(settings, method, None)
    return found() if found else ""
