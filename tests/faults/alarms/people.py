"""Causes that come from who sends and who looks."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aio_pika
import httpx

from shared import ids
from shared.bus.topology import EXCHANGE, received_key
from tests.faults.alarms.causes import cause
from tests.faults.alarms.ground import REQUEST_SECONDS, Ground

STREAMS = 520


@contextlib.asynccontextmanager
async def again_and_again(act: Callable[[httpx.AsyncClient], Awaitable[object]], pause: float) -> AsyncIterator[None]:
    """Does it until this ends."""

    async def keep() -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    await act(client)
                await asyncio.sleep(pause)

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@cause("somebody tries keys", "KeysRefused")
@contextlib.asynccontextmanager
async def keys(ground: Ground) -> AsyncIterator[None]:
    async def guess(client: httpx.AsyncClient) -> None:
        await asyncio.gather(*(ground.send(client, b"{}", key=f"evs_guess-{number}") for number in range(60)))

    async with again_and_again(guess, 0.5):
        yield


@cause("somebody guesses a password", "LoginsRefused")
@contextlib.asynccontextmanager
async def logins(ground: Ground) -> AsyncIterator[None]:
    async def guess(client: httpx.AsyncClient) -> None:
        body, url = {"email": "admin@example.org", "password": "password"}, f"{ground.api.url}/api/v1/auth/login"
        await asyncio.gather(*(client.post(url, json=body) for _ in range(8)))

    async with again_and_again(guess, 0.3):
        yield


@cause("a sensor sends halves of records", "QuarantineGrows")
@contextlib.asynccontextmanager
async def halves(ground: Ground) -> AsyncIterator[None]:
    async def cut(client: httpx.AsyncClient) -> None:
        halves = b"\n".join(b'{"half-%d": ' % ids.uuid7().int for _ in range(20))
        await ground.send(client, halves)

    async with again_and_again(cut, 0.7):
        yield


@cause("a sensor sends more than its budget", "SensorsLimited")
@contextlib.asynccontextmanager
async def loud(ground: Ground) -> AsyncIterator[None]:
    sensor, key = await ground.system.register_sensor("loud", None)
    await ground.execute("UPDATE sensors SET rate_per_second = 1 WHERE id = $1", sensor)

    async def shout(client: httpx.AsyncClient) -> None:
        await ground.send(client, b'{"a": 1}\n' * 50, key=key)

    async with again_and_again(shout, 0.2):
        yield


@cause("a program opens streams and leaves them", "StreamsMany", "FileDescriptorsLow")
@contextlib.asynccontextmanager
async def streams(ground: Ground) -> AsyncIterator[None]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    assert ground.api.process is not None
    pid = ground.api.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
    request = (
        f"GET /api/v1/stream HTTP/1.1\r\nHost: eventsec\r\nAuthorization: {ground.headers['Authorization']}\r\n\r\n"
    ).encode()
    opened: list[asyncio.StreamWriter] = []
    try:
        for _ in range(STREAMS):  # as fast as they are answered: the limit below is to keep out none of them
            reader, writer = await asyncio.open_connection("127.0.0.1", ground.api.port)
            opened.append(writer)
            writer.write(request)
            async with asyncio.timeout(REQUEST_SECONDS):
                await reader.readuntil(b"\r\n\r\n")
        in_use = len(await asyncio.to_thread(_open_files, pid))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (int(in_use * 1.15), most))
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for writer in opened:
            writer.transport.abort()


def _open_files(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


@cause("a message that nobody can read is in the queue", "MessagesParked")
@contextlib.asynccontextmanager
async def unreadable(ground: Ground) -> AsyncIterator[None]:
    connection = await aio_pika.connect(ground.system.environment["EVENTSEC_RABBITMQ_URL"])
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(EXCHANGE)
        await exchange.publish(aio_pika.Message(b"\xc1"), received_key(ground.system.organization_id))
    yield
    keep = str(ground.directory / "kept")
    await ground.system.run("services.indexer.parked", "drop", "events.parked", "--keep", keep)


@cause("the folder of evidence is gone", "EvidenceUnavailable")
@contextlib.asynccontextmanager
async def evidence(ground: Ground) -> AsyncIterator[None]:
    folder = ground.system.evidence
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


async def tell_a_list(ground: Ground, name: str) -> None:
    """Have a message sent to a list of addresses."""
    channel = await ground.ask(
        "POST", "/notification-channels", {"kind": "email", "name": name, "to": [f"{name}@example.org"]}
    )
    await ground.ask("POST", f"/notification-channels/{channel['id']}/test")


@cause("an index refuses what is to be put into it", "DocumentsRefused")
@contextlib.asynccontextmanager
async def refused(ground: Ground) -> AsyncIterator[None]:
    settings = f"{ground.system.name}-incidents/_settings"
    await ground.search("PUT", settings, {"index.default_pipeline": "nowhere"})
    await ground.ask("POST", "/incidents", {"title": "Refused", "severity": 3})
    yield
    await ground.search("PUT", settings, {"index.default_pipeline": "_none"})
