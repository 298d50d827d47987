"""CrowdSec: scenarios, simulations, both spellings of its events."""

from typing import Any

import pytest

from tests.unit.normalise.given import at, changed, event, lines

SSH, WEB = lines("crowdsec.ndjson")


def test_an_alert() -> None:
    found = event(SSH)
    assert (found.kind, found.severity, found.dataset) == ("alert", 3, "crowdsec.ssh-bf")
    assert found.title == "example/ssh-bf by 203.0.113.70"
    assert found.rule_id == "example/ssh-bf"
    assert found.time.isoformat() == "2026-11-20T12:00:05.500000+00:00"
    assert (at(found, "source.ip"), at(found, "user.target.name")) == ("203.0.113.70", "operator")
    assert at(found, "threat.technique.name") == ["Brute Force"]
    assert at(found, "threat.tactic.name") == ["Credential Access"]
    assert at(found, "event.type") == ["denied"]
    assert at(found, "event.start") == "2026-11-20T12:00:00.000Z"


def test_a_simulation_of_a_range() -> None:
    found = event(WEB)
    assert (found.severity, at(found, "tags")) == (1, ["simulated"])
    assert at(found, "observer.name") == "edge-example"
    assert at(found, "url.path") == "/.env"
    assert at(found, "source.ip") is None
    assert at(found, "source.address") == "198.51.100.0/24"


@pytest.mark.parametrize(
    ("scenario", "severity"),
    [("a/http-cve-2021-41773", 4), ("a/vpatch-env-access", 3), ("a/ssh-bf", 3), ("a/ssh_bf", 3),
     ("a/iptables-scan-multi_ports", 2),
     ("a/http-crawl-non_statics", 2), ("a/thinkphp-cve-2018-20062", 4), ("other", 3)],
)  # fmt: skip
def test_severity_by_words_of_the_scenario(scenario: str, severity: int) -> None:
    assert event(changed(SSH, scenario=scenario)).severity == severity


def test_what_groups_and_what_tells_apart() -> None:
    later = event(changed(SSH, start_at="2026-11-20T13:00:00Z", stop_at="2026-11-20T13:00:09Z"))
    assert later.fingerprint == event(SSH).fingerprint
    assert later.id != event(SSH).id
    assert event(changed(SSH, scenario="example/ssh-slow-bf")).fingerprint != event(SSH).fingerprint


def test_an_alert_is_the_same_in_each_answer_of_the_local_api() -> None:
    decision = {"id": 1, "uuid": "u-1", "created_at": "2026-11-20T12:00:06Z", "type": "ban", "value": "203.0.113.70"}
    first, later = (changed(SSH, decisions=[decision | {"duration": left}]) for left in ("3h59m", "3h20m"))
    assert (event(first).id, event(first).digest) == (event(later).id, event(later).digest)
    assert event(first).digest != event(changed(SSH, decisions=[decision | {"type": "captcha"}])).digest


def test_odd_parts_do_no_harm() -> None:
    values: tuple[Any, ...] = (None, 7, "x", [None, 7, {"meta": [None, {"key": 1}]}], {"a": []})
    for part in ("events", "decisions", "start_at", "message", "machine_id"):
        for value in values:
            assert event(changed(SSH, **{part: value})).rule_id == "example/ssh-bf"
