"""Suricata EVE: severities, observables, ATT&CK, grouping, and what is no alert."""

from typing import Any

import pytest

from shared.normalise.event import Ignored
from tests.unit.normalise.given import at, document, event, lines, outcome, rejection, sensor

C2, WEB, SCAN, NO_ZONE, DNS, HTTP, FLOW, FILE, STATS = lines("suricata_eve.ndjson")


def alert(**changes: Any) -> dict[str, Any]:
    base = {"signature_id": 1, "gid": 1, "signature": "EXAMPLE", "category": "Misc", "severity": 3}
    return {
        "timestamp": "2026-11-20T08:00:00.000001+0100",
        "flow_id": 1,
        "event_type": "alert",
        "src_ip": "198.51.100.1",
        "src_port": 1,
        "dest_ip": "10.0.0.1",
        "dest_port": 2,
        "proto": "TCP",
        "alert": {**base, **changes},
    }


def test_an_alerts_columns() -> None:
    found = event(C2)
    assert (found.kind, found.severity, found.module, found.dataset) == ("alert", 4, "suricata", "suricata.alert")
    assert (found.title, found.rule_id) == ("EXAMPLE TROJAN Beacon to known server", "1:9000001")
    assert found.time.isoformat() == "2026-11-20T07:15:30.123000+00:00"
    assert (found.techniques, found.grouping) == (["T1071"], "suricata_eve@1")
    assert set(found.observables) == {
        ("ip", "203.0.113.7"),
        ("ip", "10.20.0.5"),
        ("domain", "beacon.example.net"),
        ("cve", "CVE-2026-12345"),
        ("ja3", "0123456789abcdef0123456789abcdef"),
        ("ja4", "t13d1516h2_8daaf6152771_02713d6af862"),
    }


def test_an_alerts_document() -> None:
    found = document(event(C2))
    assert found["source"] == {"ip": "203.0.113.7", "port": 51515, "bytes": 900, "packets": 4}
    assert found["network"]["direction"] == "inbound"
    assert found["threat"]["tactic"] == {"id": ["TA0011"], "name": ["Command and Control"]}
    assert found["host"] == {"ip": "10.20.0.5"}
    assert found["observer"]["name"] == "ids-east"
    assert found["tags"] == ["Example_C2"]
    assert {"type": "ip", "value": "10.20.0.5", "internal": True} in found["alert"]["observables"]
    assert found["sensor"]["tls"]["sni"] == "Beacon.Example.NET."


def test_a_blocked_web_request_is_denied_and_has_its_url() -> None:
    found = event(WEB)
    assert at(found, "event.type") == ["denied"]
    assert at(found, "event.outcome") == "failure"
    assert at(found, "url.full") == "http://shop.example.com:8080/../../etc/passwd?x=1"
    assert at(found, "url.domain") == "shop.example.com"
    assert (found.severity, found.techniques) == (4, ["T1190"])


def test_scans_fold_without_their_source() -> None:
    other = SCAN.replace(b"198.51.100.24", b"198.51.100.25").replace(b"1100110011003", b"1100110011999")
    assert event(SCAN).fingerprint == event(other).fingerprint
    assert event(SCAN).grouping == "suricata_eve.scan@1"
    moved = C2.replace(b"203.0.113.7", b"203.0.113.8")
    assert event(C2).fingerprint != event(moved).fingerprint


def test_a_time_without_zone_is_the_sensors() -> None:
    assert event(NO_ZONE).time.isoformat() == "2026-11-20T07:18:00+00:00"
    assert event(NO_ZONE, sensor=sensor(zone="America/New_York")).time.hour == 13
    assert event(NO_ZONE, sensor=sensor(zone="../../etc/passwd")).time.hour == 8


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"metadata": {"signature_severity": ["Critical"]}}, 5),
        ({"metadata": {"signature_severity": ["major"]}}, 4),
        ({"metadata": {"signature_severity": ["Minor"]}, "severity": 1}, 2),
        ({"metadata": {"signature_severity": ["Informational"]}}, 1),
        ({"metadata": {"signature_severity": "Audit"}}, 1),
        ({"metadata": {"signature_severity": ["What"]}, "severity": 2}, 3),
        ({"severity": 1}, 4),
        ({"severity": 2}, 3),
        ({"severity": "3"}, 2),
        ({"severity": 4}, 1),
        ({"severity": 255}, 1),
        ({"severity": 0}, 3),
        ({"severity": None}, 3),
    ],
)
def test_severity(changes: dict[str, Any], severity: int) -> None:
    assert event(alert(**changes)).severity == severity


@pytest.mark.parametrize("level", ["urgent", 0, None])
def test_a_severity_that_is_none_says_so(level: object) -> None:
    assert at(event(alert(severity=level)), "tags") == ["severity_unmapped"]
    assert at(event(alert(severity=255)), "tags") is None


def test_a_sensors_override_comes_last() -> None:
    assert event(alert(), sensor=sensor(severity_overrides={"1:1": 5})).severity == 5
    assert event(alert(), sensor=sensor(severity_overrides={"1:1": 99})).severity == 5


def test_without_a_rule_the_title_without_numbers_joins_the_fingerprint() -> None:
    first, second, third = (event(alert(signature_id=None, signature=text)) for text in ("Odd 17", "Odd 18", "Even 18"))
    assert first.fingerprint == second.fingerprint != third.fingerprint
    assert first.grouping == "suricata_eve@1+title"


@pytest.mark.parametrize(
    ("line", "dataset", "title"),
    [
        (DNS, "suricata.dns", "DNS answer Mail.Example.ORG"),
        (HTTP, "suricata.http", "HTTP GET www.example.org/index.html"),
        (FLOW, "suricata.flow", "Suricata flow 10.20.0.5 → 10.20.0.9"),
        (FILE, "suricata.fileinfo", "Suricata fileinfo 198.51.100.99 → 10.20.0.5"),
    ],
)
def test_all_but_alerts_is_telemetry(line: bytes, dataset: str, title: str) -> None:
    found = event(line)
    assert (found.kind, found.severity, found.dataset, found.title) == ("telemetry", 1, dataset, title)
    assert at(found, "event.kind") == "event"


def test_dns_answers_and_names_are_observables() -> None:
    observables = event(DNS).observables
    assert ("domain", "mail.example.org") in observables
    assert ("ip", "198.51.100.99") in observables


def test_a_files_hash_is_an_observable() -> None:
    assert ("hash", "d41d8cd98f00b204e9800998ecf8427e") in event(FILE).observables


def test_stats_are_ignored_unless_the_sensor_is_set_otherwise() -> None:
    assert outcome(STATS) == Ignored("suricata_eve:stats")
    assert event(STATS, sensor=sensor(ignored_types=frozenset())).dataset == "suricata.stats"
    assert outcome(DNS, sensor=sensor(ignored_types=frozenset({"suricata_eve:dns"}))) == Ignored("suricata_eve:dns")


def test_an_alert_without_its_alert_is_rejected() -> None:
    assert rejection({**alert(), "alert": []}) == "wrong_shape"


def test_equal_records_but_for_the_transaction_are_two() -> None:
    assert event({**alert(), "tx_id": 0}).id != event({**alert(), "tx_id": 1}).id


def test_what_is_remembered_of_a_rule_is_never_changed_by_a_record() -> None:
    other = C2.replace(b"1100110011001", b"1100110011777").replace(b'"host":"ids-east"', b'"host":"ids-west"')
    before = event(C2)
    assert at(event(other), "observer.name") == "ids-west"
    assert at(event(other), "event.start") == "2026-11-20T07:15:29.000Z"
    assert event(C2) == before


def test_a_rule_too_long_to_be_remembered_is_read_all_the_same() -> None:
    long = event(alert(signature="x" * 5000, metadata={"signature_severity": ["Critical"]}))
    assert (len(long.title), long.severity) == (512, 5)
