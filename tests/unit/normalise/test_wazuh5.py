"""Wazuh 5 findings: the rule's words of severity, its ATT&CK, and one event that several rules meet."""

from typing import Any

import orjson
import pytest

from shared.normalise.decode import JsonObject
from tests.unit.normalise.given import at, event, lines

LOGINS, ROOT, NO_ID = lines("wazuh5.ndjson")


def ruled(line: bytes = LOGINS, **changes: Any) -> JsonObject:
    """The finding with other members of its rule."""
    record: JsonObject = orjson.loads(line)
    record["wazuh"]["rule"].update(changes)
    return record


def test_a_finding() -> None:
    found = event(LOGINS)
    assert (found.kind, found.severity, found.module, found.dataset) == ("alert", 4, "wazuh", "wazuh.findings")
    assert (found.title, found.rule_id) == ("Repeated failed SSH logins", "ssh-0007")
    assert found.techniques == ["T1110", "T1110.001"]
    assert at(found, "threat.technique.name") == ["Brute Force", "Password Guessing"]
    assert at(found, "threat.tactic.name") == ["Credential Access"]
    assert (at(found, "source.ip"), at(found, "user.name")) == ("203.0.113.91", "root")
    assert (at(found, "host.name"), at(found, "host.ip")) == ("web-12.example.net", ["10.30.0.91"])
    assert (at(found, "agent.id"), at(found, "agent.name")) == ("091", "web-12")
    assert at(found, "rule.category") == "System Activity"
    assert at(found, "tags") == ["production", "attack.credential-access", "pci_dss_10.2.4", "gdpr_IV_35.7.d"]
    assert (at(found, "observer.product"), at(found, "event.outcome")) == ("Wazuh", "failure")


@pytest.mark.parametrize(
    ("word", "severity"),
    [("informational", 1), ("low", 2), ("medium", 3), ("High", 4), ("critical", 5), ("urgent", 3), (12, 3), (None, 3)],
)
def test_severity(word: object, severity: int) -> None:
    found = event(ruled(level=word))
    assert found.severity == severity
    assert ("severity_unmapped" in at(found, "tags")) == (word in ("urgent", 12, None))


def test_the_hosts_own_name_comes_before_the_agents() -> None:
    assert at(event(ROOT), "host.name") == "web-12"


def test_the_raw_line_is_the_message_where_there_is_none_and_is_not_kept_twice() -> None:
    found = event(LOGINS)
    assert at(found, "message").startswith("Nov 20 15:30:00 web-12 sshd")
    assert "original" not in at(found, "sensor.event")
    assert at(event(NO_ID), "message") == "decoded line"


def test_rules_that_meet_one_event_make_findings_of_their_own() -> None:
    assert event(LOGINS).id != event(ROOT).id
    assert event(LOGINS).fingerprint != event(ROOT).fingerprint
    assert event(LOGINS).id == event(LOGINS, ordinal=3).id


def test_without_an_id_it_is_told_apart_by_its_content() -> None:
    record = orjson.loads(NO_ID)
    record["event"]["original"] = "another line"
    assert event(record).id != event(NO_ID).id
    assert event(record).fingerprint == event(NO_ID).fingerprint
    assert event(NO_ID, ordinal=1).id != event(NO_ID).id


def test_an_event_without_a_rule_is_an_ecs_document() -> None:
    record = orjson.loads(LOGINS)
    del record["wazuh"]["rule"]
    assert at(event(record), "alert.transport.format") == "ecs"
    assert at(event({"wazuh": {"rule": {"id": 1}}}), "alert.transport.format") == "json"


def test_only_words_of_compliance_are_tags() -> None:
    assert at(event(ruled(tags=None, compliance={"a": [1, "b"], "c": "de", "f": {}})), "tags") == [
        "production", "a_b", "c_de",
    ]  # fmt: skip


@pytest.mark.parametrize("part", ["agent", "integration", "rule", "cluster"])
def test_parts_of_another_type_do_no_harm(part: str) -> None:
    values: tuple[Any, ...] = (None, [], "x", 7, {"mitre": [], "title": 1}, {"host": 7, "compliance": 1, "level": []})
    for value in values:
        record = orjson.loads(LOGINS)
        record["wazuh"][part] = value
        assert event(record).severity in {3, 4, 1}


def test_its_host_is_its_own_also_beside_a_version_of_ecs() -> None:
    record = orjson.loads(LOGINS) | {"host": {"name": "web-9", "ip": "10.1.1.9"}, "ecs": {"version": "9.1.0"}}
    assert (at(event(record), "host.name"), at(event(record), "host.ip")) == ("web-9", "10.1.1.9")
    beat = {"agent": {"type": "filebeat", "version": "9.1.0", "ephemeral_id": "e"}}
    shipped = lines("suricata_eve.ndjson")[1]
    assert event(orjson.loads(shipped) | beat | {"host": {"name": "relay"}}).id == event(shipped).id
