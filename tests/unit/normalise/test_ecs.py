"""ECS documents: taken as they are, completed from `winlog`, and told from what Beats only carry."""

import time
from typing import Any

import orjson
import pytest

from shared.normalise import ecs, ecs_fields
from shared.normalise.decode import JsonObject
from tests.unit.normalise.given import at, changed, document, event, lines

ENDPOINT, SIGNAL, LOGON, SYSMON, DNS, ODD = lines("ecs.ndjson")
EVE = lines("suricata_eve.ndjson")[1]


def said(line: bytes, part: str, **changes: Any) -> JsonObject:
    """The record of that line with other members in one of its objects; None takes one out."""
    record: JsonObject = orjson.loads(line)
    for name, value in changes.items():
        record[part][name] = value
        if value is None:
            del record[part][name]
    return record


def test_an_alert_of_an_endpoint() -> None:
    found = event(ENDPOINT)
    assert (found.kind, found.severity, found.module, found.dataset) == ("alert", 4, "endpoint", "endpoint.alerts")
    assert (found.title, found.rule_id) == ("Example dropper", "r-71")
    assert found.time.isoformat() == "2026-11-20T14:00:00.125000+00:00"
    assert found.techniques == ["T1204", "T1204.002"]
    assert at(found, "agent.id") == "agent-71"
    assert at(found, "file.hash.sha256") == "a" * 64
    assert at(found, "host.ip") == ["10.30.0.71", "fe80::71"]
    assert at(found, "labels") == {"site": "east", "rack": "7"}
    assert at(found, "event.type") == ["info", "denied"]
    assert (at(found, "event.severity"), at(found, "tags")) == (73, ["prevented"])


def test_what_it_calls_related_are_observables() -> None:
    found = event(ENDPOINT).observables
    assert {("ip", "198.51.100.171"), ("user", "dave"), ("hash", "b" * 40), ("host", "files.example.net")} <= set(found)


def test_a_signal_of_elastic_security_in_dotted_names() -> None:
    found = event(SIGNAL)
    assert (found.kind, found.severity, found.title, found.rule_id) == ("alert", 5, "Example beacon", "kr-1")
    assert found.techniques == ["T1071", "T1071.001"]
    assert at(found, "threat.tactic.name") == ["Command and Control"]
    assert (at(found, "message"), at(found, "alert.source_id")) == ("network event on pc-72", "k-1")
    assert event(changed(SIGNAL, **{"kibana.alert.uuid": "k-2"})).id != found.id


def test_winlogbeat_sends_only_winlog() -> None:
    found = event(LOGON)
    assert (found.kind, found.title, found.rule_id) == ("telemetry", "Logon failed", "4625")
    assert (found.module, found.dataset) == ("security", "windows.security")
    assert (at(found, "source.ip"), at(found, "source.port")) == ("203.0.113.73", 51730)
    assert (at(found, "user.name"), at(found, "user.target.name"), at(found, "user.id")) == ("carol", "carol", None)
    assert (at(found, "event.outcome"), at(found, "event.category")) == ("failure", ["authentication"])
    assert at(found, "event.action") == "Logon"
    assert at(found, "host.name") == "dc-1"
    assert at(found, "process") is None
    assert at(found, "alert.transport.shipper") == "winlogbeat 8.17.0"
    assert at(found, "agent") is None


def test_sysmons_rule_names_the_technique() -> None:
    found = event(SYSMON)
    assert (found.title, found.techniques) == ("Process created", ["T1036"])
    assert at(found, "threat.technique.name") == ["Masquerading"]
    assert (at(found, "process.name"), at(found, "process.pid")) == ("svch0st.exe", 7412)
    assert at(found, "process.parent.name") == "explorer.exe"
    assert at(found, "host.name") == "pc-74.example.net"
    assert (at(found, "user.domain"), at(found, "user.name")) == ("EXAMPLE", "carol")
    assert at(found, "file.hash.sha256") == "e" * 64


def test_what_the_document_says_comes_before_what_winlog_would_mean() -> None:
    record = orjson.loads(SYSMON) | {"process": {"name": "renamed.exe"}, "user": {"name": "mallory"}}
    found = event(record)
    assert (at(found, "process.name"), at(found, "user.name")) == ("renamed.exe", "mallory")
    assert at(found, "process.executable") == "C:\\Temp\\svch0st.exe"


def test_fields_of_the_wrong_type_cost_only_themselves() -> None:
    found = event(ODD)
    assert (at(found, "host.name"), at(found, "user.name"), at(found, "process.name")) == ("app-9", "erin", "shopd")
    assert (found.severity, found.title) == (4, "login of erin refused")
    assert at(found, "event.reason") == "wrong password"
    assert "source" not in document(found)


@pytest.mark.parametrize(
    ("changes", "severity", "unmapped"),
    [
        ({"severity": 99}, 5, False),
        ({"severity": 73}, 4, False),
        ({"severity": 72}, 3, False),
        ({"severity": 21}, 2, False),
        ({"severity": 1}, 1, False),
        ({"severity": 101}, 3, True),
        ({"severity": None}, 3, True),
        ({"severity_label": "low"}, 2, False),
        ({"dataset": "other.alerts"}, 3, True),
        ({"dataset": "suricata.eve", "severity": 1}, 4, False),
        ({"dataset": "suricata.eve", "severity": 3}, 2, False),
        ({"dataset": "suricata.eve", "severity": 9}, 3, True),
    ],
)
def test_severity(changes: dict[str, Any], severity: int, unmapped: bool) -> None:
    found = event(said(ENDPOINT, "event", **changes))
    assert found.severity == severity
    assert ("severity_unmapped" in at(found, "tags")) == unmapped


def test_a_word_of_severity_comes_before_numbers_and_the_log_level() -> None:
    record = orjson.loads(ENDPOINT) | {"log": {"level": "error"}}
    assert event(record | {"kibana": {"alert": {"severity": "low"}}}).severity == 2
    assert event(record).severity == 4
    assert event(record | {"event": {"kind": "alert"}}).severity == 4
    assert event(record | {"event": {"kind": "event"}, "log": {"level": "information"}}).severity == 1


def test_what_groups_and_what_tells_apart() -> None:
    first = event(ENDPOINT)
    other = event(said(ENDPOINT, "event", id="ep-2"))
    assert (other.id != first.id, other.fingerprint) == (True, first.fingerprint)
    assert event(said(ENDPOINT, "rule", id="r-72")).fingerprint != first.fingerprint
    assert event(said(ENDPOINT, "host", name="pc-99")).fingerprint != first.fingerprint
    # The alerts of two rules on one event are two.
    assert event(said(ENDPOINT, "rule", id="r-72")).id != first.id
    assert event(DNS).grouping == "ecs@1+title"


def test_a_second_reading_of_the_same_log_changes_nothing() -> None:
    again = orjson.loads(LOGON)
    again["agent"]["ephemeral_id"] = "e-8"
    again["event"]["created"] = "2026-11-20T18:00:00Z"
    again["ecs"]["version"] = "8.1.0"
    assert (event(again).id, event(again).digest) == (event(LOGON).id, event(LOGON).digest)


@pytest.mark.parametrize("agent", [orjson.loads(DNS)["agent"], {"name": "other"}])
def test_equal_lines_of_a_file_are_told_apart_by_their_place_in_it(agent: JsonObject) -> None:
    first = orjson.loads(DNS) | {"agent": agent, "log": {"offset": 100, "file": {"path": "/a"}}}
    others = [{"offset": 190, "file": {"path": "/a"}}, {"offset": 100, "file": {"path": "/b"}}]
    assert len({event(first | {"log": log}).id for log in (first["log"], *others)}) == 3


def test_what_changes_on_a_beats_machine_makes_no_other_event() -> None:
    first = event(LOGON)
    facts = {"host": {"name": "dc-1", "ip": ["10.0.0.9"]}, "cloud": {"provider": "aws"}, "container": {"name": "x"}}
    moved = orjson.loads(LOGON) | facts
    moved["host"] = orjson.loads(LOGON).get("host", {}) | {"ip": ["10.0.0.9"], "os": {"version": "2"}}
    assert (event(moved).id, event(moved).digest) == (first.id, first.digest)
    assert at(event(moved), "host.ip") == ["10.0.0.9"]
    alert = orjson.loads(ENDPOINT)
    alert["host"]["ip"] = ["10.0.0.9"]
    assert event(alert).id == event(ENDPOINT).id
    # What tells one machine from another still does.
    assert event(moved | {"host": {"name": "dc-2"}}).id != first.id
    assert event(moved | {"container": {"id": "c-2"}}).id != first.id
    assert event(moved | {"log": {"file": {"path": "/b"}}}).id != first.id
    # Of what is no Beat's, all counts.
    assert event({**orjson.loads(DNS), "agent": {}, "cloud": {"region": "x"}}).id != event(changed(DNS, agent={})).id


def test_the_logs_of_one_session_may_share_its_id() -> None:
    session = {"id": "s-1", "kind": "event", "module": "zeek", "category": ["network"]}
    shared = {"@timestamp": "2026-11-20T14:00:00.000Z", "ecs": {"version": "8.11.0"}}
    records = [
        shared | {"event": session | {"dataset": "zeek.connection"}},
        shared | {"event": session | {"dataset": "zeek.dns"}},
        shared | {"event": session | {"dataset": "zeek.dns"}, "dns": {"question": {"name": "a.example"}}},
    ]
    assert len({event(record).id for record in records}) == 3
    assert event(records[0], ordinal=1).id != event(records[0]).id


def test_what_becomes_of_a_kibana_alert_is_an_event_of_its_own() -> None:
    alert = {"uuid": "a-1", "workflow_status": "open", "rule": {"uuid": "r-1", "name": "Guess"}}
    opened = {"@timestamp": "2026-11-20T15:00:00Z", "event": {"kind": "signal"}, "kibana": {"alert": alert}}
    closed = opened | {"kibana": {"alert": alert | {"workflow_status": "closed"}}}
    assert event(opened).id == event(opened, ordinal=1).id
    assert event(opened).id != event(closed).id
    assert event(opened).fingerprint == event(closed).fingerprint
    assert event({"_id": "a-1", "_source": opened}).id != event({"_id": "a-1", "_source": closed}).id


def test_a_cleared_windows_log_counts_anew() -> None:
    other = orjson.loads(LOGON)
    other["winlog"]["event_data"]["TargetUserName"] = "dave"
    assert event(other).id != event(LOGON).id


def test_the_shippers_document_id_is_an_identity() -> None:
    named = orjson.loads(DNS) | {"@metadata": {"_id": "d-1"}}
    assert event(named).id == event(named | {"message": "other"}).id
    assert event(named).id != event(named | {"@metadata": {"_id": "d-2"}}).id


def test_the_raw_record_is_not_kept_twice() -> None:
    found = event(LOGON)
    assert "original" not in at(found, "sensor.event")
    assert found.original == LOGON
    assert found.id != event(said(LOGON, "event", original="<Event>2</Event>")).id
    bare = {"@timestamp": "2026-11-20T15:00:00Z", "event": {"kind": "event", "original": "line one"}}
    assert (event(bare).title, at(event(bare), "message")) == ("line one", "line one")


@pytest.mark.parametrize("within", [EVE, lines("wazuh4.ndjson")[0], lines("wazuh5.ndjson")[0]])
def test_a_sensors_record_that_a_beat_carries_stays_the_sensors(within: bytes) -> None:
    carried = orjson.loads(SYSMON) | {"message": within.decode(), "event": {"kind": "event", "dataset": "x.y"}}
    # With a level it would be an application's.
    del carried["winlog"], carried["log"]
    for hint in (None, "ecs"):
        found = event(carried, hint=hint)
        assert (found.id, found.module) == (event(within).id, event(within).module)


def test_a_line_that_a_beat_carries_is_text_and_json_is_json() -> None:
    carried = orjson.loads(SYSMON) | {"message": "just words", "event": {"dataset": "generic"}}
    del carried["winlog"]
    assert event(carried).module == "text"
    assert event(carried | {"message": '{"a":1,"time":"2026-11-20T08:00:00Z"}'}).module == "json"
    assert event(carried, hint="ecs").module == "text"


def test_json_that_is_no_sensors_record_does_not_hide_the_event_around_it() -> None:
    found = event({"@timestamp": "2026-11-20T15:00:00Z", "event": {"kind": "alert"}, "message": '{"a":1}'})
    assert (found.kind, at(found, "message")) == ("alert", '{"a":1}')


OCSF = lines("ocsf.ndjson")[0]


@pytest.mark.parametrize("words", [EVE, OCSF])
def test_what_somebody_writes_into_an_alerts_message_does_not_take_its_place(words: bytes) -> None:
    alert = {
        "@timestamp": "2026-11-20T15:00:00Z", "ecs": {"version": "8.0.0"},
        "event": {"kind": "alert", "action": "guess"},
        "rule": {"id": "R1", "name": "Brute force"}, "message": words.decode(),
    }  # fmt: skip
    for hint in (None, "ecs"):
        found = event(alert, hint=hint)
        assert (found.kind, found.title, at(found, "message")) == ("alert", "Brute force", words.decode())
    assert event(alert | {"message": orjson.dumps(alert).decode(), "rule": {"name": "x"}}, hint="ecs").title == "x"


@pytest.mark.parametrize("level", [{"log": {"level": "info"}}, {"log.level": "info"}])
def test_an_applications_message_is_its_own(level: JsonObject) -> None:
    logged = {"@timestamp": "2026-11-20T15:00:00Z", "event": {"dataset": "shop"}, "message": EVE.decode()} | level
    assert event(logged).module != "suricata"
    assert event(logged | {"ecs.version": "1.2.0"}).module == "shop"
    assert event(logged, hint="suricata_eve").module == "suricata"


def test_filebeats_suricata_module_is_suricata() -> None:
    eve = orjson.loads(EVE)
    ends = {name: eve.pop(name) for name in ("src_ip", "src_port", "dest_ip", "dest_port", "timestamp", "proto")}
    decoded = {
        "@timestamp": ends["timestamp"],
        "agent": {"type": "filebeat", "version": "7.17.0", "ephemeral_id": "e"},
        "event": {"kind": "alert", "module": "suricata", "dataset": "suricata.eve"},
        "network": {"transport": ends["proto"]},
        "source": {"address": ends["src_ip"], "port": ends["src_port"]},
        "destination": {"ip": ends["dest_ip"], "port": ends["dest_port"]},
        "suricata": {"eve": eve},
    }
    found = event(decoded)
    assert (found.id, found.digest) == (event(EVE).id, event(EVE).digest)
    assert at(found, "alert.transport.wrapper") == "beats"
    assert event(decoded | {"suricata": {"eve": "x"}}).dataset == "suricata.eve"


def test_an_event_that_says_nothing_is_no_ecs_document() -> None:
    assert at(event({"@timestamp": "2026-11-20T15:00:00Z", "a": 1}), "alert.transport.format") == "json"
    assert at(event({"event": {"action": "x"}, "a": 1}), "alert.transport.format") == "json"
    assert at(event({"event": {"action": "x"}, "ecs": {"version": "8"}}), "alert.transport.format") == "ecs"
    assert at(event({"winlog": {"event_id": 1}}), "alert.transport.format") == "ecs"
    logged = {"@timestamp": "2026-11-20T15:00:00Z", "log.level": "WARN", "message": "slow", "ecs.version": "1.6.0"}
    assert (at(event(logged, hint="ecs"), "alert.transport.format"), event(logged).severity) == ("ecs", 3)
    sent = {"@timestamp": "2026-11-20T15:00:00Z", "message": "a line", "ecs": {"version": "8.0.0"}}
    assert event(sent).module == "text"
    assert at(event(sent | {"process": {"name": "sshd"}}), "alert.transport.format") == "ecs"


@pytest.mark.parametrize(
    ("system", "kind"),
    [({"family": "windows"}, "windows"), ({"family": "redhat"}, "linux"), ({"family": "x", "type": "macos"}, "macos"),
     ({"family": "x"}, None)],
)  # fmt: skip
def test_the_type_of_an_operating_system(system: dict[str, str], kind: str | None) -> None:
    assert at(event(said(ENDPOINT, "host", os=system)), "host.os.type") == kind


def test_dotted_and_nested_names_may_be_mixed() -> None:
    record = {
        "@timestamp": "2026-11-20T15:00:00Z",
        "event.kind": "alert",
        "event": {"action": "x"},
        "a" + ".b" * 999: 1,
    }
    found = event(record)
    assert (found.kind, at(found, "event.action")) == ("alert", "x")
    assert event(record | {"rule": "named", "rule.id": "7"}).rule_id == "7"


def test_dotted_names_join_the_objects_that_the_record_has_and_leave_the_record_as_it_was() -> None:
    record = {"a": {"b": {"c": 1}}, "a.b.d": 2, "a.b.c": 9, "x.y": {"z": 3}, "x.y.w": 4, "k": 5, "k.l": 6}
    before = orjson.dumps(record)
    expected = {"a": {"b": {"c": 1, "d": 2}}, "x": {"y": {"z": 3, "w": 4}}, "k": {"l": 6}}
    assert ecs_fields.nested(record) == expected
    assert orjson.dumps(record) == before
    assert ecs.type_of({"event": {"kind": "event"}, "event.module": "m", "data_stream.dataset": "d.s"}) == "d.s"


def test_thousands_of_dotted_names_cost_no_more_than_a_look_at_each() -> None:
    record: JsonObject = {"ecs.version": "8.0", **{f"a.{number}": 1 for number in range(20_000)}}
    began = time.process_time()
    assert len(ecs_fields.nested(record)["a"]) == 20_000
    assert time.process_time() - began < 1


@pytest.mark.parametrize("part", ["event", "winlog", "agent", "host", "log", "related", "threat", "kibana", "rule"])
def test_parts_of_another_type_do_no_harm(part: str) -> None:
    values: tuple[Any, ...] = (None, [], "x", 7, {"a": []}, {"alert": {"rule": {"threat": [7, {"technique": 1}]}}})
    for line in (ENDPOINT, LOGON):
        for value in values:
            assert event(changed(line, **{part: value})).kind in {"alert", "telemetry"}
