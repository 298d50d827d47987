"""Packs a request's events into envelopes, shares them between small requests, and waits for the confirms."""

import asyncio
import contextvars
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from shared import crash, ids, log
from shared.bus import messages, topology
from shared.bus.messages import MAX_ENVELOPE_BYTES, MAX_ENVELOPE_EVENTS, Request
from shared.errors import Unavailable
from shared.normalise.event import Event, Rejected

logger = log.get(__name__)

# An envelope this full is as cheap per event as it gets: waiting for others would only cost time.
EAGER_EVENTS = 100
EAGER_BYTES = 128 << 10
LOGGED_IDS = 200

Envelope = type[messages.EventBatch] | type[messages.Quarantined]


class Item(NamedTuple):
    """An item but for the one field only its envelope knows (`request`), and its size in bytes."""

    size: int
    fields: tuple[Any, ...]


def event_item(index: int, ordinal: int, event: Event) -> Item:
    """An event to deliver. Raises what the encoder raises for one that cannot be written."""
    raw = messages.encoded(event)
    return Item(len(raw), (index, ordinal, raw))


def quarantined_item(index: int, ordinal: int, kept_as: UUID, record: bytes, rejected: Rejected) -> Item:
    """A record to deliver to the quarantine under the id `kept_as`."""
    detail = rejected.detail.encode("utf-8", "replace").decode()
    return Item(len(record) + len(detail), (index, ordinal, kept_as, record, rejected.reason, detail))


class Publish(Protocol):
    """`shared.bus.publisher.Publisher.publish`, as far as it is used here."""

    async def __call__(
        self,
        body: bytes,
        *,
        routing_key: str,
        schema: str,
        correlation_id: str,
        timeout: float,
        traceparent: str | None = None,
    ) -> None: ...


class Later(Protocol):
    """`loop.call_later`."""

    def __call__(self, delay: float, callback: Callable[..., object], *args: Any) -> asyncio.TimerHandle: ...


@dataclass(eq=False)
class _Open:
    """An envelope that still takes items; `settled` ends when the broker has it, or not."""

    kind: Envelope
    organization_id: UUID
    settled: asyncio.Future[None]
    requests: list[Request] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    bytes: int = 0
    timer: asyncio.TimerHandle | None = None

    def add(self, item: Item) -> None:
        make: Callable[..., object] = (
            messages.EventItem if self.kind is messages.EventBatch else messages.QuarantinedItem
        )
        self.items.append(make(len(self.requests) - 1, *item.fields))
        self.bytes += item.size

    def takes(self, size: int) -> bool:
        return not self.items or (len(self.items) < MAX_ENVELOPE_EVENTS and self.bytes + size <= MAX_ENVELOPE_BYTES)

    @property
    def eager(self) -> bool:
        return len(self.items) >= EAGER_EVENTS or self.bytes >= EAGER_BYTES


class Packer:
    """One open envelope per organization and kind; it closes when full or after `linger` seconds.

    Requests of different organizations never share one. All items of an envelope have the same fate.
    """

    def __init__(self, publish: Publish, *, linger: float, timeout: float, later: Later | None = None) -> None:
        self._publish = publish
        self._linger, self._timeout = linger, timeout
        self._later = later
        self._open: dict[tuple[UUID, Envelope], _Open] = {}
        self._publishing: set[asyncio.Task[None]] = set()

    async def deliver(
        self, organization_id: UUID, request: Request, *, events: Sequence[Item], quarantined: Sequence[Item]
    ) -> None:
        """Return when the broker has confirmed every envelope that holds an item of this request.

        Raises Unavailable when it did not confirm one of them; others may then be stored all the same.
        """
        waits = self._put(messages.EventBatch, organization_id, request, events)
        waits += self._put(messages.Quarantined, organization_id, request, quarantined)
        if not waits:
            return
        # Not `gather`, not a bare await: cancelling one request must not cancel what others wait for.
        await asyncio.wait(waits)
        for settled in waits:
            settled.result()

    async def drain(self) -> None:
        """Close what is open and wait until nothing is being published; each publish has its timeout."""
        for envelope in list(self._open.values()):
            self._close(envelope)
        while self._publishing:
            await asyncio.wait(self._publishing)

    def _put(
        self, kind: Envelope, organization_id: UUID, request: Request, items: Sequence[Item]
    ) -> list[asyncio.Future[None]]:
        waits: list[asyncio.Future[None]] = []
        envelope: _Open | None = None
        for item in items:
            if envelope is None or not envelope.takes(item.size):
                envelope = self._envelope(kind, organization_id, item.size)
                envelope.requests.append(request)
                waits.append(envelope.settled)
            envelope.add(item)
        if envelope is not None and (envelope.eager or not self._linger):
            self._close(envelope)
        return waits

    def _envelope(self, kind: Envelope, organization_id: UUID, size: int) -> _Open:
        """The open envelope if it takes that many bytes; else a new one, the old being sent."""
        found = self._open.get((organization_id, kind))
        if found is not None:
            if found.takes(size):
                return found
            self._close(found)
        loop = asyncio.get_running_loop()
        envelope = _Open(kind, organization_id, loop.create_future())
        envelope.settled.add_done_callback(_observed)
        envelope.timer = (self._later or loop.call_later)(self._linger, self._close, envelope)
        self._open[organization_id, kind] = envelope
        return envelope

    def _close(self, envelope: _Open) -> None:
        if envelope.timer is not None:
            envelope.timer.cancel()
        if self._open.get((envelope.organization_id, envelope.kind)) is envelope:
            del self._open[envelope.organization_id, envelope.kind]
            # A context of its own: an envelope is of many requests, its log line must not name one only.
            task = asyncio.create_task(self._send(envelope), context=contextvars.Context())
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    async def _send(self, envelope: _Open) -> None:
        try:
            await self._publish_whole(envelope)
        except Unavailable as error:
            envelope.settled.set_exception(error)
        except BaseException as error:
            envelope.settled.set_exception(Unavailable(f"not published: {type(error).__name__}", code="unconfirmed"))
            raise
        else:
            envelope.settled.set_result(None)

    async def _publish_whole(self, envelope: _Open) -> None:
        envelope_id = ids.uuid7()
        organization_id, requests = envelope.organization_id, envelope.requests
        events = envelope.kind is messages.EventBatch
        routing_key = topology.received_key(organization_id) if events else topology.QUARANTINED_KEY
        correlation_ids = list(dict.fromkeys(request.correlation_id for request in requests))
        await self._publish(
            messages.encode(envelope.kind(envelope_id, organization_id, requests, envelope.items)),
            routing_key=routing_key,
            schema="EventBatch.v1" if events else "Quarantined.v1",
            correlation_id=correlation_ids[0],
            traceparent=next((r.traceparent for r in requests if r.traceparent is not None), None),
            timeout=self._timeout,
        )
        crash.point("ingest_after_publish")
        logger.info(
            "envelope_published",
            envelope_id=envelope_id,
            organization_id=organization_id,
            routing_key=routing_key,
            items=len(envelope.items),
            requests=len(requests),
            correlation_ids=correlation_ids[:LOGGED_IDS],
        )


def _observed(settled: asyncio.Future[None]) -> None:
    """Marks an error as seen: all who waited may be gone by now."""
    if not settled.cancelled():
        settled.exception()
