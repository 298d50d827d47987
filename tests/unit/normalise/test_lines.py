"""Which format a line is of: by its mark or header, by a hint, and never because a message says so."""

import orjson
import pytest

from tests.unit.normalise.given import at, event, lines, outcome, rejection, sensor

CEF, CEF_BEHIND, CEF_SPACED, _ = lines("cef.txt")
LEEF = lines("leef.txt")[0]
SYSLOG = lines("syslog.txt")[1]
EVE = b'{"event_type":"dns","timestamp":"2026-11-20T08:00:00Z","flow_id":1,"dns":{}}'
BEHIND = b"<174>Nov 20 14:00:02 ids-6 suricata[7]: " + EVE


def format_of(record: bytes, hint: str | None = None) -> str:
    return str(at(event(record, hint=hint), "alert.transport.format"))


@pytest.mark.parametrize("hint", [None, "cef", "leef", "syslog", "json", "suricata_eve"])
def test_a_mark_tells_whatever_the_hint(hint: str | None) -> None:
    assert [format_of(line, hint) for line in (CEF, CEF_BEHIND, CEF_SPACED, LEEF)] == ["cef", "cef", "cef", "leef"]


@pytest.mark.parametrize(
    "header",
    [
        b"<134>", b"<134>Nov 20 14:00:02 gate-2 ", b"Nov 20 14:00:02 gate-2 ",
        b"<134>1 2026-11-20T14:00:02Z g a 1 - - ",
        b"2026-11-20T14:00:02Z gate-2 ", b"<134>Nov 20 14:00:02 gate-2 guard[7]: ",
        b"<134>Nov 20 14:00:02 gate-2 guard -: ",
        b"<134>guard:", b"320 <134>Nov 20 14:00:02 gate-2 ", b"<134>1 2026-11-20T14:00:02Z gate-2 ",
    ],
)  # fmt: skip
def test_behind_any_header_it_is_the_same_record(header: bytes) -> None:
    bare, behind = event(CEF), event(header + CEF)
    assert at(behind, "alert.transport.format") == "cef"
    assert (bare.id, bare.twin_id, bare.digest) == (behind.id, behind.twin_id, behind.digest)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"<86>Nov 20 14:00:02 gate-2 sshd[7]: Invalid user " + CEF, "syslog"),
        (b"Nov 20 14:00:02 gate-2 sshd[7]: Invalid user " + CEF, "text"),
        (b"bob: " + CEF, "text"),
        (b"2026-11-20 14:00:02,123 INFO alice: " + CEF, "text"),
        (b"2026-11-20 14:00:02,123 alice: " + LEEF, "text"),
        (b"Nov 20 14:00:02 web-1 shop[7]: " + CEF, "text"),
        (b"2026-11-20T14:00:02Z web-1 shop 7 - - " + CEF, "text"),
        (b"2026-11-20T14:00:02Z said " + LEEF.replace(b"LEEF:", b"x LEEF:"), "text"),
        (b"<86>Nov 20 14:00:02 gate-2 sshd[7]: Invalid user x: " + EVE, "syslog"),
        (BEHIND, "syslog"),
        (b"<174>Nov 20 14:00:02 ids-6 app: @cee: " + EVE, "syslog"),
    ],
)
def test_nobody_poses_as_a_sensor_from_within_a_message(line: bytes, expected: str) -> None:
    assert format_of(line) == expected


def test_with_its_hint_the_mark_is_found_anywhere_and_may_be_missing() -> None:
    assert format_of(b"word and word " + CEF, "cef") == "cef"
    assert format_of(b"<134>Nov 20 14:00:02 gate-2 " + CEF.removeprefix(b"CEF:"), "cef") == "cef"
    assert format_of(LEEF.removeprefix(b"LEEF:"), "leef") == "leef"
    # As a relay writes on what it took for a program's name.
    assert format_of(b"<134>1 2026-11-20T14:00:02Z gate-2 CEF - - - " + CEF.removeprefix(b"CEF:"), "cef") == "cef"


@pytest.mark.parametrize("words", [CEF, b"CEF:", b"CEF:0|x"])
def test_a_hint_finds_no_mark_in_what_a_program_was_told(words: bytes) -> None:
    for header in (b"<86>Nov 20 14:00:02 gate-2 sshd[7]: ", b"<86>1 2026-11-20T14:00:02Z gate-2 sshd 7 - - "):
        assert format_of(header + b"Failed password for invalid user " + words + b" from 192.0.2.9", "cef") == "syslog"


def test_a_shippers_message_is_the_line() -> None:
    shipped = orjson.dumps({"@timestamp": "2026-11-20T15:00:00Z", "message": CEF.decode()})
    assert (event(shipped).id, event(shipped).digest) == (event(CEF).id, event(CEF).digest)
    assert format_of(orjson.dumps({"@timestamp": "2026-11-20T15:00:00Z", "message": SYSLOG.decode()})) == "syslog"


def test_an_application_that_logs_a_message_does_not_pose() -> None:
    record = orjson.dumps({"level": "info", "app": "shop", "message": CEF.decode()})
    assert format_of(record) == "json"
    assert format_of(record, "cef") == "cef"


@pytest.mark.parametrize("beside", [{"stream": "stdout"}, {"logtag": "F"}])
def test_what_a_container_prints_poses_only_by_a_hint(beside: dict[str, str]) -> None:
    printed = {"log": CEF.decode() + "\n", "time": "2026-11-20T14:00:02Z", **beside}
    assert format_of(orjson.dumps(printed)) == "text"
    assert format_of(orjson.dumps(printed), "cef") == "cef"
    assert format_of(orjson.dumps(printed | {"log": SYSLOG.decode()})) == "syslog"


def test_with_a_hint_of_lines_a_header_without_its_priority_is_one() -> None:
    assert format_of(b"Nov 20 14:00:02 gate-2 guard[7]: " + CEF, "cef") == "cef"
    assert format_of(b"Nov 20 14:00:02 gate-2 guard[7]: " + CEF, "syslog") == "cef"


def test_a_sensors_object_behind_its_program_where_the_hint_is_syslog() -> None:
    found = event(BEHIND, hint="syslog")
    assert (found.id, found.digest, found.dataset) == (event(EVE).id, event(EVE).digest, "suricata.dns")
    assert at(found, "alert.transport.wrapper") == "syslog"
    assert at(found, "alert.transport.host") == "ids-6"
    wazuh = lines("wazuh4.ndjson")[0]
    assert event(b"<132>Nov 20 14:00:02 siem ossec: " + wazuh, hint="syslog").id == event(wazuh).id
    assert format_of(BEHIND.replace(b"suricata[7]", b"ossec"), "syslog") == "syslog"
    assert format_of(BEHIND.replace(b"suricata[7]", b"sshd[7]"), "syslog") == "syslog"
    assert format_of(BEHIND.replace(b": {", b": words {"), "syslog") == "syslog"


def test_an_object_behind_a_header_or_the_cookie() -> None:
    assert format_of(BEHIND, "suricata_eve") == "suricata_eve"
    assert format_of(b"@cee: " + EVE) == "suricata_eve"
    assert format_of(b"<174>Nov 20 14:00:02 ids-6 any: @cee: " + EVE, "syslog") == "suricata_eve"
    plain = event(b'<174>1 2026-11-20T14:00:02Z h any 1 - - @cee: {"a":1}', hint="syslog")
    assert at(plain, "alert.transport.format") == "json"
    assert plain.time.isoformat() == "2026-11-20T14:00:02+00:00"


def test_the_setting_of_the_sensor_counts_as_a_hint() -> None:
    assert event(BEHIND, sensor=sensor(format="syslog")).module == "suricata"


@pytest.mark.parametrize(
    ("line", "hint", "reason"),
    [
        (b"just words", "cef", "wrong_shape"),
        (b"just words", "leef", "wrong_shape"),
        (b"just words", "syslog", "wrong_shape"),
        (b'{"a":1}', "cef", "wrong_shape"),
        (b'{"a":1}', "syslog", "wrong_shape"),
        (b'{"message":"just words"}', "cef", "wrong_shape"),
        (b"<134>Nov 20 14:00:02 gate-2 CEF:0|cut off|here", "cef", "wrong_shape"),
        (b"LEEF:1.0|cut off", "leef", "wrong_shape"),
        (BEHIND[:-5], "suricata_eve", "not_json"),
        (b"[1,2]", "cef", "not_an_object"),
        (b" ", "cef", "empty"),
    ],
)
def test_what_the_hint_does_not_fit_waits_in_quarantine(line: bytes, hint: str, reason: str) -> None:
    assert rejection(line, hint=hint) == reason


def test_the_refusal_says_what_was_expected() -> None:
    assert "`CEF:0|`" in str(outcome(b"just words", hint="cef"))
    assert "`<PRI>`" in str(outcome(b"just words", hint="syslog"))


def test_without_a_hint_a_line_that_only_seems_to_have_a_mark_is_kept() -> None:
    assert format_of(b"<134>Nov 20 14:00:02 gate-2 CEF:0|cut off|here") == "syslog"
    assert format_of(b"CEF:0|cut off") == "text"
    assert format_of(b"<999>words") == "text"


def test_a_device_that_also_sends_plain_messages_loses_none() -> None:
    assert format_of(SYSLOG, "cef") == "syslog"
    assert format_of(SYSLOG.removeprefix(b"<13>"), "syslog") == "syslog"
    assert format_of(SYSLOG.removeprefix(b"<13>")) == "text"


def test_a_marked_line_that_a_beat_ships_is_its_own_format_and_any_other_is_a_document() -> None:
    shipped = {
        "@timestamp": "2026-11-20T08:00:00Z", "ecs": {"version": "8.0.0"}, "input": {"type": "log"},
        "agent": {"type": "filebeat", "version": "9.1.0", "ephemeral_id": "e"}, "host": {"name": "relay"},
    }  # fmt: skip
    cef = "CEF:0|Example|Gate|1.0|100|port scan|5|src=192.0.2.1"
    lines_in = (cef, "<13>Nov 20 08:00:00 a b: c")
    assert [format_of(orjson.dumps(shipped | {"message": line})) for line in lines_in] == ["cef", "syslog"]
    written = {"log": {"level": "info"}, "service": {"name": "shop"}}
    assert format_of(orjson.dumps(shipped | written | {"message": cef})) == "json"
