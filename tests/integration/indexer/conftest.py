"""A writer and a projector on a database and an index prefix of the test's own; the bus is left out."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import orjson
import pytest

from services.indexer.brake import Brake, BrakeControl
from services.indexer.generations import Generations
from services.indexer.periods import PeriodBook, Plan
from services.indexer.projection import Projection
from services.indexer.projector import Projector
from services.indexer.stores.opened import Stores
from services.indexer.writer import Writer
from shared import ids
from shared.bus.consumer import Ending
from shared.bus.messages import EventBatch, EventItem, Request, encode
from shared.db.engine import create_pool
from shared.normalise import pipeline
from shared.normalise.event import Event, Kind, SensorProfile
from shared.search import indices
from tests.fixtures.opensearch import Search
from tests.fixtures.postgres import Postgres
from tests.integration.indexer import desk as desks
from tests.integration.indexer.desk import Desk

NOW = datetime.now(UTC).replace(microsecond=0)


def eve(flow: int, *, time: datetime | None = None, signature: int = 1, **more: Any) -> bytes:
    """A Suricata alert of our own making."""
    moment = time or NOW - timedelta(minutes=5)
    record = {
        "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
        "flow_id": flow,
        "event_type": "alert",
        "src_ip": "198.51.100.7",
        "src_port": 41000,
        "dest_ip": "192.0.2.10",
        "dest_port": 443,
        "proto": "TCP",
        "alert": {"action": "allowed", "gid": 1, "signature_id": signature, "rev": 1, "severity": 2,
                  "signature": f"EVENTSEC test rule {signature}", "category": "Misc activity"},
    }  # fmt: skip
    return orjson.dumps(record | more)


@dataclass
class Bench:
    """Everything a test of the writer needs; `send` is what the bus would hand over."""

    pool: asyncpg.Pool
    search: Search
    projection: Projection
    periods: PeriodBook
    brake: Brake
    writer: Writer
    projector: Projector
    organization_id: UUID
    postgres: Postgres
    sensors: list[UUID] = field(default_factory=list)

    def events(
        self, records: Sequence[bytes], *, received_at: datetime = NOW, sensor: int = 0, key: str | None = None
    ) -> list[tuple[int, Event]]:
        """What the door makes of these records."""
        profile = SensorProfile(id=self.sensors[sensor], organization_id=self.organization_id)
        outcomes = pipeline.normalise_request(
            records, hint=None, sensor=profile, received_at=received_at, idempotency_key=key
        )
        events = []
        for ordinal, outcome in outcomes:
            assert isinstance(outcome, Event), outcome
            events.append((ordinal, outcome))
        return events

    def envelope(
        self,
        records: Sequence[bytes],
        *,
        received_at: datetime = NOW,
        sensor: int = 0,
        events: Sequence[tuple[int, Event]] | None = None,
        batch_id: UUID | None = None,
        items_total: int | None = None,
    ) -> bytes:
        """One envelope of one request."""
        made = events if events is not None else self.events(records, received_at=received_at, sensor=sensor)
        request = Request(
            batch_id=batch_id or ids.uuid7(),
            sensor_id=self.sensors[sensor],
            received_at=received_at,
            path="/ingest/v1/events",
            correlation_id=str(ids.uuid7()),
            traceparent=None,
            items_total=len(made) if items_total is None else items_total,
        )
        items = [EventItem(0, index, ordinal, event) for index, (ordinal, event) in enumerate(made)]
        return encode(EventBatch(ids.uuid7(), self.organization_id, [request], items))

    async def send(self, *bodies: bytes) -> list[Ending]:
        """One batch of the writer."""
        return await self.writer.settle_events(list(bodies))

    async def count(self, table: str) -> int:
        """Rows of a table."""
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))

    async def rows(self, query: str, *arguments: object) -> list[dict[str, Any]]:
        """A query's rows."""
        return [dict(row) for row in await self.pool.fetch(query, *arguments)]

    async def found(self, alias: str = "events") -> dict[str, dict[str, Any]]:
        """All documents behind an alias by id, each with its `_version` and `_index`."""
        await self.search.refresh()
        answer = await self.search.client.search(
            index=self.search.names.of(alias), body={"size": 1000, "version": True, "query": {"match_all": {}}}
        )
        return {
            hit["_id"]: hit["_source"] | {"_version": hit["_version"], "_index": hit["_index"]}
            for hit in answer["hits"]["hits"]
        }

    def stores(self, **more: Any) -> Stores:
        """Both stores as a program on them has them open."""
        generations = Generations(self.pool)
        client, names = self.search.client, self.search.names
        fresh = Projection(client, names, self.periods, generations)
        return Stores(self.pool, client, names, self.periods, generations, fresh, **more)

    async def settle(self) -> None:
        """Let a minute pass for all rows: what was changed just now is on its way and no difference."""
        async with self.postgres.connect() as owner, owner.transaction():
            for table in ("alerts", "incidents"):
                await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER raise_version")
                await owner.execute(f"UPDATE {table} SET updated_at = now() - interval '2 minutes'")
                await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER raise_version")
            await owner.execute("UPDATE events SET created_at = now() - interval '2 minutes'")

    async def behind(self, alias: str) -> set[str]:
        """Bare names of the indices behind an alias."""
        return await indices.behind(self.search.client, self.search.names, alias)

    def second_writer(self, plans: "dict[Kind, Plan] | None" = None) -> Writer:
        """Another process's writer on the same stores, maybe with other settings for periods."""
        periods = PeriodBook(plans or PLANS)
        return Writer(
            self.pool,
            periods,
            Projection(self.search.client, self.search.names, periods, Generations(self.pool)),
            Brake(BrakeControl(self.pool), trial_seconds=60),
            changed=lambda *_: None,
        )


PLANS: dict[Kind, Plan] = {"alert": Plan("week", 1), "telemetry": Plan("day", 1)}


@pytest.fixture
async def bench(postgres: Postgres, search: Search) -> AsyncIterator[Bench]:
    """One organization with three sensors."""
    pool = await create_pool(postgres.url("indexer"), application_name="test", max_size=8)
    organization_id = ids.uuid7()
    async with postgres.connect() as owner:
        await owner.execute("INSERT INTO organizations (id, name) VALUES ($1, 'test')", organization_id)
    periods = PeriodBook(PLANS)
    projection = Projection(search.client, search.names, periods, Generations(pool))
    brake = Brake(BrakeControl(pool), trial_seconds=60)
    writer = Writer(pool, periods, projection, brake, changed=lambda *_: None)
    sensors = [ids.uuid7() for _ in range(3)]
    yield Bench(
        pool,
        search,
        projection,
        periods,
        brake,
        writer,
        Projector(pool, periods, projection),
        organization_id,
        postgres,
        sensors,
    )
    await pool.close()


@pytest.fixture
async def desk(postgres: Postgres) -> AsyncIterator[Desk]:
    """Somebody to tell, and what they are told with."""
    async with desks.opened(postgres) as one:
        yield one


async def no_step(_: int) -> None:
    """For work on the stores whose progress nobody follows."""


def poisoned(event: Event) -> Event:
    """The event with a title no text column takes: what a defect of a parser would let through."""
    return msgspec.structs.replace(event, title="broken \0 title")
