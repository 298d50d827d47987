"""uvicorn's HTTP with bounds where it has none: what is held, or waited for, before any key is looked at."""

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from services.ingest import replies
from services.ingest.limits import BUSY_WAIT_SECONDS
from services.ingest.refusals import Refused

MAX_HEAD_BYTES = 64 << 10
"""Most bytes of a request line and its headers, or of the trailers behind its chunks, beside those that came in the
first piece (at most 256 kB)."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


async def full(scope: Scope, _: Receive, send: Send) -> None:
    """What a request is told where there are as many connections as there may be: its own is ended.

    A full door is alive: one that is ended for it loses what it holds, and its senders fill the next.
    """
    if (scope["method"], scope["path"]) == ("GET", "/healthz"):
        reply = replies.ALIVE
    else:
        reply = replies.of_refusal(Refused("busy", wait=BUSY_WAIT_SECONDS), correlation_id=None)
    await replies.send_reply(send, reply._replace(headers=(*reply.headers, (b"connection", b"close"))))


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection whose head or trailers are too long, or that owes us a head for the time of an idle one.

    A connection that was answered owes us one, whatever of its last body is still to come: uvicorn stops waiting at
    any byte. The rest of a refused body is read and dropped, for to close on it would lose the reply on its way.
    A reply of which nothing is read for that long ends the connection too, with what is left of it: to close on it
    would wait for ever.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Ours to look at: uvicorn's own refusal does not say when to come back.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._in_head = self._in_trailers = False
        self._counted = 0
        self._giving_up: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is not kept for ever either."""
        super().connection_made(transport)
        self._give_time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to wait for."""
        self._in_time()
        if self._unread is not None:
            self._unread.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head, or to trailers, that began in an earlier piece."""
        began_before = self._in_head or self._in_trailers
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head or self._in_trailers:
            self._counted += len(data) if began_before else 0
            if self._counted > MAX_HEAD_BYTES:
                self._end()
                return
        if self._giving_up is None and (self._in_head or self._is_answered()):
            self._give_time()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_time()
        self._in_head, self._counted = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Trailers are dropped: uvicorn would add them to the headers."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._in_time()
        self.app = full if self._is_full() else self.config.loaded_app
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """What comes next is the chunk's bytes, or trailers if it has none."""
        self._in_trailers, self._counted = True, 0

    def on_body(self, body: bytes) -> None:
        """No trailers yet."""
        self._in_trailers = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """No trailers any more."""
        self._in_trailers = False
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The sender does not keep up with its reply."""
        super().pause_writing()
        self._watch()

    def on_response_complete(self) -> None:
        """All is written, which is not to say that it left."""
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        if self._unread is None and (left := self.transport.get_write_buffer_size()):
            self._unread = self.loop.call_later(self.timeout_keep_alive, self._look, left)

    def _look(self, before: int) -> None:
        self._unread = None
        if self.transport.get_write_buffer_size() < before:
            self._watch()
        else:
            self.transport.abort()

    def _is_full(self) -> bool:
        return self._most is not None and max(len(self.connections), len(self.tasks)) >= self._most

    def _is_answered(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None until the first head is whole
        return cycle is None or cycle.response_complete

    def _end(self) -> None:
        if self._in_head:
            self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _give_time(self) -> None:
        self._giving_up = self.loop.call_later(self.timeout_keep_alive, self.transport.close)

    def _in_time(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
