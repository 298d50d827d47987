"""Records that nobody should send: our own samples damaged in every way we know of; the same for the same seed."""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from shared.normalise import pipeline

SAMPLES = Path(__file__).parents[1] / "samples"

# Written into a record as they stand: what JSON forbids, what stores choke on, what parsers are slow at.
TEXTS = (
    b'"\\u0000"', b'"a\\u0000b"', b'"\\ud800"', b'"\\udc00\\ud83d"', b'"\x00"', b'"\xff\xfe"', b'"\xed\xa0\x80"',
    b'"\x80"',
    b"NaN", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"18446744073709551616", b"-9223372036854775809",
    b"9" * 400, b"0" * 40, b"01", b"1.", b".5", b"+1", b"0x10", b"--1", b"1e", b"'x'", b"undefined", b"tru", b"nul",
    b'"\\x41"', b'"\\', b'"unfinished', b'"\x1b[2J"', b'"\\u202e"', b'"\xe2\x80\xa8"', b"/*x*/1", b"1,", b"]", b"}",
    b"{" * 70 + b"}" * 70, b"[" * 70 + b"]" * 70, b"[" * 70_000, b'{"a":' * 66 + b"1" + b"}" * 66,
    b'"%s%n${jndi:ldap://x}"', b"\"' OR 1=1 --\"", b'"<script>"', b'"../../etc/passwd"', b'"=cmd()"',
)  # fmt: skip
# Put in the place of any value: of every type, and of every shape that some field might be read as.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, -(2**63), 2**64 - 1, 1.5, -0.0, 1e308, 5e-324, "", " ", "\x00", "\x7f", "\ufeff",
    "-", "null", "N/A", "x" * 9000, "é" * 5000, "\U0001f600" * 300, "9" * 400, "1e999", "::1", "fe80::1%eth0", "1.2.3",
    "0.0.0.0", "256.1.1.1", "a@b", "@", "http://", "C:\\", "\\\\x\\y", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999-23:59", "1969-12-31T23:59:59Z", "2026-11-20T10:00:60Z", 1e18, -62135596800, 4e12,
    [], {}, [[]], [None], [{}], {"": {}}, {"a": {"a": {"a": 1}}}, ["a"] * 300, [1, "1", None, [1], {"1": 1}],
    {f"k{n}": n for n in range(1500)}, {"$ref": "#"}, {"a.b": 1, "a": {"b": 2}}, list(range(2000)),
)  # fmt: skip
NAMES = ("", " ", ".", "a..b", ".a", "a.", "\x00", "\u202e", "__proto__", "$where", "_id", "@timestamp", "alert",
         "event", "sensor", "message", "log", "tags", "uuid", "ts", "k" * 600, "é" * 300)  # fmt: skip

HEADS = (b"<13>", b"<999>", b"<134>1 - - - - - - ", b"<34>Nov 20 10:00:00 h p[1]: ", b"@cee: ", b"CEF:0|a|b|",
         b"LEEF:2.0|a|b|c|d|^|", b"#separator \\x09", b"#fields\t", b"--", b"[", b"\xff\xfe",
         b"\xef\xbb\xbf")  # fmt: skip


class Hostile(NamedTuple):
    """One record and the format it is sent under; None leaves it to the door."""

    format: str | None
    record: bytes


def samples() -> list[bytes]:
    """Our own samples, a post or a line each."""
    found: list[bytes] = []
    for path in sorted(SAMPLES.iterdir()):
        content = path.read_bytes()
        found += pipeline.split(content, None) if path.name == "zeek_tsv.log" else content.splitlines()
    return found


def records(seed: int, count: int) -> Iterator[Hostile]:
    """That many of them, each format in turn, each damage in turn."""
    chance = random.Random(seed)
    sound = samples()
    formats = (None, *pipeline.FORMATS)
    for number in range(count):
        damage = DAMAGES[number % len(DAMAGES)]
        yield Hostile(formats[number % len(formats)], damage(chance, chance.choice(sound)))


def _value(chance: random.Random, sample: bytes) -> bytes:
    return _changed(chance, sample, lambda holder, key: holder.__setitem__(key, deepcopy(chance.choice(VALUES))))


def _name(chance: random.Random, sample: bytes) -> bytes:
    def rename(holder: Any, key: Any) -> None:
        if isinstance(holder, dict):
            holder[chance.choice(NAMES)] = holder.pop(key)

    return _changed(chance, sample, rename)


def _swap(chance: random.Random, sample: bytes) -> bytes:
    """Two values change places: each is sound, and neither is where it belongs."""
    places: list[tuple[Any, Any]] = []

    def swap(holder: Any, key: Any) -> None:
        places.append((holder, key))
        if len(places) == 2:
            (one, first), (other, second) = places
            one[first], other[second] = other[second], one[first]

    return _changed(chance, sample, swap, times=2)


def _text(chance: random.Random, sample: bytes) -> bytes:
    """Where a value begins, something that is none."""
    at = chance.choice([place for place, byte in enumerate(sample) if byte in b':[,"\t '] or [0])
    return sample[: at + 1] + chance.choice(TEXTS) + sample[at + 1 :]


def _member(chance: random.Random, sample: bytes) -> bytes:
    """One more member in front, of a name that is there already as likely as not."""
    names = [orjson.dumps(name) for name in NAMES]
    if (found := sample.split(b'"', 2)) and len(found) > 1:
        names += [b'"%b"' % found[1]] * len(names)
    return b"{%b:%b,%b" % (chance.choice(names), chance.choice(TEXTS), sample.removeprefix(b"{"))


def _flip(chance: random.Random, sample: bytes) -> bytes:
    damaged = bytearray(sample)
    for _ in range(chance.randrange(1, 9)):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _cut(chance: random.Random, sample: bytes) -> bytes:
    at = chance.randrange(len(sample))
    return sample[:at] if chance.random() < 0.5 else sample[at:]


def _gap(chance: random.Random, sample: bytes) -> bytes:
    at = chance.randrange(len(sample))
    return sample[:at] + sample[at + chance.randrange(1, 40) :]


def _splice(chance: random.Random, sample: bytes) -> bytes:
    other = chance.choice(samples())
    return sample[: chance.randrange(len(sample))] + other[chance.randrange(len(other)) :]


def _noise(chance: random.Random, sample: bytes) -> bytes:
    return chance.randbytes(chance.randrange(1, 200))


def _wrap(chance: random.Random, sample: bytes) -> bytes:
    """In a shipper's wrapping, or in several, as an object or as text."""
    for _ in range(chance.randrange(1, 6)):
        name = chance.choice((b"message", b"log", b"event", b"detail", b"_source", b"all_fields", b"alerts"))
        sample = b'{"%b":%b}' % (name, sample if chance.random() < 0.5 else orjson.dumps(sample.decode("latin-1")))
    return sample


def _header(chance: random.Random, sample: bytes) -> bytes:
    """Behind a header of a syslog line or of another format, or in front of one."""
    return chance.choice(HEADS) + sample


def _changed(
    chance: random.Random, sample: bytes, change: Callable[[Any, Any], None], *, times: int | None = None
) -> bytes:
    try:
        record = orjson.loads(sample)
    except orjson.JSONDecodeError:
        return _flip(chance, sample)
    for _ in range(times or chance.randrange(1, 4)):
        holder: Any = record
        while holder:
            key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if isinstance(holder[key], dict | list) and chance.random() < 0.7:
                holder = holder[key]
                continue
            change(holder, key)
            break
    try:
        return orjson.dumps(record)
    except (orjson.JSONEncodeError, RecursionError):
        return _flip(chance, sample)


DAMAGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _value, _name, _swap, _text, _member, _flip, _cut, _gap, _splice, _noise, _wrap, _header, _value, _text,
)  # fmt: skip
