"""Whether an id that is nowhere may still be on its way."""

from datetime import timedelta
from uuid import UUID

from services.api.broker import Broker
from shared import clock, ids, log
from shared.bus.topology import EVENTS_PARKED, EVENTS_QUARANTINED, EVENTS_RECEIVED
from shared.errors import Unavailable

logger = log.get(__name__)

# The broker counts unacknowledged messages every five seconds; an id younger than this may be among those it
# has not counted.
YOUNG = timedelta(seconds=15)
_QUEUES = (EVENTS_RECEIVED, EVENTS_QUARANTINED, EVENTS_PARKED)


async def may_be_queued(broker: Broker, record_id: UUID) -> bool:
    """False only when the queues hold nothing, ready or unacknowledged, that the id could be in.

    True, then, while anything is in one of the three queues; while they cannot be asked (no broker; no management
    API where a consumer may hold something); and for an id whose own time is less than 15 seconds away.
    """
    if is_young(record_id):
        return True
    try:
        return await broker.holds_anything(_QUEUES)
    except Unavailable as error:
        logger.info("queues_not_asked", reason=str(error))
        return True


def is_young(record_id: UUID) -> bool:
    """True when the time in the id, if it has one, is hardly past."""
    return abs(clock.milliseconds(clock.now()) - ids.milliseconds_of(record_id)) < YOUNG / clock.MILLISECOND
