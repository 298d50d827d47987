"""nginx with the rules we ship, before several processes of a name, which it asks for as in a cluster."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from deploy.demo import web
from deploy.stack.report import silent
from tests.faults.service import LOOPBACK, free_port
from tests.faults.system import System
from tests.waiting import until

START_SECONDS, STOP_SECONDS = 10.0, 10.0
API, INGEST = "api.eventsec.test", "ingest.eventsec.test"

_HEAD = struct.Struct("!6H")
_RECORD = struct.Struct("!3HIH4s")
_ADDRESS, _INTERNET, _QUESTION, _RESPONSE, _NO_SUCH_NAME = 1, 1, 0xC00C, 0x8180, 3


@contextlib.asynccontextmanager
async def fronted(system: System, directory: Path) -> AsyncIterator[None]:
    """Senders and people of the system go through nginx while the block runs.

    Its names have all addresses all the time, also those of processes that are just away: as they have for as long as
    a resolver keeps what it knows.
    """
    addresses = {API: [api.host for api in system.apis], INGEST: [door.host for door in system.doors]}
    async with _names(addresses) as resolver:
        listen = f"{LOOPBACK}:{free_port()}"
        filled_in = {
            "EVENTSEC_API_ADDRESS": f"{API}:{system.apis[0].port}",
            "EVENTSEC_INGEST_ADDRESS": f"{INGEST}:{system.doors[0].port}",
            "EVENTSEC_WEB_LISTEN": listen,
            "EVENTSEC_WEB_ROOT": str(directory),
            "EVENTSEC_RESOLVER": f"{LOOPBACK}:{resolver}",
        }
        command = await asyncio.to_thread(web.set_up, directory / "front", filled_in, silent)
        with (directory / "front.log").open("ab") as log:
            nginx = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            host, _, port = listen.partition(":")
            await until(lambda: nginx.returncode is not None or _listens(host, int(port)), within=START_SECONDS)
            if nginx.returncode is not None:
                raise RuntimeError(f"nginx ended at once, see {directory / 'front.log'}")
            system.front = f"http://{listen}"
            yield
        finally:
            system.front = ""
            await _end(nginx)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


@contextlib.asynccontextmanager
async def _names(addresses: Mapping[str, Sequence[str]]) -> AsyncIterator[int]:
    """The port of a DNS server that knows these names and no others."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Names(addresses), local_addr=(LOOPBACK, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


class _Names(asyncio.DatagramProtocol):
    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self._addresses = addresses
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        assert self._transport is not None
        self._transport.sendto(answer(data, self._addresses), address)


def answer(query: bytes, addresses: Mapping[str, Sequence[str]]) -> bytes:
    """The reply to a DNS query (RFC 1035) for one name, with all addresses that it has."""
    labels, at = [], _HEAD.size
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length])
        at += 1 + length
    question, (kind, _) = query[_HEAD.size : at + 5], struct.unpack_from("!2H", query, at + 1)
    known = addresses.get(b".".join(labels).decode().lower())
    told = [socket.inet_aton(one) for one in known or ()] if kind == _ADDRESS else []
    flags = _RESPONSE | (_NO_SUCH_NAME if known is None else 0)
    (number,) = struct.unpack_from("!H", query)
    records = [_RECORD.pack(_QUESTION, _ADDRESS, _INTERNET, 1, len(one), one) for one in told]
    return _HEAD.pack(number, flags, 1, len(records), 0, 0) + question + b"".join(records)
