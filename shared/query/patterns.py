"""Whether a text is of a form with `*` and `?`, in time bounded by the product of their lengths.

A regular expression tries every way to share the text among its stars, which takes seconds for a few hundred
characters, and whoever sends an event chooses the text. The first place for each piece is as good as any later one.
"""

from collections.abc import Callable
from typing import NamedTuple

from shared.query.tree import ANY, Wild


class _Piece(NamedTuple):
    """What stands between two stars: literals at their places, any one character where none is."""

    length: int
    literals: tuple[tuple[int, str], ...]

    def is_at(self, position: int, text: str) -> bool:
        return all(text.startswith(literal, position + offset) for offset, literal in self.literals)

    def first(self, text: str, start: int, end: int) -> int | None:
        """Its first place within these bounds."""
        offset, literal = self.literals[0] if self.literals else (0, "")
        while start + self.length <= end:
            start = text.find(literal, start + offset, end) - offset
            if start < 0 or start + self.length > end:
                return None
            if self.is_at(start, text):
                return start
            start += 1
        return None


def compile_pattern(parts: tuple[str | Wild, ...]) -> Callable[[str], bool]:
    """True for texts that are of this form as a whole; the case of letters counts."""
    head, *middle = _pieces(parts)
    if not middle:
        return lambda text: len(text) == head.length and head.is_at(0, text)
    tail = middle.pop()

    def matches(text: str) -> bool:
        start, end = head.length, len(text) - tail.length
        if start > end or not head.is_at(0, text) or not tail.is_at(end, text):
            return False
        for piece in middle:
            found = piece.first(text, start, end)
            if found is None:
                return False
            start = found + piece.length
        return True

    return matches


def _pieces(parts: tuple[str | Wild, ...]) -> list[_Piece]:
    """One more than there are stars."""
    pieces = [_Piece(0, ())]
    for part in parts:
        length, literals = pieces[-1]
        if part == Wild(ANY):
            pieces.append(_Piece(0, ()))
        elif isinstance(part, Wild):
            pieces[-1] = _Piece(length + 1, literals)
        else:
            pieces[-1] = _Piece(length + len(part), (*literals, (length, part)))
    return pieces
