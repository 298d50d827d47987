"""Taking the harm out of addresses and names for display, and putting back what others took out of theirs."""

import re

_INVISIBLE = dict.fromkeys(
    (0x00AD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))
)
_MARKS = {".": ".", "dot": ".", "@": "@", "at": "@", ":": ":", "://": "://"}
# No repetition has a free end, so that the time is linear whatever the text.
_MARK = re.compile(
    r"[\[({] ?(?P<mark>\.|dot|@|at|:(?://)?) ?[\])}]"
    r"|(?<=\w)(?:\[\.|\.\])(?=\w)"
    r"|(?<=h)(?P<xx>xx|\*\*)(?=ps?[\[({]?:)",
    re.I,
)
# All that could be meant as one, where a value is known and only looked for: with spaces around, and in any word.
_LIKELY_MARK = re.compile(
    r"(?:(?<=\w)[ \t])?[\[({] ?(?P<mark>\.|dot|@|at|:(?://)?) ?[\])}](?:[ \t](?=\w))?"
    r"|(?<=\w)(?:\[\.|\.\])(?=\w)"
    r"|(?<=h)(?P<xx>xx|\*\*)(?=ps?[\[({]?:)|(?<=f)(?P<x>x)(?=ps?[\[({]?:)"
    "|\\\\\\.|[\uff0e\u3002\uff61\u2024]",
    re.I,
)
_WIDE_DOT = re.compile("(?<=[0-9A-Za-z])[\uff0e\u3002\uff61\u2024](?=[0-9A-Za-z])")
_ESCAPED_DOT = re.compile(r"(?<=\w)\\\.(?=\w)")
_ANY_MARK = re.compile(
    "[\\[({\\]\\\\*\u00ad\u180e\u200b-\u200f\u2024\u202a-\u202e\u2060-\u2069\u3002\ufeff\uff0e\uff61]|hxx", re.I
)
_WORD = re.compile(r"\S+")
_LIVE = re.compile(r"(?<=h)(?P<tt>tt)(?=ps?://)|(?<!http)(?<!https)://|\.", re.I)
_DOTS = str.maketrans({".": "[.]"})
_BY_KIND = {
    "ip": str.maketrans({".": "[.]", ":": "[:]"}),
    "domain": _DOTS,
    "host": _DOTS,
    "email": str.maketrans({".": "[.]", "@": "[@]"}),
}


def refang(text: str) -> str:
    """The text with live addresses again: `hxxp`, `[.]`, `(dot)`, `[at]`, `[:]`, wide and escaped dots undone.

    Characters that cannot be seen (zero width, soft hyphens, marks of direction) are left out. An escaped dot
    is one only in a word without other backslashes, which would be a path. Linear in the text's length.
    """
    if not _ANY_MARK.search(text):
        return text
    text = _MARK.sub(_unmarked, text.translate(_INVISIBLE))
    return _WORD.sub(_unescaped, _WIDE_DOT.sub(".", text)) if "\\." in text else _WIDE_DOT.sub(".", text)


def plain(text: str) -> str:
    """The text in which to look for a value that was read by this too: live, in small letters, character by character.

    It undoes all that `refang` does, and more: what is like a mark is one, for nothing is taken from it.
    """
    return _small(_LIKELY_MARK.sub(_likely, text.translate(_INVISIBLE)))


def places(text: str) -> list[int]:
    """Where in the text each character of `plain(text)` stands, and its end."""
    seen = [place for place, one in enumerate(text) if ord(one) not in _INVISIBLE] + [len(text)]
    found, end = [], 0
    for mark in _LIKELY_MARK.finditer(text.translate(_INVISIBLE)):
        found += seen[end : mark.start()] + [seen[mark.start()]] * len(_likely(mark))
        end = mark.end()
    return found + seen[end:]


def _likely(found: re.Match[str]) -> str:
    return "t" if found["x"] else _unmarked(found)


def _small(text: str) -> str:
    # A sigma at the end of a word is another small letter; a few letters are two when they are small.
    small = text.lower() if len(text.lower()) == len(text) else "".join(one.lower()[0] for one in text)
    return small.replace("\u03c2", "\u03c3")


def defang(value: str, kind: str) -> str:
    """An observable's value so that no mail program makes a link of it; kinds that are none stay as they are.

    For every value in which `refang` finds nothing to undo, `refang(defang(value, kind)) == value`.
    """
    if kind == "url":
        return _LIVE.sub(_harmless, value)
    return value.translate(_BY_KIND.get(kind, {}))


def _unmarked(found: re.Match[str]) -> str:
    if crossed := found["xx"]:
        return crossed.translate({ord("x"): "t", ord("X"): "T", ord("*"): "t"})
    return _MARKS[found["mark"].lower()] if found["mark"] else "."


def _unescaped(word: re.Match[str]) -> str:
    text = word[0]
    plain, count = _ESCAPED_DOT.subn(".", text)
    return plain if count == text.count("\\") else text


def _harmless(found: re.Match[str]) -> str:
    if found["tt"]:
        return found["tt"].translate({ord("t"): "x", ord("T"): "X"})
    return "[.]" if found[0] == "." else "[:]//"
