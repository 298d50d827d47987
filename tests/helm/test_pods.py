"""What every pod of the chart keeps to, whatever the values."""

import re
from itertools import chain

import pytest

from deploy.env_example import FILE as KNOWN
from tests.architecture.place import ROOT
from tests.helm.chart import SETS, containers, environments, name, objects, of_kind, pods, selects

EVERY = pytest.mark.parametrize("values", SETS)
IMAGE = ROOT / "deploy" / "web.Dockerfile"
SECRETS = "/run/secrets/eventsec/"
SECRET = re.compile(r"PASSWORD|SECRET|_KEYS")
WEB = {"EVENTSEC_API_ADDRESS", "EVENTSEC_INGEST_ADDRESS", "EVENTSEC_WEB_LISTEN"}  # the web image's own, for nginx


@EVERY
def test_no_container_may_more_than_it_needs(values: str) -> None:
    for pod in pods(objects(values)):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] in (10001, 101)
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        for container in containers(pod):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}


@EVERY
def test_every_container_says_what_it_takes(values: str) -> None:
    for container in chain.from_iterable(containers(pod) for pod in pods(objects(values))):
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert container["resources"]["limits"]["memory"]
        assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]


@EVERY
def test_every_server_is_asked_how_it_is(values: str) -> None:
    for deployment in of_kind(objects(values), "Deployment"):
        pod = deployment["spec"]["template"]
        web = pod["metadata"]["labels"]["eventsec/process"] == "web"
        (container,) = containers(pod)
        paths = {probe: container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe")}
        assert set(paths.values()) == {"/" if web else "/healthz"}
        assert container["readinessProbe"]["httpGet"]["path"] == ("/" if web else "/readyz")


@EVERY
def test_a_pod_has_time_for_its_drain(values: str) -> None:
    found = objects(values, "--set=shutdownSeconds=45")
    for pod in pods([one for one in found if one["kind"] == "Deployment"]):
        (container,) = containers(pod)
        pause = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        assert pod["spec"]["terminationGracePeriodSeconds"] > 45 + int(pause[1])


@EVERY
def test_no_variable_of_kubernetes_own_reaches_our_settings(values: str) -> None:
    """A Service eventsec-ingest would set EVENTSEC_INGEST_PORT to tcp://…, which no process could read."""
    assert {pod["spec"]["enableServiceLinks"] for pod in pods(objects(values))} == {False}


@EVERY
def test_every_variable_is_one_that_a_process_reads(values: str) -> None:
    known = set(re.findall(r"^#(EVENTSEC_[A-Z0-9_]+)=", KNOWN.read_text(encoding="utf-8"), re.MULTILINE))
    found = objects(values, "--set=secrets.smtpPassword=true,secrets.oidcClientSecret=true")
    for whose, environment in environments(found):
        ours = {variable.removesuffix("_FILE") for variable in environment if variable.startswith("EVENTSEC_")}
        assert not ours - known - (WEB if whose.endswith("-web") else set()), whose


@pytest.mark.parametrize(
    ("address", "listen"), [("0.0.0.0", "8080"), ("::", "[::]:8080"), ("fd00::7", "[fd00::7]:8080")]
)
def test_every_server_is_bound_where_it_is_said(address: str, listen: str) -> None:
    """nginx listens on no IPv6 by itself, so that in a cluster without IPv4 it would never be ready."""
    found = dict(environments(objects("small", f"--set=bindAddress={address}")))
    of_image = re.search(r"EVENTSEC_WEB_LISTEN=(\S+)", IMAGE.read_text(encoding="utf-8"))
    assert of_image
    for process in ("ingest", "indexer", "api"):
        assert found[f"eventsec-{process}"][f"EVENTSEC_{process.upper()}_HOST"] == address
    assert found["eventsec-web"].get("EVENTSEC_WEB_LISTEN", of_image[1]) == listen


@EVERY
def test_secrets_are_files(values: str) -> None:
    found = objects(values, "--set=secrets.smtpPassword=true,secrets.oidcClientSecret=true")
    for whose, environment in environments(found):
        for variable, value in environment.items():
            if SECRET.search(variable) and variable != "EVENTSEC_EVIDENCE_S3_ACCESS_KEY":
                assert variable.endswith("_FILE") and value.startswith(SECRETS), (whose, variable)
            assert not re.search(r"//[^/@]*:[^/@]*@", value), (whose, variable)


@EVERY
def test_a_pod_gets_the_secrets_that_its_settings_name_and_no_others(values: str) -> None:
    found = objects(values, "--set=secrets.smtpPassword=true")
    wanted: dict[str, set[str]] = {}
    for whose, environment in environments(found):
        paths = {value for value in environment.values() if value.startswith(SECRETS)}
        wanted.setdefault(whose, set()).update(paths)
    for pod in pods(found):
        sources = [volume["projected"]["sources"] for volume in pod["spec"]["volumes"] if volume["name"] == "secrets"]
        given = {
            SECRETS + item["path"] for source in chain.from_iterable(sources) for item in source["secret"]["items"]
        }
        assert given == wanted[pod["of"]], pod["of"]
    owner = {whose for whose, paths in wanted.items() if f"{SECRETS}postgres_password" in paths}
    assert owner == {"eventsec-migrate"}


def test_a_secret_may_be_elsewhere() -> None:
    elsewhere = "--set=secrets.elsewhere.postgres_api_password.name=pg,secrets.elsewhere.postgres_api_password.key=api"
    (pod,) = [pod for pod in pods(objects("small", elsewhere)) if pod["of"] == "eventsec-api"]
    (volume,) = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "secrets"]
    assert {"secret": {"name": "pg", "items": [{"key": "api", "path": "postgres_api_password"}]}} in volume[
        "projected"
    ]["sources"]


def test_a_changed_setting_rolls_the_pods_that_read_it_and_no_others() -> None:
    def checksums(*more: str) -> dict[str, str]:
        deployments = of_kind(objects("production", *more), "Deployment")
        return {
            name(one): one["spec"]["template"]["metadata"]["annotations"]["checksum/settings"] for one in deployments
        }

    before, after = checksums(), checksums("--set-string=indexer.settings.EVENTSEC_BATCH_MESSAGES=64")
    changed = {deployment for deployment in before if before[deployment] != after[deployment]}
    assert changed == {"eventsec-indexer-writer", "eventsec-indexer-rest"}


@EVERY
def test_every_volume_that_is_mounted_is_there(values: str) -> None:
    found = objects(values, "--set=trust.configMap=authorities")
    claims = {name(one) for one in of_kind(found, "PersistentVolumeClaim")}
    for pod in pods(found):
        volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
        mounts = {mount["name"] for container in containers(pod) for mount in container["volumeMounts"]}
        assert mounts == set(volumes), pod["of"]
        assert {v["persistentVolumeClaim"]["claimName"] for v in volumes.values() if "persistentVolumeClaim" in v} <= (
            claims
        )


@EVERY
def test_selectors_find_their_own_pods_and_no_others(values: str) -> None:
    found = objects(values)
    labels = {pod["of"]: pod["metadata"]["labels"] for pod in pods(found)}
    for one in of_kind(found, "Deployment", "Service", "PodDisruptionBudget"):
        selector = one["spec"]["selector"]
        selector = selector if one["kind"] != "Service" else {"matchLabels": selector}
        assert [of for of, these in labels.items() if selects(selector, these)] == [name(one)]
