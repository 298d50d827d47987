"""Whether an id that is nowhere may still be on its way."""

from uuid import UUID

from services.api.broker import Broker
from shared import log
from shared.bus.topology import EVENTS_PARKED, EVENTS_QUARANTINED, EVENTS_RECEIVED
from shared.errors import Unavailable

logger = log.get(__name__)

_QUEUES = (EVENTS_RECEIVED, EVENTS_QUARANTINED, EVENTS_PARKED)


async def may_be_queued(broker: Broker, record_id: UUID) -> bool:
    """False only when the queues hold nothing, ready or unacknowledged, that the id could be in.

    True, then, while anything is in one of the three queues; while they cannot be asked (no broker; no management
    API where a consumer may hold something); and where consumers are, until what they hold was counted after the
    id was first asked for.
    """
    try:
        return await broker.holds_anything(_QUEUES, asked_for=broker.asked_for(record_id))
    except Unavailable as error:
        logger.info("queues_not_asked", reason=str(error))
        return True
