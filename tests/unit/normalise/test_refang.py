"""Defanged text: what is undone, what is left alone, and that ours comes back as it was."""

import pytest

from shared.normalise.refang import defang, refang


@pytest.mark.parametrize(
    ("text", "live"),
    [
        ("hxxp://example.org", "http://example.org"),
        ("hXXps://example.org", "hTTps://example.org"),
        ("HXXP://EXAMPLE.ORG", "HTTP://EXAMPLE.ORG"),
        ("h**ps://example.org", "https://example.org"),
        ("hxxps[:]//example[.]org", "https://example.org"),
        ("hxxp[://]example{.}org", "http://example.org"),
        ("example(.)org", "example.org"),
        ("example[dot]org and example(DOT)org", "example.org and example.org"),
        ("example[ . ]org", "example.org"),
        ("example[.org", "example.org"),
        ("example.]org", "example.org"),
        ("1[.]2[.]3[.]4", "1.2.3.4"),
        ("2001[:]db8[:][:]1", "2001:db8::1"),
        ("ann[at]example[.]org", "ann@example.org"),
        ("ann(at)example.org ann[@]example.org", "ann@example.org ann@example.org"),
        ("example\uff0eorg example\u3002org example\uff61org", "example.org example.org example.org"),
        ("example\\.org", "example.org"),
        ("ex\u200bample.o\u00adrg\ufeff", "example.org"),
    ],
)
def test_what_is_undone(text: str, live: str) -> None:
    assert refang(text) == live


@pytest.mark.parametrize(
    "text",
    [
        "", "example.org", "C:\\Users\\.ssh\\id", "C:\\Users\\a.b", ".\\run.exe", "[1] see (that)", "hxxp is a scheme",
        "攻击。example.org", "[::1]:80", "array[0].name", "**bold**",
    ],
)  # fmt: skip
def test_what_is_left_alone(text: str) -> None:
    assert refang(text) == text


@pytest.mark.parametrize(
    ("kind", "value", "harmless"),
    [
        ("ip", "198.51.100.7", "198[.]51[.]100[.]7"),
        ("ip", "2001:db8::1", "2001[:]db8[:][:]1"),
        ("domain", "www.example.org", "www[.]example[.]org"),
        ("host", "dc1.example.org", "dc1[.]example[.]org"),
        ("email", "ann@example.org", "ann[@]example[.]org"),
        ("url", "https://example.org/a.php?u=http://b.org", "hxxps://example[.]org/a[.]php?u=hxxp://b[.]org"),
        ("url", "HTTP://EXAMPLE.ORG", "HXXP://EXAMPLE[.]ORG"),
        ("url", "ftp://example.org", "ftp[:]//example[.]org"),
        ("file", "/tmp/a.sh", "/tmp/a.sh"),
        ("user_agent", "curl/8.1", "curl/8.1"),
    ],
)
def test_what_is_shown(kind: str, value: str, harmless: str) -> None:
    assert defang(value, kind) == harmless
    assert refang(harmless) == value
