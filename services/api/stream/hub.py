"""Hears of every change, from whichever process, and tells those who listen here and may know of it.

What is told is that rows changed, never what they are: who hears it asks for them, and is then checked as always.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from services.api.principal import Principal
from shared import ids, log, metrics
from shared.bus.connection import keep_connected
from shared.bus.messages import Changed, decode
from shared.bus.topology import CHANGES_EXCHANGE
from shared.domain.permissions import Permission
from shared.errors import Reject

logger = log.get(__name__)

REPLAY_SECONDS = 300.0
MOST_KEPT = 20_000
MOST_WAITING = 500
PREFETCH = 200

SEEN_BY: dict[str, tuple[Permission, ...]] = {
    "alert": (Permission.ALERTS_READ,),
    "incident": (Permission.ALERTS_READ,),
    "sensor": (Permission.SENSORS_READ,),
    "job": (Permission.ALERTS_WRITE, Permission.SYSTEM_WRITE),
    "suppression": (Permission.SUPPRESSIONS_READ,),
}


@dataclass(frozen=True)
class Told:
    """A change as it is told: its id, unique and the same in every process, and which rows of which kind."""

    id: UUID
    organization_id: UUID
    kind: str
    ids: list[UUID]


RESET = Told(ids.NIL, ids.NIL, "reset", [])
"""Something may have been missed: whoever gets it reads anew what it shows."""


@dataclass(eq=False)
class Listener:
    """One open stream: whose, and what waits for it."""

    principal: Principal
    waiting: deque[Told] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, told: Told) -> None:
        """Put it before the listener, if it is theirs to know; a slow one is reset instead of growing."""
        if told is not RESET and not may_know(self.principal, told):
            return
        if len(self.waiting) >= MOST_WAITING:
            self.waiting.clear()
            told = RESET
        self.waiting.append(told)
        self.woken.set()

    def take(self) -> list[Told]:
        """All that waits."""
        taken = list(self.waiting)
        self.waiting.clear()
        self.woken.clear()
        return taken


def may_know(principal: Principal, told: Told) -> bool:
    """True when the rows are of an organization in which the listener may read that kind."""
    return any(principal.may(permission, told.organization_id) for permission in SEEN_BY.get(told.kind, ()))


class Hub:
    """Listens on a queue of its own, which goes with the process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: set[Listener] = set()
        self._kept: deque[tuple[float, Told]] = deque(maxlen=MOST_KEPT)

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._listeners)

    def of(self, principal: Principal) -> int:
        """How many of them are the caller's."""
        return sum(one.principal.id == principal.id for one in self._listeners)

    async def run(self) -> None:
        """Listen for ever; cancel to end."""
        await keep_connected(self._url, name="api-stream", session=self._serve)

    @contextlib.contextmanager
    def listening(self, principal: Principal, last: UUID | None) -> Iterator[Listener]:
        """A listener, told at once what it missed behind `last`, or that this cannot be known."""
        listener = Listener(principal)
        for told in self._since(last):
            listener.tell(told)
        self._listeners.add(listener)
        metrics.STREAMS.set(len(self._listeners))
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            metrics.STREAMS.set(len(self._listeners))

    def hear(self, told: Told) -> None:
        """Tell all who may know."""
        now = time.monotonic()
        while self._kept and now - self._kept[0][0] > REPLAY_SECONDS:
            self._kept.popleft()
        self._kept.append((now, told))
        for listener in self._listeners:
            listener.tell(told)

    def lose(self) -> None:
        """Changes may pass unheard from now on: what was kept is no whole history any more."""
        self._kept.clear()
        for listener in self._listeners:
            listener.tell(RESET)

    def _since(self, last: UUID | None) -> list[Told]:
        if last is None:
            return []
        kept = [told for _, told in self._kept]
        for position, told in enumerate(kept):
            if told.id == last:
                return kept[position + 1 :]
        return [RESET]

    async def _serve(self, connection: AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        exchange = await channel.get_exchange(CHANGES_EXCHANGE, ensure=False)
        await queue.bind(exchange)
        await queue.consume(self._heard, no_ack=True)
        self.lose()
        try:
            await asyncio.Event().wait()
        finally:
            self.lose()

    async def _heard(self, message: AbstractIncomingMessage) -> None:
        try:
            changed = decode(message.body, Changed)
            message_id = UUID(message.message_id or "")
        except (Reject, ValueError):
            logger.warning("change_unreadable")
            return
        self.hear(Told(message_id, changed.organization_id, changed.kind, changed.ids))
