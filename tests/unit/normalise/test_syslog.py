"""Syslog: both RFCs' headers, what devices make of them, and the message behind."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.normalise import syslog
from tests.unit.normalise.given import at, event, lines

RFC5424, RFC3164, CISCO, ISO, WITH_YEAR, BARE, COUNTED = lines("syslog.txt")


def test_rfc5424() -> None:
    found = event(RFC5424)
    assert (found.kind, found.title, found.severity) == ("telemetry", "Accepted password for ann", 5)
    assert (found.module, found.dataset) == ("syslog", "syslog.messages")
    assert found.time.isoformat() == "2026-11-20T14:00:01.003000+00:00"
    expected = {
        "host.name": "gate-1", "process.name": "sshd", "process.pid": 4321, "message": "Accepted password for ann",
        "event.code": "ID47", "log.level": "critical", "event.severity": 2,
        "sensor.syslog.data": {"x@1": {"a": "b ] c", "d": "e"}, "y@1": {"f": "g"}},
    }  # fmt: skip
    assert {path: at(found, path) for path in expected} == expected


def test_rfc3164_has_a_time_that_is_for_people_and_an_id_without_one() -> None:
    found = event(RFC3164)
    assert (found.title, at(found, "sensor")) == ("(root) CMD (run 5)", None)
    assert found.time.isoformat() == "2026-11-20T13:00:02+00:00"
    assert (found.id.int >> 80, found.twin_id) == (0, None)
    years_later = event(RFC3164, received_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert (years_later.id, years_later.time.year) == (found.id, 2030)
    assert event(RFC3164.replace(b":02", b":03")).id != found.id


def test_a_year_in_the_header_makes_the_time_certain() -> None:
    assert event(WITH_YEAR).twin_id is not None
    assert event(ISO).time.isoformat() == "2026-11-20T13:00:04+00:00"


def test_cisco_and_lines_with_a_priority_alone() -> None:
    found = event(CISCO)
    assert (at(found, "host.name"), at(found, "event.code")) == ("edge-3", "SYS-5-CONFIG_I")
    assert found.time.isoformat() == "2026-11-20T13:00:03.250000+00:00"
    assert (event(BARE).title, at(event(BARE), "tags")) == ("[Login failed]: no such user", ["time_missing"])


def test_an_octet_count_is_no_part_of_the_record() -> None:
    assert event(COUNTED).id == event(COUNTED.partition(b" ")[2]).id


@pytest.mark.parametrize(("number", "level"), [*enumerate((5, 5, 5, 4, 3, 2, 1, 1))])
def test_the_severity_is_the_prioritys(number: int, level: int) -> None:
    found = event(RFC3164.replace(b"<13>", f"<{16 * 8 + number}>".encode()))
    assert (found.severity, at(found, "event.severity")) == (level, number)


BEHIND = {"host": "gate-1", "app": "guard", "pid": "7"}


@pytest.mark.parametrize(
    ("line", "expected", "rest"),
    [
        ("<13>Nov 20 14:00:02 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13> Nov  2 14:00:02 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>Nov 20 14:00:02.123 CET gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>Nov 20 14:00:02 2026 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>2026 Nov 20 14:00:02 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>2026-11-20 14:00:02,123 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>2026/11/20 14:00:02 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>1795183202.25 gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>2026-11-20T14:00:02Z gate-1 guard 7 - [a@1 b=\"c\"] words", BEHIND, "words"),
        ("<13>1 2026-11-20T14:00:02Z gate-1 guard 7 - - \ufeffwords", BEHIND, "words"),
        ("<13>1 - gate-1 guard 7 - -", BEHIND, ""),
        ("<13>1 2026-11-20T14:00:02Z gate-1 guard[7]: words", BEHIND, "words"),
        ("<13>Nov 20 14:00:02 guard[7]: words", {"app": "guard", "pid": "7"}, "words"),
        ("<13>Nov 20 14:00:02 gate-1 words and words", {"host": "gate-1"}, "words and words"),
        ("<13>Nov 20 14:00:02 gate-1 : %ASA-3-106014: words", {"host": "gate-1"}, "%ASA-3-106014: words"),
        ("<13>Nov 20 14:00:02 2001:db8::9 guard: words", {"host": "2001:db8::9", "app": "guard"}, "words"),
        ("<13>Nov 20 14:00:02 a=b c", {}, "a=b c"),
        ("<13>77: gate-1: Nov 20 14:00:02.1: %SYS-5-X: words", {"host": "gate-1"}, "%SYS-5-X: words"),
        ("<13>: 2026 Nov 20 14:00:02 EST: %SYS-5-X: words", {}, "%SYS-5-X: words"),
        ("<13>RP/0/CPU0:Nov 20 14:00:02: guard[7]: words", {"host": "RP/0/CPU0", "app": "guard", "pid": "7"}, "words"),
        ("Nov 20 14:00:02 gate-1 guard[7]: words", BEHIND, "words"),
        ("<192>Nov 20 14:00:02 gate-1 guard[7]: words", {}, "<192>Nov 20 14:00:02 gate-1 guard[7]: words"),
        ("guard[7]: words", {}, "guard[7]: words"),
        ("1 words", {}, "1 words"),
    ],
)  # fmt: skip
def test_headers(line: str, expected: dict[str, str], rest: str) -> None:
    header, body = syslog.peel(line)
    assert {key: header[key] for key in ("host", "app", "pid") if key in header} == expected
    assert body == rest
    assert ("priority" in header) == line.startswith("<13>")


def test_structured_data_of_any_shape() -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ('[a@1 b="c"]', {"a@1": {"b": "c"}}),
        ('[a@1 b="c\\"d\\\\e\\]f" g="h"]', {"a@1": {"b": 'c"d\\e]f', "g": "h"}}),
        ("[a@1 sub=Default]", {"a@1": {}}),
        ('[a@1][b@2 c="d"]', {"a@1": {}, "b@2": {"c": "d"}}),
    ]
    for data, expected in cases:
        assert syslog.structured(data) == expected
    # A long run without a value must not cost its square.
    assert syslog.structured(f"[a@1 {'x' * 300_000}]") == {"a@1": {}}


def test_types_are_the_programs_and_groups_leave_numbers_out() -> None:
    assert syslog.type_of({"syslog": {"app": "CRON"}}) == "cron"
    assert event(RFC3164).fingerprint == event(RFC3164.replace(b"run 5", b"run 6")).fingerprint
    assert event(RFC3164).fingerprint != event(RFC3164.replace(b"gate-2", b"gate-3")).fingerprint
    assert event(RFC3164, ordinal=0).id != event(RFC3164, ordinal=1).id
