"""Paths in text: files and registry keys, which unlike other values may have spaces in them."""

import re
from collections.abc import Iterator

# Windows forbids these in names. A part with a space in it is one only if no file ended before the space:
# "C:\a.exe and x\y" are two things.
_PART = r"(?:(?!\.\w{1,5}\s)[^\\/:*?\"<>|\r\n\t,;]){1,255}+"
_LAST = r"[^\\/:*?\"<>|\s,;]{0,255}+"
_NAME = re.compile(rf"{_PART}\Z")
_SUFFIX = re.compile(r"\.\w{1,5}\Z")
_AROUND = "\"' "
_WINDOWS = re.compile(
    r"(?<![\w\\])(?:"
    r"(?P<registry>HK(?:EY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG)|LM|CU|CR|U|CC):?\\)"
    r"|[A-Za-z]:\\|%\w{1,32}(?:\(x86\))?%\\|\\\\[\w.$@-]{1,255}+\\"
    rf")(?:{_PART}\\)*+(?P<last>{_LAST})",
    re.I,
)
# The roots of the Filesystem Hierarchy Standard 3.0, of macOS and of Android. Without one of them
# `/login/index.php` is more often a piece of a URL. /dev is only for /dev/shm: shells open addresses under it.
_POSIX = re.compile(
    r"(?:~|/(?:bin|boot|dev/shm|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var"
    r"|Applications|Library|System|Users|Volumes|private|data|sdcard))/[^/]"
)


def windows(line: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and type (file or registry) of each Windows path in a line.

    A part before a backslash may have spaces. The last part ends at a space, unless the path has the line
    to itself and a suffix.
    """
    if "\\" not in line:
        return
    first = len(line) - len(line.lstrip(_AROUND))
    for found in _WINDOWS.finditer(line):
        kind = "registry" if found["registry"] else "file"
        if found.start() == first and _is_one_name(line[found.start("last") :]):
            yield first, len(line.rstrip(_AROUND)), kind
            return
        yield *found.span(), kind


def is_posix(word: str) -> bool:
    """Whether a word is a path below one of the usual roots."""
    return word[:1] in {"/", "~"} and _POSIX.match(word) is not None


def _is_one_name(rest: str) -> bool:
    rest = rest.rstrip(_AROUND)
    return _NAME.match(rest) is not None and _SUFFIX.search(rest, max(0, len(rest) - 6)) is not None
