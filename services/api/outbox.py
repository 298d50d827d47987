"""Leaves word in the transaction of a change: the indexer's relay takes it to the bus, its notifier to people."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.api.deps import Trace
from shared.bus.topology import changed_key
from shared.models import OutboxMessage
from shared.notices import ENQUEUE, Notice, argument


def changed(
    session: AsyncSession,
    kind: Literal["alert", "incident", "sensor", "job", "suppression"],
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


async def notify(session: AsyncSession, *notices: Notice) -> None:
    """Let those who want to hear of these things, and may, know, if and when the transaction commits."""
    if notices:
        connection = await session.connection()
        await connection.exec_driver_sql(ENQUEUE, (argument(notices),))
