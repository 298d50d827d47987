"""The body of an event: what is packed comes back, byte for byte, from whichever dictionary packed it."""

import threading
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Damaged
from shared.normalise import dictionaries
from shared.normalise.body import MAX_CONTENT_BYTES, pack_body, unpack_body
from shared.normalise.event import MAX_DOCUMENT_BYTES, MAX_RECORD_BYTES

anything = st.binary(max_size=4096)


@given(anything, anything)
def test_what_goes_in_comes_out(document: bytes, original: bytes) -> None:
    assert unpack_body(pack_body(document, original)) == (document, original)


@given(anything, anything)
def test_frames_without_a_dictionary_are_read(document: bytes, original: bytes) -> None:
    frame = zstandard.ZstdCompressor(level=1).compress(len(document).to_bytes(4, "big") + document + original)
    assert unpack_body(frame) == (document, original)


@pytest.mark.parametrize("number", dictionaries.numbers())
def test_every_dictionary_there_ever_was_is_read(number: int) -> None:
    dictionary = zstandard.ZstdCompressionDict(dictionaries.path_of(number).read_bytes())
    frame = zstandard.ZstdCompressor(level=1, dict_data=dictionary).compress(b'\0\0\0\x02{}{"a": 1}')
    assert dictionary.dict_id() == number
    assert zstandard.get_frame_parameters(frame).dict_id == number
    assert unpack_body(frame) == (b"{}", b'{"a": 1}')


def test_new_rows_name_the_newest_dictionary() -> None:
    assert zstandard.get_frame_parameters(pack_body(b"{}", b"")).dict_id == dictionaries.numbers()[-1]


def test_the_largest_event_there_can_be() -> None:
    document, original = b"d" * MAX_DOCUMENT_BYTES, b"o" * MAX_RECORD_BYTES
    assert unpack_body(pack_body(document, original)) == (document, original)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    try:
        unpack_body(body)
    except Damaged as error:
        assert error.code in {"body_unreadable", "body_too_large", "dictionary_missing"}


@settings(max_examples=300)
@given(anything, anything, st.data())
def test_a_damaged_body_is_refused_or_readable_and_never_anything_else(
    document: bytes, original: bytes, data: st.DataObject
) -> None:
    body = bytearray(pack_body(document, original))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        unpack_body(bytes(body))
    except Damaged as error:
        assert error.code in {"body_unreadable", "body_too_large", "dictionary_missing"}


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: zstandard.ZstdCompressor().compress(b"\0" * (64 << 20)), "body_too_large"),
        (lambda: zstandard.ZstdCompressor().compress(b"\0" * (MAX_CONTENT_BYTES + 1)), "body_too_large"),
        (lambda: zstandard.ZstdCompressor(write_content_size=False).compress(b"\0" * (64 << 20)), "body_too_large"),
        (lambda: zstandard.ZstdCompressor().compress(b"\0\0\0\x09{}"), "body_unreadable"),
        (lambda: zstandard.ZstdCompressor().compress(b"\0\0"), "body_unreadable"),
        (lambda: pack_body(b"{}", b"x") + b"y", "body_unreadable"),
        (lambda: pack_body(b"{}", b"x")[:-1], "body_unreadable"),
        (lambda: b"", "body_unreadable"),
        (lambda: _with_number(pack_body(b"{}", b"x"), 20_200_101), "dictionary_missing"),
    ],
)
def test_what_is_refused_and_why(make: Callable[[], bytes], code: str) -> None:
    with pytest.raises(Damaged) as raised:
        unpack_body(make())
    assert raised.value.code == code


def test_threads_do_not_disturb_each_other() -> None:
    failures: list[int] = []

    def work(number: int) -> None:
        for step in range(300):
            document, original = bytes([number]) * (step * 7), bytes([step % 256]) * number
            if unpack_body(pack_body(document, original)) != (document, original):
                failures.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_numbers_only_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.normalise.dictionaries.__main__ import free_number

    assert free_number() > dictionaries.numbers()[-1]
    monkeypatch.setattr(dictionaries, "numbers", lambda: [20_991_231])
    assert free_number() == 20_991_232


def _with_number(body: bytes, number: int) -> bytes:
    """The body with another dictionary's number written into its frame's header."""
    named = zstandard.get_frame_parameters(body).dict_id.to_bytes(4, "little")
    return body.replace(named, number.to_bytes(4, "little"), 1)
