"""What the objects of a release are to each other, and which values are refused."""

import re
import subprocess

import msgspec
import pytest

from tests.architecture.place import ROOT
from tests.helm.chart import (
    CHART,
    RELEASE,
    SETS,
    Object,
    Refused,
    containers,
    environments,
    name,
    objects,
    of_kind,
    pods,
    selects,
    text,
)

EVERY = pytest.mark.parametrize("values", SETS)
CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"


def _policies(found: list[Object], pod: Object) -> list[Object]:
    labels = pod["metadata"]["labels"]
    return [one for one in of_kind(found, "NetworkPolicy") if selects(one["spec"]["podSelector"], labels)]


@EVERY
def test_no_pod_is_open_to_everybody(values: str) -> None:
    found = objects(values)
    for pod in pods(found):
        policies = _policies(found, pod)
        # The one that denies all, and its own.
        assert sorted(map(name, policies)) == sorted({RELEASE, re.sub(r"-[0-9a-f]{8}$", "", pod["of"])}), pod["of"]
        for policy in policies:
            assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (deny,) = [one for one in of_kind(found, "NetworkPolicy") if name(one) == RELEASE]
    assert not {"ingress", "egress"} & set(deny["spec"])


@EVERY
def test_stores_are_reached_by_those_who_need_them(values: str) -> None:
    found = objects(values)
    reached: dict[str, set[int]] = {}
    for pod in pods(found):
        rules = [rule for policy in _policies(found, pod) for rule in policy["spec"].get("egress", [])]
        process = pod["metadata"]["labels"]["eventsec/process"]
        reached.setdefault(process, set()).update(port["port"] for rule in rules for port in rule["ports"])
    stores = {5432, 5671, 15671, 9200}
    assert {process: ports & stores for process, ports in reached.items()} == {
        "ingest": {5432, 5671},
        "indexer": stores,
        "api": stores,
        "web": set(),
        "migrate": {5432, 5671, 15671},
        "templates": {9200},
    }
    assert all(53 in ports for ports in reached.values())
    assert reached["web"] == {53, 8080, 8081}


def test_metrics_are_read_from_one_namespace_and_the_services_asked_by_the_web_ui() -> None:
    found = objects("production")
    for pod in pods(found):
        process = pod["metadata"]["labels"]["eventsec/process"]
        rules = [rule for policy in _policies(found, pod) for rule in policy["spec"].get("ingress", [])]
        sources = [source for rule in rules for source in rule["from"]]
        spaces = {
            source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for source in sources
            if "namespaceSelector" in source
        }
        ours = [source["podSelector"] for source in sources if "podSelector" in source]
        expected = {"web": {"ingress-nginx"}, "migrate": set(), "templates": set()}
        assert spaces == expected.get(process, {"monitoring"})
        assert len(ours) == (process in ("ingest", "api"))
        for selector in ours:
            found_by = {
                p["metadata"]["labels"]["eventsec/process"]
                for p in pods(found)
                if selects(selector, p["metadata"]["labels"])
            }
            assert found_by == {"web"}


def test_prometheus_finds_the_services_and_calls_each_by_its_name() -> None:
    found = objects("production")
    (monitor,) = of_kind(found, "PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    read = [pod for pod in pods(found) if selects(monitor["spec"]["selector"], pod["metadata"]["labels"])]
    job = {one["targetLabel"]: one for one in endpoint["relabelings"]}["job"]
    assert job["sourceLabels"] == ["__meta_kubernetes_pod_label_eventsec_process"]
    jobs = {job["replacement"].replace("$1", pod["metadata"]["labels"]["eventsec/process"]) for pod in read}
    assert jobs == {one["job_name"] for one in msgspec.yaml.decode(CONFIG.read_bytes())["scrape_configs"]}
    assert {(endpoint["path"], endpoint["port"])} == {
        ("/metrics", port["name"]) for pod in read for container in containers(pod) for port in container["ports"]
    }


@pytest.mark.parametrize("release", [RELEASE, "soc"])
def test_the_words_of_the_runbooks_find_pods_and_deployments_by_their_process(release: str) -> None:
    found = objects("production", release=release)
    made = {"ingest": ["ingest"], "indexer": ["indexer-writer", "indexer-rest"], "api": ["api"]}
    for process, components in made.items():
        selector = {"matchLabels": {"app.kubernetes.io/instance": release, "eventsec/process": process}}
        for some in (of_kind(found, "Deployment"), pods(found)):
            picked = [one["metadata"]["labels"] for one in some if selects(selector, one["metadata"]["labels"])]
            assert [one["app.kubernetes.io/component"] for one in picked] == components


def test_only_who_sends_to_the_outside_may() -> None:
    found = objects("production")
    senders = {
        pod["of"]
        for pod in pods(found)
        for policy in _policies(found, pod)
        for rule in policy["spec"].get("egress", [])
        if {"port": 443} in rule["ports"]
    }
    assert senders == {"eventsec-api", "eventsec-indexer-rest"}


@EVERY
def test_nothing_has_two_autoscalers(values: str) -> None:
    found = objects(values, "--set=ingest.scaling.by=cpu")
    targets = [
        one["spec"]["scaleTargetRef"]["name"] for one in of_kind(found, "HorizontalPodAutoscaler", "ScaledObject")
    ]
    deployments = {name(one): one for one in of_kind(found, "Deployment")}
    assert len(targets) == len(set(targets)) > 0
    assert set(targets) <= set(deployments)
    # A replica count in the manifest would fight with the autoscaler at every upgrade.
    assert {one for one, deployment in deployments.items() if "replicas" not in deployment["spec"]} == set(targets)


def test_writers_are_scaled_by_what_waits() -> None:
    found = objects("keda")
    (scaled,) = of_kind(found, "ScaledObject")
    (trigger,) = scaled["spec"]["triggers"]
    (login,) = of_kind(found, "TriggerAuthentication")
    assert scaled["spec"]["scaleTargetRef"]["name"] == "eventsec-indexer-writer"
    assert trigger["metadata"]["queueName"] == "events.received"
    assert trigger["authenticationRef"]["name"] == name(login)
    assert login["spec"]["secretTargetRef"] == [{"parameter": "host", "name": "eventsec", "key": "keda_rabbitmq_url"}]


@EVERY
def test_what_has_several_pods_keeps_some(values: str) -> None:
    found = objects(values)
    least = {name(one): one["spec"].get("replicas") for one in of_kind(found, "Deployment")}
    least |= {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"].get("minReplicas", one["spec"].get("minReplicaCount"))
        for one in of_kind(found, "HorizontalPodAutoscaler", "ScaledObject")
    }
    budgets = of_kind(found, "PodDisruptionBudget")
    assert {name(one) for one in budgets} == {one for one, count in least.items() if (count or 0) > 1}
    assert all(one["spec"]["maxUnavailable"] == 1 for one in budgets)


@EVERY
def test_the_schema_comes_before_those_who_need_it(values: str) -> None:
    found = objects(values)
    hooks = {one["kind"]: one for one in found if "helm.sh/hook" in one["metadata"].get("annotations", {})}
    assert {kind: name(one) for kind, one in hooks.items()} == {
        "Job": "eventsec-migrate",
        "NetworkPolicy": "eventsec-migrate",
    }
    notes = {kind: one["metadata"]["annotations"] for kind, one in hooks.items()}
    assert {note["helm.sh/hook"] for note in notes.values()} == {"pre-install,pre-upgrade"}
    # What lets the Job out has to be there first.
    assert int(notes["NetworkPolicy"]["helm.sh/hook-weight"]) < int(notes["Job"]["helm.sh/hook-weight"])
    (pod,) = pods([hooks["Job"]])
    steps = [container["command"][-1] for container in containers(pod)]
    assert steps == ["shared.migrations", "shared.bus.migrate"]
    # Nothing that the release makes is there yet when it runs first.
    assert "serviceAccountName" not in pod["spec"]
    assert not any("envFrom" in container for container in containers(pod))


@EVERY
def test_opensearch_holds_up_no_release(values: str) -> None:
    (job,) = [one for one in of_kind(objects(values), "Job") if "templates" in name(one)]
    assert "annotations" not in job["metadata"]
    (other,) = [one for one in of_kind(objects(values, "--set=image.tag=0.2.0"), "Job") if "templates" in name(one)]
    # A Job's pod cannot be changed.
    assert name(other) != name(job)


@EVERY
@pytest.mark.parametrize("release", ["eventsec", "x", "a-very-long-name-of-a-release-that-somebody-chose-ci"])
def test_names_are_short_enough_and_unlike(values: str, release: str) -> None:
    groups = [{"name": "sixteen-letters1", "roles": ["writer", "projector", "relay", "notifier", "maintenance"]}]
    longest = objects(values, f"--set-json=indexer.groups={msgspec.json.encode(groups).decode()}", release=release)
    for found in (longest, objects(values, release=release)):
        assert max(len(name(one)) for one in found) <= 63
        named = [(one["kind"], name(one)) for one in found]
        assert len(named) == len(set(named))


@EVERY
def test_the_indexer_has_every_role(values: str) -> None:
    given = [
        environment["EVENTSEC_INDEXER_ROLES"]
        for _, environment in environments(objects(values))
        if "EVENTSEC_INDEXER_ROLES" in environment
    ]
    roles = [role for one in given for role in msgspec.json.decode(one)]
    assert sorted(roles) == ["maintenance", "notifier", "projector", "relay", "writer"]


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ("apii.replicas=2", "apii"),
        ("api.replica=2", "replica"),
        ("postgres.users.inget=x", "inget"),
        ("postgres.host=", "minLength"),
        ("publicUrl=soc.example.org", "publicUrl"),
        ("api.scaling.by=queue", "api/scaling/by"),
        ("indexer.scaling.by=keda", "indexer/scaling/by"),
        ("api.settings.EVENTSEC_SESSION_HOUR=8", "there is no EVENTSEC_SESSION_HOUR"),
        ("api.settings.EVENTSEC_ENV=demo", "EVENTSEC_ENV is set from other values"),
        ("indexer.settings.EVENTSEC_SMTP_PASSWORD=hunter2", "EVENTSEC_SMTP_PASSWORD"),
        ("secrets.elsewhere.postgres_pasword.name=x", "postgres_pasword"),
        ("indexer.groups[0].name=w,indexer.groups[0].roles={writer}", "no group has the role projector"),
        ("api.scaling.min=9", "min is more than max"),
        ("api.replicas=2", "ReadWriteOnce is for one api"),
        ("evidence.store=s3", "evidence.s3"),
        ("ingress.enabled=true", "ingress/host"),
        ("rabbitmq.makeUsers=true,rabbitmq.users.api=soc", "the api user will be called eventsec_api"),
        ("rabbitmq.makeUsers=true,rabbitmq.management.enabled=false", "over the management API"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(values: str, complaint: str) -> None:
    with pytest.raises(Refused, match=re.escape(complaint)):
        objects("small", f"--set-string={values}" if "settings" in values else f"--set={values}")


@pytest.mark.parametrize(
    ("url", "more", "port"),
    [
        ("https://s3.example.org:9000", "", "9000"),
        ("https://[fd00::9]:9000", "", "9000"),
        ("http://minio.example.org", "", "80"),
        ("https://s3.example.org", ",networkPolicy.outgoing.ports={587}", "443"),
        ("https://s3.example.org", "", None),
        ("https://[fd00::9]", "", None),
        ("https://s3.example.org:9000", ",networkPolicy.outgoing.ports={443,9000}", None),
        ("https://s3.example.org:9000", ",networkPolicy.enabled=false", None),
    ],
)
def test_evidence_goes_to_a_port_that_the_network_policy_lets_through(url: str, more: str, port: str | None) -> None:
    values = f"--set=evidence.s3.url={url}{more}"
    if port is None:
        assert objects("production", values)
    else:
        with pytest.raises(Refused, match=re.escape(f"networkPolicy.outgoing.ports lacks its port {port}")):
            objects("production", values)


def test_helm_waits_for_the_migration_as_long_as_that_may_take() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    minutes = re.findall(r"--timeout (\d+)m", page)
    (job,) = [one for one in of_kind(objects("production"), "Job") if name(one) == "eventsec-migrate"]
    assert len(minutes) == 2
    assert all(int(each) * 60 > job["spec"]["activeDeadlineSeconds"] for each in minutes)


def test_it_is_the_product_of_this_version() -> None:
    chart = msgspec.yaml.decode((CHART / "Chart.yaml").read_bytes())
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version and chart["version"] == chart["appVersion"] == version[1]


@EVERY
def test_the_job_takes_a_migration_back_as_the_page_has_it(values: str) -> None:
    """Its program is told, and nothing else of what is applied."""
    (rule,) = re.findall(r"\| sed '([^']+)' \|", (ROOT / "docs" / "production.md").read_text(encoding="utf-8"))
    told = subprocess.run(["sed", rule], input=text(values), capture_output=True, text=True, timeout=30, check=True)
    before, after = text(values).splitlines(), told.stdout.splitlines()
    changed = [line.strip() for line, other in zip(after, before, strict=True) if line != other]
    assert changed == ['command: [python, -m, shared.migrations, --downgrade, "REVISION"]']
