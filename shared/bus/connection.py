"""One connection to the broker that comes back: opened in the background, used by a session, opened again."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url

from shared import log
from shared.credentials import Url, current
from shared.retry import Backoff

logger = log.get(__name__)

HEARTBEAT_SECONDS = 15
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
BLOCKED_SECONDS = 0.3

Session = Callable[[AbstractConnection], Awaitable[None]]


async def connect(url: Url, *, name: str, within: float = CONNECT_SECONDS) -> AbstractConnection:
    """An open connection that the broker's list shows as `name`.

    Raises whatever the attempt raised (OSError, AMQPError, TimeoutError) after at most `within` seconds.
    It does not come back by itself: use `keep_connected` for that.
    """
    address = make_url(current(url), heartbeat=HEARTBEAT_SECONDS)
    connection = aio_pika.Connection(address, client_properties={"connection_name": name})
    try:
        async with asyncio.timeout(within):
            await connection.connect()
    except BaseException:
        # One that is merely dropped closes itself from its finaliser, in a task that nobody awaits.
        await close(connection)
        raise
    return connection


async def keep_connected(url: Url, *, name: str, session: Session, backoff: Backoff | None = None) -> None:
    """For ever: connect, run `session(connection)` until it ends or the connection is lost, start over.

    The session is cancelled when the connection is lost; what it raises is logged and counts as a loss.
    It says itself when it works: a connection alone means little.
    Publishing and consuming need one of these each: a blocked publisher must not stop acknowledgements.
    Cancel to end; the connection is then closed.
    """
    backoff = backoff or Backoff(first=0.1, most=3.0)
    failures = 0
    while True:
        try:
            connection = await connect(url, name=name)
        except Exception as error:  # any failure to connect is the same to us: try again
            if failures == 0:
                logger.warning("broker_away", connection=name, error=type(error).__name__)
        else:
            lived = await _live(connection, session, name, quiet=failures > 0)
            failures = 0 if lived else failures
        await asyncio.sleep(backoff.pause(failures))
        failures += 1


async def _live(connection: AbstractConnection, session: Session, name: str, *, quiet: bool) -> bool:
    """Run the session on this connection; True when it got past its opening steps (lived a second).

    `quiet` leaves out what was said at the last attempt already.
    """
    loop = asyncio.get_running_loop()
    lost = asyncio.Event()
    connection.close_callbacks.add(lambda *_: lost.set())
    started = loop.time()
    running = asyncio.create_task(_run(session, connection), name=f"session {name}")
    losing = asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({running, losing}, return_when=asyncio.FIRST_COMPLETED)
        error = running.exception() if running.done() and not running.cancelled() else None
        lived = loop.time() - started > 1
        if lived or not quiet:
            what = type(error).__name__ if error is not None else "connection lost"
            logger.warning("bus_session_ended", connection=name, error=what)
    finally:
        running.cancel()
        losing.cancel()
        await asyncio.gather(running, losing, return_exceptions=True)
        await close(connection)
    return lived


async def _run(session: Session, connection: AbstractConnection) -> None:
    await session(connection)


async def close(connection: AbstractConnection) -> None:
    """Close within two seconds, whatever state the broker is in: a blocked one does not answer."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.close()


async def is_blocked(connection: AbstractConnection, within: float = BLOCKED_SECONDS) -> bool:
    """True while the broker has told this connection to stop publishing, or it is not open.

    There is no public flag; `transport.ready()` does not return while blocked. An alarm reaches a
    connection only after it has tried to publish.
    """
    transport = connection.transport
    if transport is None:
        return True
    try:
        async with asyncio.timeout(within):
            await transport.ready()
    except TimeoutError:
        return True
    return False
