"""Observables: which values are worth a pivot, in which spelling, and how many."""

from typing import Any

import pytest

from shared.normalise import addresses, conform
from shared.normalise.event import MAX_OBSERVABLES
from shared.normalise.observables import Observables


def found(kind: str, value: Any) -> list[tuple[str, str]]:
    gathered = Observables()
    gathered.add(kind, value)
    return gathered.pairs()


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("ip", "198.51.100.7", ("ip", "198.51.100.7")),
        ("ip", "::ffff:198.51.100.7", ("ip", "198.51.100.7")),
        ("ip", "2001:DB8:0::1", ("ip", "2001:db8::1")),
        ("domain", "WWW.Example.org.", ("domain", "www.example.org")),
        ("domain", "198.51.100.7", ("ip", "198.51.100.7")),
        ("host", "PC-1", ("host", "PC-1")),
        ("host", "10.0.0.1", ("ip", "10.0.0.1")),
        ("hash", "D41D8CD98F00B204E9800998ECF8427E", ("hash", "d41d8cd98f00b204e9800998ecf8427e")),
        ("cve", "cve-2026-0001", ("cve", "CVE-2026-0001")),
        ("email", "Ann@Example.org", ("email", "ann@example.org")),
        ("user", "CORP\\ann", ("user", "CORP\\ann")),
        ("url", "http://example.org/A?b", ("url", "http://example.org/A?b")),
        ("url", "HTTPS://User:Pass@UP.Example.org:443/A?B#C", ("url", "https://User:Pass@up.example.org:443/A?B#C")),
        ("url", "hXXp://Example.org", ("url", "http://example.org")),
        ("url", "HXXPS://example.org/a", ("url", "https://example.org/a")),
        ("url", "fxp://example.org/A", ("url", "ftp://example.org/A")),
        ("url", "http://[2001:DB8::1]/A", ("url", "http://[2001:db8::1]/A")),
        ("url", "http://Example.org?U=http://B", ("url", "http://example.org?U=http://B")),
        ("url", "/Index?u=HTTP://B", ("url", "/Index?u=HTTP://B")),
        ("file", "é" * 512, ("file", "é" * 512)),
    ],
)
def test_what_is_kept(kind: str, value: str, kept: tuple[str, str]) -> None:
    assert found(kind, value) == [kept]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ip", "0.0.0.0"), ("ip", "::"), ("ip", "127.0.0.1"), ("ip", "169.254.1.1"), ("ip", "fe80::1%eth0"),
        ("ip", "224.0.0.251"), ("ip", "255.255.255.255"), ("ip", "999.1.1.1"), ("ip", "1.2.3"), ("ip", 7),
        ("host", "127.0.0.1"), ("domain", "not a domain"), ("domain", ""), ("user", "root"), ("user", "SYSTEM"),
        ("user", "-"), ("user", "N/A"), ("hash", "abc"), ("hash", "g" * 32), ("cve", "CVE-26"), ("email", "@x"),
        ("file", "é" * 513), ("url", "http://" + "\u0130" * 400), ("url", None), ("url", {"a": 1}),
    ],
)  # fmt: skip
def test_what_is_not(kind: str, value: Any) -> None:
    assert found(kind, value) == []


def test_ours_are_marked_and_each_is_kept_once() -> None:
    gathered = Observables()
    gathered.add("ip", ["10.0.0.1", "10.0.0.1", "fd00::1", "100.64.0.1", "198.51.100.1"])
    assert [document.get("internal", False) for document in gathered.documents()] == [True, True, True, False]
    assert gathered.related() == {"ip": ["10.0.0.1", "fd00::1", "100.64.0.1", "198.51.100.1"]}


def test_the_limit() -> None:
    gathered = Observables()
    for number in range(MAX_OBSERVABLES + 20):
        gathered.add("file", f"/tmp/{number}")
    assert len(gathered.pairs()) == MAX_OBSERVABLES


@pytest.mark.parametrize("text", ["", " ", "1", "1.2.3.4/8", "x" * 100, "٣.1.1.1"])
def test_what_is_no_address(text: str) -> None:
    assert addresses.read(text) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7), ("7", 7), ("-7", -7), (7.6, 8), ((1 << 63) - 1, (1 << 63) - 1), (-(1 << 63), -(1 << 63)),
        (1 << 63, None), ("9223372036854775808", None), ("99999999999999999999", None), (1e300, None),
        (True, None), (None, None), ("", None), ("-", None), ("--5", None), ("٣", None), ("7 ", None), ([], None),
    ],
)  # fmt: skip
def test_whole_numbers(value: Any, number: int | None) -> None:
    assert conform.integer(value) == number
