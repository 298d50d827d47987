"""What a name has for addresses is told as DNS tells it."""

import struct

import pytest

from tests.faults.front import answer

ADDRESSES = {"api.example": ["127.0.0.1", "127.0.0.2"]}
A, AAAA = 1, 28


def query(name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 4711, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)


@pytest.mark.parametrize(
    ("name", "kind", "code", "told"),
    [
        ("api.example", A, 0, [b"\x7f\0\0\1", b"\x7f\0\0\2"]),
        ("API.example", A, 0, [b"\x7f\0\0\1", b"\x7f\0\0\2"]),
        ("api.example", AAAA, 0, []),
        ("web.example", A, 3, []),
    ],
)
def test_a_name_has_its_addresses_and_another_has_none(name: str, kind: int, code: int, told: list[bytes]) -> None:
    asked = query(name, kind)
    reply = answer(asked, ADDRESSES)
    number, flags, questions, answers, *_ = struct.unpack_from("!6H", reply)
    assert (number, flags >> 15, flags & 15, questions, answers) == (4711, 1, code, 1, len(told))
    assert reply[12 : len(asked)] == asked[12:]
    records = reply[len(asked) :]
    assert [records[at + 12 : at + 16] for at in range(0, len(records), 16)] == told


def test_what_follows_the_question_is_not_repeated() -> None:
    """A resolver may add options there."""
    asked = query("api.example", A)
    assert answer(asked + b"\0\0\x29\x10\0\0\0\0\0\0\0", ADDRESSES) == answer(asked, ADDRESSES)
