"""A mail server and a webhook's receiver on loopback, which keep what they got and fail when they are told to."""

import asyncio
import contextlib
import email
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP


@dataclass
class Mailbox:
    """A real SMTP server; `answer` is what it says to each letter, `250` being yes, `refusals` to some addresses."""

    port: int = 0
    answer: str = "250 ok"
    letters: list[Message] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:  # noqa: N802
        """What aiosmtpd calls for each address."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's own name
        """What aiosmtpd calls for each letter."""
        if self.answer.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content))
            self.to.append(list(envelope.rcpt_tos))
        return self.answer


@dataclass
class Inbox:
    """A webhook's receiver; `status` is its answer, 0 being none at all."""

    port: int = 0
    status: int = 200
    heard: int = 0
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def keys(self) -> list[str]:
        return [headers["idempotency-key"] for headers, _ in self.posts]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for _, body in self.posts]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.heard += 1
            if self.status == 200:
                self.posts.append((headers, body))
            if self.status:
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % self.status)
                await writer.drain()
            else:
                await reader.read()
        writer.close()


@contextlib.asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()


@contextlib.asynccontextmanager
async def inbox() -> AsyncIterator[Inbox]:
    box = Inbox()
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
