"""Domain names in text: which words are one, and in which spelling we keep them."""

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

# RFC 1035, 2.3.4: 63 octets a label, 253 characters a name. Underscores are in service names (RFC 8552).
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\Z")
_LETTER = re.compile(r"[a-z]")
_MAX_TEXT = 512

FILE_SUFFIXES = frozenset({"app", "cab", "java", "md", "mov", "ps", "pub", "py", "rs", "sh", "so", "zip"})
"""Top level domains under which a word in a text is more often a file.

Left out are those under which many more names than files are met: com, pl, cc, ai, info and the like.
"""


def spelled(text: str) -> str | None:
    """A name of two labels or more as DNS has it: lower case, A-labels, no dot at the end. None if it is none.

    It need not be a public one: `dc1.corp.local` is a name too.
    """
    if len(text) > _MAX_TEXT:
        return None
    name = text.lower().rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    return name if _NAME.match(name) and _LETTER.search(name, name.rfind(".")) else None


@lru_cache(maxsize=1 << 12)
def domain(text: str, *, certain: bool = False) -> str | None:
    """The spelling of a name that somebody can have registered: one below a public suffix.

    `setup.py`, `readme.md` and `invoice.pdf.zip` could be names as well as files. Where nothing but the word
    tells (`certain` is false), those with a suffix of `FILE_SUFFIXES` are taken for files. It is certain for a
    name that was defanged. In a URL, in a mail address and after `domain:` even `spelled` is enough.
    """
    last = text.rstrip(".").rpartition(".")[2].lower()
    if (last in FILE_SUFFIXES and not certain) or not _is_top_level(last):
        return None
    name = spelled(text)
    return name if name and _suffixes().privatesuffix(name) else None


@cache
def _suffixes() -> PublicSuffixList:
    """Only what registries hand out: `duckdns.org` and `github.io` are names of somebody, `co.uk` is not."""
    return PublicSuffixList(accept_unknown=False, only_icann=True)


@lru_cache(maxsize=1 << 12)
def _is_top_level(label: str) -> bool:
    """Whether names end so, in letters or as an A-label. Most words are told from names by this alone."""
    return _suffixes().is_public(label)
