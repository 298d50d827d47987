"""What happens to records on their way: cut short, zeroed, of the wrong shape, in the wrong encoding."""

from collections.abc import Callable
from random import Random

Damage = Callable[[Random, bytes], bytes]


def cut(rng: Random, record: bytes) -> bytes:
    """A writer that was killed in the middle of a line."""
    return record[: rng.randrange(len(record) // 4, len(record) - 2)]


def zeros(rng: Random, record: bytes) -> bytes:
    """What a file system leaves of a line after a power cut."""
    return bytes(len(record) // 2)


def no_object(rng: Random, record: bytes) -> bytes:
    """JSON, but not a record."""
    return b'["' + record[2:12].replace(b'"', b"").replace(b"\\", b"") + b'", 17, null]'


def too_deep(rng: Random, record: bytes) -> bytes:
    """Nesting that no sensor needs."""
    return b'{"a":' * 80 + record + b"}" * 80


def latin_1(rng: Random, record: bytes) -> bytes:
    """A user name in the wrong encoding: readable with care, so it is stored and marked as repaired."""
    return record[:-1] + b',"note":"caf\xe9 \xfcber"}'


def null_character(rng: Random, record: bytes) -> bytes:
    """U+0000 in a value, which Postgres would refuse: taken out, stored and marked as repaired."""
    return record[:-1] + b',"comment":"a\\u0000b"}'


KINDS: tuple[Damage, ...] = (cut, cut, cut, zeros, no_object, too_deep, latin_1, null_character)
"""Cut lines are what one meets most; the last two are mended by the reader, the others go to quarantine."""
