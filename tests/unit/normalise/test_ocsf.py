"""OCSF: which findings are alerts, both units of time, and where the classes keep who did what."""

from typing import Any

import orjson
import pytest

from tests.unit.normalise.given import at, changed, document, event, lines

DETECTION, FAILED, PASSED, SINKHOLE, INCIDENT, LOGON, DNS, LAUNCH = lines("ocsf.ndjson")


def test_a_detection() -> None:
    found = event(DETECTION)
    assert (found.kind, found.severity, found.module, found.dataset) == ("alert", 4, "example_edr", "ocsf.2004")
    assert (found.title, found.rule_id) == ("Reverse shell", "an-7")
    assert found.time.isoformat() == "2026-11-20T14:30:00.123000+00:00"
    assert found.techniques == ["T1059", "T1059.004"]
    assert at(found, "threat.tactic.id") == ["TA0011"]
    assert (at(found, "source.ip"), at(found, "source.port")) == ("10.30.0.13", 40013)
    assert (at(found, "destination.ip"), at(found, "destination.domain")) == ("203.0.113.113", "c2.example.org")
    assert (at(found, "network.transport"), at(found, "network.direction")) == ("tcp", "outbound")
    assert (at(found, "host.name"), at(found, "host.os.type"), at(found, "user.name")) == (
        "web-13",
        "linux",
        "www-data",
    )
    assert (at(found, "process.executable"), at(found, "process.parent.name")) == ("/bin/bash", "nginx")
    assert at(found, "file.hash") == {"md5": "2" * 32, "sha256": "1" * 64}
    assert at(found, "event.type") == ["denied"]
    assert at(found, "alert.source_url") == "https://edr.example.net/f-1"
    assert at(found, "event.start") == "2026-11-20T14:13:20.000Z"
    assert at(found, "tags") == ["edr"]


def test_its_own_observables_join_those_of_the_fields() -> None:
    found = event(DETECTION).observables
    assert ("ip", "203.0.113.114") in found
    assert ("domain", "c3.example.org") in found
    assert "z" not in {value for _, value in found}


def test_prowler_writes_seconds() -> None:
    found = event(FAILED)
    assert found.time.isoformat() == "2026-11-20T14:46:40+00:00"
    assert (found.kind, found.severity, found.rule_id) == ("alert", 3, "bucket_public")
    assert (at(found, "host.name"), at(found, "cloud.account.id")) == ("example-logs", "111100002222")
    assert at(found, "event.category") == ["configuration"]
    assert at(found, "rule.reference") == "https://docs.example.net/buckets"


def test_a_passed_check_is_a_state_however_bad_a_failed_one_were() -> None:
    found = event(PASSED)
    assert (found.kind, found.severity, at(found, "event.severity")) == ("telemetry", 1, 5)
    assert event(changed(PASSED, status_code="FAIL")).kind == "alert"


@pytest.mark.parametrize(
    ("number", "changes", "kind"),
    [
        (2001, {}, "alert"),
        (2002, {}, "telemetry"),
        (2003, {}, "telemetry"),
        (2004, {}, "alert"),
        (2005, {}, "alert"),
        (2006, {}, "telemetry"),
        (2006, {"is_alert": True}, "alert"),
        (3002, {}, "telemetry"),
        (2004, {"activity_id": 3}, "telemetry"),
        (2004, {"status_id": 2}, "alert"),
        (2004, {"status_id": 3}, "telemetry"),
        (2004, {"status_id": 4}, "telemetry"),
        (2005, {"status_id": 3}, "alert"),
        (2005, {"status_id": 5}, "telemetry"),
        (2001, {"state_id": 4}, "telemetry"),
        ("2004", {}, "alert"),
        ([], {}, "telemetry"),
    ],
)
def test_kinds(number: object, changes: dict[str, Any], kind: str) -> None:
    assert event(changed(DETECTION, class_uid=number, **changes)).kind == kind


@pytest.mark.parametrize(
    ("number", "word", "severity", "unmapped"),
    [
        (1, None, 1, False),
        (2, None, 2, False),
        (3, None, 3, False),
        (4, None, 4, False),
        (5, None, 5, False),
        (6, None, 5, False),
        ("4", None, 4, False),
        (0, "high", 4, False),
        (99, " Low ", 2, False),
        (99, "Fatal", 5, False),
        (0, "Unknown", 3, True),
        (7, None, 3, True),
        (None, None, 3, True),
    ],
)
def test_severity(number: object, word: object, severity: int, unmapped: bool) -> None:
    found = event(changed(DETECTION, severity_id=number, severity=word))
    assert found.severity == severity
    assert ("severity_unmapped" in at(found, "tags")) == unmapped


def test_telemetry_of_unknown_severity_is_informational() -> None:
    assert (event(DNS).severity, at(event(DNS), "tags")) == (1, None)


def test_the_older_class_calls_it_finding() -> None:
    found = event(SINKHOLE)
    assert (found.kind, found.severity, found.title) == ("alert", 5, "Infection found")
    assert ("ip", "203.0.113.120") in found.observables
    assert at(found, "alert.source_id") == "s-1"


def test_an_incident() -> None:
    found = event(INCIDENT)
    assert (found.kind, found.severity, found.title) == ("alert", 3, "Several hosts call one server")


def test_a_logon() -> None:
    found = event(LOGON)
    assert (found.kind, found.title, at(found, "event.outcome")) == ("telemetry", "Authentication: Logon", "failure")
    assert (at(found, "user.name"), at(found, "user.target.name")) == ("carol", "admin")
    assert (at(found, "source.port"), at(found, "http.response.status_code")) == (50130, 401)
    assert at(found, "url.path") == "/login"
    assert at(found, "event.category") == ["authentication"]
    without = {name: value for name, value in orjson.loads(LOGON).items() if name != "actor"}
    assert (at(event(without), "user.name"), at(event(without), "user.target")) == ("admin", None)


def test_a_query() -> None:
    found = event(DNS)
    assert found.time.isoformat() == "2026-11-20T16:30:00+00:00"
    assert at(found, "dns.resolved_ip") == ["203.0.113.140"]
    assert ("domain", "c2.example.org") in found.observables
    assert "destination" not in document(found)
    assert (at(found, "cloud.account.id"), at(found, "event.category")) == ("111100002222", ["network"])


def test_a_launched_process_has_its_actor_as_parent_and_dates_may_have_slashes() -> None:
    found = event(LAUNCH)
    assert found.time.isoformat() == "2026-11-20T15:31:00.500000+00:00"
    assert (at(found, "process.name"), at(found, "process.parent.name")) == ("reg.exe", "cmd.exe")
    assert at(found, "event.category") == ["process"]


def test_a_later_version_is_another_event_of_the_same_alert() -> None:
    first = event(DETECTION)
    later = event(changed(DETECTION, activity_id=2, time=1795185900123))
    assert (later.id != first.id, later.fingerprint) == (True, first.fingerprint)
    assert event(changed(DETECTION, message="more is known")).id != first.id
    assert event(DETECTION, ordinal=4).id == first.id


@pytest.mark.parametrize("name", ["processed_time", "processed_time_dt", "logged_time", "logged_time_dt", "loggers"])
def test_by_what_way_it_came_makes_no_other_event(name: str) -> None:
    metadata = orjson.loads(DETECTION)["metadata"]
    found = event(changed(DETECTION, metadata=metadata | {name: 1}))
    assert (found.id, found.digest) == (event(DETECTION).id, event(DETECTION).digest)
    assert at(found, f"sensor.metadata.{name}") == 1


def test_a_finding_belongs_to_its_resources() -> None:
    other = event(changed(FAILED, resources=[{"uid": "arn:example:bucket/other"}]))
    assert other.id != event(FAILED).id
    assert other.fingerprint != event(FAILED).fingerprint
    again = event(changed(FAILED, time=1795272400, time_dt="2026-11-21T14:46:40"))
    assert again.fingerprint == event(FAILED).fingerprint


def test_events_group_by_who_did_what() -> None:
    assert event(changed(LOGON, metadata={"version": "1"})).fingerprint == event(LOGON).fingerprint
    assert event(changed(LOGON, activity_id=2)).fingerprint != event(LOGON).fingerprint
    assert event(LOGON).grouping == "ocsf.events@1"
    nameless = event(changed(DETECTION, finding_info={"desc": "x"}, metadata={"version": "1"}))
    assert nameless.grouping == "ocsf@1+title"


@pytest.mark.parametrize(
    "part",
    ["finding_info", "resources", "device", "evidences", "observables", "actor", "cloud", "time", "attacks", "answers"],
)
def test_parts_of_another_type_do_no_harm(part: str) -> None:
    values: tuple[Any, ...] = (None, [], "x", 7, [None, 7, {"type_id": [], "hashes": 1}], {"attacks": [{"tactics": 1}]})
    for line in (DETECTION, LOGON):
        for value in values:
            assert event(changed(line, **{part: value})).dataset.startswith("ocsf.")


def test_a_class_that_is_no_number() -> None:
    assert (event(changed(LOGON, class_uid=None)).dataset, event(LOGON).dataset) == ("ocsf.events", "ocsf.3002")
