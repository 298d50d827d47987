"""The client of OpenSearch, and the one judgement of whether an error is the server's state or our data."""

import asyncio
import contextlib
import gzip
import io
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from opensearchpy import AIOHttpConnection, AsyncOpenSearch
from opensearchpy.exceptions import (
    ConnectionError as NoConnection,
)
from opensearchpy.exceptions import (
    OpenSearchException,
    SerializationError,
    TransportError,
)
from opensearchpy.serializer import Serializer

from shared.credentials import Url, basic, current
from shared.errors import Unavailable
from shared.guards import LOOPBACK
from shared.settings import OpensearchSettings

TIMEOUT_SECONDS = 10.0
POOL_SIZE = 8

_PIECEMEAL_BYTES = 1 << 20

# A server whose disk is full, whose shards are used up or that nobody may write to says so with a 4xx.
_AWAY_STATUSES = frozenset({401, 403, 407, 408, 425, 429})
_AWAY_TYPES = frozenset(
    {
        "cluster_block_exception",
        "index_closed_exception",
        "index_create_block_exception",
        "index_not_found_exception",
        "security_exception",
    }
)
_SHARD_LIMIT = "shards, but this cluster currently has"

# What OpenSearch answers with status 500 when a document trips over a bug in its mapper: the document's
# fault as far as we are concerned, for sent again it would trip again.
_DATA_TYPES = frozenset(
    {
        "array_index_out_of_bounds_exception",
        "class_cast_exception",
        "illegal_argument_exception",
        "index_out_of_bounds_exception",
        "input_coercion_exception",
        "mapper_parsing_exception",
        "null_pointer_exception",
        "number_format_exception",
        "parse_exception",
        "stack_overflow_error",
        "string_index_out_of_bounds_exception",
        "unsupported_operation_exception",
    }
)


def create_client(
    settings: OpensearchSettings, *, timeout_seconds: float = TIMEOUT_SECONDS, pool_size: int = POOL_SIZE
) -> AsyncOpenSearch:
    """A client that connects when first used and belongs to the loop that uses it first; close it there.

    It never retries by itself: whoever writes knows better what may be sent again, and when.
    Raises ValueError for a URL without a host.
    """
    url = urlsplit(settings.opensearch_url.get_secret_value())
    host = url.hostname
    if host is None:
        raise ValueError("EVENTSEC_OPENSEARCH_URL names no host")
    return AsyncOpenSearch(
        hosts=[url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()],
        login=settings.opensearch_address if url.username else None,
        ssl_context=_trusting(settings.stores_ca_file) if url.scheme == "https" else None,
        connection_class=_Connection if host in LOOPBACK else _RemoteConnection,
        serializer=_Json(),
        timeout=timeout_seconds,
        pool_maxsize=pool_size,
        max_retries=0,
    )


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def is_away(error: BaseException) -> bool:
    """True when the server cannot do it now, whatever the data: wait and send the same again.

    Connections, timeouts, unreadable answers, 401, 403, 429 and 5xx of a whole request, blocks of the
    cluster or an index, and the limit of shards.
    """
    if isinstance(error, TransportError) and not isinstance(error, NoConnection):
        return isinstance(error.status_code, int) and is_infrastructure(error.status_code, *_cause(error))
    return isinstance(error, NoConnection | SerializationError | Unavailable | OSError)


def is_infrastructure(status: int, kind: str, reason: str) -> bool:
    """The same judgement over one answer's status, error type and reason, for a request or a bulk item."""
    if status in _AWAY_STATUSES or kind in _AWAY_TYPES or _SHARD_LIMIT in reason:
        return True
    return status >= 500 and not (status == 500 and kind in _DATA_TYPES)


@contextlib.contextmanager
def reaching(*, surely: bool = False) -> Iterator[None]:
    """Turns errors that mean "away" into Unavailable, whose message names no host; passes on the others.

    With `surely` every error of OpenSearch does: for requests that hold nothing but our own words.
    """
    try:
        yield
    except OpenSearchException as error:
        if surely or is_away(error):
            raise Unavailable(f"OpenSearch: {what_went_wrong(error)}") from error
        raise


async def ping(client: AsyncOpenSearch, *, within: float) -> None:
    """The smallest question there is. Raises Unavailable when it is not answered within so many seconds."""
    with reaching(surely=True):
        await client.transport.perform_request("GET", "/", params={"request_timeout": within})


def what_went_wrong(error: BaseException) -> str:
    """A few words on an error for a log or a page, without host, secret or document."""
    if isinstance(error, TransportError) and not isinstance(error, NoConnection):
        kind, _ = _cause(error)
        return f"answered {error.status_code} {kind}".rstrip()
    if isinstance(error, SerializationError):
        return "answered something unreadable"
    if isinstance(error, NoConnection):
        return "no answer in time" if error.status_code == "TIMEOUT" else "no connection"
    return str(error) if isinstance(error, Unavailable) else type(error).__name__


def _cause(error: TransportError) -> tuple[str, str]:
    """Type and reason of a whole request's error; empty where the answer was not OpenSearch's own."""
    cause = error.info.get("error") if isinstance(error.info, dict) else None
    if not isinstance(cause, dict):
        return "", ""
    return str(cause.get("type", "")), str(cause.get("reason", ""))


class _Json(Serializer):
    """orjson instead of json: several times faster, and exact about 64-bit integers."""

    mimetype = "application/json"

    def loads(self, s: str) -> Any:
        try:
            return orjson.loads(s)
        except ValueError as error:
            raise SerializationError("unreadable answer", error) from error

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, str | bytes) else orjson.dumps(data)


class _Connection(AIOHttpConnection):
    """Without the library's own logging, which would decode each body of megabytes to throw it away.

    `login` gives the URL whose user and password each request shows, as they are now.
    """

    def __init__(self, *arguments: Any, login: Url | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._login = login

    async def perform_request(  # type: ignore[override]
        self, method: str, url: str, params: Any = None, body: bytes | None = None, **options: Any
    ) -> Any:
        """As the library's, but large bodies are handed to the socket piece by piece, as aiohttp asks."""
        sent: Any = io.BytesIO(body) if body and len(body) > _PIECEMEAL_BYTES else body
        if self._login is not None:
            options["headers"] = {**(options.get("headers") or {}), "authorization": basic(current(self._login))}
        return await super().perform_request(method, url, params, sent, **options)

    def log_request_success(self, *_: Any, **__: Any) -> None:
        """Nothing: callers log and count what matters."""

    def log_request_fail(self, *_: Any, **__: Any) -> None:
        """Nothing: the error that is raised says all."""

    def _raise_error(self, status_code: int, raw_data: str | bytes, content_type: str | None = None) -> None:
        try:
            super()._raise_error(status_code, raw_data, content_type)
        except AttributeError as error:
            # JSON, but no object: some proxy's answer.
            raise TransportError(status_code, "unreadable answer", None) from error


class _RemoteConnection(_Connection):
    """Compresses bodies in a thread and fast; the library would do it in the loop, at gzip's slowest level."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.headers["accept-encoding"] = "gzip"

    async def perform_request(  # type: ignore[override]
        self, method: str, url: str, params: Any = None, body: bytes | None = None, **options: Any
    ) -> Any:
        """As above, compressed."""
        if body:
            body = await asyncio.to_thread(gzip.compress, body, 1)
            options["headers"] = {**(options.get("headers") or {}), "content-encoding": "gzip"}
        return await super().perform_request(method, url, params, body, **options)
