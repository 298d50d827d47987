"""docs/compose.md's settings for production: compose resolves them, and every process takes them."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from deploy import secrets
from deploy.smoke import engine
from deploy.stack.errors import StackError
from services.api.settings import ApiSettings
from services.indexer.settings import IndexerSettings
from services.ingest.settings import IngestSettings
from shared.bus.users import BusUsersSettings
from shared.errors import Invalid
from shared.migrations.settings import MigrateSettings
from shared.search.migrate import MigrateSettings as TemplatesSettings
from tests.architecture.place import ROOT

DEPLOY, PAGE = ROOT / "deploy", ROOT / "docs" / "compose.md"
READ_BY: dict[str, list[type[BaseSettings]]] = {
    "migrate": [MigrateSettings, BusUsersSettings],
    "templates": [TemplatesSettings],
    "ingest": [IngestSettings],
    "indexer": [IndexerSettings],
    "api": [ApiSettings],
}
MOUNTED = "/run/secrets/"

pytestmark = pytest.mark.skipif(not engine.has_compose(), reason="no docker compose here")


def block() -> str:
    """The page's lines for deploy/.env."""
    (found,) = re.findall(r"^```dotenv\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def resolved(text: str, folder: Path, settings: str | None = "", *, named: bool = True) -> dict[str, Any]:
    """Services as compose sees them with this .env and this eventsec.env, and with secrets in a folder of ours.

    None is started. `settings` of None are no file at all. One that is not named lies beside the compose file.
    """
    file, chosen = folder / "env", folder / "eventsec.env"
    file.write_text(text, encoding="utf-8")
    if settings is not None:
        chosen.write_text(settings, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("EVENTSEC_", "COMPOSE_"))}
    if named:
        place, environment["EVENTSEC_SETTINGS"] = DEPLOY, str(chosen)
    else:
        place = folder
        for name in ("compose.yaml", "compose.env", "env.example"):
            shutil.copy(DEPLOY / name, place)
    if "EVENTSEC_SECRETS_DIR" in text:
        secrets.make(folder / "secrets")
        environment["EVENTSEC_SECRETS_DIR"] = str(folder / "secrets")
    words = ["--env-file", str(file), "--file", str(place / "compose.yaml"), "config", "--format", "json"]
    return dict(json.loads(engine.docker("compose", *words, env=environment))["services"])


def asked_for(file: str) -> set[str]:
    """The variables that compose fills into a file."""
    return set(re.findall(r"\$\{(EVENTSEC_[A-Z_]+)", (DEPLOY / file).read_text(encoding="utf-8")))


def names_in(file: str) -> list[str]:
    """The settings that a file of settings gives."""
    return re.findall(r"^(EVENTSEC_[A-Z_]+)=", (DEPLOY / file).read_text(encoding="utf-8"), re.MULTILINE)


def image_environment() -> dict[str, str]:
    """What the services' image sets."""
    dockerfile = (DEPLOY / "python.Dockerfile").read_text(encoding="utf-8")
    return dict(re.findall(r"(EVENTSEC_[A-Z_]+_(?:HOST|PATH|FOLDER))=(\S+)", dockerfile))


def start(services: dict[str, Any], name: str, text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read a service's settings as its process does. Raises what they are refused with."""
    own = "EVENTSEC_SECRETS_DIR" in text
    where = folder / "secrets" if own else DEPLOY / "secrets" / "demo"
    environment = image_environment() | services[name]["environment"]
    with monkeypatch.context() as patch:
        for variable, value in environment.items():
            if value is not None:
                patch.setenv(variable, value.replace(MOUNTED, f"{where}/"))
        for settings in READ_BY[name]:
            assert settings().model_dump()["env"] == "production"


def test_every_process_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    services = resolved(block(), tmp_path)
    assert {name for name, one in services.items() if "python" in " ".join(one.get("command") or [])} == set(READ_BY)
    assert len(image_environment()) == 5
    for name in READ_BY:
        start(services, name, block(), tmp_path, monkeypatch)


def test_only_the_port_with_tls_is_open_to_other_machines(tmp_path: Path) -> None:
    services = resolved(block(), tmp_path)
    ports = [
        (name, port["host_ip"], port["published"]) for name in services for port in services[name].get("ports", [])
    ]
    assert sorted(ports) == [("tls", "0.0.0.0", "443"), ("web", "127.0.0.1", "8080")]


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("EVENTSEC_PUBLIC_URL", "without a public URL with TLS"),
        ("EVENTSEC_TLS_IN_FRONT", "put a TLS proxy in front"),
        ("EVENTSEC_INSECURE_COOKIES", "refuses EVENTSEC_INSECURE_COOKIES"),
        ("EVENTSEC_SECRETS_DIR", "the demo's"),
    ],
)
def test_none_of_them_can_be_left_out(
    variable: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(line for line in block().splitlines(keepends=True) if not line.startswith(f"{variable}="))
    assert text != block()
    services = resolved(text, tmp_path)
    with pytest.raises(Invalid, match=said):
        start(services, "api", text, tmp_path, monkeypatch)


def test_the_page_names_what_compose_asks_for_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    ((asked, either),) = re.findall(r"^Compose asks for (.*?)^Either file takes (.*?);", page, re.MULTILINE | re.DOTALL)
    compose, settings = asked_for("compose.yaml"), asked_for("compose.env")
    assert set(re.findall(r"`(EVENTSEC_[A-Z_]+)`", asked)) == compose | (settings - set(names_in("compose.env")))
    assert set(re.findall(r"`(EVENTSEC_[A-Z_]+)`", either)) == settings & set(names_in("compose.env"))


def test_no_setting_that_one_may_choose_is_overruled(tmp_path: Path) -> None:
    """What is given in eventsec.env reaches each process, but for the stores, the secrets and one wait."""
    known = re.findall(r"^#(EVENTSEC_[A-Z0-9_]+)=", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(names_in("compose.env")) < set(known)
    services = resolved("", tmp_path, "".join(f"{name}=chosen\n" for name in known))
    ours = re.compile(r"EVENTSEC_((INGEST_|INDEXER_|API_)?POSTGRES|RABBITMQ(_MANAGEMENT)?)_URL")
    for service in READ_BY:
        environment = services[service]["environment"]
        overruled = {name for name in known if environment[name] != "chosen" and not ours.fullmatch(name)}
        assert overruled == ({"EVENTSEC_MIGRATE_WAIT_SECONDS"} if service == "templates" else set()), service


@pytest.mark.parametrize("also", [[], ["EVENTSEC_ENV=demo", "EVENTSEC_INSECURE_COOKIES=true"]])
def test_settings_may_stand_in_eventsec_env_which_is_right(
    also: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all EVENTSEC_ENV: a demo in production's place would be silent."""
    lines = block().splitlines()
    settings = [line for line in lines if line.partition("=")[0] in asked_for("compose.env")]
    rest = [line for line in lines if line not in settings]
    assert len(settings) == 4
    services = resolved("\n".join([*rest, *also]), tmp_path, "\n".join(settings))
    for name in READ_BY:
        start(services, name, block(), tmp_path, monkeypatch)
    assert services["api"]["environment"]["EVENTSEC_PUBLIC_URL"] == "https://soc.example.org"


@pytest.mark.parametrize(("settings", "expected"), [(None, "demo"), ("EVENTSEC_ENV=production", "production")])
def test_without_a_word_it_is_the_demo(settings: str | None, expected: str, tmp_path: Path) -> None:
    services = resolved("", tmp_path, settings, named=False)
    for name in READ_BY:
        assert services[name]["environment"]["EVENTSEC_ENV"] == expected


def test_settings_that_are_named_have_to_be_there(tmp_path: Path) -> None:
    """A slip in their name would be a demo in production's place."""
    with pytest.raises(StackError, match=r"/eventsec\.env"):
        resolved("", tmp_path, None)


@pytest.mark.parametrize(
    ("given", "trusted"),
    [
        ("", "10.213.79.0/24"),
        ("EVENTSEC_SUBNET=10.9.0.0/24", "10.9.0.0/24"),
        ("EVENTSEC_PROXIES=172.30.0.1,192.0.2.0/28", "10.213.79.0/24,172.30.0.1,192.0.2.0/28"),
    ],
)
def test_proxies_before_the_web_are_believed_beside_the_web(given: str, trusted: str, tmp_path: Path) -> None:
    services = resolved(given, tmp_path)
    assert {services[name]["environment"]["EVENTSEC_TRUSTED_PROXIES"] for name in ("api", "ingest")} == {trusted}


@pytest.mark.parametrize("name", ["ingest", "indexer", "api"])
def test_how_many_there_are_of_a_service_is_a_setting(name: str, tmp_path: Path) -> None:
    """What `--scale` says is forgotten by the next `up`."""
    assert resolved("", tmp_path)[name]["scale"] == 1
    assert resolved(f"EVENTSEC_{name.upper()}_SCALE=3", tmp_path)[name]["scale"] == 3
