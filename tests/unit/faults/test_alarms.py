"""The rules in a fraction of their time say the same, and every rule has a cause."""

import yaml

from tests.faults.alarms.prometheus import LEAST_SECONDS, shortened
from tests.faults.fire import BESIDE, FIRST, THEN
from tests.prometheus_rules import FILE, rules


def shortened_rule(**rule: str) -> dict[str, str]:
    found: dict[str, str] = yaml.safe_load(shortened(yaml.safe_dump({"groups": [{"rules": [rule]}]})))["groups"][0][
        "rules"
    ][0]
    return found


def test_waits_and_windows_are_shortened_and_values_are_not() -> None:
    rule = shortened_rule(expr='rate(a{b="5m"}[10m]) > 600 and x offset 1h', **{"for": "40m"})

    assert rule == {"expr": 'rate(a{b="5m"}[30s]) > 600 and x offset 180s', "for": "120s"}


def test_nothing_is_shorter_than_scrapes_can_see() -> None:
    assert shortened_rule(expr="rate(a[1m])", **{"for": "1m"}) == {
        "expr": f"rate(a[{LEAST_SECONDS}s])",
        "for": f"{LEAST_SECONDS}s",
    }


def test_our_rules_stay_the_same_rules() -> None:
    ours = yaml.safe_load(shortened(FILE.read_text(encoding="utf-8")))
    assert [rule["alert"] for group in ours["groups"] for rule in group["rules"]] == [rule.alert for rule in rules()]


def test_every_rule_has_a_cause() -> None:
    causes = [cause for step in (BESIDE, *FIRST, *THEN) for cause in step]
    assert {alert for cause in causes for alert in cause.alerts} == {rule.alert for rule in rules()}
