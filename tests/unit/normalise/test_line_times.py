"""Times in lines: every shape that is sure, and none that is not."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.normalise import line_times, syslog

BERLIN = ZoneInfo("Europe/Berlin")
RECEIVED_AT = datetime(2026, 11, 21, 6, tzinfo=UTC)
SECOND = "2026-11-20T14:00:02+00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1795183202", SECOND),
        ("1795183202000", SECOND),
        ("1795183202000000000", SECOND),
        ("2026-11-20T14:00:02Z", SECOND),
        ("2026-11-20 15:00:02", SECOND),
        ("2026-11-20-15.00.02.250000", "2026-11-20T14:00:02.250000+00:00"),
        ("2026/11/20 15:00:02", SECOND),
        ("2026/11/20 14:00:02 GMT", SECOND),
        ("Nov 20 2026 15:00:02", SECOND),
        ("Nov 20 2026 14:00:02 UTC", SECOND),
        ("Nov 20 2026 14:00:02 GMT+00:00", SECOND),
        ("Nov 20 2026 16:00:02.250 +0200", "2026-11-20T14:00:02.250000+00:00"),
        ("Nov 20 2026 09:00:02 EST", SECOND),
        ("Nov 20, 2026 15:00:02", SECOND),
        ("Nov  2 2026 15:00:02", "2026-11-02T14:00:02+00:00"),
        ("Fri Nov 20 15:00:02 2026", SECOND),
        ("Fri Nov 20 14:00:02 UTC 2026", SECOND),
        ("2026 Nov 20 15:00:02.250 CET", "2026-11-20T14:00:02.250000+00:00"),
        ("20-Nov-2026 15:00:02.250", "2026-11-20T14:00:02.250000+00:00"),
        ("20/Nov/2026:15:00:02 +0100", SECOND),
        ("août 20 2026 16:00:02", "2026-08-20T14:00:02+00:00"),
        ("20 févr. 2026 15:00:02", "2026-02-20T14:00:02+00:00"),
        ("20 Dez 2026 15:00:02", "2026-12-20T14:00:02+00:00"),
        ("Jun 30 2026 23:59:60 UTC", "2026-06-30T23:59:59+00:00"),
    ],
)
def test_shapes_that_are_sure(text: str, expected: str) -> None:
    moment, certain = line_times.read(text, BERLIN, RECEIVED_AT)
    assert (moment and moment.isoformat(), certain) == (expected, True)


@pytest.mark.parametrize(
    "text",
    [
        "", "DATE", "$timestamp", "20/11/2026 15:00:02", "11/20/26 15:00:02", "Nov 20 2026 15:00:02 IST",
        "aéa. 20 2026 15:00:02",
        "Nov 20 2026 15:00:02 Mars/Base", "Nov 32 2026 15:00:02", "Feb 29 2026 15:00:02", "Nov 20 2026 25:00:02",
        "x" * 65,
        "Nov 20 2026 15:00:02 +9999",
    ],
)  # fmt: skip
def test_what_is_not_sure_is_not_read(text: str) -> None:
    assert line_times.read(text, BERLIN, RECEIVED_AT) == (None, True)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("Nov 20 2026 08:00:02 CST", "America/Chicago", SECOND),
        ("Jul 20 2026 09:00:02 CDT", "Europe/Berlin", "2026-07-20T14:00:02+00:00"),
        ("Nov 20 2026 22:00:02 CST", "Asia/Shanghai", SECOND),
        ("Nov 20 2026 19:30:02 IST", "Asia/Kolkata", SECOND),
        ("Nov 20 2026 22:00:02 CST", "Europe/Berlin", None),
        ("Nov 20 2026 22:00:02 BST", "Asia/Shanghai", None),
    ],
)
def test_a_name_of_several_zones_is_the_sensors_or_none(text: str, zone: str, expected: str | None) -> None:
    moment, _ = line_times.read(text, ZoneInfo(zone), RECEIVED_AT)
    assert (moment and moment.isoformat()) == expected


def test_a_name_of_several_zones_is_no_host() -> None:
    header, body = syslog.peel("<134>Nov 20 2026 22:00:02 CST gate-1 guard: words")
    assert (header["timestamp"], header["host"], body) == ("Nov 20 2026 22:00:02 CST", "gate-1", "words")


def test_a_year_left_out_is_the_latest_that_is_not_ahead() -> None:
    assert line_times.read("Nov 20 15:00:02", BERLIN, RECEIVED_AT) == (
        datetime(2026, 11, 20, 14, 0, 2, tzinfo=UTC),
        False,
    )
    assert line_times.read("Dec 24 15:00:02", BERLIN, RECEIVED_AT) == (
        datetime(2025, 12, 24, 14, 0, 2, tzinfo=UTC),
        False,
    )
    assert line_times.read("Feb 29 10:00:00 UTC", BERLIN, RECEIVED_AT) == (datetime(2024, 2, 29, 10, tzinfo=UTC), False)


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("Nov 20 2026 15:00:02", "MMM dd yyyy HH:mm:ss", SECOND),
        ("Nov 20 2026 14:00:02.250 UTC", "MMM dd yyyy HH:mm:ss.SSS z", "2026-11-20T14:00:02.250000+00:00"),
        ("20/11/2026 15:00:02", "dd/MM/yyyy HH:mm:ss", SECOND),
        ("11/20/26 15:00:02", "MM/dd/yy HH:mm:ss", SECOND),
        ("Fri, 20 Nov 2026 16:00:02 +0200", "EEE, dd MMM yyyy HH:mm:ss Z", SECOND),
        ("2026-11-20T15:00:02", "yyyy-MM-dd'T'HH:mm:ss", SECOND),
        ("[Nov 20 2026] 15:00:02 (CET)", "[MMM dd yyyy] HH:mm:ss (z)", SECOND),
        ("Nov 20 2026 15:00:02 tail", "MMM dd yyyy HH:mm:ss", None),
        ("words", "MMM dd yyyy HH:mm:ss", None),
        ("Nov 20 2026 03:00:02 PM", "MMM dd yyyy hh:mm:ss a", None),
        ("Nov 20 2026", "MMM dd yyyy", None),
        ("20 20 20", "dd dd dd", None),
        ("Nov 20 2026 15:00:02", "y" * 65, None),
    ],
)
def test_a_pattern_tells_the_shape(text: str, pattern: str, expected: str | None) -> None:
    moment, _ = line_times.read_as(text, pattern, BERLIN, RECEIVED_AT)
    assert (moment and moment.isoformat()) == expected


def test_a_zones_name() -> None:
    assert line_times.zone_of("Europe/Berlin") == BERLIN
    assert line_times.zone_of("utc") is UTC
    assert line_times.zone_of("IST") is None
    assert line_times.zone_of("+25:00") is None
    assert line_times.zone_of("x" * 65) is None


def test_a_pattern_of_its_own_in_each_line_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def compiled(*_: object) -> None:
        raise AssertionError("compiled")

    monkeypatch.setattr(re, "compile", compiled)
    moment, _ = line_times.read_as("Nov 20 2026 15:00:02 own", "MMM dd yyyy HH:mm:ss 'own'", BERLIN, RECEIVED_AT)
    assert (moment and moment.isoformat()) == SECOND
