"""Tells of alerts that the indexer itself changed, by the commit that changes them."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg

from services.indexer.folding import Connection
from shared import ids

INSERT = "INSERT INTO outbox (id, organization_id, routing_key, kind, ids) VALUES ($1, $2, $3, $4, $5)"


async def tell(connection: Connection, rows: Iterable[asyncpg.Record]) -> None:
    """Let the projector and the api processes know of these alerts (`id`, `organization_id`)."""
    by_organization: dict[UUID, list[UUID]] = {}
    for row in rows:
        by_organization.setdefault(row["organization_id"], []).append(row["id"])
    for organization_id, alert_ids in by_organization.items():
        await connection.execute(INSERT, ids.uuid7(), organization_id, "alert.changed", "alert", alert_ids)
