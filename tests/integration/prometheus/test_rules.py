"""The alert rules, by Prometheus's own tool: they can be read, fire where they should, and keep quiet otherwise."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from deploy import promtool
from tests.prometheus_rules import CONFIG, FILE, read, rules

SERIES: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
    Path(__file__).with_name("series.yml").read_text(encoding="utf-8")
)


def run(*arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [promtool.find(), *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


def case(alert: str, series: dict[str, str], *, fires: bool) -> dict[str, Any]:
    return {
        "name": f"{alert} {'fires' if fires else 'is quiet'}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) > bool 0',
                "eval_time": "2h",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            }
        ],
    }


def test_prometheus_can_read_the_rules_and_the_configuration() -> None:
    assert run("check", "rules", FILE)[0] == 0
    code, said = run("check", "config", CONFIG)
    assert code == 0, said


def test_every_rule_has_series_and_every_series_a_rule() -> None:
    assert {rule.alert for rule in rules()} == SERIES.keys()


def test_each_fires_over_its_cause_and_over_nothing_else(tmp_path: Path) -> None:
    # Each with a file of its rule alone: the tool works out all rules of a file at every step.
    for group in read()["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            alone = {"groups": [{"name": name, "rules": [rule]}]}
            assert {"sick", "healthy"} <= SERIES[name].keys()
            tests = [case(name, series, fires=state != "healthy") for state, series in SERIES[name].items()]
            (tmp_path / f"{name}.rule.yml").write_text(yaml.safe_dump(alone))
            (tmp_path / f"{name}.yml").write_text(
                yaml.safe_dump({"rule_files": [f"{name}.rule.yml"], "evaluation_interval": "1m", "tests": tests})
            )

    code, said = run("test", "rules", *(tmp_path / f"{rule.alert}.yml" for rule in rules()))

    assert code == 0, said
    assert said.count("SUCCESS") == len(rules())
