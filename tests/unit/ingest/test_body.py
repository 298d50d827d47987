"""Reading within limits of size and time, and decompressing without ever holding a bomb's content."""

import asyncio
import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from functools import partial

import pytest
import zstandard
from starlette.types import Message, Receive

from services.ingest import body as body_module
from services.ingest.body import Limits, encoding_of, read, settled
from services.ingest.refusals import Refused, SenderGone

LIMITS = Limits(wire_bytes=100, decoded_bytes=1000, seconds=0.2)
TEXT = b"some records\n" * 50
ZSTD = zstandard.compress
# Without the time in its header, the same in every process: pytest makes names of tests from it.
GZIP = partial(gzip.compress, mtime=0)


def decode(body: bytes, encoding: str, limit: int, hold: Callable[[int], None] = lambda _: None) -> bytes:
    return body_module.decode(body, encoding, limit, hold)


def chunks(parts: Iterable[bytes], *, then: str = "end") -> Receive:
    """A sender that sends these, and then ends, leaves or stalls."""
    waiting: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if then == "end":
        waiting.append({"type": "http.request", "body": b"", "more_body": False})
    elif then == "leave":
        waiting.append({"type": "http.disconnect"})

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop(0)

    return receive


async def body_of(
    receive: Receive, *, encoding: str = "identity", length: bytes = b"", held: list[int] | None = None
) -> bytes:
    hold = held.append if held is not None else lambda _: None
    return await read(receive, content_length=length, encoding=encoding, limits=LIMITS, hold=hold)


async def test_chunks_are_one_body_and_each_is_held() -> None:
    held: list[int] = []
    sending = chunks([b"ab", b"", b"c"])
    assert await read(sending, content_length=b"", encoding="identity", limits=LIMITS, hold=held.append) == b"abc"
    assert held == [2, 1]


@pytest.mark.parametrize(("encoding", "size", "fits"), [
    ("identity", 1000, True), ("identity", 1001, False), ("gzip", 100, True), ("gzip", 101, False),
    ("zstd", 101, False),
])  # fmt: skip
@pytest.mark.parametrize("announced", [True, False])
async def test_the_limit_counts_what_is_on_the_wire(encoding: str, size: int, fits: bool, announced: bool) -> None:
    length = b"%d" % size if announced else b""
    sending = chunks([b"x" * size]) if fits or not announced else chunks([], then="stall")
    if fits:
        assert len(await body_of(sending, encoding=encoding, length=length)) == size
    else:
        with pytest.raises(Refused) as raised:
            await body_of(sending, encoding=encoding, length=length)
        assert raised.value.code == "body_too_large"


async def test_a_slow_sender_is_cut_off() -> None:
    with pytest.raises(Refused) as raised:
        await body_of(chunks([b"x"], then="stall"))
    assert (raised.value.code, raised.value.status) == ("body_too_slow", 408)


async def test_a_sender_that_leaves_is_not_answered() -> None:
    with pytest.raises(SenderGone):
        await body_of(chunks([b"x"], then="leave"))


@pytest.mark.parametrize(
    ("content_encoding", "content_type", "outcome"),
    [
        (b"", b"", "identity"), (b"identity", b"", "identity"), (b" GZip ", b"application/json", "gzip"),
        (b"x-gzip", b"", "gzip"), (b"ZSTD", b"text/plain", "zstd"), (b"br", b"", "unsupported_encoding"),
        (b"deflate", b"", "unsupported_encoding"), (b"gzip,gzip", b"", "unsupported_encoding"),
        (b"", b"Multipart/Form-Data; boundary=x", "unsupported_media_type"),
        (b"", b"image/png", "unsupported_media_type"),
        (b"", b"application/x-protobuf", "unsupported_media_type"),
        (b"", b"application/x-www-form-urlencoded", "identity"),
        (b"\xff", b"\xff", "unsupported_encoding"),
    ],
)  # fmt: skip
def test_encodings_and_media_types(content_encoding: bytes, content_type: bytes, outcome: str) -> None:
    try:
        found = encoding_of(content_encoding, content_type)
    except Refused as refused:
        found = refused.code
    assert found == outcome


@pytest.mark.parametrize(
    ("encoding", "body", "plain"),
    [
        ("identity", TEXT, TEXT),
        ("gzip", GZIP(TEXT), TEXT),
        ("gzip", GZIP(TEXT) + GZIP(TEXT), TEXT * 2),
        ("gzip", GZIP(TEXT) + b"\0" * 512, TEXT),
        ("gzip", GZIP(b""), b""),
        ("gzip", b"", b""),
        ("zstd", b"", b""),
        ("zstd", ZSTD(TEXT), TEXT),
        ("zstd", ZSTD(TEXT) + ZSTD(TEXT), TEXT * 2),
        ("zstd", b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip" + ZSTD(TEXT), TEXT),
    ],
)  # fmt: skip
def test_decoding(encoding: str, body: bytes, plain: bytes) -> None:
    assert decode(body, encoding, 10_000) == plain


@pytest.mark.parametrize(
    ("encoding", "body", "real"),
    [
        ("identity", TEXT, "identity"), ("identity", GZIP(TEXT), "gzip"), ("identity", ZSTD(TEXT), "zstd"),
        ("gzip", TEXT, "gzip"), ("gzip", ZSTD(TEXT), "gzip"), ("zstd", GZIP(TEXT), "zstd"),
        ("identity", b"", "identity"),
    ],
)  # fmt: skip
def test_the_magic_number_counts_where_the_header_says_nothing(encoding: str, body: bytes, real: str) -> None:
    assert settled(encoding, body, LIMITS) == real


@pytest.mark.parametrize("packed", [GZIP(TEXT), ZSTD(TEXT)])
def test_the_limit_of_the_wire_counts_without_a_header_too(packed: bytes) -> None:
    limits = Limits(wire_bytes=len(packed), decoded_bytes=1000, seconds=0.2)
    settled("identity", packed, limits)
    with pytest.raises(Refused) as raised:
        settled("identity", packed + b"x", limits)
    assert raised.value.code == "body_too_large"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_a_body_decodes_to_is_held_piece_by_piece(encoding: str) -> None:
    held: list[int] = []
    body = bomb(encoding, 64 << 20)
    assert len(decode(body, encoding, 64 << 20, held.append)) == sum(held) == 64 << 20
    assert max(held) <= 32 << 20

    def refuse(_: int) -> None:
        raise Refused("busy")

    with pytest.raises(Refused) as raised:
        decode(body, encoding, 64 << 20, refuse)
    assert raised.value.code == "busy"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_what_is_cut_off_or_spoilt_is_said(encoding: str) -> None:
    whole = (GZIP if encoding == "gzip" else ZSTD)(TEXT)
    spoilt = bytearray(whole)
    spoilt[len(whole) // 2] ^= 0xFF
    for body in (b"plain", *(whole[:cut] for cut in range(1, len(whole))), whole + b"more"):
        with pytest.raises(Refused) as raised:
            decode(body, encoding, 10_000)
        assert raised.value.code == "undecodable_body", body
    if encoding == "gzip":  # zstd frames of this writer have no checksum
        with pytest.raises(Refused):
            decode(bytes(spoilt), encoding, 10_000)


def bomb(encoding: str, size: int) -> bytes:
    if encoding == "zstd":
        return ZSTD(b"\0" * size)
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(b"\0" * size) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_is_refused_before_it_is_held(encoding: str) -> None:
    body, limit = bomb(encoding, 96 << 20), 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as raised:
            decode(body, encoding, limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.code == "decoded_too_large"
    assert peak < 64 << 20


@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_the_limit_is_exact(encoding: str) -> None:
    packs: dict[str, Callable[[bytes], bytes]] = {"identity": bytes, "gzip": GZIP, "zstd": ZSTD}
    pack = packs[encoding]
    assert len(decode(pack(b"x" * 5000), encoding, 5000)) == 5000
    with pytest.raises(Refused) as raised:
        decode(pack(b"x" * 5001), encoding, 5000)
    assert raised.value.code == "decoded_too_large"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", GZIP), ("zstd", ZSTD)])
def test_many_empty_members_cost_little_and_end(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """Each member leaves the rest of the body to be copied for the next: quadratic, when the rest is the whole."""
    empty = pack(b"")
    began = time.process_time()
    assert decode(empty * 9_999 + pack(b"{}"), encoding, 1000) == b"{}"
    with pytest.raises(Refused) as raised:
        decode(empty * 500_000, encoding, 1000)
    assert raised.value.code == "undecodable_body"
    assert time.process_time() - began < 5


def test_zeros_between_and_behind_members_are_padding() -> None:
    assert decode(GZIP(TEXT) + bytes(200_000) + GZIP(TEXT) + bytes(3), "gzip", 1 << 20) == TEXT * 2
