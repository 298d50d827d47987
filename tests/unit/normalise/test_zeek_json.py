"""Zeek: notices are alerts, weird and the other logs telemetry, in both spellings of the ids."""

from typing import Any

import pytest

from tests.unit.normalise.given import at, event, lines

NOTICE, ALARM, WEIRD, STREAMED, DNS, CONN, NAMELESS, *_ = lines("zeek_json.ndjson")


def notice(**changes: Any) -> dict[str, Any]:
    return {"_path": "notice", "ts": 1763625600.5, "uid": "C1", "note": "Example::Note", "msg": "x", **changes}


def test_a_notice() -> None:
    found = event(NOTICE)
    assert (found.kind, found.severity, found.dataset) == ("alert", 4, "zeek.notice")
    assert found.title == found.rule_id == "SSH::Password_Guessing"
    assert found.time.isoformat() == "2025-11-20T08:00:00.123000+00:00"
    assert at(found, "rule.category") == "SSH"
    assert at(found, "destination.port") == 22
    assert at(found, "source.port") == 40400
    assert at(found, "message").startswith("SSH::Password_Guessing: 198.51.100.40 appears")
    assert found.observables == [("ip", "198.51.100.40"), ("ip", "10.20.0.7")]


def test_a_notice_without_uid_whose_actions_are_loud_is_high() -> None:
    assert event(ALARM).severity == 4
    assert event(ALARM).id != event(ALARM.replace(b"20 hosts", b"21 hosts")).id


@pytest.mark.parametrize(
    ("note", "severity"),
    [
        ("SSL::Invalid_Server_Cert", 2),
        ("Heartbleed::SSL_Heartbeat_Attack", 4),
        ("CaptureLoss::Too_Much_Loss", 1),
        ("Intel::Notice", 4),
        ("Example::Note", 3),
        (None, 3),
    ],
)
def test_severity_of_notices(note: str | None, severity: int) -> None:
    assert event(notice(note=note)).severity == severity


@pytest.mark.parametrize("line", [WEIRD, STREAMED])
def test_weird_is_telemetry_in_both_spellings(line: bytes) -> None:
    found = event(line)
    assert (found.kind, found.severity, found.dataset) == ("telemetry", 1, "zeek.weird")
    assert found.rule_id == "example_bad_request"
    assert at(found, "source.ip") == "10.20.0.8"
    assert at(found, "observer.name") == "worker-2"


def test_weird_folds_by_name_and_both_ends() -> None:
    assert event(WEIRD).fingerprint == event(STREAMED).fingerprint
    assert event(WEIRD).id != event(STREAMED).id


def test_other_logs_are_telemetry() -> None:
    assert at(event(DNS), "dns.question.name") == "ftp.example.org"
    assert ("ip", "198.51.100.42") in event(DNS).observables
    assert at(event(CONN), "destination.bytes") == 2000
    assert event(CONN).kind == "telemetry"


def test_the_shippers_file_tells_the_stream() -> None:
    nameless = b'{"ts":1763625603.25,"uid":"C1","id.orig_h":"10.20.0.8","query":"www.example.org"}'
    assert event(nameless).dataset == "zeek.log"
    shipped = b'{"file":"/var/log/zeek/dns.2026-11-20.log","source_type":"file","message":%s}' % _quoted(nameless)
    found = event(shipped)
    assert found.dataset == "zeek.dns"
    assert at(found, "dns.question.name") == "www.example.org"


def test_a_record_is_the_same_whether_the_shipper_told_its_stream() -> None:
    nameless = b'{"ts":1763625603.25,"uid":"C1","id.orig_h":"10.20.0.8","id.resp_h":"10.20.0.9","query":"a.example"}'
    shipped = b'{"file":"/var/log/zeek/dns.log","source_type":"file","message":%s}' % _quoted(nameless)
    named = nameless.replace(b"{", b'{"_path":"dns",', 1)
    assert {event(record).dataset for record in (shipped, named)} == {"zeek.dns"}
    assert len({(event(record).id, event(record).digest) for record in (nameless, shipped, named)}) == 1


@pytest.mark.parametrize("uid", ["C1", None])
def test_an_alarm_is_its_notice(uid: str | None) -> None:
    assert event(notice(uid=uid, _path="notice_alarm")).id == event(notice(uid=uid)).id
    assert event(notice(uid=uid, _path="notice_alarm", note="Example::Other")).id != event(notice(uid=uid)).id


def test_a_nameless_record_is_known_by_its_columns() -> None:
    found = event(NAMELESS)
    assert found.dataset == "zeek.http"
    assert at(found, "url.full") == "http://www.example.com/a?b=c"


def _quoted(line: bytes) -> bytes:
    return b'"' + line.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
