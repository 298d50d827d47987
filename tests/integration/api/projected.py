"""Puts rows into OpenSearch by the indexer's own code, for what the api finds there."""

from collections.abc import Sequence
from typing import Protocol, cast
from uuid import UUID

from services.indexer import projection
from services.indexer.generations import Generations
from services.indexer.periods import PeriodBook, Plan
from services.indexer.projection import Projection
from services.indexer.store import Stored
from shared.db.engine import create_pool
from shared.models import Event
from shared.normalise.event import Kind
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Postgres


class Findable(Protocol):
    """Makes rows findable as they are now."""

    async def __call__(
        self, *, alerts: Sequence[UUID] = (), events: Sequence[Event] = (), incidents: Sequence[UUID] = ()
    ) -> None: ...


async def project(
    database: Postgres,
    search: Search,
    *,
    alerts: Sequence[UUID] = (),
    events: Sequence[Event] = (),
    incidents: Sequence[UUID] = (),
) -> None:
    """Make these rows findable as they are now."""
    periods = PeriodBook({"alert": Plan("day", 1), "telemetry": Plan("day", 1)})
    pool = await create_pool(database.url("indexer"), application_name="test", max_size=2)
    try:
        to_search = Projection(search.client, search.names, periods, Generations(pool))
        async with pool.acquire() as connection:
            await periods.know(connection, [event.id for event in events])
            stored = [Stored(cast("Kind", event.kind), event.id, b"", None) for event in events]
            items = await projection.read_events(connection, stored, periods)
            items += await projection.read_changing(connection, "alert", alerts)
            items += await projection.read_changing(connection, "incident", incidents)
        assert len(items) == len(alerts) + len(events) + len(incidents)
        assert all(result.done for result in await projection.project(pool, to_search, items))
    finally:
        await pool.close()
    await search.refresh()
