"""Windows events as NXLog, forwarders and converters of their XML write them."""

from typing import Any

import orjson
import pytest

from shared.normalise import windows_ids
from tests.unit.normalise.given import at, changed, event, lines

PROCESS, CONNECTION, DNS, MEMBER, SERVICE, ERROR = lines("windows.ndjson")


def of_security(code: int, **data: Any) -> dict[str, Any]:
    """An event of the Security log."""
    return {"EventID": code, "Channel": "Security", "Hostname": "pc", "TimeCreated": "2026-11-20T14:00:00Z", **data}


def test_a_process_whose_ids_are_hexadecimal() -> None:
    found = event(PROCESS)
    assert (found.kind, found.severity, found.title, found.rule_id) == ("telemetry", 1, "Created process", "4688")
    assert (found.module, found.dataset) == ("security", "windows.security")
    assert (at(found, "process.name"), at(found, "process.pid")) == ("tool.exe", 0x1A74)
    assert (at(found, "process.parent.name"), at(found, "process.parent.pid")) == ("cmd.exe", 0xC08)
    assert (at(found, "user.name"), at(found, "user.id")) == ("carol", "S-1-5-21-1-2-3-1171")
    assert at(found, "user.target") is None
    assert (at(found, "host.name"), at(found, "host.os.type")) == ("pc-81.example.net", "windows")
    assert (at(found, "event.action"), at(found, "event.outcome")) == ("created-process", "success")
    assert at(found, "observer.product") == "Windows"
    assert "repaired" not in (at(found, "tags") or [])


def test_a_logs_time_is_of_the_sensors_zone_and_sysmons_is_utc() -> None:
    assert event(PROCESS).time.isoformat() == "2026-11-20T14:20:00+00:00"
    assert event(CONNECTION).time.isoformat() == "2026-11-20T14:20:01.750000+00:00"


def test_a_connection() -> None:
    found = event(CONNECTION)
    assert (found.title, found.techniques, found.module) == ("Network connection", ["T1021.001"], "sysmon")
    assert (at(found, "source.ip"), at(found, "source.port")) == ("10.30.0.81", 50810)
    assert (at(found, "destination.ip"), at(found, "destination.port")) == ("10.30.0.82", 3389)
    assert at(found, "destination.domain") is None
    assert (at(found, "network.transport"), at(found, "network.direction")) == ("tcp", "egress")
    assert (at(found, "user.domain"), at(found, "user.name")) == ("EXAMPLE", "carol")
    # The least number of 64 bits is exact, and no reason to read the record with care.
    assert at(found, "sensor.Keywords") == -(1 << 63)


def test_a_query_and_its_answers() -> None:
    found = event(DNS)
    assert at(found, "dns.question.name") == "c2.example.org"
    assert at(found, "dns.resolved_ip") == ["203.0.113.183", "2001:db8::183"]
    assert at(found, "rule.name") is None


def test_the_levels_of_xml_are_taken_out() -> None:
    found = event(MEMBER)
    assert (found.title, found.rule_id, at(found, "event.outcome")) == ("Added member to group", "4732", "success")
    assert found.time.isoformat() == "2026-11-20T14:22:00.500000+00:00"
    assert at(found, "user.target.name") == "CN=dave,OU=staff,DC=example,DC=net"
    assert (at(found, "user.name"), at(found, "host.name")) == ("carol", "dc-1.example.net")
    assert at(found, "alert.source_id") == "8401"


def nested(code: int, **parts: Any) -> dict[str, Any]:
    """An event as its XML is, with that event or user data."""
    system = {
        "Provider": {"Name": "Microsoft-Windows-Security-Auditing"}, "EventID": code, "Level": 4, "EventRecordID": 9,
        "TimeCreated": {"SystemTime": "2026-11-20T14:00:00.1Z"}, "Channel": "Security", "Computer": "WS1",
    }  # fmt: skip
    return {"Event": {"System": system, **parts}}


def test_data_named_as_the_header_does_not_overwrite_it() -> None:
    names = ("EventID", "Computer", "Channel", "Level", "Severity", "RecordNumber", "Hostname", "EventTime")
    data = [{"@Name": name, "#text": "1"} for name in names]
    posed = event(nested(4625, EventData={"Data": [*data, {"@Name": "TargetUserName", "#text": "eve"}]}))
    honest = event(nested(4625, EventData={"TargetUserName": "eve"}))
    for path in ("host.name", "event.code", "event.category", "user.name", "alert.source_id", "@timestamp"):
        assert at(posed, path) == at(honest, path)
    assert (posed.dataset, posed.severity) == (honest.dataset, honest.severity) == ("windows.security", 1)
    cleared = nested(104, UserData={"LogFileCleared": {"Channel": "Security", "SubjectUserName": "eve"}})
    cleared["Event"]["System"] |= {"Channel": "System", "Provider": {"Name": "Microsoft-Windows-Eventlog"}}
    assert (event(cleared).title, event(cleared).dataset) == ("Event log cleared", "windows.system")


def test_elements_with_attributes() -> None:
    found = event(SERVICE)
    assert (found.title, found.rule_id, found.dataset) == ("Service installed", "7045", "windows.system")
    assert (at(found, "file.path"), at(found, "file.name")) == ("C:\\Temp\\upd.exe", "upd.exe")
    assert found.time.isoformat() == "2026-11-20T14:23:00.700000+00:00"


def test_an_event_we_have_no_words_for() -> None:
    found = event(ERROR)
    assert (found.title, found.severity) == ("Faulting application name: shop.exe", 4)
    assert (found.module, found.dataset) == ("windows", "windows.application")
    assert event(changed(ERROR, Message=None)).title == "Windows event 1000 of Application"


@pytest.mark.parametrize(
    ("code", "name"), [(4624, "eve"), (4625, "eve"), (4776, "eve"), (4648, "adam"), (4672, "adam"), (4720, "adam")]
)
def test_who_logs_in_is_the_user_of_a_logon(code: int, name: str) -> None:
    found = event(of_security(code, SubjectUserName="adam", TargetUserName="eve", IpAddress="-", WorkstationName="W1"))
    assert (at(found, "user.name"), at(found, "user.target.name")) == (name, "eve")
    assert (at(found, "source.ip"), at(found, "source.address")) == (None, "W1")


@pytest.mark.parametrize(
    ("keywords", "kind", "outcome_"),
    [
        ("0x8020000000000000", None, "success"),
        ("0x8010000000000000", None, "failure"),
        (-9214364837600034816, None, "success"),
        (-9218868437227405312, None, "failure"),
        (["Audit Failure"], None, "failure"),
        (None, "AUDIT_FAILURE", "failure"),
        ("0x8000000000000000", "INFO", None),
        ("0xnone", None, None),
    ],
)
def test_outcome(keywords: Any, kind: str | None, outcome_: str | None) -> None:
    assert at(event(of_security(4663, Keywords=keywords, EventType=kind)), "event.outcome") == outcome_


@pytest.mark.parametrize(
    ("changes", "severity"),
    [({"Level": 1}, 5), ({"Level": "2"}, 4), ({"Level": 3}, 3), ({"Level": 4}, 1), ({"Level": "0"}, 1), ({}, 1),
     ({"Severity": "WARNING"}, 3), ({"Severity": "INFO"}, 1), ({"Severity": []}, 1)],
)  # fmt: skip
def test_severity(changes: dict[str, Any], severity: int) -> None:
    assert event(of_security(4663, **changes)).severity == severity


def test_the_account_that_logs_is_the_user_where_no_other_is_named() -> None:
    account = {"AccountName": "svc", "Domain": "EXAMPLE", "UserID": "S-1-5-21-7"}
    found = event(of_security(4663, **account))
    assert (at(found, "user.domain"), at(found, "user.name"), at(found, "user.id")) == ("EXAMPLE", "svc", "S-1-5-21-7")
    assert at(event(changed(ERROR, AccountName=None, UserID=None)), "user") is None
    assert at(event(changed(DNS, **account)), "user") is None


def test_an_object_is_a_file_or_a_key() -> None:
    assert at(event(of_security(4663, ObjectType="File", ObjectName="C:\\a\\b.txt")), "file.name") == "b.txt"
    assert (
        at(event(of_security(4663, ObjectType="Key", ObjectName="\\REGISTRY\\x")), "registry.path") == "\\REGISTRY\\x"
    )
    assert at(event(of_security(4663, ObjectType="Process", ObjectName="\\x\\lsass.exe")), "file") is None


def test_the_protocol_by_number() -> None:
    found = event(of_security(5156, Protocol="17", SourceAddress="10.0.0.1", DestAddress="10.0.0.2", DestPort="53"))
    assert (at(found, "network.transport"), at(found, "destination.ip")) == ("udp", "10.0.0.2")


def test_what_groups_and_what_tells_apart() -> None:
    first = event(PROCESS)
    other = event(changed(PROCESS, RecordNumber=8109))
    assert (other.id != first.id, other.fingerprint) == (True, first.fingerprint)
    assert event(changed(PROCESS, SubjectUserName="dave")).fingerprint != first.fingerprint
    # A log that was cleared counts its records anew.
    assert event(changed(PROCESS, NewProcessName="C:\\x.exe")).id != first.id
    assert event(DNS, ordinal=1).id != event(DNS).id


def test_the_collectors_words_do_not_count() -> None:
    later = {
        "@timestamp": "2026-11-21T00:00:00Z",
        "EventReceivedTime": "2026-11-21 01:00:00",
        "port": 7,
        "@version": "2",
    }
    assert (event(changed(PROCESS, **later)).id, event(changed(PROCESS, **later)).digest) == (
        event(PROCESS).id,
        event(PROCESS).digest,
    )


@pytest.mark.parametrize(
    ("provider", "channel", "family"),
    [
        ("Microsoft-Windows-Sysmon", "ForwardedEvents", "sysmon"),
        ("Microsoft-Windows-Security-Auditing", "ForwardedEvents", "security"),
        ("", "security", "security"),
        ("PowerShell", "Windows PowerShell", "powershell"),
        ("Service Control Manager", "System", "system"),
        ("Example", "Application", "windows"),
    ],
)
def test_families(provider: str, channel: str, family: str) -> None:
    assert windows_ids.family(provider, channel) == family


def test_data_without_names_mean_nothing() -> None:
    record = orjson.loads(MEMBER)
    record["Event"]["EventData"] = {"Data": ["SubjectUserName", {"@Name": "IpAddress", "#text": "203.0.113.8"}]}
    found = event(record)
    assert (at(found, "user"), at(found, "source.ip")) == (None, "203.0.113.8")


def test_odd_elements_do_no_harm() -> None:
    values: tuple[Any, ...] = (
        None,
        [],
        "x",
        7,
        [7],
        {"Data": ["a", {"@Name": []}]},
        {"Data": {"@Name": "a"}},
        {"a": {"b": {"c": 1}}},
    )
    for line in (MEMBER, SERVICE):
        for part in ("System", "EventData", "UserData", "RenderingInfo"):
            for value in values:
                record = orjson.loads(line)
                record["Event"][part] = value
                assert event(record).kind == "telemetry"
