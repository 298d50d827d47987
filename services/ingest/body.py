"""From the wire to plain bytes: read within limits of size and time, then decompress within a limit."""

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import zstandard
from starlette.types import Receive

from services.ingest.refusals import Refused, SenderGone

THREAD_BYTES = 64 << 10
# One byte of zstd can stand for 32 KiB, so a slice decodes to at most 32 MiB before the limit is looked at.
_ZSTD_SLICE = 1 << 10
_ZSTD_WINDOW = 1 << 23
_GZIP_STEP, _GZIP_SLICE = 1 << 20, 1 << 16
_MOST_MEMBERS = 10_000
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

_NO_RECORDS = ("multipart/", "image/", "audio/", "video/", "font/", "model/")
_NO_RECORDS_EXACT = frozenset({"application/pdf", "application/zip", "application/x-protobuf", "application/protobuf"})


@dataclass(frozen=True)
class Limits:
    """Most bytes on the wire where compressed, most bytes decoded, most seconds for the body to arrive."""

    wire_bytes: int
    decoded_bytes: int
    seconds: float


def encoding_of(content_encoding: bytes, content_type: bytes) -> str:
    """`gzip`, `zstd` or `identity`. Raises Refused for an encoding or a media type that holds no records."""
    media_type = content_type.partition(b";")[0].strip().lower().decode("latin-1")
    if media_type.startswith(_NO_RECORDS) or media_type in _NO_RECORDS_EXACT:
        raise Refused("unsupported_media_type")
    encoding = content_encoding.strip().lower().decode("latin-1") or "identity"
    encoding = "gzip" if encoding == "x-gzip" else encoding
    if encoding not in ("gzip", "zstd", "identity"):
        raise Refused("unsupported_encoding")
    return encoding


async def read(
    receive: Receive, *, content_length: bytes, encoding: str, limits: Limits, hold: Callable[[int], None]
) -> bytes:
    """The body as it came. `hold` is told of each chunk's bytes and may refuse them.

    Raises Refused (`body_too_large`, `body_too_slow`) and SenderGone.
    """
    most = limits.decoded_bytes if encoding == "identity" else limits.wire_bytes
    if content_length.isdigit() and int(content_length) > most:
        raise Refused("body_too_large")
    try:
        async with asyncio.timeout(limits.seconds):
            return await _whole(receive, most, hold)
    except TimeoutError:
        raise Refused("body_too_slow") from None


def settled(encoding: str, body: bytes, limits: Limits) -> str:
    """The encoding that the body has: its magic number tells even where the header forgot to. No record starts so.

    Raises Refused `body_too_large` for a compressed body that was let in as a plain one.
    """
    if encoding == "identity":
        encoding = "gzip" if body.startswith(_GZIP_MAGIC) else "zstd" if body.startswith(_ZSTD_MAGIC) else encoding
        if encoding != "identity" and len(body) > limits.wire_bytes:
            raise Refused("body_too_large")
    return encoding


async def _whole(receive: Receive, most: int, hold: Callable[[int], None]) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise SenderGone
        if chunk := message.get("body", b""):
            size += len(chunk)
            if size > most:
                raise Refused("body_too_large")
            hold(len(chunk))
            chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def decode(body: bytes, encoding: str, limit: int, hold: Callable[[int], None]) -> bytes:
    """The plain bytes of a body of that settled encoding. Blocks: run it in a thread for bodies over THREAD_BYTES.

    `hold` is told of each piece that decompressing adds and may refuse it. Raises Refused (`undecodable_body`,
    `decoded_too_large`); never holds much more than `limit`, however far the body would expand.
    """
    if not body:
        return body
    if encoding != "identity":
        return (_gunzip if encoding == "gzip" else _unzstd)(body, _Bounded(limit, hold))
    if len(body) > limit:
        raise Refused("decoded_too_large")
    return body


def _gunzip(body: bytes, plain: "_Bounded") -> bytes:
    """All members of a gzip body, one after the other; in slices, for each member copies what comes behind it."""
    view, at, members = memoryview(body), 0, 0
    try:
        while at < len(body):
            members += 1
            member = zlib.decompressobj(31)
            while not member.eof and at < len(body):
                taken = view[at : at + _GZIP_SLICE]
                plain.add(member.decompress(taken, _GZIP_STEP))
                while member.unconsumed_tail:
                    plain.add(member.decompress(member.unconsumed_tail, _GZIP_STEP))
                at += len(taken) - len(member.unused_data)
            plain.add(member.flush())
            if not member.eof or members > _MOST_MEMBERS:
                raise Refused("undecodable_body")
            at = _behind_zeros(view, at)  # some writers pad the end with zeros
    except zlib.error:
        raise Refused("undecodable_body") from None
    return plain.bytes()


def _behind_zeros(view: memoryview, at: int) -> int:
    while at < len(view):
        piece = bytes(view[at : at + _GZIP_SLICE])
        zeros = len(piece) - len(piece.lstrip(b"\0"))
        at += zeros
        if zeros < len(piece):
            break
    return at


def _unzstd(body: bytes, plain: "_Bounded") -> bytes:
    """All frames of a zstd body. In small slices: the library itself sets no bound to its output."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = decompressor.decompressobj()
    view, at, frames = memoryview(body), 0, 1
    try:
        while at < len(body):
            if frame.eof:
                frame = decompressor.decompressobj()
                frames += 1
                if frames > _MOST_MEMBERS:
                    raise Refused("undecodable_body")
            taken = view[at : at + _ZSTD_SLICE]
            plain.add(frame.decompress(taken))
            at += len(taken) - (len(frame.unused_data) if frame.eof else 0)
    except zstandard.ZstdError:
        raise Refused("undecodable_body") from None
    if not frame.eof:
        raise Refused("undecodable_body")
    return plain.bytes()


class _Bounded:
    """Pieces of a body, refused as soon as they are too many bytes together, or more than may be held."""

    def __init__(self, limit: int, hold: Callable[[int], None]) -> None:
        self._limit, self._hold = limit, hold
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            raise Refused("decoded_too_large")
        self._hold(len(piece))
        self._pieces.append(piece)

    def bytes(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
