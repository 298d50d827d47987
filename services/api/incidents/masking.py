"""Puts marks in the place of values in a text, in whatever spelling that the product reads they stand there."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from shared.normalise import addresses, refang

_WORD = re.compile(r"\w+")
# From each place where one may begin, for a name or a time may stand before it. Every repetition has an end, so that
# the time is linear in the text's length.
_IPV6 = re.compile(r"(?<!\w)(?=((?:[0-9a-f]{0,4}:){2,8}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{1,4})?))")

_NUMBER = re.compile(r"#[0-9]+")
# As far as an address surely goes, and where its fragment begins: what is in doubt is masked.
_FRAGMENT = re.compile(r"://[^\s#<>\"'`|()\[\]{},;]*+(?=(#)?)")


def masking(marks: Mapping[str, str]) -> Callable[[str], str]:
    """What changes a text such that none of these values is left in it; each is given with what to put for it.

    The number of an incident (`#7`) is none where it is the fragment of an address of the web.
    """
    forms = {refang.plain(value): mark for value, mark in marks.items()}
    known = _by_word(forms)
    machines = {address.text: mark for form, mark in forms.items() if (address := addresses.read(form))}
    begun = {_first_group(text) for text in machines}

    def change(text: str) -> str:
        plain = refang.plain(text)
        # Most texts have none: of thousands of values only those are looked for of which a word is there.
        there = known.keys() & {"", *_WORD.findall(plain)}
        spans = [
            (start, end, forms[form]) for word in there for form in known[word] for start, end in _whole(form, plain)
        ]
        fragments = {found.start(1) for found in _FRAGMENT.finditer(plain)} if spans else set()
        spans = [one for one in spans if one[0] not in fragments or not _NUMBER.fullmatch(plain, *one[:2])]
        spans += _addressed(machines, begun, plain)
        return _put(text, spans) if spans else text

    return change


def _by_word(forms: Iterable[str]) -> dict[str, list[str]]:
    """The forms by that of their words which the fewest others have; it is a word of each text that has the form."""
    words = {form: _WORD.findall(form) for form in forms if form}
    often = Counter(word for some in words.values() for word in set(some))
    known: dict[str, list[str]] = {}
    for form, some in words.items():
        known.setdefault(min(some, key=lambda one: (often[one], -len(one)), default=""), []).append(form)
    return known


def _whole(form: str, plain: str) -> Iterator[tuple[int, int]]:
    """Where it stands as such: a value that begins or ends in a letter or digit is none within a word."""
    start = plain.find(form)
    while start >= 0:
        end = start + len(form)
        if not (_is_inside(plain[start - 1 : start + 1]) or _is_inside(plain[end - 1 : end + 1])):
            yield start, end
        start = plain.find(form, start + 1)


def _addressed(machines: Mapping[str, str], begun: Set[int], plain: str) -> Iterator[tuple[int, int, str]]:
    """Where one of these addresses, which begin so, stands as IPv6, in full or shortened in whatever way."""
    for found in _IPV6.finditer(plain) if machines else ():
        start, written = found.start(), found[1]
        # A port and more may stand after it.
        while _first_group(written) in begun and ":" in written:
            address, end = addresses.read(written), start + len(written)
            if address and address.text in machines and not _is_inside(plain[end - 1 : end + 1]):
                yield start, end, machines[address.text]
            written = written.rpartition(":")[0]


def _first_group(text: str) -> int:
    """That of an address of version 4 is how it begins where it is written as one of version 6."""
    return int(text.partition(":")[0] or "0", 16) if ":" in text else 0


def _is_inside(two: str) -> bool:
    return len(two) == 2 and all(one.isalnum() or one == "_" for one in two)


def _put(text: str, spans: list[tuple[int, int, str]]) -> str:
    """Of values that have parts in common nothing is left of any; the longest of the first names the mark."""
    places = refang.places(text)
    parts, done = [], 0
    for start, end, mark in sorted(spans, key=lambda one: (one[0], -one[1])):
        if places[start] >= done:
            parts += [text[done : places[start]], mark]
        done = max(done, places[end])
    return "".join([*parts, text[done:]])
