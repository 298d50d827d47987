"""How text is cut into words and strings are compared, in Python as in both stores."""

import re

_WORD = re.compile(r"\w+")
_ASCII = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# What OpenSearch's analyser cuts a word to.
MAX_WORD = 255


def words(text: str) -> list[str]:
    """The text's words: runs of letters, digits and `_`, lower-cased letter by letter."""
    return [lowered(word)[:MAX_WORD] for word in _WORD.findall(text)]


def lowered(text: str) -> str:
    """Lower-cased letter by letter, as Lucene and Postgres do it: İ stays one letter, Σ knows no end of a word."""
    low = text.lower()
    return low if len(low) == len(text) and "ς" not in low else "".join(map(_letter, text))


def _letter(letter: str) -> str:
    low = letter.lower()
    return low if len(low) == 1 else low[0]


def folded(text: str) -> str:
    """The text with A to Z made small and nothing else touched: how strings that are whole values compare."""
    return text.translate(_ASCII)
