"""Words of a pasted text: which observables one is."""

import re
from urllib.parse import urlsplit

from shared.normalise import addresses, names
from shared.normalise.paste_paths import is_posix
from shared.normalise.paste_types import address, canonical
from shared.normalise.refang import refang

Pair = tuple[str, str]

MAX_WORD = 4096
"""Characters: a value of 1,024 bytes with each dot defanged is shorter."""

_WORTH = re.compile(r"[.:@/\\\[({\uff0e\u3002\uff61\u2024]")
_BEFORE = "\"'([{<*`.,:;!?-\u2013\u2014\u2022\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_BEHIND = frozenset("\"'*`.,:;!?-\u2013\u2014\u2026\u201c\u201d\u2018\u2019\u00ab\u00bb\u3002\uff0c")
_OPENING = {")": "(", "]": "[", "}": "{"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]{1,19}\Z", re.A)
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z", re.A)
_PLACE = re.compile(r"(?P<host>[^/:?#]+)(?::[0-9]{1,5})?(?P<rest>[/?#].*)?\Z", re.S)
_LOCAL = re.compile(r"[\w.!#$%&*+/=?^{}~-]{1,64}\Z")
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")
_HASH_LENGTHS = frozenset({32, 40, 64, 128})
_JA4 = re.compile(r"[tqd](?:1[0-3]|s[23]|d[123]|00)[di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}\Z", re.A)
_PARAMETER = re.compile(r"[=;&?]")
_PIECE = re.compile(r"[A-Za-z0-9._%+@-]+")
_NETWORK = re.compile(r"[0-9A-Fa-f.:]{2,45}/(?:[0-9]{1,3}|[0-9.]{7,15})\Z", re.A)
_CARD = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\Z")
_LIKE_A_NAME = re.compile(r"(?:[\w-]+\.)+[A-Za-z]\w{1,62}\Z")


def read(word: str) -> list[Pair]:
    """The observables of a word, canonical: none, one, or a URL and its host.

    A word that is none as a whole is looked at in its pieces, as in `src=198.51.100.7` or `(evil.com)`.
    """
    if len(word) > MAX_WORD:
        return []
    live = refang(word)
    certain = live != word
    if found := _whole(live, certain):
        return found
    if _NETWORK.match(trimmed(live)):
        return []
    parts = _PARAMETER.split(live) if "=" in live else _PIECE.findall(live)
    return [pair for part in parts if part != live for pair in _whole(part, certain)]


def is_worth_reading(word: str) -> bool:
    """Whether a word has anything that observables have: most words of a text have not, and are passed at once."""
    return len(word) >= 32 or _WORTH.search(word) is not None or word[:4].lower() == "cve-"


def looks_like_one(word: str) -> bool:
    """Whether somebody may have meant a word as an observable that is none by itself.

    Such are networks, hardware addresses, names of files and what was defanged.
    """
    live = refang(word)
    bare = trimmed(live)
    return live != word or any(shape.match(bare) for shape in (_NETWORK, _CARD, _LIKE_A_NAME))


def trimmed(word: str) -> str:
    """A word without the punctuation around it; a bracket at its end stays if it was opened within."""
    if word[:1].isalnum() and word[-1:].isalnum():
        return word
    word = word.lstrip(_BEFORE)
    excess = {closing: word.count(closing) - word.count(opening) for closing, opening in _OPENING.items()}
    end = len(word)
    while end:
        last = word[end - 1]
        if excess.get(last, 0) > 0:
            excess[last] -= 1
        elif last not in _BEHIND:
            break
        end -= 1
    return word[:end]


def _whole(word: str, certain: bool) -> list[Pair]:
    if "://" in word:
        return _url(word)
    # Before the trimming, which would take the colons of `2001:db8::`.
    if found := address(word.strip("(){}\"',.;")):
        return [("ip", found.text)]
    word = trimmed(word)
    if "@" in word and (email := _email(word)):
        return [email]
    if is_posix(word):
        return _listed(canonical("file", word))
    return _listed(_token(word)) or (_place(word, certain) if "." in word else [])


def _url(word: str) -> list[Pair]:
    at = word.index("://")
    scheme = _SCHEME.search(word[max(0, at - 20) : at])
    if scheme is None:
        return []
    text = trimmed(scheme[0] + word[at:])
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return []
    place = canonical("domain", host) if names.spelled(host) or addresses.read(host) else None
    url = canonical("url", text) if place or _LABEL.match(host) else None
    return [url, *_listed(place)] if url else []


def _email(word: str) -> Pair | None:
    local, _, rest = word.removeprefix("mailto:").partition("@")
    host = re.split(r"[:/?&]", rest, maxsplit=1)[0]
    return canonical("email", f"{local}@{host}") if _LOCAL.match(local) and names.spelled(host) else None


def _token(word: str) -> Pair | None:
    if len(word) in _HASH_LENGTHS and _HEX.match(word):
        return canonical("hash", word)
    if word[:4].lower() == "cve-":
        return canonical("cve", word)
    return ("ja4", word) if len(word) == 36 and _JA4.match(word) else None


def _place(word: str, certain: bool) -> list[Pair]:
    """A host, or a URL without its scheme, as lists of bad sites often have them."""
    found = _PLACE.match(word)
    place = _host(found["host"], certain) if found else None
    if found is None or place is None or _NETWORK.match(word):
        return []
    host = found["host"]
    url = canonical("url", host.lower() + word[len(host) :]) if len(found["rest"] or "") > 1 else None
    return [*_listed(url), place]


def _host(host: str, certain: bool) -> Pair | None:
    if host[-1:].isdigit() and (found := addresses.read(host)):
        return "ip", found.text
    name = names.domain(host, certain=certain)
    return ("domain", name) if name else None


def _listed(pair: Pair | None) -> list[Pair]:
    return [pair] if pair else []
