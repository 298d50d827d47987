"""The trained zstd dictionaries of stored events: found by number, newest last, never removed.

A frame names the dictionary it needs, so every dictionary that ever packed a row must stay here. Numbers are
the day of training (`events-20261124.zstd-dict`), which is in the range zstd leaves to private use.
"""

from functools import cache
from pathlib import Path

import zstandard

FOLDER = Path(__file__).parent
LEVEL = 1

_PREFIX = "events-"
_SUFFIX = ".zstd-dict"


def numbers() -> list[int]:
    """The numbers of all dictionaries, oldest first."""
    return sorted(int(path.name[len(_PREFIX) : -len(_SUFFIX)]) for path in FOLDER.glob(f"{_PREFIX}*{_SUFFIX}"))


def path_of(number: int) -> Path:
    """Where the dictionary of that number is kept."""
    return FOLDER / f"{_PREFIX}{number}{_SUFFIX}"


@cache
def load(number: int) -> zstandard.ZstdCompressionDict:
    """A dictionary, digested for our level once a process. Raises FileNotFoundError for a number we never had."""
    dictionary = zstandard.ZstdCompressionDict(path_of(number).read_bytes())
    dictionary.precompute_compress(level=LEVEL)
    return dictionary


@cache
def newest() -> zstandard.ZstdCompressionDict | None:
    """The dictionary that new rows are packed with, None where none was trained."""
    known = numbers()
    return load(known[-1]) if known else None
