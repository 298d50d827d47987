"""Causes that take minutes to be seen, and disturb nobody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.faults.alarms.causes import cause
from tests.faults.alarms.ground import Ground
from tests.faults.alarms.people import tell_a_list

FED_SECONDS = 15  # until there are rows to work on


@cause("a sensor of which something is expected never sends", "SensorsSilent", limit=480)
@contextlib.asynccontextmanager
async def silent(ground: Ground) -> AsyncIterator[None]:
    sensor, _ = await ground.system.register_sensor("silent", None)
    await ground.execute("UPDATE sensors SET expected_interval = interval '1 minute' WHERE id = $1", sensor)
    yield
    await ground.execute("UPDATE sensors SET expected_interval = NULL WHERE id = $1", sensor)


@cause("a reindex is killed and left", "ReindexLeft", limit=300)
@contextlib.asynccontextmanager
async def reindex(ground: Ground) -> AsyncIterator[None]:
    await asyncio.sleep(FED_SECONDS)
    await ground.system.execute("services.indexer.stores", "reindex", "alerts", crash_at="refill_page")
    yield
    await ground.system.run("services.indexer.stores", "cancel", "reindex:alerts")


@cause("somebody takes indices out of an alias by hand", "StoresDiffer")
@contextlib.asynccontextmanager
async def aliases(ground: Ground) -> AsyncIterator[None]:
    await asyncio.sleep(FED_SECONDS)
    name = ground.system.name
    await ground.search(
        "POST", "_aliases", {"actions": [{"remove": {"index": f"{name}-events-*", "alias": f"{name}-events"}}]}
    )
    yield
    await ground.system.execute("services.indexer.stores", "repair")


@cause("a copy is asked for where there is one node", "OpensearchDegraded")
@contextlib.asynccontextmanager
async def replicas(ground: Ground) -> AsyncIterator[None]:
    settings = f"{ground.system.name}-incidents/_settings"
    await ground.search("PUT", settings, {"index": {"auto_expand_replicas": "false", "number_of_replicas": 1}})
    yield
    await ground.search("PUT", settings, {"index": {"number_of_replicas": 0}})


@cause("mail is to be sent, and no mail server is set", "NotificationsFail")
@contextlib.asynccontextmanager
async def mail(ground: Ground) -> AsyncIterator[None]:
    await tell_a_list(ground, "nobody")
    yield  # it is over when an hour, at our pace three minutes, has passed without another
