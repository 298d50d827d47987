"""Which login a process uses: its own where it is set, the common one else, never a default in production."""

from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from shared.errors import Invalid
from shared.settings import PostgresSettings, postgres_url


class DoorSettings(PostgresSettings):
    postgres_url: SecretStr = postgres_url("door")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVENTSEC_POSTGRES_URL", "EVENTSEC_DOOR_POSTGRES_URL", "EVENTSEC_ENV"):
        monkeypatch.delenv(name, raising=False)


def _url(settings: PostgresSettings) -> str:
    return settings.postgres_url.get_secret_value()


def test_the_processs_own_login_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_POSTGRES_URL", "postgresql://common/x")
    assert _url(DoorSettings()) == "postgresql://common/x"
    assert _url(PostgresSettings()) == "postgresql://common/x"
    monkeypatch.setenv("EVENTSEC_DOOR_POSTGRES_URL", "postgresql://door/x")
    assert _url(DoorSettings()) == "postgresql://door/x"
    assert _url(PostgresSettings()) == "postgresql://common/x"


def test_it_can_be_given_by_name() -> None:
    assert _url(DoorSettings(postgres_url=SecretStr("postgresql://given/x"))) == "postgresql://given/x"


def test_production_refuses_the_default_login(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1" in _url(DoorSettings())
    monkeypatch.setenv("EVENTSEC_ENV", "production")
    with pytest.raises(Invalid, match="default PostgreSQL login"):
        DoorSettings()
    monkeypatch.setenv("EVENTSEC_DOOR_POSTGRES_URL", "postgresql://door:long-secret@db/x?sslmode=verify-full")
    assert _url(DoorSettings()).endswith("@db/x?sslmode=verify-full")


def test_the_login_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_DOOR_POSTGRES_URL", "postgresql://door:long-secret@db/x")
    assert "long-secret" not in repr(DoorSettings())


@pytest.fixture
def authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's, and a user with none of their own."""
    file = tmp_path / "system.crt"
    file.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PGSSLROOTCERT", raising=False)
    return file


@pytest.mark.parametrize(("mode", "asked"), [("verify-full", True), ("verify-ca", True), ("require", False)])
def test_a_server_that_is_to_be_proven_is_by_the_systems_authorities(mode: str, asked: bool, authorities: Path) -> None:
    address = DoorSettings(postgres_url=SecretStr(f"postgresql://door@db/x?sslmode={mode}")).postgres_address()
    assert address.endswith(f"&sslrootcert={quote(str(authorities), safe='')}") is asked


@pytest.mark.parametrize("own", ["url", "variable", "home"])
def test_authorities_that_somebody_named_come_before_the_systems(
    own: str, authorities: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql://door@db/x?sslmode=verify-full"
    match own:
        case "url":
            url += "&sslrootcert=/mine"
        case "variable":
            monkeypatch.setenv("PGSSLROOTCERT", "/mine")
        case "home":
            (authorities.parent / ".postgresql").mkdir()
            (authorities.parent / ".postgresql" / "root.crt").touch()
    assert DoorSettings(postgres_url=SecretStr(url)).postgres_address() == url
