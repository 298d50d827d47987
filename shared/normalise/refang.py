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
