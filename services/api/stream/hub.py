"""Hears of every change, from whichever process, and tells those who listen here and may know of it.

What is told is that rows changed, never what they are: who hears it asks for them, and is then checked as always.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from services.api.principal import Principal
from services.api.stream.audience import Members, members_alone
from services.api.stream.told import RESET, Told
from shared import log, metrics
from shared.bus.connection import keep_connected
from shared.bus.messages import Changed, decode
from shared.bus.topology import CHANGES_EXCHANGE
from shared.credentials import Url
from shared.domain.permissions import Permission
from shared.errors import Reject

logger = log.get(__name__)

REPLAY_SECONDS = 300.0
MOST_KEPT = 20_000
MOST_WAITING = 500
MOST_UNHEARD = 1000
ASKING_SECONDS = 5.0
PREFETCH = 200

SEEN_BY: dict[str, tuple[Permission, ...]] = {
    "alert": (Permission.ALERTS_READ,),
    "incident": (Permission.INCIDENTS_READ,),
    "sensor": (Permission.SENSORS_READ,),
    "job": (Permission.ALERTS_WRITE, Permission.SYSTEM_WRITE),
    "suppression": (Permission.SUPPRESSIONS_READ,),
}

NOBODY: Members = {}


@dataclass(eq=False)
class Listener:
    """One open stream: whose, and what waits for it."""

    principal: Principal
    waiting: deque[Told] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, told: Told, members: Members = NOBODY) -> None:
        """Put before the listener what of it is theirs to know; a slow one is reset instead of growing."""
        if told is not RESET:
            if not may_know(self.principal, told):
                return
            heard = [one for one in told.ids if self._may_hear(one, members)]
            if told.ids and not heard:
                return
            told = replace(told, ids=heard)
        if len(self.waiting) >= MOST_WAITING:
            self.waiting.clear()
            told = RESET
        self.waiting.append(told)
        self.woken.set()

    def _may_hear(self, row_id: UUID, members: Members) -> bool:
        return row_id not in members or self.principal.user_id in members[row_id]

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
    """Listens on a queue of its own, which goes with the process.

    What comes waits until it is known who may hear of it, in the order in which it came; where that cannot be known
    nobody is told what it was.
    """

    def __init__(self, url: Url, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._url = url
        self._sessions = sessions
        self._listeners: set[Listener] = set()
        self._kept: deque[tuple[float, Told, Members]] = deque(maxlen=MOST_KEPT)
        self._unheard: deque[Told] = deque()
        self._came = asyncio.Event()

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
    def listening(
        self, principal: Principal, last: UUID | None, *, hidden: frozenset[UUID] = frozenset()
    ) -> Iterator[Listener]:
        """A listener, told at once what it missed behind `last`, or that this cannot be known.

        Of the rows that are `hidden` from it by now it is told nothing of what came before.
        """
        listener = Listener(principal)
        hiding = dict.fromkeys(hidden, frozenset[UUID]())
        for told, members in self._since(last):
            listener.tell(told, {**members, **hiding})
        self._listeners.add(listener)
        metrics.STREAMS.set(len(self._listeners))
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            metrics.STREAMS.set(len(self._listeners))

    def hear(self, told: Told, members: Members = NOBODY) -> None:
        """Tell all who may know; of some rows that is their `members` alone."""
        now = time.monotonic()
        while self._kept and now - self._kept[0][0] > REPLAY_SECONDS:
            self._kept.popleft()
        self._kept.append((now, told, members))
        for listener in self._listeners:
            listener.tell(told, members)

    def lose(self) -> None:
        """Changes may pass unheard from now on: what was kept is no whole history any more."""
        self._kept.clear()
        self._unheard.clear()
        for listener in self._listeners:
            listener.tell(RESET)

    def _since(self, last: UUID | None) -> list[tuple[Told, Members]]:
        if last is None:
            return []
        kept = [(told, members) for _, told, members in self._kept]
        for position, (told, _) in enumerate(kept):
            if told.id == last:
                return kept[position + 1 :]
        return [(RESET, NOBODY)]

    async def _serve(self, connection: AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        exchange = await channel.get_exchange(CHANGES_EXCHANGE, ensure=False)
        await queue.bind(exchange)
        await queue.consume(self._heard, no_ack=True)
        self.lose()
        try:
            while True:
                await self._came.wait()
                await self.pass_on()
        finally:
            self.lose()

    def take_in(self, told: Told) -> None:
        """Have it wait until it is known who may hear of it."""
        if len(self._unheard) >= MOST_UNHEARD:
            self.lose()
        self._unheard.append(told)
        self._came.set()

    async def pass_on(self) -> None:
        """Tell of all that has come, once it is known who may hear of it."""
        self._came.clear()
        waiting = list(self._unheard)
        try:
            async with asyncio.timeout(ASKING_SECONDS), self._sessions.begin() as session:
                members = await members_alone(session, waiting)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            logger.warning("change_not_told", error=type(error).__name__, changes=len(waiting))
            self.lose()
            return
        # Unless something was lost meanwhile, and this with it.
        while waiting and self._unheard and self._unheard[0] is waiting[0]:
            self._unheard.popleft()
            told = waiting.pop(0)
            self.hear(told, {one: members[one] for one in told.ids if one in members})

    async def _heard(self, message: AbstractIncomingMessage) -> None:
        try:
            changed = decode(message.body, Changed)
            message_id = UUID(message.message_id or "")
        except (Reject, ValueError):
            logger.warning("change_unreadable")
            return
        self.take_in(Told(message_id, changed.organization_id, changed.kind, changed.ids))
