"""A keep-alive HTTP/1.1 client that costs next to nothing: the load generator shares the cores with the product."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple


class Reply(NamedTuple):
    """A reply's status and body."""

    status: int
    body: bytes


class Lane:
    """One connection that sends one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, port: int) -> "Lane":
        """To that port of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> Reply:
        """Send a whole request as `post` makes it. Raises OSError, EOFError (IncompleteReadError)."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return Reply(int(head[9:12]), await self._reader.readexactly(length))

    async def close(self) -> None:
        """End the connection."""
        self._writer.close()


def post(path: str, key: str, body: bytes) -> bytes:
    """A POST of NDJSON with that key, ready to be written."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: door\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/x-ndjson\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def push(port: int, requests: Iterable[bytes], *, connections: int) -> int:
    """All requests over so many connections; how many there were. Raises RuntimeError for anything but a 202."""
    waiting = iter(requests)
    sent = 0

    async def lane() -> None:
        nonlocal sent
        connection = await Lane.connect(port)
        try:
            for request in waiting:
                reply = await connection.send(request)
                if reply.status != 202:
                    raise RuntimeError(f"{reply.status}: {reply.body[:300]!r}")
                sent += 1
        finally:
            await connection.close()

    await asyncio.gather(*(lane() for _ in range(connections)))
    return sent
