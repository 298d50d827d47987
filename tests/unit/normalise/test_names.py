"""Domain names: what is one, in which spelling, and what is more likely a file."""

import pytest

from shared.normalise import names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.ORG.", "example.org"),
        ("a.b.example.co.uk", "a.b.example.co.uk"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("XN--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ("faß.de", "xn--fa-hia.de"),
        ("_dmarc.example.org", "_dmarc.example.org"),
        ("example.onion", "example.onion"),
        ("duckdns.org", "duckdns.org"),
        ("gazeta.pl", "gazeta.pl"),
        ("www.ck", "www.ck"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert names.domain(text) == name
    assert names.domain(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "", ".", "org", "co.uk", "foo.ck", "dc1.corp.local", "evil.exe", "1.2.3.4", "a..org", "-a.org", "a-.org",
        "a b.org", "é-.org", "a/b.org", "a\n.org", f"{'a' * 64}.org", "a." * 130 + "org", "e.g",
        "x" * 600 + ".org", "\ud800.org",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert names.domain(text, certain=True) is None


@pytest.mark.parametrize("text", ["setup.py", "README.md", "invoice.pdf.zip", "install.sh", "main.rs.", "libc.so"])
def test_what_may_be_a_file_needs_certainty(text: str) -> None:
    assert names.domain(text) is None
    assert names.domain(text, certain=True) == text.lower().rstrip(".")


@pytest.mark.parametrize("text", ["dc1.corp.local", "foo.ck", "co.uk", "bücher.example"])
def test_a_spelled_name_need_not_be_public(text: str) -> None:
    assert names.spelled(text) == text.encode("idna").decode()


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1", "a.1", "*.example.org", "a@b.org", ""])
def test_what_cannot_be_spelled(text: str) -> None:
    assert names.spelled(text) is None
