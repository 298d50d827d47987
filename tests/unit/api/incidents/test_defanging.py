"""The words of a report: what leads outside is defanged wherever it stands, and nothing else is touched."""

import pytest
from hypothesis import given

from services.api.incidents.defanging import harmless, without_addresses
from services.api.incidents.facts import Note, Observable
from tests.unit.api.incidents.given import after, calm, facts, words

KNOWN = (
    Observable(type="domain", value="evil.example"),
    Observable(type="ip", value="203.0.113.7"),
    Observable(type="ip", value="2001:db8::7"),
    Observable(type="email", value="eve@other.example"),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Opened http://evil.example/a.php?x=1.", "Opened hxxp://evil[.]example/a[.]php?x=1."),
        ("(HTTPS://A.example)", "(HXXPS://A[.]example)"),
        ("ftp://a.example/x, and www.b.example", "ftp[:]//a[.]example/x, and www[.]b[.]example"),
        ("It is hxxp://evil[.]example already", "It is hxxp://evil[.]example already"),
        ("version 1.2.3 of a.txt, e.g. this", "version 1.2.3 of a.txt, e.g. this"),
    ],
)
def test_addresses_of_the_web_are_defanged(text: str, shown: str) -> None:
    assert without_addresses(text) == shown
    assert without_addresses(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to Evil.example.", "to Evil[.]example."),
        ("src:evil.example:8080", "src:evil[.]example:8080"),
        ("from 203.0.113.7 at 12:30:00", "from 203[.]0[.]113[.]7 at 12:30:00"),
        ("from 2001:DB8::7, today", "from 2001[:]DB8[:][:]7, today"),
        ("it was 2001:db8::7.", "it was 2001[:]db8[:][:]7."),
        ("by eve@other.example", "by eve[@]other[.]example"),
        ("by bob@evil.example", "by bob[@]evil[.]example"),
        ("not evil.example.org, vpn.log", "not evil.example.org, vpn.log"),
    ],
)
def test_observables_are_defanged_in_every_text(text: str, shown: str) -> None:
    full = facts(observables=KNOWN, title=text, summary=f"`{text}`", notes=(Note(by="Ada", at=after(1), text=text),))
    made = harmless(full)
    assert (made.title, made.summary) == (shown, f"`{shown}`")
    assert made.notes is not None
    assert made.notes[0].text == shown
    assert made.observables == full.observables, "their table defangs them"


def test_a_mail_address_is_no_link_in_markdown() -> None:
    made = harmless(facts(summary="Ask @ann@acme.example", title="Ask ann@acme.example"))
    assert (made.summary, made.title) == ("Ask @ann[@]acme[.]example", "Ask ann@acme.example")


@calm
@given(words)
def test_nothing_is_defanged_twice(text: str) -> None:
    once = without_addresses(text)
    assert without_addresses(once) == once
