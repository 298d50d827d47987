"""Leaves word in the transaction of a change: the relay takes it to the bus, the notifier to people."""

from collections.abc import Iterable
from uuid import UUID

from services.indexer.folding import Connection
from shared import ids
from shared.bus.topology import changed_key
from shared.notices import ENQUEUE, Notice, argument

APPEND = "INSERT INTO outbox (id, organization_id, routing_key, kind, ids) VALUES ($1, $2, $3, $4, $5)"


async def alerts_changed(connection: Connection, changed: Iterable[tuple[UUID, UUID]]) -> None:
    """Let the projector and the api processes know of these alerts (organization, id) once this commits."""
    by_organization: dict[UUID, list[UUID]] = {}
    for organization_id, alert_id in changed:
        by_organization.setdefault(organization_id, []).append(alert_id)
    for organization_id, alert_ids in by_organization.items():
        await _changed(connection, "alert", organization_id, alert_ids)


async def incident_changed(connection: Connection, organization_id: UUID, incident_id: UUID) -> None:
    """Let the projector and the api processes know of this incident once this commits."""
    await _changed(connection, "incident", organization_id, [incident_id])


async def job_changed(connection: Connection, organization_id: UUID, job_id: UUID) -> None:
    """Let the api processes know of this job once this commits."""
    await _changed(connection, "job", organization_id, [job_id])


async def notify(connection: Connection, notices: Iterable[Notice]) -> None:
    """Let those who want to hear of these things know once this commits."""
    await connection.execute(ENQUEUE, argument(notices))


async def _changed(connection: Connection, kind: str, organization_id: UUID, changed: list[UUID]) -> None:
    await connection.execute(APPEND, ids.uuid7(), organization_id, changed_key(kind), kind, changed)
