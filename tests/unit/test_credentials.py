"""Settings by file, and passwords beside the URLs they are for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.ingest.settings import IngestSettings
from shared.credentials import basic, with_password
from shared.errors import Invalid
from shared.settings import OpensearchSettings, RabbitmqSettings, Settings

Write = Callable[[str, bytes], str]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POSTGRES_URL", "INGEST_POSTGRES_URL", "RABBITMQ_URL", "RABBITMQ_MANAGEMENT_URL", "OPENSEARCH_URL"):
        monkeypatch.delenv(f"EVENTSEC_{name}", raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def test_any_setting_may_come_by_file(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("EVENTSEC_LOG_LEVEL_FILE", write("level", b"DEBUG \r\n"))
    monkeypatch.setenv("EVENTSEC_SHUTDOWN_SECONDS_FILE", write("seconds", b"7\n"))
    settings = Settings()
    assert (settings.log_level, settings.shutdown_seconds) == ("DEBUG", 7)


def test_a_processs_own_file_comes_before_the_common_one(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("EVENTSEC_POSTGRES_URL", "postgresql://door@common/x")
    monkeypatch.setenv("EVENTSEC_POSTGRES_PASSWORD", "common")
    monkeypatch.setenv("EVENTSEC_INGEST_POSTGRES_PASSWORD_FILE", write("own", b"own"))
    assert IngestSettings().postgres_address() == "postgresql://door:own@common/x"


def test_an_argument_comes_before_the_file(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("EVENTSEC_LOG_LEVEL_FILE", write("level", b"DEBUG"))
    assert Settings(log_level="ERROR").log_level == "ERROR"


def test_both_set_is_refused(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    monkeypatch.setenv("EVENTSEC_LOG_LEVEL", "INFO")
    monkeypatch.setenv("EVENTSEC_LOG_LEVEL_FILE", write("level", b"DEBUG"))
    with pytest.raises(Invalid, match="EVENTSEC_LOG_LEVEL and EVENTSEC_LOG_LEVEL_FILE are both set"):
        Settings()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "cannot be read: No such file"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "is no text in UTF-8"),
        (b"a" * ((1 << 20) + 1), "holds more than 1048576 bytes"),
    ],
)
def test_a_file_that_gives_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    monkeypatch.setenv("EVENTSEC_RABBITMQ_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(Invalid, match=f"EVENTSEC_RABBITMQ_PASSWORD_FILE: .*{says}"):
        RabbitmqSettings()


def test_a_file_of_a_setting_that_is_anothers_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_RABBITMQ_PASSWORD_FILE", "/nowhere")
    Settings()


def test_a_password_file_is_read_anew(monkeypatch: pytest.MonkeyPatch, write: Write, tmp_path: Path) -> None:
    monkeypatch.setenv("EVENTSEC_OPENSEARCH_URL", "https://eve@search:9200")
    monkeypatch.setenv("EVENTSEC_OPENSEARCH_PASSWORD_FILE", write("password", b"first\n"))
    settings = OpensearchSettings()
    assert "first" not in repr(settings)
    assert settings.opensearch_address() == "https://eve:first@search:9200"
    write("password", b"second\n")
    assert settings.opensearch_address() == "https://eve:second@search:9200"
    write("password", b"")
    assert settings.opensearch_address() == "https://eve:second@search:9200"
    (tmp_path / "password").unlink()
    assert settings.model_copy().opensearch_address() == "https://eve:second@search:9200"


def test_two_passwords_for_one_url_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_RABBITMQ_URL", "amqp://eve:inside@mq/")
    monkeypatch.setenv("EVENTSEC_RABBITMQ_PASSWORD", "beside")
    with pytest.raises(Invalid, match="EVENTSEC_RABBITMQ_PASSWORD is set, and EVENTSEC_RABBITMQ_URL holds one"):
        RabbitmqSettings()


@pytest.mark.parametrize("url", ["amqp://mq:5672/", "amqp://@mq/"])
def test_a_password_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EVENTSEC_RABBITMQ_URL", url)
    monkeypatch.setenv("EVENTSEC_RABBITMQ_PASSWORD", "beside")
    with pytest.raises(Invalid, match="EVENTSEC_RABBITMQ_PASSWORD is set, and EVENTSEC_RABBITMQ_URL names no user"):
        RabbitmqSettings()


def test_a_user_may_be_an_option_of_a_postgres_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_INGEST_POSTGRES_URL", "postgresql://db/x?user=door")
    monkeypatch.setenv("EVENTSEC_INGEST_POSTGRES_PASSWORD", "beside")
    assert IngestSettings().postgres_address() == "postgresql://:beside@db/x?user=door"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("amqp://eve@mq:5672/", "amqp://eve:p%40%2F%3A@mq:5672/"),
        ("postgresql://eve@a:1,b:2/x?sslmode=require", "postgresql://eve:p%40%2F%3A@a:1,b:2/x?sslmode=require"),
        ("postgresql://eve@/x?host=/run/pg@1", "postgresql://eve:p%40%2F%3A@/x?host=/run/pg@1"),
        ("https://eve@[::1]:9200", "https://eve:p%40%2F%3A@[::1]:9200"),
    ],
)
def test_the_password_goes_into_the_url(url: str, whole: str) -> None:
    assert with_password(url, SecretStr("p@/:")) == whole
    assert with_password(url, None) == url


def test_the_login_a_url_shows() -> None:
    assert basic("https://eve:p%40%2F%3A@[::1]:9200") == "Basic ZXZlOnBALzo="
