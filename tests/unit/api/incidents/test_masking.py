"""Values that are not to be told, in all spellings that the product reads."""

import time

import pytest

from services.api.incidents.masking import masking

SECRETS = (
    "secret.example",
    "mail.secret.example",
    "203.0.113.7",
    "2001:db8::7",
    "https://secret.example/a",
    "ftp://files.example/",
    "ann@secret.example",
    "C:\\Users\\.ssh\\id",
)
change = masking(dict.fromkeys(SECRETS, "[TLP:RED]"))


@pytest.mark.parametrize(
    "spelling",
    [
        "secret.example", "SECRET.Example", "secret[.]example", "secret(.)example", "secret{dot}example",
        "secret[ . ]example", "secret [.] example", "secret (DOT) example", "secret[.example", "secret.]example",
        "secret\\.example", "secret\uff0eexample", "se\u200bcret.exam\u00adple",
        "mail.secret[.]example", "mail(.)secret(.)example", "mail[.]secret.example",
        "203.0.113[.]7", "203[.]0[.]113[.]7", "2001[:]db8[:][:]7", "2001:DB8::7", "2001:db8[:]:7",
        "hxxps://secret.example/a", "hXXps[:]//secret[.]example/a", "h**ps[://]secret.example/a",
        "fxp://files.example/", "fxp[:]//files[.]example/",
        "ann[at]secret.example", "ann(@)secret[.]example", "ann [at] secret [dot] example",
        "c:\\users\\.ssh\\id",
    ],
)  # fmt: skip
def test_a_value_is_masked_in_each_spelling(spelling: str) -> None:
    assert change(spelling) == "[TLP:RED]"
    assert change(f"It was “{spelling}”, they say.") == "It was “[TLP:RED]”, they say."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "asecret.example",
        "secret.examples",
        "1203.0.113.7",
        "203.0.113.77",
        "secret, example",
        "Σecret (.) exampleİ",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert change(text) == text


def test_what_values_have_in_common_is_masked_once_and_whole() -> None:
    assert change("see hxxps://secret.example/a/b") == "see [TLP:RED]/b"
    both = masking({"a.b": "[1]", "b.c": "[2]"})
    assert both("x a[.]b.c y b.c") == "x [1] y [2]"


@pytest.mark.parametrize(
    "spelling",
    [
        "2001:db8:0:0:0:0:0:7", "2001:0db8:0000:0000:0000:0000:0000:0007", "2001:DB8:0::0:7", "2001:db8:0:0::7",
        "2001:db8::0.0.0.7", "2001[:]0DB8[:]0[:]0[:]0[:]0[:]0[:]7", "::ffff:203.0.113.7", "::FFFF:CB00:7107",
        "0:0:0:0:0:ffff:203[.]0[.]113[.]7",
    ],
)  # fmt: skip
def test_an_address_of_version_6_is_masked_in_each_spelling(spelling: str) -> None:
    for around in (
        "{}",
        "[{}]:443",
        "{}%eth0",
        "{}/128.",
        "{}: seen",
        "It was {}.",
        "{}, {}",
        "see {}:443",
        "{}:443: no",
    ):
        assert change(around.format(spelling, spelling)) == around.format("[TLP:RED]", "[TLP:RED]")
    for before in ("ip:", "src:", "face:", "10:15:32:", "::"):
        assert change(f"{before}2001:db8:0:0:0:0:0:7") == f"{before}[TLP:RED]"


@pytest.mark.parametrize(
    "text",
    [
        "2001:db8:0:0:0:0:0:77",
        "2001:db8:0:0:0:0:0:7f1",
        "2001:db8:0:0:0:0:7",
        "02001:db8:0:0:0:0:0:7",
        "10:15:32",
        "a::b::c",
    ],
)
def test_other_addresses_stay(text: str) -> None:
    assert change(text) == text


def test_letters_that_are_two_in_small_letters_move_nothing() -> None:
    assert masking({"İ.example": "[x]", "ΟΔΟΣ": "[y]"})("İİ İ[.]example and οδος, ΟΔΟΣ") == "İİ [x] and [y], [y]"


def test_thousands_of_values_in_long_texts_take_no_time() -> None:
    many = masking({f"https://host.example/{number}": "[x]" for number in range(5000)})
    text = "see hxxps://host[.]example/none (and host.example) " * 4000
    began = time.process_time()
    assert many(text) == text
    assert many(f"{text} https://host.example/77").endswith(" [x]")
    assert time.process_time() - began < 2


def test_what_is_like_addresses_in_long_texts_takes_no_time() -> None:
    many = masking({f"2001:db8::{number:x}": "[x]" for number in range(1, 5001)})
    for text in ("a:" * 100_000, ":" * 200_000, "2001:db8::" * 20_000, "f" * 200_000, "10:15:32 " * 20_000):
        began = time.process_time()
        assert many(text) == text
        assert time.process_time() - began < 2
