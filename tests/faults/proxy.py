"""A TCP proxy before a server that can be slow, cut what it carries into pieces, break off, and swallow."""

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum

CHUNK = 64 << 10
SLICED_BYTES = 2048  # of each chunk: enough to tear every header apart, and cheap
LATENCY_SECONDS = (0.02, 0.2)


class Toxic(StrEnum):
    """What a proxy does to all it carries."""

    LATENCY = "latency"
    SLICED = "sliced"
    RESET = "reset"
    BLACKHOLE = "blackhole"


@dataclass
class Proxy:
    """Listens on a port of its own for 127.0.0.1:`target`; `seen` counts what each toxic really did."""

    target: int
    port: int = 0
    toxic: Toxic | None = None
    seen: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=random.Random)
    _server: asyncio.Server | None = None
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _withheld: set[asyncio.Task[None]] = field(default_factory=set)
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Take connections."""
        self._flowing.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut all connections and take no more."""
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._running, return_exceptions=True)

    def cut(self) -> int:
        """Reset all connections; how many there were."""
        running = list(self._running)
        for task in running:
            task.cancel()
        self.seen["cut"] += len(running)
        return len(running)

    def start(self, toxic: Toxic, seed: int) -> None:
        """Do this to everything from now on."""
        self.toxic, self.chance = toxic, random.Random(seed)
        if toxic is Toxic.BLACKHOLE:
            self._flowing.clear()

    def end(self, *, deliver: bool = True) -> None:
        """Be a wire again. What a black hole held is delivered late, or its connections are reset instead."""
        self.toxic = None
        withheld, self._withheld = self._withheld, set()
        if not deliver:
            for task in withheld:
                task.cancel()
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        far: asyncio.StreamWriter | None = None
        broken = True
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far, task))
                group.create_task(self._pump(far_reader, writer, task))
            broken = False
        except* (asyncio.CancelledError, OSError):
            pass
        finally:
            self._running.discard(task)
            self._withheld.discard(task)
            for end in (writer, far):
                if end is not None:
                    _close(end, broken=broken)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: asyncio.Task[None]
    ) -> None:
        while data := await reader.read(CHUNK):
            if not self._flowing.is_set():
                self.seen[Toxic.BLACKHOLE] += 1
                self._withheld.add(connection)
                await self._flowing.wait()
            await self._carry(data, writer)
        await self._flowing.wait()  # an end that closed is not heard of through a black hole either
        writer.write_eof()

    async def _carry(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.toxic is Toxic.RESET and self.chance.random() < 0.2:
            self.seen[Toxic.RESET] += 1
            writer.write(data[: self.chance.randrange(len(data))])
            raise ConnectionResetError
        if self.toxic is Toxic.LATENCY:
            self.seen[Toxic.LATENCY] += 1
            await asyncio.sleep(self.chance.uniform(*LATENCY_SECONDS))
        if self.toxic is Toxic.SLICED:
            data = await self._carry_sliced(data, writer)
        writer.write(data)
        await writer.drain()

    async def _carry_sliced(self, data: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Send the first bytes in pieces of one to sixty; returns the rest."""
        at = 0
        while at < min(len(data), SLICED_BYTES):
            size = self.chance.randint(1, 60)
            writer.write(data[at : at + size])
            await writer.drain()
            await asyncio.sleep(0)
            at += size
            self.seen[Toxic.SLICED] += 1
        return data[at:]


def _close(end: asyncio.StreamWriter, *, broken: bool) -> None:
    """With all that was written to it; or, `broken`, by a reset that throws it away."""
    if not broken:
        end.close()
        return
    found: socket.socket | None = end.get_extra_info("socket")
    if found is not None and found.fileno() >= 0:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()


@contextlib.asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    """An open proxy before the server on that port."""
    proxy = Proxy(port)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
