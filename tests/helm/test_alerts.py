"""The rules of one release are compose's, and look at that release alone, whatever else its Prometheus reads."""

import copy
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import promtool
from tests.helm.chart import NAMESPACE, Object, objects, of_kind
from tests.prometheus_rules import read

OURS, OTHERS = f"{NAMESPACE}/eventsec", f"{NAMESPACE}/soc-eventsec"


def spec(release: str = "eventsec") -> Object:
    """The groups that a release gives to the operator."""
    (found,) = of_kind(objects("production", release=release), "PrometheusRule")
    rules: Object = found["spec"]
    return rules


def without_installation(groups: Object) -> Object:
    """The same as if there were only one."""
    bare = copy.deepcopy(groups)
    for group in bare["groups"]:
        for rule in group["rules"]:
            del rule["labels"]["installation"]
            rule["expr"] = re.sub(r'installation="[^"]+",?', "", rule["expr"]).replace("{}", "")
    return bare


def series(installation: str, *, up: int, leads: int) -> list[dict[str, str]]:
    """One of each process, and whether one of them does maintenance."""
    labels = f'instance="one",installation="{installation}"'
    found = {f'up{{job="eventsec-{job}",{labels}}}': up for job in ("ingest", "indexer", "api")}
    found[f'eventsec_maintenance_leads{{job="eventsec-indexer",{labels}}}'] = leads
    return [{"series": name, "values": f"{value}x60"} for name, value in found.items()]


def test_prometheus_gets_the_rules_that_compose_gets() -> None:
    assert without_installation(spec()) == read()


@pytest.mark.parametrize(
    ("release", "installation"), [("eventsec", OURS), ("soc", OTHERS), ("ev-up", f"{NAMESPACE}/ev-up-eventsec")]
)
def test_every_metric_of_a_rule_is_the_releases_own(release: str, installation: str) -> None:
    (monitor,) = of_kind(objects("production", release=release), "PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert {"targetLabel": "installation", "replacement": installation} in endpoint["relabelings"]
    for group in spec(release)["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["installation"] == installation
            picked = rule["expr"].replace(f'installation="{installation}"', "OURS")
            after = re.findall(r"\b(?:up|(?:eventsec|process)_\w+)(.{0,5})", picked)
            assert after and all(one.startswith("{OURS") for one in after), picked


def test_one_release_does_not_hide_what_another_lacks(tmp_path: Path) -> None:
    wanted = {"ServiceMissing", "ProcessDown", "MaintenanceMissing"}
    rules = [rule for group in spec()["groups"] for rule in group["rules"] if rule["alert"] in wanted]

    def case(name: str, state: dict[str, list[Any]], firing: set[str]) -> dict[str, Any]:
        return {
            "name": name,
            "interval": "1m",
            "input_series": [one for some in state.values() for one in some],
            "promql_expr_test": [
                {
                    "expr": 'max by (alertname, installation) (ALERTS{alertstate="firing"})',
                    "eval_time": "1h",
                    "exp_samples": [
                        {"labels": f'{{alertname="{alert}",installation="{OURS}"}}', "value": 1} for alert in firing
                    ],
                }
            ],
        }

    well, ill = {"up": 1, "leads": 1}, {"up": 0, "leads": 0}
    cases = [
        case("ours is ill", {"ours": series(OURS, **ill), "other": series(OTHERS, **well)}, wanted),
        case("the other is ill", {"ours": series(OURS, **well), "other": series(OTHERS, **ill)}, set()),
    ]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "some", "rules": rules}]}))
    (tmp_path / "test.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": cases})
    )

    done = subprocess.run(
        [promtool.find(), "test", "rules", str(tmp_path / "test.yml")],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
