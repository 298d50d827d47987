"""Leaves word of a change in the transaction that makes it; the indexer's relay takes it to the bus."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Trace
from shared.bus.topology import changed_key
from shared.models import OutboxMessage


def changed(
    session: AsyncSession,
    kind: Literal["alert", "sensor", "job", "suppression"],
    ids: Sequence[UUID],
    *,
    organization_id: UUID,
    trace: Trace,
) -> None:
    """Tell everyone that these rows changed, if and when the transaction commits."""
    session.add(
        OutboxMessage(
            organization_id=organization_id,
            routing_key=changed_key(kind),
            kind=kind,
            ids=list(ids),
            correlation_id=trace.correlation_id,
            traceparent=trace.traceparent,
        )
    )
