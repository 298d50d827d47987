"""How we ask an S3-compatible store: in bounded time, again where that is safe, and what its refusals mean."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

import aiohttp
from aiohttp import ClientError, ClientHandlerType, ClientRequest, ClientResponse, ClientResponseError, ClientTimeout

from services.api.evidence_store.store import FileMissing, StoreAway
from shared import log
from shared.retry import Backoff

logger = log.get(__name__)

# A part of 8 MiB within the first, tries together, is 70 KB/s. A whole file is read for as long as bytes come.
ASKING = ClientTimeout(total=120, sock_connect=5, sock_read=30)
READING = ClientTimeout(total=None, sock_connect=5, sock_read=30)

TRIES = 4
BACKOFF = Backoff(first=0.2, most=2.0)
# POST begins and completes an upload: done twice, the first would leave one behind and the second would fail.
_REPEATABLE = ("GET", "HEAD", "PUT", "DELETE")
_PASSING = (429, 500, 502, 503, 504)

_HEAD_BYTES = 4096
_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")
_MISSING = ("NoSuchKey", "NoSuchUpload")


def open_session() -> aiohttp.ClientSession:
    """Within a running loop. Nothing is packed on the way: hashes and lengths are of the file's own bytes."""
    return aiohttp.ClientSession(
        headers={"Accept-Encoding": "identity"}, auto_decompress=False, timeout=ASKING, middlewares=(_again,)
    )


async def _again(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """The reply to the first try that has one worth giving, else the last one's; what went wrong as aiohttp says it."""
    tries = TRIES if request.method in _REPEATABLE else 1
    for attempt in range(tries - 1):
        with contextlib.suppress(aiohttp.ClientConnectionError):
            response = await handler(request)
            if response.status not in _PASSING:
                return response
            response.close()
        await asyncio.sleep(BACKOFF.pause(attempt))
    return await handler(request)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """What goes wrong with a call is StoreAway, and the log has what it was: neither names a host or a secret."""
    try:
        yield
    except (ClientError, OSError, TimeoutError, ParseError, ValueError) as error:
        status = error.status if isinstance(error, ClientResponseError) else None
        logger.warning("evidence_store_failed", error=type(error).__name__, status=status)
        raise StoreAway from error


async def expect(response: ClientResponse, *statuses: int) -> None:
    """Raises FileMissing where the store says that there is none, StoreAway for any other reply than these.

    A 404 alone says nothing: a bucket that is gone and a proxy that knows no way have it too.
    """
    if response.status in statuses:
        return
    said = _CODE.search(await response.content.read(_HEAD_BYTES))
    code = said[1].decode() if said else None
    if code in _MISSING:
        raise FileMissing
    logger.warning("evidence_store_refused", status=response.status, code=code)
    raise StoreAway
