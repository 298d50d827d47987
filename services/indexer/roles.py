"""Wires the roles of one indexer process together and runs them until it is asked to stop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from functools import partial

import asyncpg
from opensearchpy import AsyncOpenSearch

from services.indexer import health, parked
from services.indexer.brake import Brake, BrakeControl
from services.indexer.changes import Changes
from services.indexer.following import Follower
from services.indexer.generations import Generations
from services.indexer.jobs import JobRunner, Kind
from services.indexer.maintenance import Maintenance
from services.indexer.notifier import Notifier
from services.indexer.periods import PeriodBook, plans_of
from services.indexer.projection import Projection
from services.indexer.projector import Projector
from services.indexer.redrive import Redriver
from services.indexer.relay import Relay
from services.indexer.sealer import Sealer
from services.indexer.settings import IndexerSettings
from services.indexer.stores import requested
from services.indexer.stores.opened import Stores
from services.indexer.writer import Writer
from shared import log
from shared.bus import topology
from shared.bus.consumer import BatchConsumer, Handler, Limits, Usable
from shared.bus.publisher import Publisher, publishing
from shared.db.engine import create_pool
from shared.health import Health
from shared.jobs import PARKED_JOBS, STORE_JOBS
from shared.lifecycle import Stop
from shared.migrations.head import is_at_head, until_at_head
from shared.search.client import create_client
from shared.search.indices import Names

logger = log.get(__name__)

Running = Coroutine[None, None, None]


@dataclass
class Resources:
    """What a process has open."""

    pool: asyncpg.Pool
    client: AsyncOpenSearch
    names: Names
    publisher: Publisher


@contextlib.asynccontextmanager
async def resources(settings: IndexerSettings) -> AsyncIterator[Resources]:
    """Open everything without waiting for any server, close it in the end."""
    pool = await create_pool(
        settings.postgres_address,
        application_name="eventsec-indexer",
        max_size=settings.postgres_pool_size,
        statement_cache_size=settings.postgres_statement_cache_size,
    )
    client = create_client(settings)
    try:
        async with publishing(settings.rabbitmq_address, name="indexer") as publisher:
            yield Resources(pool, client, Names(settings.index_prefix), publisher)
    finally:
        await client.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 5)


def job_runners(pool: asyncpg.Pool, settings: IndexerSettings) -> list[JobRunner]:
    """Those of maintenance. A job on the stores may take hours, and those on the parked queues do not wait for it."""
    of_stores = Kind(partial(requested.do, settings), partial(requested.give_up, settings))
    of_parked = Kind(partial(parked.do, settings, pool))
    return [
        JobRunner(pool, dict.fromkeys(kinds, kind))
        for kinds, kind in ((STORE_JOBS, of_stores), (PARKED_JOBS, of_parked))
    ]


class Process:
    """One indexer: the roles its settings name, its health, and how it ends."""

    def __init__(self, settings: IndexerSettings, opened: Resources, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._consumers: list[BatchConsumer] = []
        periods = PeriodBook(plans_of(settings))
        generations = Generations(opened.pool)
        to_search = Projection(opened.client, opened.names, periods, generations)
        changes = Changes(opened.publisher)
        self._brake = Brake(BrakeControl(opened.pool), trial_seconds=settings.brake_trial_seconds)
        self._writer = Writer(
            opened.pool,
            periods,
            to_search,
            self._brake,
            changed=changes.add,
        )
        projector = Projector(opened.pool, periods, to_search)
        self._at_head = partial(_at_head, opened.pool)
        self._running: list[Running] = []
        if "writer" in settings.indexer_roles:
            writer = self._writer
            for _ in range(settings.writer_lanes):
                self._consume(topology.EVENTS_RECEIVED, writer.settle_events, writer.usable)
            self._consume(topology.EVENTS_QUARANTINED, writer.settle_quarantined, writer.writable)
            self._consume(topology.ACCOUNTS, writer.settle_accounts, writer.writable)
            self._running.append(changes.run(stop))
            self._running.append(Redriver(opened.pool, periods).run(stop))
        if "projector" in settings.indexer_roles:
            self._consume(topology.RECORDS_CHANGED, projector.settle_changed, self._writer.writable)
            self._running.append(projector.run(stop))
            self._running.append(Follower(opened.pool).run(stop))
        if "relay" in settings.indexer_roles:
            self._running.append(Relay(opened.pool, opened.publisher).run(stop))
            self._running.append(Sealer(opened.pool).run(stop))
        if "notifier" in settings.indexer_roles:
            self._running.append(Notifier(opened.pool, settings).run(stop))
        if "maintenance" in settings.indexer_roles:
            stores = Stores(opened.pool, opened.client, opened.names, periods, generations, to_search, stop=stop)
            self._running.append(Maintenance(stores, settings).run(stop))
            self._running += [runner.run(stop) for runner in job_runners(opened.pool, settings)]
        self._health = Health(
            health.checks(
                pool=opened.pool,
                client=opened.client,
                names=opened.names,
                publisher=opened.publisher,
                consumers=self._consumers,
                braked=lambda: self._brake.held,
                production=settings.env == "production",
            ),
            stop,
        )

    async def run(self) -> None:
        """Run all roles, once their tables are there, until `stop`; then let them finish, within the drain limit."""
        pages = asyncio.create_task(
            health.serve(health.pages(self._health), host=self._settings.indexer_host, port=self._settings.indexer_port)
        )
        watching = asyncio.create_task(self._health.run())
        schema = asyncio.create_task(until_at_head(self._at_head, self._stop))
        roles = [asyncio.create_task(_after(schema, role)) for role in self._running]
        logger.info("indexer_started", roles=self._settings.indexer_roles, port=self._settings.indexer_port)
        ended = asyncio.create_task(self._stop.wait())
        await asyncio.wait([ended, pages, *roles], return_when=asyncio.FIRST_COMPLETED)
        self._stop.set()
        _, late = await asyncio.wait(roles, timeout=self._settings.shutdown_seconds)
        for task in (*late, pages, watching, ended):
            task.cancel()
        results = await asyncio.gather(*roles, pages, watching, return_exceptions=True)
        logger.info("indexer_stopped", unfinished=len(late))
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _consume(self, queue: topology.Queue, handler: Handler, usable: Usable) -> None:
        consumer = BatchConsumer(
            self._settings.rabbitmq_address,
            queue.name,
            handler,
            usable=usable,
            limits=Limits(
                messages=self._settings.batch_messages,
                age=self._settings.batch_seconds,
                outage=self._settings.outage_seconds,
            ),
        )
        self._consumers.append(consumer)
        self._running.append(consumer.run(self._stop))


async def _at_head(pool: asyncpg.Pool) -> bool:
    async with pool.acquire() as connection:
        return await is_at_head(connection)


async def _after(schema: asyncio.Task[bool], role: Running) -> None:
    """Run a role once the schema is there; never when the process is to end before that."""
    try:
        begun = await schema
    except BaseException:
        role.close()
        raise
    if begun:
        await role
    else:
        role.close()
