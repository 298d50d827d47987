"""uvicorn's HTTP with a bound on the head of a request: it has none, and a head is held before any key is looked at."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 << 10
"""Most bytes of a request line and its headers, beside those that came in the first piece (at most 256 kB)."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose head is too long, or has not come to its end within the time of an idle one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._in_head = False
        self._head_bytes = 0
        self._giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is not kept for ever either."""
        super().connection_made(transport)
        self._give_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to wait for."""
        self._in_time()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that began in an earlier piece."""
        began_before = self._in_head
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data) if began_before else 0
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._giving_up is None:
            self._give_time()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._in_time()
        super().on_headers_complete()

    def _give_time(self) -> None:
        self._giving_up = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _in_time(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
