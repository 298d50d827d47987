"""Patterns: what a plain definition of `*` and `?` says, and no text that takes forever."""

import itertools

import pytest

from shared.query.patterns import compile_pattern
from shared.query.tree import Wild
from tests.unit.query.given import answers

Parts = tuple[str | Wild, ...]


def parts_of(pattern: str) -> Parts:
    """Runs of letters are one part, as the parser makes them."""
    runs = itertools.groupby(pattern, lambda letter: letter if letter in "*?" else "")
    parts: list[str | Wild] = []
    for sign, letters in runs:
        parts += [Wild("*" if sign == "*" else "?") for _ in letters] if sign else ["".join(letters)]
    return tuple(parts)


def fits(pattern: str, text: str) -> bool:
    """By definition; as slow as it may be."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(fits(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and fits(pattern[1:], text[1:])


def every(letters: str, longest: int) -> list[str]:
    return ["".join(one) for length in range(longest + 1) for one in itertools.product(letters, repeat=length)]


def test_every_short_pattern_on_every_short_text() -> None:
    texts = every("ab", 5)
    for pattern in every("ab*?", 4):
        matches = compile_pattern(parts_of(pattern))
        assert [text for text in texts if matches(text)] == [text for text in texts if fits(pattern, text)], pattern


@pytest.mark.parametrize("pattern", ["*a*a*a*a*a*a*a*b", "*?a?a?a?a*b*", "a*a*a*a*a*a*a*a?b"])
def test_a_text_that_nearly_fits_takes_no_time(pattern: str) -> None:
    """Trying every way to share these characters among the stars ends in no lifetime."""
    assert not answers(f"url.path:{pattern}", {"url.path": "a" * 8192})
    assert answers("url.path:*\\**", {"url.path": "a" * 8190 + "*\n"})
