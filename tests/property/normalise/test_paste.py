"""Whatever is pasted: no mistake of ours, canonical values only, and defanged ones come back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.normalise import addresses
from shared.normalise.observables import MAX_VALUE, TYPES, Observables
from shared.normalise.paste import found
from shared.normalise.paste_types import canonical
from shared.normalise.refang import defang, refang

crumbs = st.sampled_from(
    [
        "http", "hxxps", "://", "[:]//", ".", "[.]", "(dot)", "[at]", "@", ":", "::", "[", "]", "(", ")", "/", "\\",
        "\\.", "example", "org", "com", "py", "рф", "é", "ß", "。", "\u200b", "1", "198.51.100.7", "2001:db8", "ffff",
        "/32", "%", "C:\\", "HKLM\\", "/etc/", "cve-2026-1234", "a" * 32, "user: ", "url,", "domain: ", "email: ",
        "ip: ", "file: ", " ", "\n", "\r", "\t", ",", ";", '"', "<", ">", "=", "*", "-", "_", "\0", "\ud800", "\u202e",
    ]
)  # fmt: skip
# The first example loads the list of public suffixes, on a machine that may be busy.
calm = settings(deadline=None)
texts = st.lists(crumbs | st.text(max_size=4), max_size=16).map("".join)


@calm
@given(texts | st.text(st.characters(codec=None)))
def test_what_is_found_is_canonical(text: str) -> None:
    lines = text.count("\n") + text.count("\r") + 1
    all_found = found(text)
    assert not all_found.truncated
    for one in all_found.observables:
        assert canonical(one.type, one.value) == (one.type, one.value)
        assert one.value.isprintable()
        assert 0 < len(one.value.encode()) <= MAX_VALUE
        assert 1 <= one.line <= lines


@calm
@given(st.sampled_from(TYPES), texts)
def test_a_canonical_value_is_one_of_a_sensor(kind: str, text: str) -> None:
    pair = canonical(kind, text)
    if pair is None:
        return
    assert canonical(*pair) == pair
    of_sensor = Observables()
    of_sensor.add(*pair)
    address = addresses.read(pair[1])
    assert of_sensor.pairs() == [pair] or (address is not None and not address.telling)


@calm
@given(st.sampled_from(TYPES), texts | st.text())
def test_a_defanged_value_comes_back(kind: str, value: str) -> None:
    if refang(value) != value:
        return
    assert refang(defang(value, kind)) == value


@calm
@given(texts)
def test_what_is_found_survives_an_export(text: str) -> None:
    for one in found(text).observables:
        assert canonical(one.type, defang(one.value, one.type)) == (one.type, one.value)
