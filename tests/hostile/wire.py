"""Connections that do not keep to HTTP, or are in no hurry: what is written, and what may come back."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.hostile.bodies import GOOD

# None: the connection may end without a word.
Status = int | None
ENDLESS = 0
"""The status of a connection that does not end."""


@dataclass(frozen=True)
class Talk:
    """What one connection says, piece by piece with pauses, and the replies that are right, in their order."""

    name: str
    pieces: tuple[bytes, ...]
    first: frozenset[Status]
    records: int = 0
    pause: float = 0.0
    half_close: bool = False
    abort: bool = False


def _post(key: str, *headers: bytes, body: bytes = GOOD, length: bytes | None = None) -> bytes:
    lines = [
        b"POST /ingest/v1/events/json HTTP/1.1",
        b"host: x",
        b"authorization: Bearer " + key.encode(),
        *((b"content-length: " + (b"%d" % len(body) if length is None else length),) if length != b"" else ()),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def talks(key: str) -> Iterator[Talk]:
    """All of them; `records` of each count when its first reply says that they were taken."""
    none, bad = frozenset({None}), frozenset({None, 400})
    refused = frozenset({401})
    large = frozenset({None, 400, 413, 431})
    chunked = b"transfer-encoding: chunked"
    yield Talk("as it should be", (_post(key),), frozenset({202}), records=1)
    yield Talk("in single bytes", tuple(bytes((byte,)) for byte in _post(key)), frozenset({202}), records=1)
    yield Talk("shorter than it says, then silence", (_post(key, length=b"500"),), frozenset({None, 408}))
    yield Talk("shorter than it says, half closed", (_post(key, length=b"500"),), bad, half_close=True)
    yield Talk("shorter than it says, broken off", (_post(key, length=b"500"),), none, abort=True)
    # Only after a while, for what is no request ends the connection at once, and with it the reply to the first.
    yield Talk("longer than it says", (_post(key, body=GOOD[:10]), GOOD[10:]), frozenset({207}), records=1, pause=1.0)
    yield Talk("no length", (_post(key, length=b""),), frozenset({400, None}))
    yield Talk("a negative length", (_post(key, length=b"-1"),), bad)
    yield Talk("a length of words", (_post(key, length=b"ten"),), bad)
    yield Talk("a length beyond 64 bits", (_post(key, length=b"9" * 30),), large)
    yield Talk("a length of 1 TB", (_post(key, length=b"1000000000000"),), large)
    yield Talk("two lengths", (_post(key, b"content-length: 3"),), bad)
    yield Talk("a length and chunks", (_post(key, chunked, body=b"0\r\n\r\n"),), bad)
    yield Talk(
        "chunks", (_post(key, chunked, body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(GOOD), GOOD), length=b""),),
        frozenset({202}), records=1,
    )  # fmt: skip
    yield Talk("a chunk of nonsense", (_post(key, chunked, body=b"zz\r\n{}\r\n", length=b""),), bad)
    yield Talk(
        "a chunk that never ends", (_post(key, chunked, body=b"fffffff\r\n{", length=b""),), bad | {408},
        half_close=True,
    )  # fmt: skip
    yield Talk("a thousand headers", (_post(key, *(b"x-%d: y" % n for n in range(1000))),), large | {202}, records=1)
    yield Talk("a header of 100 KB", (_post(key, b"x-long: " + b"y" * 100_000),), large | {202}, records=1)
    yield Talk(
        "headers of 20 MB",
        (_post(key, *(b"x-%d: %b" % (n, b"y" * 2000) for n in range(10_000))),),
        frozenset({None, 431}),
    )
    yield Talk("a header with a zero", (_post(key, b"x-zero: a\x00b"),), bad | {202}, records=1)
    yield Talk("a header without a name", (_post(key, b": y"),), bad | {202}, records=1)
    yield Talk("a header over two lines", (_post(key, b"x-folded: a\r\n b"),), bad | {202}, records=1)
    yield Talk("expects to be asked", (_post(key, b"expect: 100-continue"),), frozenset({202}), records=1)
    yield Talk("a path of bad bytes", (_post(key).replace(b"/json", b"/\xff\xfe"),), bad | {404})
    yield Talk(
        "a wish for another protocol",
        (_post(key, b"connection: upgrade", b"upgrade: websocket"),),
        bad | {202, 426},
        records=1,
    )
    yield Talk("not HTTP", (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",), bad, half_close=True)
    yield Talk("a line of nonsense", (b"\xff" * 5000 + b"\r\n\r\n",), bad)
    yield Talk("a method of nonsense", (b"BREW /ingest/v1/events HTTP/1.1\r\nhost: x\r\n\r\n",), bad | {405})
    yield Talk("an old version", (b"POST /ingest/v1/events\r\n\r\n",), bad | {401})
    yield Talk("nothing at all", (b"",), none)
    yield Talk("nothing at all, half closed", (b"",), none, half_close=True)
    yield Talk("a byte after a refusal", (_post("none", body=b"", length=b"100"), b"z"), refused, pause=0.5)
    yield Talk("an empty line after a reply", (_post(key), b"\r\n"), frozenset({202}), records=1, pause=0.5)
    endless = (b"0\r\n", *[b"x-trailer: %b\r\n" % (b"y" * 2000)] * 10_000)
    yield Talk("trailers without an end", (_post(key, chunked, body=b"", length=b""), *endless), none | {408})
    yield Talk(
        "trailers without an end after a refusal",
        (_post("none", chunked, body=b"", length=b""), *endless), none | refused,
    )  # fmt: skip
    yield Talk("half a head, then silence", (_post(key)[:60],), none)
    yield Talk("half a head, half closed", (_post(key)[:60],), bad, half_close=True)
    yield Talk("half a body, slowly", (*_slowly(_post(key)),), frozenset({202, 408}), records=1, pause=0.05)
    yield Talk("a body that drips for ever", (*_slowly(_post(key, length=b"9000")), *[b" "] * 60),
               frozenset({408, None}), pause=0.1)  # fmt: skip


def _slowly(request: bytes) -> Iterator[bytes]:
    for start in range(0, len(request), 20):
        yield request[start : start + 20]


async def speak(talk: Talk, port: int, *, silence: float) -> Status:
    """Say it, and return the status of the first reply; None where none comes.

    ENDLESS where the connection has not ended `silence` seconds after the last piece.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError):  # the door may have had enough before we are done
            for piece in talk.pieces:
                writer.write(piece)
                await writer.drain()
                if talk.pause:
                    await asyncio.sleep(talk.pause)
            if talk.abort:
                writer.transport.abort()
                return None
            if talk.half_close:
                writer.write_eof()
        try:
            async with asyncio.timeout(silence):
                return await _status(reader)
        except TimeoutError:
            return ENDLESS
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> Status:
    status = None
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        line = await reader.readline()
        while line.startswith(b"HTTP/1.1 100"):
            await reader.readuntil(b"\r\n")
            line = await reader.readline()
        status = int(line.split()[1]) if line.startswith(b"HTTP/1.") else None
        while await reader.read(1 << 16):
            pass
    return status
