"""A pasted mail, report, column or list → the observables in it, as sensors' alerts have them."""

import re
from collections.abc import Iterator

import msgspec

from shared.normalise import addresses, paste_paths, paste_words
from shared.normalise.paste_types import FANGED, canonical, named
from shared.normalise.paste_words import MAX_WORD, Pair

MAX_TEXT = 1 << 20
"""Characters that are read; what stands behind them is not."""
MAX_FOUND = 5_000
MAX_LEFT_OVER = 1_000
MAX_LEFT_OVER_CHARACTERS = 256
MAX_MISSES = 25_000
"""Different words that could have been a value and are none, after which the rest is not read: what bounds the time."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_TYPED = re.compile(
    r"[ \t]{0,64}(?:[-*\u2022][ \t]{1,8})?\"?([A-Za-z][A-Za-z0-9 _-]{0,23})\"?[ \t]{0,8}([:,;\t])(?!//)"
)
_SPACED_MARK = re.compile(r"(?<=\w)[ \t]?([\[({] ?(?:\.|dot|@|at) ?[\])}])[ \t]?(?=\w)", re.I)
# In a table a comma or semicolon parts cells. One before `name=` is a parameter's (`;jsessionid=1`).
_WORD = re.compile(r"[^\s<>\"`|,;\x00]++(?:;(?=[\w.-]{1,64}=)[^\s<>\"`|,;\x00]++)*+")
_QUOTED_URL = re.compile(r"[\"<](?=[A-Za-z]{2,10}(?:://|\[:|\[://\]))([^\s\"<>]++)[\">]")


class Pasted(msgspec.Struct, frozen=True):
    """An observable, the words it was found as, and their line, the first being 1.

    `internal`: an address that means something else in every network (private, shared, loopback, link-local,
    multicast), so that nobody need ask the outside about it.
    """

    type: str
    value: str
    original: str
    line: int
    internal: bool = False


def pasted(pair: Pair, original: str, line: int) -> Pasted:
    """A value with where it was found; line 0 where it was given by itself."""
    address = addresses.read(pair[1]) if pair[0] == "ip" else None
    return Pasted(*pair, original, line, address is not None and (address.internal or not address.telling))


class Found(msgspec.Struct, frozen=True):
    """What a text has. Both lists are in the order of the text, each of their entries once.

    `left_over`: what looks like a value and was not taken, for somebody to choose a type or drop it: entries
    of a list in which nothing was found, values that are not of the type named before them, networks,
    hardware addresses, names of files. `truncated`: there is more than the limits allow.
    """

    observables: list[Pasted]
    left_over: list[str]
    truncated: bool


class _Full(Exception):
    """As many observables as are taken, or as many misses as are borne."""


class _Gathering:
    """What was found so far."""

    def __init__(self) -> None:
        self.observables: dict[Pair, Pasted] = {}
        self.left_over: dict[str, None] = {}
        self.truncated = False
        self._misses = 0
        self._met: set[str] = set()

    def keep(self, pairs: list[Pair], original: str, line: int) -> None:
        for pair in pairs:
            if pair in self.observables:
                continue
            if len(self.observables) == MAX_FOUND:
                raise _Full
            self.observables[pair] = pasted(pair, original, line)

    def miss(self) -> None:
        self._misses += 1
        if self._misses > MAX_MISSES:
            raise _Full

    def leave(self, text: str) -> None:
        text = text.strip()[:MAX_LEFT_OVER_CHARACTERS]
        if text in self.left_over:
            return
        if len(self.left_over) == MAX_LEFT_OVER:
            self.truncated = True
        else:
            self.left_over[text] = None

    def is_new(self, text: str) -> bool:
        """Whether a line or word was not met before; what it gives is there already if it was."""
        before = len(self._met)
        self._met.add(text)
        return len(self._met) > before


def found(text: str) -> Found:
    """The observables of a text, of any kind and from anywhere: never raises, linear in its length.

    - A line `type: value` (`type,value` in a table) decides by itself: `user: alice`, `SHA-256; …`, `ja3: …`.
      If the value is none of that type, the line is read as any text.
    - A URL gives its host too, as domain or ip: the host is what other alerts know. A mail address does not
      give its domain, which is mostly a provider's. `evil.com/a` without a scheme is a URL as it stands.
    - A port, and a network of one address (/32, /128), give the address; other networks are left over.
    - Names that may be files (`names.domain` has the rule) are left over, unless defanged or in a URL.
    - A hash of 32 digits is a hash: that it is a JA3 only its type can tell.
    """
    gathering = _Gathering()
    kept = _cut(text)
    gathering.truncated = len(kept) < len(text)
    try:
        for number, line in enumerate(_LINE_END.split(kept), 1):
            if line and gathering.is_new(line):
                _read_line(gathering, line, number)
    except _Full:
        gathering.truncated = True
    return Found(list(gathering.observables.values()), list(gathering.left_over), gathering.truncated)


def _cut(text: str) -> str:
    """As much as is read, without the word that the limit went through."""
    if len(text) <= MAX_TEXT:
        return text
    kept = text[:MAX_TEXT]
    return kept[: max(kept.rfind(space) for space in " \t\r\n") + 1]


def _read_line(gathering: _Gathering, line: str, number: int) -> None:
    head = _TYPED.match(line)
    kind = named(head[1]) if head else None
    if head is None or kind is None:
        _read_text(gathering, line, number, alone=_is_entry(line))
        return
    value, rest = _cell(line[head.end() :], head[2])
    if pairs := _typed(kind, value):
        gathering.keep(pairs, value, number)
    elif value and not _read_text(gathering, value, number):
        gathering.miss()
        gathering.leave(line)
    _read_text(gathering, rest, number)


def _cell(text: str, separator: str) -> tuple[str, str]:
    """The first cell of a row, out of its quotes, and what stands behind it; all of it where there are no cells."""
    text = text.strip()
    if text[:1] == '"' and (end := text.find('"', 1)) > 0:
        return text[1:end].strip(), text[end + 1 :]
    if separator == ":":
        return text, ""
    value, _, rest = text.partition(separator)
    return value.strip(), rest


def _typed(kind: str, value: str) -> list[Pair]:
    """A value with its type, and what reading it adds: the host of a URL."""
    pair = canonical(kind, value) if len(value) <= MAX_WORD else None
    if pair is None or (kind in FANGED and kind != "host" and len(value.split()) > 1):
        return []
    if kind != "url":
        return [pair]
    read = paste_words.read(value)
    return [pair, *(one for one in read if one[0] != "url")] if read else []


def _read_text(gathering: _Gathering, line: str, number: int, *, alone: bool = False) -> bool:
    """Whether anything was found; of a line of one word (`alone`) that was not, the word is left over."""
    any_found = False
    for kind, word in _pieces(line):
        if kind is None and not paste_words.is_worth_reading(word):
            continue
        if word != line and not gathering.is_new(word):
            any_found = True
        elif pairs := paste_words.read(word) if kind is None else _typed(kind, paste_words.trimmed(word)):
            gathering.keep(pairs, _as_written(word), number)
            any_found = True
        else:
            gathering.miss()
            if not alone and _is_worth_a_look(word):
                gathering.leave(paste_words.trimmed(word))
    if alone and not any_found:
        gathering.miss()
        gathering.leave(line)
    return any_found


def _is_entry(line: str) -> bool:
    """Whether a line is one word, as in a list or a column, and no heading."""
    return len(line.split(None, 1)) == 1 and named(line) is None and not any(part in line for part in ",;|")


def _as_written(word: str) -> str:
    """The word without what stands around it, but with both brackets of an address."""
    bare = paste_words.trimmed(word)
    return bare if bare.count("[") == bare.count("]") else word


def _is_worth_a_look(word: str) -> bool:
    return len(word) > MAX_WORD or paste_words.looks_like_one(word)


def _pieces(line: str) -> Iterator[tuple[str | None, str]]:
    """Paths with their type, and the words between them."""
    start = 0
    for begin, end, kind in paste_paths.windows(line):
        yield from _words(line[start:begin])
        yield kind, line[begin:end]
        start = end
    yield from _words(line[start:])


def _words(text: str) -> Iterator[tuple[None, str]]:
    if "[" in text or "(" in text or "{" in text:
        text = _SPACED_MARK.sub(r"\1", text)
    start = 0
    for quoted in _QUOTED_URL.finditer(text):
        yield from ((None, word[0]) for word in _WORD.finditer(text, start, quoted.start()))
        yield None, quoted[1]
        start = quoted.end()
    yield from ((None, word[0]) for word in _WORD.finditer(text, start))
