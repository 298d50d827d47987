"""Wazuh 4: levels, ATT&CK, who and where, and identity by content."""

from typing import Any

import orjson
import pytest

from tests.unit.normalise.given import at, document, event, lines

BRUTE, SYSCHECK, SYSMON, RANSOM, LOGIN, VULNERABILITY = lines("wazuh4.ndjson")


def with_rule(**changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(BRUTE)
    record["rule"].update(changes)
    return record


def test_an_alert() -> None:
    found = event(BRUTE)
    assert (found.kind, found.severity, found.module, found.dataset) == ("alert", 3, "wazuh", "wazuh.alerts")
    assert (found.rule_id, found.techniques) == ("5712", ["T1110"])
    assert found.title == "sshd: brute force trying to get access to the system."
    assert found.time.isoformat() == "2026-11-20T10:00:00.123000+00:00"
    assert ("ip", "198.51.100.50") in found.observables
    assert ("user", "guest") in found.observables
    assert ("host", "web-11") in found.observables


def test_an_alerts_document() -> None:
    found = document(event(BRUTE))
    assert found["threat"]["tactic"] == {"id": ["TA0006"], "name": ["Credential Access"]}
    assert found["event"]["outcome"] == "failure"
    assert found["host"] == {"id": "011", "name": "web-11", "ip": "10.20.1.11"}
    assert found["message"].startswith("Nov 20 10:00:00 web-11 sshd")
    assert found["source"]["port"] == 4222
    assert "pci_dss_11.4" in found["tags"]
    assert found["alert"]["source_id"] == "1763632800.1001"


@pytest.mark.parametrize(
    ("level", "severity"),
    [(0, 1), (3, 1), (4, 2), (6, 2), (7, 3), (11, 3), (12, 4), (14, 4), (15, 5), (16, 5), ("12", 4), ("x", 3)],
)
def test_severity_by_level(level: Any, severity: int) -> None:
    assert event(with_rule(level=level)).severity == severity


def test_file_integrity() -> None:
    found = event(SYSCHECK)
    assert at(found, "file.path") == "/etc/hosts"
    assert at(found, "event.action") == "modified"
    assert len([kind for kind, _ in found.observables if kind == "hash"]) == 3
    assert ("user", "root") not in found.observables


def test_sysmon() -> None:
    found = event(SYSMON)
    assert at(found, "process.name") == "cmd.exe"
    assert at(found, "process.parent.name") == "winword.exe"
    assert at(found, "process.pid") == 4000
    assert at(found, "event.code") == "1"
    assert at(found, "file.hash.md5") == "0cc175b9c0f1b6a831c399e269772661"
    assert at(found, "host.os.type") == "windows"
    assert found.techniques == ["T1059.003"]


def test_an_impossible_address_stays_out_of_the_mapping() -> None:
    assert at(event(LOGIN), "host.ip") is None
    assert at(event(LOGIN), "sensor.agent.ip") == "10.999.1.11"
    assert event(LOGIN).rule_id == "5501"
    assert at(event(LOGIN), "event.outcome") == "success"


def test_a_vulnerability() -> None:
    assert event(VULNERABILITY).observables[-1] == ("cve", "CVE-2026-1111")


def test_level_15_is_critical() -> None:
    assert event(RANSOM).severity == 5


def test_records_of_one_id_and_time_but_other_content_are_several() -> None:
    other = BRUTE.replace(b"guest", b"admin")
    assert event(BRUTE).id != event(other).id


def test_without_a_readable_time_the_id_and_the_content_identify_it() -> None:
    first = event(BRUTE.replace(b"2026-11-20T10:00:00.123+0000", b"{timestamp}"))
    again = event(BRUTE.replace(b"2026-11-20T10:00:00.123+0000", b"{timestamp}"))
    assert first.id == again.id
    assert (first.id.int >> 80, first.twin_id) == (0, None)
    assert at(first, "tags")[0] == "time_missing"


def test_folds_by_rule_agent_source_and_user() -> None:
    later = BRUTE.replace(b".1001", b".1002").replace(b"10:00:00.123", b"10:09:00.123")
    assert event(BRUTE).fingerprint == event(later).fingerprint
    assert event(BRUTE).fingerprint != event(BRUTE.replace(b'"guest"', b'"admin"')).fingerprint
    assert event(BRUTE).fingerprint != event(BRUTE.replace(b'"011"', b'"012"')).fingerprint
