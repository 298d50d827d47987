"""What the smoke test finds wrong with containers, and that it finds nothing wrong with good ones."""

from typing import Any

import pytest

from deploy.smoke import __main__ as smoke
from deploy.smoke import engine, facts
from deploy.stack.errors import StackError
from tests.architecture.place import ROOT


def container(service: str = "ingest", **parts: dict[str, Any]) -> dict[str, Any]:
    """A good one as the engine describes it; `parts` change it."""
    described: dict[str, Any] = {
        "RestartCount": 0,
        "Config": {"User": "10001:10001", "Labels": {"com.docker.compose.service": service}},
        "State": {"Status": "running", "ExitCode": 0, "Health": {"Status": "healthy"}},
        "HostConfig": {
            "ReadonlyRootfs": True, "Memory": 1 << 30, "PidsLimit": 256, "NanoCpus": 1, "CapDrop": ["ALL"],
            "CapAdd": None, "SecurityOpt": ["no-new-privileges:true"],
        },
        "NetworkSettings": {"Ports": {"8080/tcp": None}, "Networks": {"stores": {}}},
    }  # fmt: skip
    return {name: described[name] | parts.get(name, {}) for name in described if name != "RestartCount"} | {
        "RestartCount": described["RestartCount"]
    }


def test_good_containers_have_no_faults() -> None:
    ended = container("migrate", State={"Status": "exited", "ExitCode": 0, "Health": {}})
    ended["State"].pop("Health")
    good = [container(), ended, container("opensearch", HostConfig={"ReadonlyRootfs": False})]
    assert facts.unwell(good) == facts.unguarded(good) == facts.reachable(good) == []


@pytest.mark.parametrize(
    "state",
    [
        {"Health": {"Status": "unhealthy"}},
        {"Health": {"Status": "starting"}},
        {"Status": "exited", "ExitCode": 1, "Health": {}},
        {"Status": "running", "Health": {}},
        {"Status": "exited", "ExitCode": 0, "Health": {"Status": "unhealthy"}},
    ],
)
def test_who_is_not_well_is_named(state: dict[str, Any]) -> None:
    (fault,) = facts.unwell([container("api", State=state)])
    assert fault.startswith("api is ")


def test_who_was_started_again_is_named() -> None:
    again = container() | {"RestartCount": 3}
    assert facts.unwell([again]) == ["ingest was started 3 times more"]


@pytest.mark.parametrize(
    "host",
    [
        {"ReadonlyRootfs": False}, {"Memory": 0}, {"PidsLimit": None}, {"NanoCpus": 0}, {"CapDrop": None},
        {"CapAdd": ["NET_ADMIN"]}, {"SecurityOpt": None},
    ],
    ids=lambda host: next(iter(host)),
)  # fmt: skip
def test_a_missing_guard_is_named(host: dict[str, Any]) -> None:
    assert len(facts.unguarded([container(HostConfig=host)])) == 1


@pytest.mark.parametrize("user", ["", "0", "root", "0:0"])
def test_root_is_named(user: str) -> None:
    config = {"User": user, "Labels": {"com.docker.compose.service": "web"}}
    assert facts.unguarded([container(Config=config)]) == ["web runs as root"]


@pytest.mark.parametrize(
    ("service", "address", "open_"), [("web", "127.0.0.1", 0), ("web", "0.0.0.0", 1), ("postgres", "127.0.0.1", 1)]
)
def test_an_open_port_is_named(service: str, address: str, open_: int) -> None:
    published = {"8080/tcp": [{"HostIp": address, "HostPort": "18080"}]}
    found = facts.reachable([container(service, NetworkSettings={"Ports": published})])
    assert len(found) == open_


def test_a_store_in_a_second_network_is_named() -> None:
    assert facts.reachable([container("rabbitmq", NetworkSettings={"Networks": {"stores": {}, "edge": {}}})])


def test_an_image_is_told_in_words() -> None:
    described = {"Size": 331_200_000, "RootFS": {"Layers": [1, 2, 3]}, "Config": {"User": ""}}
    assert facts.of_image(described) == "331 MB in 3 layers, user root"


def test_the_program_that_starts_an_engine_may_fail_or_be_missing() -> None:
    engine.start({})
    engine.start({engine.STARTER: "true"})
    for command in ("false", "/nowhere/engine-up"):
        with pytest.raises(StackError, match=engine.STARTER):
            engine.start({engine.STARTER: command})


def test_settings_of_the_caller_do_not_reach_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENTSEC_SECRETS_DIR", "/mine")
    monkeypatch.setenv("COMPOSE_FILE", "/mine")
    one, other = engine.Project(), engine.Project()
    assert one.name != other.name
    assert "/mine" not in one._env.values()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(engine.STARTER, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")


@pytest.mark.usefixtures("no_engine")
def test_without_an_engine_it_fails_only_where_one_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke.main([]) == 0
    assert capsys.readouterr().out.startswith("smoke: skipped: no Docker engine")
    assert smoke.main(["--require"]) == 1
    assert "may name what starts one" in capsys.readouterr().out


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize(
    ("starter", "said"),
    [("false", "ended with status 1"), ("/nowhere/engine-up", "No such file"), ("true", "ended well")],
)
def test_an_engine_that_was_asked_for_and_does_not_answer_is_a_failure(
    starter: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(engine.STARTER, starter)
    assert smoke.main([]) == 1
    told = capsys.readouterr().out
    assert told.startswith("smoke: failed: no Docker engine")
    assert said in told


def test_a_network_is_apart_from_all_that_there_are() -> None:
    free = "10.213.117.0/24"
    taken = [f"10.213.{third}.0/25" for third in range(80, 250) if f"10.213.{third}.0/24" != free]
    assert engine.free_subnet([*taken, "fd00::/64", "172.17.0.0/16"]) == free
    with pytest.raises(StackError, match="docker network prune"):
        engine.free_subnet(["10.0.0.0/8"])


def test_hosted_ci_requires_an_engine() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert "bash .ci/run --require\n" in workflow
    assert 'make smoke ARGS="${brought:+--require} $*"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
