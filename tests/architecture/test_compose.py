"""What deploy/compose.yaml promises of every container, read from the file itself."""

import re
from typing import Any

import pytest
import yaml

from tests.architecture.place import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STORES = ("postgres", "rabbitmq", "opensearch")
ONE_SHOTS = ("migrate", "templates")
WRITABLE_ROOT = ("opensearch",)

every = pytest.mark.parametrize("name", SERVICES)


@every
def test_it_is_limited(name: str) -> None:
    assert {"mem_limit", "cpus", "pids_limit"} <= SERVICES[name].keys()


@every
def test_it_has_no_rights_to_spare(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc"} & service.keys()
    assert service["read_only"] is (name not in WRITABLE_ROOT)


@every
def test_its_log_rotates(name: str) -> None:
    assert SERVICES[name]["logging"]["options"].keys() == {"max-size", "max-file"}


@every
def test_it_comes_back_unless_it_is_to_end(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")
    assert ("healthcheck" in service) is (name not in ONE_SHOTS)


@every
def test_it_has_longer_to_end_than_its_process_drains(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"] == "40s"
    assert "EVENTSEC_SHUTDOWN_SECONDS" not in SERVICES[name].get("environment", {})


@every
def test_it_can_be_there_several_times(name: str) -> None:
    assert "container_name" not in SERVICES[name]
    if name in ("ingest", "indexer", "api"):
        assert "ports" not in SERVICES[name]


@every
def test_no_secret_stands_in_its_environment(name: str) -> None:
    environment: dict[str, str | None] = SERVICES[name].get("environment", {})
    for variable, value in environment.items():
        assert not variable.endswith(("PASSWORD", "KEYS", "SECRET")), variable
        assert ":" not in str(value).partition("://")[2].partition("@")[0] or "@" not in str(value), variable
        if str(value).startswith("/run/secrets/"):
            assert str(value).removeprefix("/run/secrets/") in SERVICES[name]["secrets"]


def test_the_keys_of_what_is_encrypted_are_where_it_is_read() -> None:
    """At the door, say, they would be lost with the door."""
    holders = {name for name, service in SERVICES.items() if "secret_keys" in service.get("secrets", [])}
    assert holders == {"indexer", "api", "demo"}
    for name, service in SERVICES.items():
        assert ("EVENTSEC_SECRET_KEYS_FILE" in service.get("environment", {})) is (name in holders), name


@pytest.mark.parametrize("name", STORES)
def test_stores_are_reached_by_our_own_containers_only(name: str) -> None:
    assert "ports" not in SERVICES[name]
    assert SERVICES[name]["networks"] == ["stores"]
    assert COMPOSE["networks"]["stores"] == {"internal": True}


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if "ports" in service])
def test_ports_are_open_to_this_machine_only_unless_asked_for(name: str) -> None:
    for port in SERVICES[name]["ports"]:
        asked = {"web": "${EVENTSEC_PLAIN_BIND:-127.0.0.1}", "tls": "${EVENTSEC_BIND:-127.0.0.1}"}
        address = asked.get(name, "127.0.0.1")
        assert port.startswith(f"{address}:${{EVENTSEC_"), port


@pytest.mark.parametrize("name", ["web", "tls", "prometheus", "grafana"])
def test_who_calls_several_of_a_service_finds_one_address_of_each(name: str) -> None:
    """A name leads to the addresses in every network that both are in."""
    callees = {"web": ["ingest", "api"], "tls": ["ingest", "api"], "prometheus": ["ingest", "indexer", "api"]}
    for other in callees.get(name, ["prometheus"]):
        common = set(SERVICES[name]["networks"]) & set(SERVICES[other]["networks"])
        assert len(common) == 1, f"{name} and {other}: {common}"


@pytest.mark.parametrize("name", ["templates", "indexer", "api"])
def test_who_uses_the_search_reaches_one_elsewhere(name: str) -> None:
    assert {"stores", "outgoing"} <= set(SERVICES[name]["networks"])


def test_who_takes_and_stores_events_waits_for_no_search() -> None:
    def needs(name: str) -> set[str]:
        direct = set(SERVICES[name].get("depends_on", {}))
        return direct.union(*map(needs, direct)) if direct else direct

    for name in ("ingest", "indexer", "web"):
        assert not needs(name) & {"opensearch", "templates"}, name


def test_what_prometheus_keeps_has_a_limit_of_size() -> None:
    flags = dict(flag.removeprefix("--").split("=", 1) for flag in SERVICES["prometheus"]["command"])
    assert flags["storage.tsdb.retention.size"] == "${EVENTSEC_PROMETHEUS_SIZE:-4GB}"
    assert flags["config.file"] == "/etc/prometheus/prometheus.yml"  # a command of ours replaces all of the image's


def test_somebody_waits_for_each_program_that_ends() -> None:
    """Else `up --wait` takes its end for a failure."""
    for name in ONE_SHOTS:
        waited = [service.get("depends_on", {}).get(name) for service in SERVICES.values()]
        assert {"condition": "service_completed_successfully"} in waited, name


def test_images_are_named_by_version() -> None:
    for name, service in SERVICES.items():
        image, colon, tag = service["image"].replace("${EVENTSEC_VERSION:-local}", "local").rpartition(":")
        assert image and colon and tag != "latest", name


def test_the_broker_s_data_meets_no_other_minor_by_itself() -> None:
    """RabbitMQ 4.3 takes over from 4.2 alone."""
    assert re.fullmatch(r"rabbitmq:\d+\.\d+-management", SERVICES["rabbitmq"]["image"])


def test_the_demo_s_secrets_are_there_and_say_what_they_are() -> None:
    for name, secret in COMPOSE["secrets"].items():
        if name.startswith("tls_"):
            continue
        file = ROOT / "deploy" / secret["file"].replace("${EVENTSEC_SECRETS_DIR:-./secrets/demo}", "secrets/demo")
        assert file.stat().st_mode & 0o044 == 0o044, f"{name}: containers read it as users of their own"
        assert name == "secret_keys" or file.read_text(encoding="utf-8").startswith("demo-only-"), name
