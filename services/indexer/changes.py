"""Tells every api process which alerts changed, at most once a second; a lost message costs one refresh."""

import asyncio
from uuid import UUID

from shared import ids, log
from shared.bus.messages import Changed, encode
from shared.bus.publisher import Publisher
from shared.bus.topology import CHANGES_EXCHANGE, changed_key
from shared.errors import Unavailable
from shared.lifecycle import Stop

logger = log.get(__name__)

EVERY_SECONDS = 1.0
MAX_IDS = 1000


class Changes:
    """Collects changed alerts by organization and publishes them coalesced."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._waiting: dict[UUID, set[UUID]] = {}

    def add(self, organization_id: UUID, alert_ids: list[UUID]) -> None:
        """Remember these; at most 1,000 of an organization are told, then it is told to look at everything."""
        waiting = self._waiting.setdefault(organization_id, set())
        if len(waiting) < MAX_IDS:
            waiting.update(alert_ids)

    async def run(self, stop: Stop) -> None:
        """Publish once a second until `stop`."""
        while not await stop.sleep(EVERY_SECONDS):
            waiting, self._waiting = self._waiting, {}
            await asyncio.gather(*(self._tell(organization, sorted(told)) for organization, told in waiting.items()))

    async def _tell(self, organization_id: UUID, alert_ids: list[UUID]) -> None:
        message = Changed(organization_id, "alert", alert_ids if len(alert_ids) < MAX_IDS else [])
        try:
            await self._publisher.publish(
                encode(message),
                exchange=CHANGES_EXCHANGE,
                routing_key=changed_key("alert"),
                schema="Changed.v1",
                correlation_id=str(ids.uuid7()),
                timeout=5.0,
                mandatory=False,
            )
        except Unavailable as error:
            logger.warning("changes_not_told", reason=error.code)
