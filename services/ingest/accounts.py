"""What this door did for each sensor in each minute: cumulative, reported until the broker has it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol
from uuid import UUID

from shared import clock, ids, log
from shared.bus import messages, topology
from shared.errors import Unavailable

logger = log.get(__name__)

# Longer than any request can take from its receipt to its end: a minute forgotten earlier would start
# again from nothing, and the greatest value would win over the truth.
KEPT = timedelta(minutes=15)
ROWS_A_MESSAGE = 1_000
# While the broker is away minutes pile up that hold refusals only; the oldest go first.
MOST_MINUTES = 50_000
PUBLISH_SECONDS = 5.0


class Publish(Protocol):
    """`shared.bus.publisher.Publisher.publish`, as far as it is used here."""

    async def __call__(
        self, body: bytes, *, routing_key: str, schema: str, correlation_id: str, timeout: float
    ) -> None: ...


@dataclass
class Minute:
    """Counters of one sensor's minute.

    `accepted` are records the broker confirmed, quarantined ones included; `unconfirmed` those it did not.
    `refused` counts records by reason where they were counted (`record_too_large`), else whole requests
    (`<code>_requests`). `keys` are the ids of those the requests came with.
    """

    requests: int = 0
    accepted: int = 0
    ignored: int = 0
    unconfirmed: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    keys: set[UUID] = field(default_factory=set)
    unreported: bool = True


MinuteKey = tuple[UUID, UUID, datetime]


class Accounts:
    """All minutes of this process, under a boot id of its own."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._minutes: dict[MinuteKey, Minute] = {}
        self._reporting = asyncio.Lock()
        self.boot_id = ids.uuid7()

    def request(self, organization_id: UUID, sensor_id: UUID, key_id: UUID, received_at: datetime) -> Minute:
        """Count one request and return its minute, to be added to. Mark it `unreported` after adding."""
        key = organization_id, sensor_id, received_at.replace(second=0, microsecond=0)
        minute = self._minutes.get(key)
        if minute is None:
            minute = self._minutes[key] = Minute()
        minute.requests += 1
        minute.keys.add(key_id)
        minute.unreported = True
        return minute

    async def report(self) -> None:
        """Publish the minutes that changed; what is not confirmed is reported again next time."""
        async with self._reporting:
            changed = [(key, minute) for key, minute in self._minutes.items() if minute.unreported]
            for start in range(0, len(changed), ROWS_A_MESSAGE):
                await self._report(changed[start : start + ROWS_A_MESSAGE])
            self._forget()

    async def _report(self, changed: list[tuple[MinuteKey, Minute]]) -> None:
        message = messages.Accounts(self.boot_id, [_row(key, minute) for key, minute in changed])
        for _, minute in changed:
            minute.unreported = False
        try:
            await self._publish(
                messages.encode(message),
                routing_key=topology.ACCOUNTS_KEY,
                schema="Accounts.v1",
                correlation_id=str(self.boot_id),
                timeout=PUBLISH_SECONDS,
            )
        except BaseException as error:
            for _, minute in changed:
                minute.unreported = True
            if not isinstance(error, Unavailable):
                raise
            logger.warning("accounts_not_reported", code=error.code, minutes=len(changed))

    def _forget(self) -> None:
        oldest = clock.now() - KEPT
        for key in [k for k, minute in self._minutes.items() if k[2] < oldest and not minute.unreported]:
            del self._minutes[key]
        if (excess := len(self._minutes) - MOST_MINUTES) > 0:
            for key in list(islice(self._minutes, excess)):
                del self._minutes[key]
            logger.error("accounts_dropped", minutes=excess)


def _row(key: MinuteKey, minute: Minute) -> messages.MinuteAccount:
    organization_id, sensor_id, moment = key
    return messages.MinuteAccount(
        organization_id=organization_id,
        sensor_id=sensor_id,
        minute=moment,
        requests=minute.requests,
        accepted=minute.accepted,
        ignored=minute.ignored,
        unconfirmed=minute.unconfirmed,
        refused=dict(minute.refused),
        keys=sorted(minute.keys),
    )
