"""LEEF 1.0 and 2.0: delimiters, devTime with its format, alert or log."""

import pytest

from shared.normalise import leef
from tests.unit.normalise.given import at, event, lines

VIRUS, LOGON, GUEST, DENIED = lines("leef.txt")


def test_a_whole_record() -> None:
    found = event(VIRUS)
    assert (found.kind, found.severity, found.title, found.rule_id) == (
        "alert",
        4,
        "Download of a known virus",
        "block",
    )
    assert (found.module, found.dataset) == ("example_works", "leef.example_works.proxy")
    assert found.time.isoformat() == "2026-11-20T14:00:00.250000+00:00"
    expected = {
        "event.action": "deny", "event.type": ["denied"], "event.category": ["malware"], "event.severity": 8,
        "source.ip": "10.4.0.9", "source.port": 40111, "source.bytes": 10, "destination.ip": "203.0.113.5",
        "destination.port": 443, "destination.bytes": 20, "network.transport": "tcp", "user.name": "ann@example.org",
        "user.email": "ann@example.org", "host.name": "pc-9", "url.full": "http://bad.example/x",
        "rule.category": "malware", "observer.product": "Proxy",
    }  # fmt: skip
    assert {path: at(found, path) for path in expected} == expected


def test_declared_delimiters_and_the_headers_time_and_host() -> None:
    found = event(LOGON)
    assert (found.kind, found.title, found.severity) == ("telemetry", "User logon", 2)
    assert found.time.isoformat() == "2026-11-20T13:00:01+00:00"
    assert found.id.int >> 80 == 0
    assert (at(found, "host.name"), at(found, "user.name")) == ("gate-2", "bob")
    assert event(GUEST).time.isoformat() == "2026-11-20T14:00:02+00:00"


def test_tabs_that_rsyslog_escaped_and_no_severity() -> None:
    found = event(DENIED)
    assert (found.kind, found.severity, at(found, "source.ip")) == ("telemetry", 1, "10.4.0.9")


PAIRS = {"src": "192.0.2.1", "sev": "5"}


@pytest.mark.parametrize(
    "line",
    [
        "LEEF:1.0|V|P|1|E|src=192.0.2.1\tsev=5",
        "LEEF:2.0|V|P|1|E|^|src=192.0.2.1^sev=5",
        "LEEF:2.0|V|P|1|E|x5E|src=192.0.2.1^sev=5",
        "LEEF:2.0|V|P|1|E|0x5E|src=192.0.2.1^sev=5",
        "LEEF:2.0|V|P|1|E|x09|src=192.0.2.1\tsev=5",
        "LEEF:2.0|V|P|1|E||src=192.0.2.1\tsev=5",
        "LEEF:2.0|V|P|1|E|src=192.0.2.1\tsev=5",
        "LEEF:1.0|V|P|1|E|src=192.0.2.1|sev=5",
        "LEEF:1.0|V|P|1|E|src=192.0.2.1 sev=5",
        "LEEF:1.0|V|P|1|E|src=192.0.2.1#011sev=5",
        "LEEF:1.0|V|P|1|E|usrName=\tsrc=192.0.2.1\t sev=5\tsev=9\tlost",
    ],
)
def test_delimiters(line: str) -> None:
    parsed = leef.parse(line)
    assert parsed is not None
    assert parsed["attributes"] == PAIRS


@pytest.mark.parametrize("line", ["LEEF:1.0|V|P|1", "LEEF:3.0|V|P|1|E|", "LEEF:x|V|P|1|E|"])
def test_what_is_no_header(line: str) -> None:
    assert leef.parse(line) is None


def test_a_value_keeps_its_own_equals_signs() -> None:
    parsed = leef.parse("LEEF:1.0|V|P|1|E|url=/a?b=c\tsrc=192.0.2.1")
    assert parsed is not None
    assert parsed["attributes"]["url"] == "/a?b=c"


@pytest.mark.parametrize(
    ("attributes", "time"),
    [
        ("devTime=20/11/2026 15:00:02\tdevTimeFormat=dd/MM/yyyy HH:mm:ss", "2026-11-20T14:00:02+00:00"),
        ("devTime=1795183202000", "2026-11-20T14:00:02+00:00"),
        ("devTime=Nov 20 2026 15:00:02\tdevTimeFormat=bad pattern", "2026-11-20T14:00:02+00:00"),
    ],
)
def test_the_devices_time(attributes: str, time: str) -> None:
    assert event(f"LEEF:1.0|V|P|1|E|{attributes}".encode()).time.isoformat() == time


def test_groups() -> None:
    assert event(VIRUS).fingerprint == event(VIRUS.replace(b"srcPort=40111", b"srcPort=7")).fingerprint
    assert event(VIRUS).fingerprint != event(VIRUS.replace(b"src=10.4.0.9", b"src=10.4.0.8")).fingerprint
    assert event(VIRUS, ordinal=0).id != event(VIRUS, ordinal=1).id
